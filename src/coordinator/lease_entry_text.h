// A lease's entry as stores keep it (docs/formats/journal.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "coordinator/lease.h"

namespace planaria::coordinator {

/// The last part of an entry's key: names of equal length, so that their order is the numbers'.
std::string LeaseEntryName(uint64_t number);
/// Nothing for keys of something else.
std::optional<uint64_t> NumberOfLeaseEntry(std::string_view key);

std::string WriteLeaseEntry(const LeaseEntry& entry);
/// An entry that is damaged counts as one of somebody unknown who asked for `duration`.
LeaseEntry ReadLeaseEntry(uint64_t number, std::string_view content, Duration duration);

}  // namespace planaria::coordinator

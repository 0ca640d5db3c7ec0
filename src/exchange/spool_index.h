// The end of a spool object: its index and footer.
#pragma once

#include <cstdint>
#include <string>

#include "exchange/manifest.h"
#include "storage/object_store.h"

namespace planaria::exchange {

/// `manifest` is that of the object, without its location, whose blocks end at `end`; what comes behind them
/// is appended to `bytes`.
void AppendSpoolIndex(const Manifest& manifest, uint64_t end, std::string& bytes);

/// The manifest of a finished object that holds one output. Throws TrinoException(SERIALIZATION_ERROR) naming
/// the object when it is not such a one, and whole.
Manifest ReadSpoolIndex(const storage::ObjectPlace& place, uint64_t object_size);

}  // namespace planaria::exchange

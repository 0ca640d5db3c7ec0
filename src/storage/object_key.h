// Names of objects: the only part of a location that may come from outside, so the only part that is checked.
#pragma once

#include <string_view>

namespace planaria::storage {

inline constexpr size_t kMaxKeyBytes = 1024;
inline constexpr size_t kMaxKeySegmentBytes = 200;

/// True for segments of `[A-Za-z0-9._=-]`, joined by single slashes, none of which starts with a dot. Such a
/// key can neither leave its base directory (`..`, absolute paths) nor name a store's private files (dot
/// files).
bool IsObjectKey(std::string_view key);

/// Throws TrinoException(GENERIC_INTERNAL_ERROR) naming the key unless IsObjectKey.
void CheckObjectKey(std::string_view key);

}  // namespace planaria::storage

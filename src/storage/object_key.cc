#include "storage/object_key.h"

#include <algorithm>
#include <string>

#include "base/error.h"

namespace planaria::storage {
namespace {

bool IsKeyCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '=' || c == '-';
}

bool IsSegment(std::string_view segment) {
  return !segment.empty() && segment.size() <= kMaxKeySegmentBytes && segment.front() != '.' &&
         std::all_of(segment.begin(), segment.end(), IsKeyCharacter);
}

}  // namespace

bool IsObjectKey(std::string_view key) {
  if (key.size() > kMaxKeyBytes) return false;
  while (true) {
    const size_t slash = key.find('/');
    if (!IsSegment(key.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    key.remove_prefix(slash + 1);
  }
}

void CheckObjectKey(std::string_view key) {
  if (IsObjectKey(key)) return;
  throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                       "Malformed object key: '" + std::string(key.substr(0, kMaxKeyBytes)) + "'");
}

}  // namespace planaria::storage

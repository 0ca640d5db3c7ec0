#pragma once

#include <cstdint>
#include <string_view>

namespace planaria::kernel {

struct Hash128 {
  uint64_t first;
  uint64_t second;
};

/// MurmurHash3_x64_128 with seed 0.
Hash128 Murmur3(std::string_view bytes);

}  // namespace planaria::kernel

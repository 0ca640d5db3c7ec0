#include "kernel/functions/murmur3.h"

#include <bit>
#include <cstring>

namespace planaria::kernel {

namespace {

uint64_t Mix(uint64_t value) {
  value = (value ^ (value >> 33)) * 0xff51afd7ed558ccdULL;
  value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53ULL;
  return value ^ (value >> 33);
}

}  // namespace

Hash128 Murmur3(std::string_view bytes) {
  constexpr uint64_t kFirst = 0x87c37b91114253d5ULL, kSecond = 0x4cf5ad432745937fULL;
  uint64_t h1 = 0, h2 = 0;
  const size_t whole = bytes.size() / 16 * 16;
  for (size_t at = 0; at < bytes.size(); at += 16) {
    uint64_t k[2] = {0, 0};
    std::memcpy(k, bytes.data() + at, std::min<size_t>(16, bytes.size() - at));
    const uint64_t k1 = std::rotl(k[0] * kFirst, 31) * kSecond;
    const uint64_t k2 = std::rotl(k[1] * kSecond, 33) * kFirst;
    h1 ^= k1;
    if (at < whole) h1 = (std::rotl(h1, 27) + h2) * 5 + 0x52dce729;
    h2 ^= k2;
    if (at < whole) h2 = (std::rotl(h2, 31) + h1) * 5 + 0x38495ab5;
  }
  h1 ^= bytes.size();
  h2 ^= bytes.size();
  h1 += h2;
  h2 += h1;
  h1 = Mix(h1);
  h2 = Mix(h2);
  h1 += h2;
  h2 += h1;
  return {h1, h2};
}

}  // namespace planaria::kernel

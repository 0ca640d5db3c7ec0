// Seals the blocks of one attempt's output, so that only who has the query's key reads them.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>

#include "base/ids.h"
#include "base/secret.h"

namespace planaria::exchange {

/// What sealing adds to a block: the tag, and the block's number.
inline constexpr size_t kSealBytes = 24;
inline constexpr size_t kSaltBytes = 16;
inline constexpr size_t kSpoolKeyBytes = 32;

/// AES-256-GCM under a key of its own, which is made of the query's key, the attempt's id and a random salt:
/// a block cannot pass for one of another query or attempt, and an attempt that ran twice never repeats a
/// nonce. Thread-safe.
class BlockCipher {
 public:
  /// For an attempt that is about to be written.
  static BlockCipher ForWriting(const Secret& query_key, const TaskId& producer);
  /// `salt` is what the writer's cipher says.
  BlockCipher(const Secret& query_key, const TaskId& producer, std::string salt);
  BlockCipher(BlockCipher&& other) noexcept;

  const std::string& salt() const { return salt_; }

  /// Seals `size` bytes; `target` takes kSealBytes more and may be `plain` itself. `header` is what stands
  /// before them in the object: it cannot be altered either.
  void Seal(std::span<const uint8_t> header, const uint8_t* plain, size_t size, uint8_t* target);
  /// `sealed_size` bytes at `sealed`, kSealBytes less at `target`. False unless they were sealed by the
  /// writer's cipher, with this header.
  bool Open(std::span<const uint8_t> header, const uint8_t* sealed, size_t sealed_size,
            uint8_t* target) const;

 private:
  std::string salt_;
  Secret key_;
  std::atomic<uint64_t> next_number_{0};
};

}  // namespace planaria::exchange

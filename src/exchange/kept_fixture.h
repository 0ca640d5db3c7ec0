// Memory for tests of what is kept: the heap, taken back when the test says so.
#pragma once

#include <atomic>
#include <string>

#include "exchange/revocable_memory.h"

namespace planaria::exchange {

class HeapMemory final : public RevocableMemory {
 public:
  uint64_t Share() const override { return share; }
  std::shared_ptr<const RevocableBytes> Keep(const void* data, size_t size) override {
    if (refuses) return nullptr;
    return std::make_shared<Bytes>(*this, std::string(static_cast<const char*>(data), size));
  }

  /// What others leave.
  std::atomic<uint64_t> share = UINT64_MAX;
  std::atomic<bool> refuses = false;
  /// All that is there is taken back.
  std::atomic<bool> revoked = false;
  std::atomic<int64_t> bytes = 0;

 private:
  class Bytes final : public RevocableBytes {
   public:
    Bytes(HeapMemory& memory, std::string bytes) : memory_(memory), bytes_(std::move(bytes)) {
      memory_.bytes += static_cast<int64_t>(bytes_.size());
    }
    ~Bytes() override { memory_.bytes -= static_cast<int64_t>(bytes_.size()); }
    bool Read(size_t offset, size_t length, void* target) const override {
      if (memory_.revoked) return false;
      bytes_.copy(static_cast<char*>(target), length, offset);
      return true;
    }

   private:
    HeapMemory& memory_;
    const std::string bytes_;
  };
};

}  // namespace planaria::exchange

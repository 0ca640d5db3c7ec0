#include "kernel/task_allocator.h"

#include <array>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "kernel/task_meter.h"

namespace planaria::kernel {

namespace {

using duckdb::Allocator;
using duckdb::data_ptr_t;
using duckdb::idx_t;
using duckdb::PrivateAllocatorData;

thread_local bool next_is_cache = false;

/// Whose the accounted allocations are. In parts, so that threads seldom meet.
class Owners {
 public:
  void Put(data_ptr_t pointer, std::shared_ptr<MemoryAccount> account) {
    Part& part = PartOf(pointer);
    const std::lock_guard lock(part.mutex);
    part.owners[pointer] = std::move(account);
  }
  /// Null where nobody was working for a task.
  std::shared_ptr<MemoryAccount> Take(data_ptr_t pointer) {
    Part& part = PartOf(pointer);
    const std::lock_guard lock(part.mutex);
    const auto found = part.owners.extract(pointer);
    return found.empty() ? nullptr : std::move(found.mapped());
  }

 private:
  struct Part {
    std::mutex mutex;
    std::unordered_map<data_ptr_t, std::shared_ptr<MemoryAccount>> owners;
  };
  Part& PartOf(data_ptr_t pointer) {
    // Large allocations differ in their pages.
    return parts_[(reinterpret_cast<uintptr_t>(pointer) >> 14) % parts_.size()];
  }

  std::array<Part, 64> parts_;
};

Owners& AllOwners() {
  // Never destroyed: allocations may be freed while static objects go.
  static Owners* owners = new Owners();
  return *owners;
}

void Charge(data_ptr_t pointer, idx_t size, std::shared_ptr<MemoryAccount> account) {
  if (!account || pointer == nullptr || size < kSmallestAccounted) return;
  account->fetch_add(static_cast<int64_t>(size), std::memory_order_relaxed);
  AllOwners().Put(pointer, std::move(account));
}

std::shared_ptr<MemoryAccount> Release(data_ptr_t pointer, idx_t size) {
  if (size < kSmallestAccounted) return nullptr;
  auto account = AllOwners().Take(pointer);
  if (account) account->fetch_sub(static_cast<int64_t>(size), std::memory_order_relaxed);
  return account;
}

std::shared_ptr<MemoryAccount> AccountOfThread() {
  const TaskMeter* meter = std::exchange(next_is_cache, false) ? nullptr : TaskMeter::OfThread();
  return meter ? meter->account() : nullptr;
}

data_ptr_t Allocate(PrivateAllocatorData* data, idx_t size) {
  const data_ptr_t pointer = Allocator::DefaultAllocate(data, size);
  if (size >= kSmallestAccounted) Charge(pointer, size, AccountOfThread());
  return pointer;
}

void Free(PrivateAllocatorData* data, data_ptr_t pointer, idx_t size) {
  Release(pointer, size);
  Allocator::DefaultFree(data, pointer, size);
}

data_ptr_t Reallocate(PrivateAllocatorData* data, data_ptr_t pointer, idx_t old_size, idx_t size) {
  auto account = Release(pointer, old_size);
  const data_ptr_t moved = Allocator::DefaultReallocate(data, pointer, old_size, size);
  Charge(moved, size, account ? std::move(account) : AccountOfThread());
  return moved;
}

}  // namespace

void DoNotChargeNext(bool cache) { next_is_cache = cache; }

duckdb::unique_ptr<Allocator> MakeTaskAllocator() {
  return duckdb::make_uniq<Allocator>(Allocate, Free, Reallocate, duckdb::make_uniq<PrivateAllocatorData>());
}

}  // namespace planaria::kernel

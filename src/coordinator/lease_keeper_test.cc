#include "coordinator/lease_keeper.h"

#include <gtest/gtest.h>

#include <future>
#include <mutex>

#include "base/error.h"
#include "coordinator/lease_entry_text.h"
#include "coordinator/object_lease_store.h"
#include "storage/memory_object_store.h"

namespace planaria::coordinator {
namespace {

using namespace std::chrono_literals;

LeaseEntry Self(const std::string& instance) {
  return {0, instance, "node-" + instance, "http://x", 0s, false};
}

TEST(ObjectLeaseStore, ANumberIsTakenOnce) {
  const auto objects = std::make_shared<storage::MemoryObjectStore>("lease");
  ObjectLeaseStore store(objects, "journal/abcde/lease", 5s);
  EXPECT_FALSE(store.Last());
  EXPECT_TRUE(store.Put({1, "one", "a", "http://a:1", 2500ms, false}));
  EXPECT_FALSE(store.Put({1, "two", "b", "http://b:1", 1s, false}));
  auto last = store.Last();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->number, 1u);
  EXPECT_EQ(last->instance, "one");
  EXPECT_EQ(last->node, "a");
  EXPECT_EQ(last->uri, "http://a:1");
  EXPECT_EQ(last->duration, 2500ms);
  EXPECT_FALSE(last->released);
  for (uint64_t number = 2; number <= 11; number++)
    EXPECT_TRUE(store.Put({number, "two", "b", "u", 1s, true}));
  last = store.Last();
  EXPECT_EQ(last->number, 11u);
  EXPECT_TRUE(last->released);
  store.Forget(9);
  EXPECT_EQ(objects->ListPrefix("journal/abcde/lease").size(), 2u);
  EXPECT_EQ(store.Last()->number, 11u);
}

TEST(ObjectLeaseStore, WhatCannotBeReadIsSomebodysAllTheSame) {
  const auto objects = std::make_shared<storage::MemoryObjectStore>("lease");
  ObjectLeaseStore store(objects, "lease", 5s);
  for (const char* content : {"", "planaria-lease-1", "planaria-lease-1 held 5 i n u", "x held 5 i n u\n",
                              "planaria-lease-1 kept 5 i n u\n", "planaria-lease-1 held 0 i n u\n"}) {
    EXPECT_EQ(ReadLeaseEntry(1, content, 5s).node, "unknown") << content;
  }
  objects->PutIfAbsent("lease/000000000007", "damaged");
  objects->PutIfAbsent("lease/readme", "no entry");
  const auto last = store.Last();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->number, 7u);
  EXPECT_EQ(last->duration, 5s);
  EXPECT_FALSE(last->released);
}

/// Fails when told to.
class UnreliableStore final : public storage::MemoryObjectStore {
 public:
  UnreliableStore() : MemoryObjectStore("unreliable") {}
  bool PutIfAbsent(std::string_view key, std::string_view content) override {
    if (failing) throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "Cannot create " + std::string(key));
    return MemoryObjectStore::PutIfAbsent(key, content);
  }
  std::atomic<bool> failing = false;
};

class LeaseKeeperTest : public testing::Test {
 protected:
  struct Contender {
    /// The former holder's node.
    std::promise<std::string> acquired;
    std::promise<void> lost;
    std::once_flag once;
    std::unique_ptr<LeaseKeeper> keeper;
  };
  std::unique_ptr<Contender> Contend(const std::string& instance,
                                     std::shared_ptr<storage::ObjectStore> store) {
    auto contender = std::make_unique<Contender>();
    contender->keeper = std::make_unique<LeaseKeeper>(
        std::make_unique<ObjectLeaseStore>(std::move(store), "lease", 1s), Self(instance),
        LeaseTiming::Of(duration_), clock_,
        LeaseKeeper::Listener{
            [c = contender.get()](const auto& former) { c->acquired.set_value(former ? former->node : ""); },
            [c = contender.get()] { std::call_once(c->once, [c] { c->lost.set_value(); }); }});
    contender->keeper->Start();
    return contender;
  }

  BootClock clock_;
  Duration duration_ = 1s;
  const std::shared_ptr<UnreliableStore> store_ = std::make_shared<UnreliableStore>();
};

TEST_F(LeaseKeeperTest, WhoLeavesGivesTheLeaseBack) {
  duration_ = 1h;
  auto first = Contend("first", store_);
  EXPECT_EQ(first->acquired.get_future().get(), "");
  EXPECT_TRUE(first->keeper->Holds());
  first->keeper->Require();
  auto second = Contend("second", store_);
  auto acquired = second->acquired.get_future();
  EXPECT_EQ(acquired.wait_for(700ms), std::future_status::timeout);
  EXPECT_FALSE(second->keeper->Holds());
  first.reset();
  EXPECT_EQ(acquired.get(), "node-first");
  EXPECT_TRUE(second->keeper->Holds());
  const auto last = second->keeper->Last();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->node, "node-second");
}

TEST_F(LeaseKeeperTest, WhoCannotReachTheStoreLosesBeforeAnotherTakesOver) {
  auto first = Contend("first", store_);
  first->acquired.get_future().wait();
  // The same objects, without the fault.
  class SameObjects final : public storage::MemoryObjectStore {
   public:
    explicit SameObjects(std::shared_ptr<UnreliableStore> other)
        : MemoryObjectStore("same"), other_(std::move(other)) {}
    bool PutIfAbsent(std::string_view key, std::string_view content) override {
      return other_->MemoryObjectStore::PutIfAbsent(key, content);
    }
    void Read(std::string_view key, uint64_t offset, size_t length, void* buffer) override {
      other_->Read(key, offset, length, buffer);
    }
    std::vector<storage::ObjectInfo> ListPrefix(std::string_view prefix) override {
      return other_->ListPrefix(prefix);
    }

   private:
    const std::shared_ptr<UnreliableStore> other_;
  };
  auto second = Contend("second", std::make_shared<SameObjects>(store_));
  store_->failing = true;
  auto lost = first->lost.get_future();
  second->acquired.get_future().wait();
  EXPECT_FALSE(first->keeper->Holds());
  lost.wait();
}

}  // namespace
}  // namespace planaria::coordinator

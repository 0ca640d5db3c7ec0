#include "exchange/spool_directory.h"

#include <fstream>
#include <set>

#include "exchange/spool_fixture.h"

namespace planaria::exchange {
namespace {

const QueryId kDead{"20261122_190000_00001_abcde"};
const QueryId kAlive{"20261122_190000_00002_abcde"};

class SpoolDirectoryTest : public SpoolTest {
 protected:
  void Spool(const QueryId& query, uint32_t tasks) {
    for (uint32_t task = 0; task < tasks; task++) {
      const TaskId producer{query, {1}, {task}, {0}};
      SpoolWriter writer(SpoolPlace(*stores_, producer), 1, producer, {0, 1 << 20});
      Append(writer, 0, "page", 1);
      writer.Finish();
    }
  }

  size_t Sweep(std::chrono::seconds min_age, std::chrono::seconds later) {
    return SweepLeftovers(
        *stores_, [](const QueryId& query) { return query == kAlive; }, min_age,
        std::chrono::system_clock::now() + later);
  }

  void WriteFile(const std::string& path) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << "x";
  }
};

TEST_F(SpoolDirectoryTest, KeysNameTheAttempt) {
  EXPECT_EQ(SpoolKey({kDead, {3}, {17}, {2}}), kDead.value + "/3.17.2");
  EXPECT_THROW(SpoolKey({{"../etc"}, {3}, {17}, {2}}), TrinoException);
  EXPECT_THROW(SpoolKey({{""}, {3}, {17}, {2}}), TrinoException);
}

TEST_F(SpoolDirectoryTest, RecognisesQueryFolders) {
  EXPECT_TRUE(IsQueryFolder("20261122_190000_00001_abc9e"));
  for (const char* name : {"", "20261122", "20261122_190000_00001_ABCDE", "20261122-190000-00001-abcde",
                           "20261122_190000_00001_abcdef", "2026112x_190000_00001_abcde"}) {
    EXPECT_FALSE(IsQueryFolder(name)) << name;
  }
}

/// A bucket whose policy lets nobody delete.
class KeepingStore : public storage::MemoryObjectStore {
 public:
  KeepingStore() : MemoryObjectStore("keeping") {}
  size_t DeletePrefix(std::string_view) override {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "AccessDenied");
  }
};

TEST_F(SpoolDirectoryTest, AStoreThatRefusesDeletionsDoesNotKeepTheOthersFull) {
  const auto other = std::make_shared<storage::MemoryObjectStore>("other");
  const storage::StoreSet stores({std::make_shared<KeepingStore>(), other});
  for (const bool known : {true, false}) {
    std::vector<TaskId> attempts;
    for (uint32_t task = 0; task < 10; task++) {
      attempts.push_back({kDead, {1}, {task}, {0}});
      const storage::ObjectPlace place = SpoolPlace(stores, attempts.back());
      place.store->PutIfAbsent(place.key, "output");
    }
    EXPECT_FALSE(other->ListPrefix("").empty());
    EXPECT_THROW(DeleteSpooled(stores, kDead, known ? std::optional(attempts) : std::nullopt),
                 TrinoException);
    EXPECT_TRUE(other->ListPrefix("").empty());
  }
}

TEST_F(SpoolDirectoryTest, DeletesAQueryFromEveryStore) {
  Spool(kDead, 20);
  Spool(kAlive, 5);
  DeleteSpooled(*stores_, kDead);
  DeleteSpooled(*stores_, kDead);
  EXPECT_EQ(Files().size(), 5u);
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/a/" + kDead.value));
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/b/" + kDead.value));
  EXPECT_THROW(DeleteSpooled(*stores_, {""}), TrinoException);
  EXPECT_EQ(Files().size(), 5u);
}

TEST_F(SpoolDirectoryTest, SweepsOldQueriesThatNobodyKeeps) {
  Spool(kDead, 10);
  Spool(kAlive, 10);
  EXPECT_EQ(Sweep(std::chrono::hours(1), std::chrono::seconds(0)), 0u);
  EXPECT_EQ(Sweep(std::chrono::hours(1), std::chrono::hours(2)), 10u);
  EXPECT_EQ(Files().size(), 10u);
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/a/" + kDead.value));
}

TEST_F(SpoolDirectoryTest, LeavesWhatIsNotOurs) {
  WriteFile(directory_ + "/a/notes.txt");
  WriteFile(directory_ + "/a/other/1.2.3");
  WriteFile(directory_ + "/a/" + kDead.value + "/readme");
  WriteFile(directory_ + "/a/" + kDead.value + "/1.2.3");
  WriteFile(directory_ + "/a/" + kDead.value + "/1.2");
  WriteFile(directory_ + "/a/" + kDead.value + "/sub/1.2.3");
  EXPECT_EQ(Sweep(std::chrono::seconds(0), std::chrono::hours(1)), 1u);
  EXPECT_EQ(Files().size(), 5u);
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/a/" + kDead.value + "/1.2.3"));
}

TEST_F(SpoolDirectoryTest, LateAttemptsAreSweptLater) {
  Spool(kDead, 3);
  SpoolWriter late(SpoolPlace(*stores_, Producer(99)), 1, Producer(99), {0, 1 << 20});
  DeleteSpooled(*stores_, kDead);
  Append(late, 0, "page", 1);
  late.Finish();
  EXPECT_EQ(Files().size(), 1u);
  EXPECT_EQ(Sweep(std::chrono::minutes(10), std::chrono::hours(1)), 1u);
  EXPECT_TRUE(Files().empty());
}

TEST_F(SpoolTest, AttemptsTakeTurnsOverTheStores) {
  std::set<storage::ObjectStore*> first_choices;
  for (uint32_t task = 0; task < 20; task++) {
    const auto first = SpoolPlace(*stores_, Producer(task, 0)).store;
    const auto second = SpoolPlace(*stores_, Producer(task, 1)).store;
    EXPECT_NE(first, second);
    EXPECT_EQ(first, SpoolPlace(*stores_, Producer(task, 2)).store);
    first_choices.insert(first.get());
  }
  EXPECT_EQ(first_choices.size(), 2u);
}

}  // namespace
}  // namespace planaria::exchange

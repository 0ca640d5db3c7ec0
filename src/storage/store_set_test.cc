#include "storage/store_set.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "storage/memory_object_store.h"

namespace planaria::storage {
namespace {

class BaseDirectoriesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "base_directories_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string Refusal(const std::string& text) {
    try {
      OpenBaseDirectories(text);
    } catch (const TrinoException& refused) {
      EXPECT_EQ(refused.error().code, errors::CONFIGURATION_INVALID);
      return refused.what();
    }
    return "accepted";
  }

  std::string directory_;
};

TEST_F(BaseDirectoriesTest, TakesPathsAndFileUris) {
  const auto set = OpenBaseDirectories(" " + directory_ + "/a/b/ , file://" + directory_ +
                                       "/c%20d,file:" + directory_ + "/e,");
  ASSERT_EQ(set->stores().size(), 3u);
  EXPECT_EQ(set->stores()[0]->base(), "file://" + directory_ + "/a/b");
  EXPECT_EQ(set->stores()[1]->base(), "file://" + directory_ + "/c d");
  EXPECT_TRUE(std::filesystem::is_directory(directory_ + "/a/b"));
  EXPECT_TRUE(std::filesystem::is_directory(directory_ + "/c d"));
}

TEST_F(BaseDirectoriesTest, RefusesWithTheReason) {
  EXPECT_EQ(Refusal(directory_ + ",s3://bucket"), "Multiple schemes in exchange base directories");
  EXPECT_EQ(Refusal("s3://a,gs://b"), "Multiple schemes in exchange base directories");
  EXPECT_NE(Refusal("ftp://bucket/x").find("ftp://bucket/x"), std::string::npos);
  EXPECT_NE(Refusal("relative/path").find("must be an absolute path"), std::string::npos);
  EXPECT_NE(Refusal("file:relative").find("must be an absolute path"), std::string::npos);
  EXPECT_NE(Refusal("file://host/path").find("another host"), std::string::npos);
  EXPECT_NE(Refusal("file://host").find("another host"), std::string::npos);
  EXPECT_NE(Refusal("file://").find("must be an absolute path"), std::string::npos);
  EXPECT_NE(Refusal("file:///a%zz").find("escape"), std::string::npos);
  EXPECT_NE(Refusal("file:///a%0").find("escape"), std::string::npos);
  EXPECT_NE(Refusal("file:///a%00b").find("escape"), std::string::npos);
  EXPECT_NE(Refusal(directory_ + "/a," + directory_ + "/b/../a/").find("twice"), std::string::npos);
  EXPECT_NE(Refusal("/").find("root"), std::string::npos);
  EXPECT_EQ(Refusal(" , "), "exchange.base-directories is empty");
  std::ofstream(directory_ + "/file") << "x";
  EXPECT_NE(Refusal(directory_ + "/file").find(directory_ + "/file"), std::string::npos);
}

TEST_F(BaseDirectoriesTest, SpreadsObjectsAndFindsThemAgain) {
  const auto set = OpenBaseDirectories(directory_ + "/a," + directory_ + "/b," + directory_ + "/a/inner");
  std::map<std::string, int> used;
  for (int i = 0; i < 300; i++) {
    const ObjectPlace place = set->Place("q/" + std::to_string(i));
    used[place.store->base()]++;
    const ObjectPlace found = set->Find(place.Location());
    EXPECT_EQ(found.store, place.store);
    EXPECT_EQ(found.key, place.key);
  }
  EXPECT_EQ(used.size(), 3u);
  for (const auto& [base, count] : used) EXPECT_GT(count, 50) << base;
}

TEST_F(BaseDirectoriesTest, LocationsOutsideAreRefused) {
  const auto set = OpenBaseDirectories(directory_ + "/a");
  for (const std::string& location :
       {std::string(), "file://" + directory_ + "/b/q/1", "file://" + directory_ + "/a",
        "file://" + directory_ + "/a/", "file://" + directory_ + "/a/../b", directory_ + "/a/q/1"}) {
    EXPECT_THROW(set->Find(location), TrinoException) << location;
  }
}

TEST(StoreSetTest, NeedsAStore) { EXPECT_THROW(StoreSet({}), TrinoException); }

}  // namespace
}  // namespace planaria::storage

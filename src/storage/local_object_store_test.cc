// What only files can do wrong: full disks, strangers' files, links.
#include "storage/local_object_store.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace planaria::storage {
namespace {

class LocalObjectStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "local_store_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    store_ = std::make_unique<LocalObjectStore>(directory_ + "/base");
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  void WriteFile(const std::string& path, const std::string& content) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << content;
  }

  std::string directory_;
  std::unique_ptr<LocalObjectStore> store_;
};

/// Files of this process cannot grow beyond `bytes` while it lives: the nearest thing to a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    old_handler_ = signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old_limit_);
    const rlimit limit{bytes, old_limit_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_limit_);
    signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_limit_;
  void (*old_handler_)(int);
};

TEST_F(LocalObjectStoreTest, FullDiskIsInsufficientResourcesAndNamesThePath) {
  const std::string content(100'000, 'x');
  {
    const FileSizeLimit limit(50'000);
    const auto writer = store_->Create("q/1");
    try {
      writer->Write(content.data(), content.size());
      FAIL();
    } catch (const TrinoException& failure) {
      EXPECT_EQ(failure.error().code, errors::GENERIC_INSUFFICIENT_RESOURCES);
      EXPECT_TRUE(failure.error().retriable());
      EXPECT_NE(std::string(failure.what()).find(store_->Path("q/1")), std::string::npos) << failure.what();
    }
    EXPECT_THROW(store_->PutIfAbsent("q/2", content), TrinoException);
  }
  EXPECT_FALSE(std::filesystem::exists(store_->Path("q")));
}

TEST_F(LocalObjectStoreTest, StrangersFilesAreNeitherSeenNorTouched) {
  WriteFile(store_->Path("q/.hidden"), "x");
  WriteFile(store_->Path("q/with space"), "x");
  WriteFile(directory_ + "/outside/file", "x");
  std::filesystem::create_symlink(directory_ + "/outside", store_->Path("q/link"));
  ASSERT_TRUE(store_->PutIfAbsent("q/ours", "x"));
  ASSERT_EQ(store_->ListPrefix("").size(), 1u);
  EXPECT_EQ(store_->DeletePrefix("q"), 1u);
  EXPECT_TRUE(std::filesystem::exists(store_->Path("q/.hidden")));
  EXPECT_TRUE(std::filesystem::exists(store_->Path("q/with space")));
  EXPECT_TRUE(std::filesystem::exists(directory_ + "/outside/file"));
}

TEST_F(LocalObjectStoreTest, PartialPutsOfACrashGoWithTheirFolder) {
  WriteFile(store_->Path("q/.put-123-0"), "x");
  store_->DeletePrefix("q");
  EXPECT_FALSE(std::filesystem::exists(store_->Path("q")));
}

TEST_F(LocalObjectStoreTest, FoldersAndPipesAreNotObjects) {
  char buffer[1];
  WriteFile(store_->Path("folder/x"), "x");
  ASSERT_EQ(mkfifo(store_->Path("pipe").c_str(), 0600), 0);
  EXPECT_THROW(store_->Read("folder", 0, 1, buffer), ObjectLost);
  EXPECT_THROW(store_->Read("pipe", 0, 1, buffer), ObjectLost);
}

TEST_F(LocalObjectStoreTest, NeedsAnAbsoluteDirectory) {
  EXPECT_THROW(LocalObjectStore("spool"), TrinoException);
  EXPECT_THROW(LocalObjectStore(""), TrinoException);
  EXPECT_EQ(LocalObjectStore("/a/b/").base(), "file:///a/b");
}

TEST_F(LocalObjectStoreTest, SaysWhyAFolderCannotBeMade) {
  WriteFile(directory_ + "/base", "a file where the directory should be");
  try {
    store_->Create("q/1");
    FAIL();
  } catch (const TrinoException& failure) {
    EXPECT_NE(std::string(failure.what()).find(directory_ + "/base"), std::string::npos) << failure.what();
  }
}

}  // namespace
}  // namespace planaria::storage

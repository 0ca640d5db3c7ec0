#include "server/wrapping_secret.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"

namespace planaria::server {
namespace {

namespace fs = std::filesystem;

class WrappingSecretTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "wrapping_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { fs::remove_all(directory_); }

  fs::path directory_;
};

TEST_F(WrappingSecretTest, TheConfiguredOneComesFirst) {
  ServerConfig config;
  config.shared_secret = Secret("configured");
  EXPECT_EQ(WrappingSecret(config, directory_ / "data").bytes(), "configured");
  EXPECT_FALSE(fs::exists(directory_ / "data"));
}

TEST_F(WrappingSecretTest, OtherwiseOneStaysInTheDataDirectory) {
  const std::string data = directory_ / "data";
  const Secret first = WrappingSecret({}, data);
  EXPECT_EQ(first.bytes().size(), 32u);
  EXPECT_EQ(WrappingSecret({}, data), first);
  EXPECT_NE(WrappingSecret({}, directory_ / "other"), first);
  const auto file = fs::directory_entry(fs::path(data) / "spool-secret");
  EXPECT_EQ(file.status().permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(std::distance(fs::directory_iterator(data), fs::directory_iterator()), 1);
}

TEST_F(WrappingSecretTest, OneThatIsNotWholeIsRefused) {
  const std::string data = directory_ / "data";
  WrappingSecret({}, data);
  fs::resize_file(fs::path(data) / "spool-secret", 31);
  EXPECT_THROW(WrappingSecret({}, data), TrinoException);
  std::ofstream(directory_ / "a file");
  EXPECT_THROW(WrappingSecret({}, directory_ / "a file"), TrinoException);
}

}  // namespace
}  // namespace planaria::server

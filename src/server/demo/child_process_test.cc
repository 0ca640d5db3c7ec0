#include "server/demo/child_process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

namespace planaria::server {
namespace {

class ChildProcessTest : public testing::Test {
 protected:
  ~ChildProcessTest() override { std::filesystem::remove(log_); }

  std::string Log() const {
    std::ifstream file(log_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  static bool EndsSoon(ChildProcess& process) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (process.Running() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return !process.Running();
  }

  const std::filesystem::path log_ =
      std::filesystem::temp_directory_path() / ("child-" + std::to_string(getpid()) + ".log");
};

TEST_F(ChildProcessTest, WritesItsLogAndEnds) {
  ChildProcess process({"/bin/sh", "-c", "echo out; echo err >&2"}, log_);
  EXPECT_TRUE(EndsSoon(process));
  EXPECT_EQ(Log(), "out\nerr\n");
  process.Kill();
}

TEST_F(ChildProcessTest, IsKilled) {
  ChildProcess process({"/bin/sh", "-c", "trap '' TERM INT; while :; do sleep 1; done"}, log_);
  EXPECT_TRUE(process.Running());
  process.Kill();
  EXPECT_FALSE(process.Running());
  EXPECT_EQ(process.HowItEnded(), "signal 9");
}

TEST_F(ChildProcessTest, AProgramThatIsNotThereSaysSo) {
  ChildProcess process({"/no/such/program"}, log_);
  EXPECT_TRUE(EndsSoon(process));
  EXPECT_EQ(Log(), "No such file or directory");
  EXPECT_EQ(process.HowItEnded(), "exit code 127");
}

}  // namespace
}  // namespace planaria::server

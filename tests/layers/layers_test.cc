// Includes point down and DuckDB stays in its rooms; the scheduler stays pure.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

/// What each room may include besides itself (docs/architecture.md).
const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"base", {}},
    {"env", {"base"}},
    {"config", {"base"}},
    {"sql", {"base"}},
    {"scheduler", {"base"}},
    {"storage", {"base", "env"}},
    {"exchange", {"base", "env", "storage"}},
    {"protocol", {"base"}},
    {"kernel", {"base", "sql", "protocol"}},
    {"connector", {"base", "storage", "kernel"}},
    {"planner", {"base", "sql", "kernel", "connector"}},
    {"worker", {"base", "env", "storage", "exchange", "protocol", "kernel", "connector"}},
    {"coordinator",
     {"base", "env", "config", "sql", "storage", "exchange", "protocol", "kernel", "connector", "planner",
      "scheduler", "worker"}},
    {"server",
     {"base", "env", "config", "sql", "storage", "exchange", "protocol", "kernel", "connector", "planner",
      "scheduler", "worker", "coordinator", "sim"}},
    {"sim", {"base", "env", "storage", "exchange", "protocol", "scheduler", "worker", "coordinator"}},
};

const std::set<std::string> kDuckDbRooms = {"kernel", "planner", "connector"};

struct Source {
  std::string room;
  fs::path path;
  std::vector<std::string> lines;
};

std::vector<Source> Sources() {
  std::vector<Source> sources;
  const fs::path tree = PLANARIA_SOURCE_DIR;
  // The rooms under src/, and the simulator beside it.
  const std::vector<std::pair<fs::path, fs::path>> roots = {{tree / "src", tree / "src"},
                                                            {tree / "sim", tree}};
  for (const auto& [root, rooms] : roots) {
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      const auto extension = entry.path().extension();
      if (extension != ".h" && extension != ".cc") continue;
      Source source{fs::relative(entry.path(), rooms).begin()->string(), entry.path(), {}};
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) source.lines.push_back(line);
      sources.push_back(std::move(source));
    }
  }
  return sources;
}

TEST(LayersTest, EveryRoomIsKnown) {
  for (const Source& source : Sources()) EXPECT_TRUE(kMayInclude.contains(source.room)) << source.path;
}

TEST(LayersTest, IncludesPointDown) {
  const std::regex include("#include \"([a-z]+)/.*");
  size_t checked = 0;
  for (const Source& source : Sources()) {
    for (const std::string& line : source.lines) {
      std::smatch match;
      if (!std::regex_match(line, match, include)) continue;
      const std::string room = match[1];
      if (room == source.room || !kMayInclude.contains(room)) continue;
      EXPECT_TRUE(kMayInclude.at(source.room).contains(room)) << source.path << ": " << line;
      checked++;
    }
  }
  EXPECT_GT(checked, 50u);
}

TEST(LayersTest, DuckDbHeadersStayInTheirRooms) {
  for (const Source& source : Sources()) {
    if (kDuckDbRooms.contains(source.room)) continue;
    for (const std::string& line : source.lines) {
      EXPECT_FALSE(line.starts_with("#include \"duckdb") || line.starts_with("#include <duckdb"))
          << source.path << ": " << line;
    }
  }
}

TEST(LayersTest, SimulatedTimeIsTheOnlyTime) {
  for (const Source& source : Sources()) {
    // The command measures how fast it is.
    if (source.room != "sim" || source.path.filename() == "sim_command.cc") continue;
    for (const std::string& line : source.lines) {
      EXPECT_TRUE(line.find("_clock::now") == std::string::npos &&
                  line.find("<thread>") == std::string::npos && line.find("unordered_") == std::string::npos)
          << source.path << ": " << line;
    }
  }
}

TEST(LayersTest, TheSchedulerIsPure) {
  const std::regex impure(
      ".*(<thread>|<mutex>|<random>|<iostream>|<fstream>|_clock::now|getenv|random_device).*");
  for (const Source& source : Sources()) {
    if (source.room != "scheduler" || source.path.string().ends_with("_test.cc")) continue;
    for (const std::string& line : source.lines) {
      EXPECT_FALSE(std::regex_match(line, impure)) << source.path << ": " << line;
    }
  }
}

}  // namespace

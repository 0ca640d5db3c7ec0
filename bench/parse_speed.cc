// How fast statements are read: parse_speed FILE..., each holding one.
//
//   build/parse_speed build/tpcds/*.sql
//
// TPC-DS's texts are those of DuckDB: SELECT query FROM tpcds_queries().
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/error.h"
#include "sql/parse.h"

int main(int count, char** arguments) {
  std::vector<std::string> texts;
  size_t bytes = 0;
  for (int i = 1; i < count; ++i) {
    std::ifstream in(arguments[i]);
    std::ostringstream text;
    text << in.rdbuf();
    texts.push_back(text.str());
    bytes += texts.back().size();
  }
  if (texts.empty()) {
    std::fputs("usage: parse_speed FILE...\n", stderr);
    return 2;
  }
  constexpr int kRounds = 200;
  size_t refused = 0;
  const auto start = std::chrono::steady_clock::now();
  for (int round = 0; round < kRounds; ++round) {
    for (const std::string& text : texts) {
      try {
        planaria::sql::Parse(text);
      } catch (const planaria::TrinoException&) {
        ++refused;
      }
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const double statements = static_cast<double>(kRounds * texts.size());
  std::printf("%zu statements, %zu bytes, %zu refused: %.1f us a statement, %.1f MB/s\n", texts.size(), bytes,
              refused / kRounds, took.count() * 1e6 / statements,
              static_cast<double>(bytes * kRounds) / took.count() / 1e6);
  return 0;
}

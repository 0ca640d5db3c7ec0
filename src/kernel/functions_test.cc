// The kernel's functions against what Trino gave for the same expressions (tests/oracle/record_functions.py).
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "kernel/duckdb_errors.h"
#include "kernel/engine.h"
#include "kernel/json_rows.h"

namespace planaria::kernel {
namespace {

using nlohmann::json;

constexpr double kRelativeError = 1e-14;

/// `type` is `!` for an error: `json` is then its name and message.
struct Value {
  std::string type;
  std::string json;
};

/// `varchar` for `varchar(3)`: the kernel's types have no lengths, and times no precision. Decimals have
/// both.
std::string Comparable(std::string type) {
  for (const std::string name : {"varchar", "char", "timestamp", "time"}) {
    for (size_t at = type.find(name + "("); at != std::string::npos; at = type.find(name + "(")) {
      type.erase(at + name.size(), type.find(')', at) - at - name.size() + 1);
    }
  }
  if (type.starts_with("char")) type = "var" + type;
  type.erase(std::remove(type.begin(), type.end(), ' '), type.end());
  return type;
}

/// Functions that are computed differently from Java's differ in the last digits.
bool Same(const json& left, const json& right) {
  if (left.is_number_float() && right.is_number_float()) {
    const double a = left, b = right;
    return a == b || std::fabs(a - b) <= kRelativeError * std::max(std::fabs(a), std::fabs(b));
  }
  if (left.is_array() && right.is_array() && left.size() == right.size()) {
    return std::equal(left.begin(), left.end(), right.begin(), Same);
  }
  return left == right;
}

/// A time without the zeros at the end of its fraction: how many are shown is a matter of the type.
std::string WithoutPrecision(const Value& value) {
  static const std::regex fraction(R"((:\d\d)(?:\.0+|(\.\d*?[1-9])0*)(["\s]))");
  return value.type.starts_with("time") ? std::regex_replace(value.json, fraction, "$1$2$3") : value.json;
}

bool Same(const Value& actual, const Value& expected) {
  if (Comparable(actual.type) != Comparable(expected.type)) return false;
  if (WithoutPrecision(actual) == WithoutPrecision(expected)) return true;
  return actual.type != "!" && Same(json::parse(actual.json), json::parse(expected.json));
}

class FunctionsTest : public testing::Test {
 protected:
  FunctionsTest() : engine_(EngineOptions{1, 0, {}}), connection_(engine_.Connect()) {
    connection_->Query("SET TimeZone = 'UTC'");
  }

  Value Evaluate(const std::string& expression) {
    try {
      const auto result = OutsideKernel([&] {
        auto made = connection_->Query("SELECT " + expression);
        if (made->HasError()) made->ThrowError();
        return made;
      });
      std::string out;
      const auto chunk = result->Fetch();
      JsonRowWriter(result->types).Append(*chunk, 0, 1 << 20, &out);
      return {TrinoTypeOf(result->types[0]).DisplayText(), out.substr(1, out.size() - 2)};
    } catch (const TrinoException& failed) {
      return {"!", failed.error().ToString()};
    }
  }

  Engine engine_;
  std::unique_ptr<duckdb::Connection> connection_;
};

TEST_F(FunctionsTest, GiveWhatTrinoGives) {
  size_t expressions = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(PLANARIA_SOURCE_DIR "/tests/oracle/functions")) {
    std::ifstream lines(file.path());
    size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
      ++number;
      if (line.empty() || line.starts_with("#")) continue;
      const auto fields = duckdb::StringUtil::Split(line, '\t');
      ASSERT_EQ(fields.size(), 4u) << line;
      const std::string kernel = fields[1] == "-" ? "trino_" + fields[0] : fields[1];
      const Value expected{fields[2], fields[3]};
      const Value actual = Evaluate(kernel);
      EXPECT_TRUE(Same(actual, expected))
          << file.path().filename().string() << ":" << number << ": " << kernel << "\n  is     "
          << actual.type << " " << actual.json << "\n  not    " << expected.type << " " << expected.json;
      ++expressions;
    }
  }
  EXPECT_GT(expressions, 200u);
}

}  // namespace
}  // namespace planaria::kernel

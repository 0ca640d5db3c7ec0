// What Trino's own parser and formatter say of the statements in tests/sql/grammar
// (tests/oracle/record_grammar.py).
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>
#include <vector>

#include "sql/format.h"
#include "sql/parse.h"

namespace planaria::sql {
namespace {

constexpr std::string_view kParses = "--- parses";
constexpr std::string_view kHere = "\n--- here, because ";

struct Case {
  std::string sql;
  /// `--- parses` and the formatted text, or `--- ` and the error.
  std::string trino;
  /// The same of this parser where it differs on purpose.
  std::optional<std::string> here;
};

std::vector<Case> ReadCases(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::stringstream stream;
  stream << in.rdbuf();
  const std::string all = "\n" + stream.str() + "===\n";
  std::vector<Case> cases;
  constexpr std::string_view kSeparator = "\n===\n";
  for (size_t begin = kSeparator.size(); begin < all.size();) {
    const size_t end = all.find(kSeparator, begin);
    if (end == std::string::npos) break;
    const std::string text = all.substr(begin, end - begin);
    begin = end + kSeparator.size();
    const size_t outcome = text.find("\n--- ");
    if (outcome == std::string::npos) {
      ADD_FAILURE() << file << " has a case that was not recorded:\n" << text;
      continue;
    }
    Case one{text.substr(0, outcome), text.substr(outcome + 1), std::nullopt};
    if (const size_t here = one.trino.find(kHere); here != std::string::npos) {
      one.here = one.trino.substr(one.trino.find('\n', here + 1) + 1);
      one.trino.resize(here);
    }
    cases.push_back(std::move(one));
  }
  return cases;
}

std::vector<Case> AllCases(const std::filesystem::path& folder = PLANARIA_SOURCE_DIR "/tests/sql/grammar") {
  std::vector<Case> cases;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    for (Case& one : ReadCases(entry.path())) cases.push_back(std::move(one));
  }
  return cases;
}

std::string OutcomeOf(std::string_view sql) {
  try {
    return std::string(kParses) + "\n" + Format(*Parse(sql));
  } catch (const TrinoException& e) {
    EXPECT_EQ(e.error().code, errors::SYNTAX_ERROR) << sql;
    EXPECT_TRUE(e.error().location.has_value()) << sql;
    return "--- " + e.error().message;
  }
}

/// `--- line 1:8: `
std::string PlaceIn(const std::string& outcome) { return outcome.substr(0, outcome.find(": ") + 2); }

TEST(Grammar, IsTrinos) {
  const std::vector<Case> cases = AllCases();
  ASSERT_GT(cases.size(), 1000u);
  size_t parsed = 0, texts = 0, refused = 0, messages = 0;
  for (const Case& one : cases) {
    const std::string outcome = OutcomeOf(one.sql);
    const bool as_trino = outcome == one.trino;
    if (one.here) {
      EXPECT_EQ(outcome, *one.here) << one.sql;
      EXPECT_FALSE(as_trino) << "differs no more: " << one.sql;
    } else if (one.trino == "--- parses, and Trino does not format it") {
      EXPECT_TRUE(outcome.starts_with(kParses)) << one.sql << "\n" << outcome;
    } else {
      EXPECT_EQ(outcome, one.trino) << one.sql;
    }
    if (one.trino.starts_with(kParses)) {
      EXPECT_TRUE(outcome.starts_with(kParses)) << one.sql;
      ++parsed;
      texts += as_trino;
    } else {
      // Wherever the words differ, the place does not.
      EXPECT_EQ(PlaceIn(outcome), PlaceIn(one.trino)) << one.sql;
      ++refused;
      messages += as_trino;
    }
  }
  std::cout << parsed << " statements parse, " << texts << " are formatted as Trino does; " << refused
            << " are refused at Trino's place, " << messages << " in its words\n";
}

TEST(Grammar, FormattedTextIsAFixedPoint) {
  for (const Case& one : AllCases()) {
    const std::string outcome = OutcomeOf(one.sql);
    if (!outcome.starts_with(kParses)) continue;
    EXPECT_EQ(OutcomeOf(std::string_view(outcome).substr(kParses.size() + 1)), outcome) << one.sql;
  }
}

/// Not a part of the tests that always run: record_grammar.py --trino-tests makes the cases, and calls this.
TEST(Grammar, OfTrinosOwnTests) {
  const char* folder = std::getenv("PLANARIA_GRAMMAR_CASES");
  if (folder == nullptr) GTEST_SKIP() << "PLANARIA_GRAMMAR_CASES names no folder of cases";
  size_t parsed = 0, texts = 0, fixed = 0, refused = 0, places = 0, messages = 0;
  for (const Case& one : AllCases(folder)) {
    const std::string outcome = OutcomeOf(one.sql);
    const bool as_trino = outcome == one.trino;
    if (one.trino.starts_with(kParses)) {
      const bool unformatted =
          one.trino == "--- parses, and Trino does not format it" && outcome.starts_with(kParses);
      ++parsed;
      texts += as_trino || unformatted;
      fixed += outcome.starts_with(kParses) &&
               OutcomeOf(std::string_view(outcome).substr(kParses.size() + 1)) == outcome;
      if (as_trino || unformatted) continue;
    } else {
      ++refused;
      places += PlaceIn(outcome) == PlaceIn(one.trino);
      messages += as_trino;
      if (as_trino) continue;
    }
    std::cout << one.sql << "\n" << one.trino << "\n--- here\n" << outcome << "\n\n";
  }
  std::cout << parsed << " statements parse in Trino: " << texts << " here, with its text, " << fixed
            << " are a fixed point; " << refused << " do not: " << places
            << " are refused at the same place, " << messages << " in the same words\n";
  EXPECT_GE(texts, parsed * 0.995);
  EXPECT_EQ(fixed, parsed);
  EXPECT_GE(places, refused * 0.99);
}

/// Tokens of one statement put into another, and bytes of any kind.
TEST(Grammar, MutatedStatementsParseOrFailWithAPlace) {
  const std::vector<Case> cases = AllCases();
  const std::string alphabet = "'\"()[]{},;?*/-.=<>|:$ xXuU&019_\n";
  std::mt19937 random(5);
  size_t parsed = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text = cases[random() % cases.size()].sql;
    for (uint32_t i = random() % 4 + 1; i > 0 && !text.empty(); --i) {
      const size_t at = random() % text.size();
      const std::string& other = cases[random() % cases.size()].sql;
      switch (random() % 5) {
        case 0:
          text[at] = alphabet[random() % alphabet.size()];
          break;
        case 1:
          text.insert(at, 1, static_cast<char>(random()));
          break;
        case 2:
          text.erase(at, random() % 12);
          break;
        case 3: {
          const size_t from = random() % other.size();
          text.insert(at, " " + other.substr(from, random() % 40) + " ");
          break;
        }
        default:
          text = text.substr(0, at) + " " + other.substr(random() % other.size());
      }
    }
    const std::string outcome = OutcomeOf(text);
    if (!outcome.starts_with(kParses)) continue;
    ++parsed;
    EXPECT_EQ(OutcomeOf(std::string_view(outcome).substr(kParses.size() + 1)), outcome) << text;
  }
  // Enough of them get past the parser for the formatter to be tried as well.
  EXPECT_GT(parsed, 200u);
}

}  // namespace
}  // namespace planaria::sql

// Statements cut up and put together again: whatever parses is analysed, left alone or refused with one of
// Trino's errors, and nothing else happens.
#include <gtest/gtest.h>

#include <cctype>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>

#include "base/error.h"
#include "sql/analyzer/analyzer.h"
#include "sql/parse.h"

namespace planaria::sql {
namespace {

/// A table of every type that has a name in tests: t (a integer, b array(varchar(3)), ...).
class OneTable : public Metadata {
 public:
  bool HasCatalog(const std::string&) const override { return true; }
  bool HasSchema(const std::string&, const std::string&) const override { return true; }
  std::optional<std::vector<TableColumn>> FindTable(const std::string&, const std::string&,
                                                    const std::string&) const override {
    Type row = Type::Of(TypeKind::kRow);
    row.children = {Type::Of(TypeKind::kInteger), Type::Varchar()};
    row.field_names = {"x", ""};
    Type map = Type::Of(TypeKind::kMap);
    map.children = {Type::Varchar(), row};
    return std::vector<TableColumn>{{"x", Type::Of(TypeKind::kInteger)}, {"y", Type::Array(Type::Varchar(3))},
                                    {"z", Type::Decimal(38, 10)},        {"m", map},
                                    {"k", Type::Of(TypeKind::kJson)},    {"v", Type::Timestamp(9)}};
  }
};

/// Statements, a line each, split at blanks.
std::vector<std::vector<std::string>> Corpus() {
  std::vector<std::vector<std::string>> statements;
  for (const auto& file :
       std::filesystem::directory_iterator(PLANARIA_SOURCE_DIR "/tests/oracle/statements")) {
    std::ifstream in(file.path());
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("--") || line.empty()) continue;
      if (line.ends_with(';')) line.pop_back();
      std::vector<std::string> words(1);
      for (const char c : line) {
        if (std::string_view(" (),[]").find(c) == std::string_view::npos) {
          words.back() += c;
        } else {
          words.emplace_back(1, c);
          words.emplace_back();
        }
      }
      std::erase(words, "");
      statements.push_back(std::move(words));
    }
  }
  return statements;
}

bool IsWord(const std::string& text) {
  return text.size() > 1 || std::isalnum(static_cast<unsigned char>(text[0])) != 0;
}

/// What becomes of a text; anything but TrinoException goes on to the caller.
enum class Outcome { kNoStatement, kRefused, kLeft, kAnalyzed };
Outcome OutcomeOf(const std::string& sql) {
  ast::StatementPtr statement;
  try {
    statement = Parse(sql);
  } catch (const TrinoException&) {
    return Outcome::kNoStatement;
  }
  ast::ExpressionList parameters;
  for (size_t i = 0; i < statement->parameters; ++i) {
    parameters.push_back(std::make_unique<ast::Expression>(ErrorLocation{1, 1}, ast::NullLiteral()));
  }
  try {
    return Analyze(*statement, parameters, {"c", "s"}, OneTable()) ? Outcome::kAnalyzed : Outcome::kLeft;
  } catch (const TrinoException& exception) {
    EXPECT_NE(exception.error().code.code, errors::GENERIC_INTERNAL_ERROR.code) << sql;
    return Outcome::kRefused;
  }
}

TEST(AnalyzerMutation, NothingButAnAnswerOrAnError) {
  const auto corpus = Corpus();
  ASSERT_GT(corpus.size(), 500u);
  std::mt19937 random(11);
  const auto pick = [&]() -> const std::vector<std::string>& { return corpus[random() % corpus.size()]; };
  std::map<Outcome, int> outcomes;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  for (int round = 0; round < 30000 && std::chrono::steady_clock::now() < end; ++round) {
    std::vector<std::string> words = pick();
    for (uint32_t i = random() % 3 + 1; i > 0; --i) {
      const auto& other = pick();
      const size_t at = random() % words.size();
      const size_t from = random() % other.size();
      // Mostly a name or a literal for another, so that it still parses.
      const bool whole = random() % 4 != 0;
      if (whole && IsWord(words[at]) && IsWord(other[from])) {
        words[at] = other[from];
        continue;
      }
      if (whole) continue;
      const size_t count = std::min<size_t>(random() % 8, other.size() - from);
      const size_t removed = std::min<size_t>(random() % 4, words.size() - at);
      words.erase(words.begin() + at, words.begin() + at + removed);
      words.insert(words.begin() + at, other.begin() + from, other.begin() + from + count);
      if (words.empty()) words = other;
    }
    std::string sql;
    for (const std::string& word : words) sql += word;
    try {
      ++outcomes[OutcomeOf(sql)];
    } catch (const std::exception& exception) {
      ADD_FAILURE() << sql << "\n" << exception.what();
    }
  }
  std::cout << outcomes[Outcome::kAnalyzed] << " analysed, " << outcomes[Outcome::kLeft] << " left alone, "
            << outcomes[Outcome::kRefused] << " refused, " << outcomes[Outcome::kNoStatement]
            << " do not parse\n";
  EXPECT_GT(outcomes[Outcome::kAnalyzed], 0);
  EXPECT_GT(outcomes[Outcome::kRefused], 0);
}

}  // namespace
}  // namespace planaria::sql

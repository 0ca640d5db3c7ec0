// Row patterns of SQL against rows that are letters: a label takes the rows of its letter, X any row.
#include "kernel/row_pattern/pattern_search.h"

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <string>

#include "sql/analyzer/row_pattern.h"
#include "sql/parse.h"

namespace planaria::kernel {
namespace {

using sql::PatternProgram;

PatternProgram ProgramOf(const std::string& pattern) {
  const auto statement = sql::Parse("SELECT * FROM t MATCH_RECOGNIZE (PATTERN (" + pattern +
                                    " | FIRST_OF_ALL) " + "DEFINE FIRST_OF_ALL AS true)");
  const auto& query = *std::get<sql::ast::QueryPtr>(statement->node);
  const auto& select = std::get<sql::ast::QuerySpecification>(query.body->node);
  return sql::PatternBuilder(std::get<sql::ast::MatchRecognize>(select.from[0]->node)).program;
}

class Letters final : public PatternConditions {
 public:
  Letters(const PatternProgram& program, std::string rows) : program_(program), rows_(std::move(rows)) {}

  bool Hold(const PatternMatch& match) override {
    ++asked;
    const std::string& label = program_.labels[match.LabelOf(match.end() - 1)];
    if (label == "FIRST_OF_ALL") return false;
    if (label == "X") return true;
    if (label.size() > 1) return holds(match);
    return label[0] == rows_[match.end() - 1];
  }
  MatchHash History(const PatternMatch& match) const override { return match.HashOf(0, match.CountOf(0)); }
  bool HaveHistory() const override { return history; }
  void KeepGoing() override {
    ++kept_going;
    if (kept_going > 100) throw std::runtime_error("stopped");
  }

  /// Of labels with more than one letter.
  std::function<bool(const PatternMatch&)> holds = [](const PatternMatch&) { return true; };
  bool history = false;
  size_t asked = 0, kept_going = 0;

 private:
  const PatternProgram& program_;
  const std::string rows_;
};

/// `0:AAB` for a match from row 0 on, small letters for rows that do not go out.
std::string Found(const std::string& pattern, const std::string& rows, size_t from = 0,
                  bool history = false) {
  const PatternProgram program = ProgramOf(pattern);
  Letters letters(program, rows);
  letters.history = history;
  PatternSearch search(program, letters);
  if (!search.Find(from, rows.size())) return "none";
  const PatternMatch& match = search.match();
  std::string text = std::to_string(match.start()) + ":";
  for (size_t row = match.start(); row < match.end(); ++row) {
    const char label = program.labels[match.LabelOf(row)][0];
    text += match.IsExcluded(row) ? static_cast<char>(std::tolower(label)) : label;
  }
  return text;
}

TEST(PatternSearch, TakesWhatIsWrittenFirst) {
  EXPECT_EQ(Found("A B", "ABA"), "0:AB");
  EXPECT_EQ(Found("A B", "ABA", 1), "none");
  EXPECT_EQ(Found("B | X", "ABA"), "0:X");
  EXPECT_EQ(Found("A | A B", "AB"), "0:A");
  EXPECT_EQ(Found("A (B | C) (X | A)", "ACA"), "0:ACX");
  EXPECT_EQ(Found("() | A", "A"), "0:");
  EXPECT_EQ(Found("A X B", "AB"), "none");
}

TEST(PatternSearch, Quantifiers) {
  EXPECT_EQ(Found("A*", "AAB"), "0:AA");
  EXPECT_EQ(Found("A*?", "AAB"), "0:");
  EXPECT_EQ(Found("A*? B", "AAB"), "0:AAB");
  EXPECT_EQ(Found("A+", "BA"), "none");
  EXPECT_EQ(Found("A+?", "AAB"), "0:A");
  EXPECT_EQ(Found("A? X", "AAB"), "0:AX");
  EXPECT_EQ(Found("A?? X", "AAB"), "0:X");
  EXPECT_EQ(Found("A{2}", "AAAA"), "0:AA");
  EXPECT_EQ(Found("A{3}", "AA"), "none");
  EXPECT_EQ(Found("A{,2}", "AAAA"), "0:AA");
  EXPECT_EQ(Found("A{2,3}", "AAAA"), "0:AAA");
  EXPECT_EQ(Found("A{2,3}?", "AAAA"), "0:AA");
  EXPECT_EQ(Found("A{2,}", "AAAA"), "0:AAAA");
  EXPECT_EQ(Found("A{2,}?", "AAAA"), "0:AA");
  EXPECT_EQ(Found("X* B", "AABAB"), "0:XXXXB");
  EXPECT_EQ(Found("X*? B", "AABAB"), "0:XXB");
}

TEST(PatternSearch, LoopsWithoutRowsEnd) {
  for (const bool history : {false, true}) {
    EXPECT_EQ(Found("(A?)*", "AAB", 0, history), "0:AA");
    EXPECT_EQ(Found("(A*)+ B", "AAB", 0, history), "0:AAB");
    EXPECT_EQ(Found("(()){3,} A", "A", 0, history), "0:A");
    EXPECT_EQ(Found("(A? B?)* C", "ABBAC", 0, history), "0:ABBAC");
    EXPECT_EQ(Found("((A | ()) | B)*", "B", 0, history), "0:");
  }
}

TEST(PatternSearch, Permutations) {
  EXPECT_EQ(Found("PERMUTE(A, B, C)", "CAB"), "0:CAB");
  EXPECT_EQ(Found("PERMUTE(X, A)", "AA"), "0:XA");
  EXPECT_EQ(Found("PERMUTE(A, B+) C", "BBAC"), "0:BBAC");
  EXPECT_EQ(Found("PERMUTE(A, B, C)", "AAB"), "none");
}

TEST(PatternSearch, Anchors) {
  EXPECT_EQ(Found("^A", "AA"), "0:A");
  EXPECT_EQ(Found("^A", "AA", 1), "none");
  EXPECT_EQ(Found("A$", "AA"), "none");
  EXPECT_EQ(Found("A$", "AA", 1), "1:A");
  EXPECT_EQ(Found("X*?$", "ABA"), "0:XXX");
}

TEST(PatternSearch, Exclusions) {
  EXPECT_EQ(Found("A {- B+ -} X", "ABBC"), "0:AbbX");
  EXPECT_EQ(Found("{- A -}* B", "AAB"), "0:aaB");
  EXPECT_EQ(Found("({- A -} B | A X)", "AC"), "0:AX");
}

TEST(PatternSearch, WaysThatLeadNowhereAreTakenOnce) {
  const PatternProgram program = ProgramOf("((X | A)* (X | A)*)* B");
  const size_t rows = 200;
  Letters letters(program, std::string(rows, 'A'));
  PatternSearch search(program, letters);
  EXPECT_FALSE(search.Find(0, rows));
  EXPECT_LT(letters.asked, rows * program.steps.size());
}

TEST(PatternSearch, ConditionsAboutEarlierLabelsKeepWaysApart) {
  // The last row wants the row before it to be a B, which the way that is preferred does not say.
  const PatternProgram program = ProgramOf("(AA | BB)* CC");
  Letters letters(program, "....");
  letters.history = true;
  letters.holds = [&](const PatternMatch& match) {
    const size_t row = match.end() - 1;
    if (program.labels[match.LabelOf(row)] != "CC") return true;
    return row == 3 && program.labels[match.LabelOf(2)] == "BB" && program.labels[match.LabelOf(0)] == "BB";
  };
  PatternSearch search(program, letters);
  ASSERT_TRUE(search.Find(0, 4));
  std::string found;
  for (size_t row = 0; row < 4; ++row) found += program.labels[search.match().LabelOf(row)][0];
  EXPECT_EQ(found, "BABC");
}

TEST(PatternSearch, EndsWhenItIsToldTo) {
  const PatternProgram program = ProgramOf("(AA | BB)* CC");
  Letters letters(program, std::string(64, '.'));
  letters.history = true;
  letters.holds = [&](const PatternMatch& match) {
    return program.labels[match.LabelOf(match.end() - 1)] != "CC";
  };
  PatternSearch search(program, letters);
  EXPECT_THROW(search.Find(0, 64), std::runtime_error);
  EXPECT_GT(letters.kept_going, 100u);
}

TEST(PatternMatch, SlotsLookWhereTheySay) {
  const PatternProgram program = ProgramOf("A B A B");
  PatternMatch match(program);
  match.Begin(2);
  for (const size_t label : {0, 1, 0, 1}) match.Push(label, false);
  const auto row = [&](size_t rows, bool first, bool final_rows, size_t logical, int64_t physical,
                       size_t seen) {
    sql::PatternSlot slot;
    slot.rows = rows;
    slot.from_first = first;
    slot.final_rows = final_rows;
    slot.logical_offset = logical;
    slot.physical_offset = physical;
    const auto found = match.Resolve(slot, seen, 10);
    return found ? static_cast<int64_t>(*found) : -1;
  };
  const size_t all = 0, a = 1, b = 2;
  EXPECT_EQ(row(all, false, false, 0, 0, 3), 3);
  EXPECT_EQ(row(all, false, true, 0, 0, 3), 5);
  EXPECT_EQ(row(a, false, false, 0, 0, 3), 2);
  EXPECT_EQ(row(b, false, false, 0, 0, 2), -1);
  EXPECT_EQ(row(b, false, true, 1, 0, 2), 3);
  EXPECT_EQ(row(b, true, true, 1, 0, 2), 5);
  EXPECT_EQ(row(b, true, false, 1, 0, 2), 5);
  EXPECT_EQ(row(b, true, true, 2, 0, 2), -1);
  EXPECT_EQ(row(a, true, false, 0, -2, 5), 0);
  EXPECT_EQ(row(a, true, false, 0, -3, 5), -1);
  EXPECT_EQ(row(b, false, false, 0, 5, 5), -1);
  EXPECT_EQ(row(b, false, false, 0, 4, 5), 9);
}

}  // namespace
}  // namespace planaria::kernel

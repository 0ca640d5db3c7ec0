#include "sql/routine_program.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace planaria::sql {
namespace {

using Kind = RoutineStep::Kind;

RoutineProgram Counting() {
  return {{"CAST(NULL AS BIGINT)", "NULL"},
          {{Kind::kJumpUnless, 3, "\"routine\".\"0\" > 1"},
           {Kind::kSet, 0, "':1:2\n\xC3\xA9'"},
           {Kind::kJump, 0, ""},
           {Kind::kReturn, 0, "\"routine\".\"1\""}}};
}

TEST(RoutineProgram, ComesBackFromItsText) {
  const RoutineProgram program = RoutineProgram::FromText(Counting().ToText());
  EXPECT_EQ(program.variables, Counting().variables);
  ASSERT_EQ(program.steps.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(program.steps[i].kind, Counting().steps[i].kind);
    EXPECT_EQ(program.steps[i].target, Counting().steps[i].target);
    EXPECT_EQ(program.steps[i].expression, Counting().steps[i].expression);
  }
}

TEST(RoutineProgram, ATextThatEndsEarlyIsRefused) {
  const std::string text = Counting().ToText();
  // Cut behind a whole step, the last step of what is left is no RETURN.
  for (size_t length = 0; length < text.size(); ++length) {
    EXPECT_THROW(RoutineProgram::FromText(text.substr(0, length)), TrinoException) << length;
  }
}

TEST(RoutineProgram, TargetsMustBeThere) {
  RoutineProgram program = Counting();
  program.steps[0].target = 4;
  EXPECT_THROW(RoutineProgram::FromText(program.ToText()), TrinoException);
  program = Counting();
  program.steps[1].target = 2;
  EXPECT_THROW(RoutineProgram::FromText(program.ToText()), TrinoException);
}

}  // namespace
}  // namespace planaria::sql

#include "sql/pattern_program.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace planaria::sql {
namespace {

using Step = PatternStep;
using Slot = PatternSlot;

PatternProgram Falling() {
  PatternProgram program;
  program.labels = {"A", "B:1\n"};
  program.unions = {{0, 1}, {0}, {1}, {}};
  program.steps = {{Step::Kind::kLabel, 0, 0},   {Step::Kind::kExclude, 0, 0}, {Step::Kind::kLabel, 1, 0},
                   {Step::Kind::kInclude, 0, 0}, {Step::Kind::kChoice, 1, 5},  {Step::Kind::kMatched, 0, 0}};
  program.slots = {{Slot::Kind::kColumn, 7, 2, true, true, 3, -4, ""},
                   {Slot::Kind::kAggregate, 0, 0, false, false, 0, 9, "sum(\"match row\".\"0\")"}};
  program.conditions = {"", PatternProgram::SlotText(1) + " > 1"};
  program.measures = {PatternProgram::SlotText(0)};
  program.ordered = true;
  program.columns = {3, 1};
  program.output = PatternProgram::Output::kOmitEmpty;
  program.skip = PatternProgram::Skip::kToLast;
  program.skip_rows = 2;
  return program;
}

TEST(PatternProgram, ComesBackFromItsText) {
  const PatternProgram program = PatternProgram::FromText(Falling().ToText());
  EXPECT_EQ(program.labels, Falling().labels);
  EXPECT_EQ(program.unions, Falling().unions);
  EXPECT_EQ(program.steps, Falling().steps);
  EXPECT_EQ(program.slots, Falling().slots);
  EXPECT_EQ(program.conditions, Falling().conditions);
  EXPECT_EQ(program.measures, Falling().measures);
  EXPECT_TRUE(program.ordered);
  EXPECT_EQ(program.columns, Falling().columns);
  EXPECT_EQ(program.output, Falling().output);
  EXPECT_EQ(program.skip, Falling().skip);
  EXPECT_EQ(program.skip_rows, 2u);
}

TEST(PatternProgram, ATextThatEndsEarlyIsRefused) {
  const std::string text = Falling().ToText();
  for (size_t length = 0; length < text.size(); ++length) {
    EXPECT_THROW(PatternProgram::FromText(text.substr(0, length)), TrinoException) << length;
  }
  EXPECT_THROW(PatternProgram::FromText(text + "0:"), TrinoException);
}

TEST(PatternProgram, WhatItNamesMustBeThere) {
  PatternProgram program = Falling();
  program.steps[4].second = 6;
  EXPECT_THROW(PatternProgram::FromText(program.ToText()), TrinoException);
  program = Falling();
  program.steps[0].first = 2;
  EXPECT_THROW(PatternProgram::FromText(program.ToText()), TrinoException);
  program = Falling();
  program.steps.pop_back();
  EXPECT_THROW(PatternProgram::FromText(program.ToText()), TrinoException);
  program = Falling();
  program.unions[3] = {2};
  EXPECT_THROW(PatternProgram::FromText(program.ToText()), TrinoException);
  program = Falling();
  program.slots[0].rows = 4;
  EXPECT_THROW(PatternProgram::FromText(program.ToText()), TrinoException);
  program = Falling();
  program.conditions.pop_back();
  EXPECT_THROW(PatternProgram::FromText(program.ToText()), TrinoException);
  program = Falling();
  program.skip_rows = 4;
  EXPECT_THROW(PatternProgram::FromText(program.ToText()), TrinoException);
}

}  // namespace
}  // namespace planaria::sql

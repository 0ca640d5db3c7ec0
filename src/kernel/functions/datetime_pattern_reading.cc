// The letters of patterns.
#include <fmt/format.h>

#include <algorithm>

#include "kernel/functions/datetime_pattern.h"
#include "kernel/functions/function_set.h"

namespace planaria::kernel {

namespace {}  // namespace

bool DatetimePattern::IsNumber(Field field) {
  switch (field) {
    case Field::kLiteral:
    case Field::kEra:
    case Field::kMonthShort:
    case Field::kMonthLong:
    case Field::kHalfDay:
    case Field::kDayShort:
    case Field::kDayLong:
    case Field::kOffset:
    case Field::kOffsetColon:
    case Field::kZone:
      return false;
    default:
      return true;
  }
}

void DatetimePattern::AddLiteral(char c) {
  if (elements_.empty() || elements_.back().field != Field::kLiteral) elements_.push_back({Field::kLiteral});
  elements_.back().literal.push_back(c);
}

DatetimePattern DatetimePattern::MySql(std::string_view pattern) {
  DatetimePattern made;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%' || i + 1 == pattern.size()) {
      made.AddLiteral(pattern[i]);
      continue;
    }
    switch (const char c = pattern[++i]) {
      case 'a':
        made.Add(Field::kDayShort, 1, 1);
        break;
      case 'b':
        made.Add(Field::kMonthShort, 1, 1);
        break;
      case 'c':
        made.Add(Field::kMonth, 1, 2);
        break;
      case 'd':
        made.Add(Field::kDay, 2, 2);
        break;
      case 'e':
        made.Add(Field::kDay, 1, 2);
        break;
      case 'f':
        made.Add(Field::kFraction, 6, 9);
        break;
      case 'H':
        made.Add(Field::kHour24, 2, 2);
        break;
      case 'h':
      case 'I':
        made.Add(Field::kClockHour12, 2, 2);
        break;
      case 'i':
        made.Add(Field::kMinute, 2, 2);
        break;
      case 'j':
        made.Add(Field::kDayOfYear, 3, 3);
        break;
      case 'k':
        made.Add(Field::kHour24, 1, 2);
        break;
      case 'l':
        made.Add(Field::kClockHour12, 1, 2);
        break;
      case 'M':
        made.Add(Field::kMonthLong, 1, 1);
        break;
      case 'm':
        made.Add(Field::kMonth, 2, 2);
        break;
      case 'p':
        made.Add(Field::kHalfDay, 1, 1);
        break;
      case 'r':
        made.elements_.insert(made.elements_.end(), {{Field::kClockHour12, 2, 2},
                                                     {Field::kLiteral, 1, 1, ":"},
                                                     {Field::kMinute, 2, 2},
                                                     {Field::kLiteral, 1, 1, ":"},
                                                     {Field::kSecond, 2, 2},
                                                     {Field::kLiteral, 1, 1, " "},
                                                     {Field::kHalfDay, 1, 1}});
        break;
      case 'S':
      case 's':
        made.Add(Field::kSecond, 2, 2);
        break;
      case 'T':
        made.elements_.insert(made.elements_.end(), {{Field::kHour24, 2, 2},
                                                     {Field::kLiteral, 1, 1, ":"},
                                                     {Field::kMinute, 2, 2},
                                                     {Field::kLiteral, 1, 1, ":"},
                                                     {Field::kSecond, 2, 2}});
        break;
      case 'v':
        made.Add(Field::kWeek, 2, 2);
        break;
      case 'x':
        made.Add(Field::kWeekYear, 4, 4);
        break;
      case 'W':
        made.Add(Field::kDayLong, 1, 1);
        break;
      case 'Y':
        made.Add(Field::kYear, 4, 4);
        break;
      case 'y':
        made.Add(Field::kTwoDigitYear, 2, 2);
        break;
      case 'w':
      case 'U':
      case 'u':
      case 'V':
      case 'X':
      case 'D':
        FailArgument(fmt::format("%{} not supported in date format string", c));
      default:
        made.AddLiteral(c);
    }
  }
  return made;
}

void DatetimePattern::AddJodaRun(char letter, int count) {
  switch (letter) {
    case 'G':
      return Add(Field::kEra, 1, 1);
    case 'y':
    case 'Y':
      return count == 2 ? Add(Field::kTwoDigitYear, 2, 2) : Add(Field::kYear, count, 9);
    case 'x':
      return Add(Field::kWeekYear, count, 9);
    case 'w':
      return Add(Field::kWeek, count, 2);
    case 'e':
      return Add(Field::kDayOfWeek, count, 1);
    case 'E':
      return Add(count >= 4 ? Field::kDayLong : Field::kDayShort, 1, 1);
    case 'D':
      return Add(Field::kDayOfYear, count, 3);
    case 'M':
      return count >= 4   ? Add(Field::kMonthLong, 1, 1)
             : count == 3 ? Add(Field::kMonthShort, 1, 1)
                          : Add(Field::kMonth, count, 2);
    case 'd':
      return Add(Field::kDay, count, 2);
    case 'a':
      return Add(Field::kHalfDay, 1, 1);
    case 'K':
      return Add(Field::kHour12, count, 2);
    case 'h':
      return Add(Field::kClockHour12, count, 2);
    case 'H':
      return Add(Field::kHour24, count, 2);
    case 'k':
      return Add(Field::kClockHour24, count, 2);
    case 'm':
      return Add(Field::kMinute, count, 2);
    case 's':
      return Add(Field::kSecond, count, 2);
    case 'S':
      return Add(Field::kFraction, count, count);
    case 'Z':
      return Add(count == 1 ? Field::kOffset : count == 2 ? Field::kOffsetColon : Field::kZone, 1, 1);
    case 'z':
      return Add(Field::kZone, 1, 1);
    default:
      FailArgument(fmt::format("Illegal pattern component: {}", letter));
  }
}

DatetimePattern DatetimePattern::Joda(std::string_view pattern) {
  DatetimePattern made;
  for (size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (c == '\'') {
      // Quoted text; a quote twice is a quote.
      if (pattern.substr(i).starts_with("''")) {
        made.AddLiteral('\'');
        i += 2;
        continue;
      }
      for (++i; i < pattern.size() && (pattern[i] != '\'' || pattern.substr(i).starts_with("''")); ++i) {
        if (pattern[i] == '\'') ++i;
        made.AddLiteral(pattern[i]);
      }
      ++i;
    } else if (std::isalpha(static_cast<unsigned char>(c))) {
      const size_t end = std::min(pattern.find_first_not_of(c, i), pattern.size());
      made.AddJodaRun(c, static_cast<int>(end - i));
      i = end;
    } else {
      made.AddLiteral(c);
      ++i;
    }
  }
  // A number before a number must leave digits to it.
  for (size_t i = 0; i + 1 < made.elements_.size(); ++i) {
    Element& element = made.elements_[i];
    if (element.read == 9 && IsNumber(made.elements_[i + 1].field)) element.read = element.digits;
  }
  return made;
}

}  // namespace planaria::kernel

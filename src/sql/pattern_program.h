// What MATCH_RECOGNIZE does with the rows of a partition, as the kernel runs it: the row pattern as an
// automaton, and expressions over slots, each of which says from which rows of the match its value comes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace planaria::sql {

/// A step of the automaton. It begins with the first; of a choice what is preferred is tried first, so that
/// the first way to kMatched is the match that SQL wants.
struct PatternStep {
  enum class Kind : char {
    /// Takes a row for which the condition of the label `first` holds.
    kLabel = 'L',
    kJump = 'J',
    /// On to step `first`, else to step `second`.
    kChoice = 'C',
    /// Goes on before the partition's first row alone, or behind its last.
    kPartitionStart = '^',
    kPartitionEnd = '$',
    /// Rows from here on do not go out; from there on they do again.
    kExclude = '{',
    kInclude = '}',
    kMatched = 'M'
  };
  Kind kind = Kind::kMatched;
  size_t first = 0;
  size_t second = 0;

  bool operator==(const PatternStep&) const = default;
};

/// A value that an expression of DEFINE or MEASURES takes from the match.
struct PatternSlot {
  enum class Kind : char {
    /// The input column `index`.
    kColumn = 'C',
    /// The label of the row.
    kClassifier = 'L',
    kMatchNumber = 'N',
    /// `aggregate` over all rows of `rows`, or those up to the current one.
    kAggregate = 'A',
    /// The argument `index` of the call, the same for all rows.
    kArgument = 'P'
  };
  Kind kind = Kind::kColumn;
  size_t index = 0;
  /// Which rows of the match: the index of a union of labels.
  size_t rows = 0;
  /// Counts from the first of these rows, else back from the last.
  bool from_first = false;
  /// Sees the whole match, not only what comes before the current row and the row itself.
  bool final_rows = false;
  /// So many of these rows further.
  size_t logical_offset = 0;
  /// From there so many rows of the partition further, negative for back.
  int64_t physical_offset = 0;
  /// In the kernel's SQL, with the row's values as RowText says.
  std::string aggregate = {};

  bool operator==(const PatternSlot&) const = default;
};

struct PatternProgram {
  enum class Output : char {
    kOneRow = '1',
    kShowEmpty = 'S',
    kOmitEmpty = 'O',
    /// With the rows that are in no match, whose measures are NULL.
    kWithUnmatched = 'U'
  };
  /// Where the search goes on after a match that has rows.
  enum class Skip : char { kPastLastRow = 'P', kToNextRow = 'N', kToFirst = 'F', kToLast = 'L' };

  /// As CLASSIFIER() shows them.
  std::vector<std::string> labels;
  /// Sets of labels by index. The first is that of all labels.
  std::vector<std::vector<size_t>> unions;
  std::vector<PatternStep> steps;
  std::vector<PatternSlot> slots;
  /// Of each label, in the kernel's SQL with slots as SlotText says. Empty for one that every row fits.
  std::vector<std::string> conditions;
  std::vector<std::string> measures;
  /// The last column of a row is its sort key; else rows come in any order.
  bool ordered = false;
  /// Input columns that go out behind the measures.
  std::vector<size_t> columns;
  Output output = Output::kOneRow;
  Skip skip = Skip::kPastLastRow;
  /// Of kToFirst and kToLast: the index of a union.
  size_t skip_rows = 0;

  static constexpr std::string_view kSlotQualifier = "match slot";
  static constexpr std::string_view kRowQualifier = "match row";
  static constexpr std::string_view kArgumentQualifier = "match argument";
  /// Columns of kRowQualifier that are none of the input.
  static constexpr std::string_view kRowClassifier = "classifier";
  static constexpr std::string_view kRowMatchNumber = "match number";

  /// How conditions and measures name a slot.
  static std::string SlotText(size_t slot);
  /// How aggregates name an input column of the row that they take.
  static std::string RowText(size_t column);
  /// kRowClassifier or kRowMatchNumber
  static std::string RowText(std::string_view value);
  /// How aggregates name an argument of the call.
  static std::string ArgumentText(size_t argument);

  /// As a constant in a plan, and back. FromText throws TrinoException GENERIC_INTERNAL_ERROR for a text that
  /// none can be of.
  std::string ToText() const;
  static PatternProgram FromText(std::string_view text);
};

}  // namespace planaria::sql

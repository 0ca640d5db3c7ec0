// The rows of JSON_TABLE.
//
//   trino_json_table(json, paths, plan, passing, fails)    a list of rows
//
// `paths` are numbered from 0, the root's. `plan` says how their rows are joined: `0o(1u(2i(3c4)))` is path
// 0, outer joined with the union of path 1 and of path 2, which is inner joined with the cross product of 3
// and 4. A row is a list of two texts for each path: the item as JSON, and its number among those of the
// path; NULLs where the path has no item in the row. With `fails` what is no JSON, or does not fit a path, is
// an error, else it has no items.
#include <cctype>
#include <iterator>

#include "kernel/functions/json_path.h"
#include "kernel/functions/scalar.h"
#include "kernel/functions/sql_json.h"

namespace planaria::kernel {

namespace {

struct Plan {
  enum class Kind { kPath, kUnion, kCross };
  Kind kind = Kind::kPath;
  size_t path = 0;
  /// Of kPath: rows without a row of the operand are kept.
  bool outer = false;
  std::vector<Plan> operands;
};

class PlanText {
 public:
  explicit PlanText(std::string_view text) : text_(text) {}

  Plan Read() {
    Plan first = Term();
    if (at_ == text_.size() || (text_[at_] != 'u' && text_[at_] != 'c')) return first;
    Plan joined;
    const char word = text_[at_];
    joined.kind = word == 'u' ? Plan::Kind::kUnion : Plan::Kind::kCross;
    joined.operands.push_back(std::move(first));
    while (at_ < text_.size() && text_[at_] == word) {
      ++at_;
      joined.operands.push_back(Term());
    }
    return joined;
  }

 private:
  Plan Term() {
    if (at_ < text_.size() && text_[at_] == '(') {
      ++at_;
      Plan inner = Read();
      Close();
      return inner;
    }
    Plan path;
    while (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_]))) {
      path.path = path.path * 10 + static_cast<size_t>(text_[at_++] - '0');
    }
    if (at_ + 1 < text_.size() && text_[at_ + 1] == '(' && (text_[at_] == 'o' || text_[at_] == 'i')) {
      path.outer = text_[at_] == 'o';
      at_ += 2;
      path.operands.push_back(Read());
      Close();
    }
    return path;
  }
  void Close() {
    if (at_ == text_.size() || text_[at_++] != ')') FailFunction(errors::INVALID_PLAN, "Invalid plan");
  }

  std::string_view text_;
  size_t at_ = 0;
};

/// An item and its number for each path.
struct Cell {
  JsonItem item;
  int64_t number = 0;
};
using Row = std::vector<Cell>;

class Rows {
 public:
  Rows(const std::vector<SqlJsonPath>& paths, duckdb_yyjson::yyjson_val* passed, bool fails)
      : paths_(paths), passed_(passed), fails_(fails) {}

  std::vector<Row> Of(const Plan& plan, const JsonItem& parent) const {
    std::vector<Row> rows;
    if (plan.kind == Plan::Kind::kPath) {
      int64_t number = 0;
      for (const JsonItem& item : Find(plan.path, parent)) {
        std::vector<Row> inner;
        if (!plan.operands.empty()) inner = Of(plan.operands[0], item);
        if (inner.empty() && (plan.operands.empty() || plan.outer)) inner.emplace_back(paths_.size());
        ++number;
        for (Row& row : inner) {
          row[plan.path] = {item, number};
          rows.push_back(std::move(row));
        }
      }
      return rows;
    }
    rows = Of(plan.operands[0], parent);
    for (size_t i = 1; i < plan.operands.size(); ++i) {
      std::vector<Row> more = Of(plan.operands[i], parent);
      if (plan.kind == Plan::Kind::kUnion) {
        std::move(more.begin(), more.end(), std::back_inserter(rows));
      } else {
        rows = Crossed(rows, more);
      }
    }
    return rows;
  }

 private:
  static std::vector<Row> Crossed(const std::vector<Row>& left, const std::vector<Row>& right) {
    std::vector<Row> rows;
    for (const Row& a : left) {
      for (const Row& b : right) {
        Row both = a;
        for (size_t i = 0; i < b.size(); ++i) {
          if (b[i].number != 0) both[i] = b[i];
        }
        rows.push_back(std::move(both));
      }
    }
    return rows;
  }

  std::vector<JsonItem> Find(size_t path, const JsonItem& parent) const {
    std::string failure;
    auto found = paths_[path].Find(parent, passed_, &failure);
    if (found) return std::move(*found);
    if (fails_) FailFunction(errors::PATH_EVALUATION_ERROR, "path evaluation failed: " + failure);
    return {};
  }

  const std::vector<SqlJsonPath>& paths_;
  duckdb_yyjson::yyjson_val* passed_;
  bool fails_;
};

duckdb::Value ValueOf(const std::vector<Row>& rows) {
  using duckdb::Value;
  duckdb::vector<Value> lists;
  for (const Row& row : rows) {
    duckdb::vector<Value> cells;
    for (const Cell& cell : row) {
      if (cell.number == 0) {
        cells.emplace_back(duckdb::LogicalType::VARCHAR);
        cells.emplace_back(duckdb::LogicalType::VARCHAR);
        continue;
      }
      std::string text;
      AppendItem(cell.item, &text);
      cells.emplace_back(text);
      cells.emplace_back(std::to_string(cell.number));
    }
    lists.push_back(Value::LIST(duckdb::LogicalType::VARCHAR, std::move(cells)));
  }
  return Value::LIST(duckdb::LogicalType::LIST(duckdb::LogicalType::VARCHAR), std::move(lists));
}

void JsonTable(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  std::string plan_text;
  std::vector<SqlJsonPath> paths;
  Plan plan;
  for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
    const duckdb::Value json = chunk.GetValue(0, row);
    if (json.IsNull()) {
      result.SetValue(row, duckdb::Value(result.GetType()));
      continue;
    }
    if (paths.empty()) {
      // Paths and plan are constants of the statement.
      const duckdb::Value list = chunk.GetValue(1, row);
      for (const auto& path : duckdb::ListValue::GetChildren(list)) {
        paths.emplace_back(duckdb::StringValue::Get(path));
      }
      plan_text = duckdb::StringValue::Get(chunk.GetValue(2, row));
      plan = PlanText(plan_text).Read();
    }
    const JsonDocument passed(duckdb::StringValue::Get(chunk.GetValue(3, row)));
    const bool fails = chunk.GetValue(4, row).GetValue<bool>();
    const JsonDocument document(duckdb::StringValue::Get(json));
    if (document.root() == nullptr && fails) {
      FailFunction(errors::JSON_INPUT_CONVERSION_ERROR, "conversion to JSON failed: ");
    }
    std::vector<Row> rows;
    if (document.root() != nullptr) {
      rows = Rows(paths, passed.root(), fails).Of(plan, {document.root(), nullptr});
    }
    result.SetValue(row, ValueOf(rows));
  }
}

}  // namespace

void AddJsonTable(FunctionSet& functions) {
  using duckdb::LogicalType;
  const LogicalType texts = LogicalType::LIST(LogicalType::VARCHAR);
  functions.Add(duckdb::ScalarFunction(
      "trino_json_table",
      {LogicalType::VARCHAR, texts, LogicalType::VARCHAR, LogicalType::VARCHAR, LogicalType::BOOLEAN},
      LogicalType::LIST(texts), JsonTable));
}

}  // namespace planaria::kernel

#include "coordinator/show_queries.h"

#include <algorithm>

#include "sql/functions/function_list.h"
#include "sql/like_pattern.h"
#include "sql/names.h"

namespace planaria::coordinator {

namespace {

/// Rows of texts, the longest of each column remembered.
class Rows {
 public:
  explicit Rows(std::vector<std::string> names) : names_(std::move(names)), longest_(names_.size(), 0) {}

  void Add(const std::vector<std::string>& texts) {
    sql_ += sql_.empty() ? "(" : ", (";
    for (size_t i = 0; i < texts.size(); i++) {
      sql_ += (i == 0 ? "" : ", ") + sql::QuoteString(texts[i]);
      longest_[i] = std::max(longest_[i], Characters(texts[i]));
    }
    sql_ += ")";
  }

  /// LIKE is about the first column.
  ConstantQuery Query(const std::optional<sql::ast::LikePattern>& like, const std::string& order) const {
    std::string columns;
    ConstantQuery query;
    for (size_t i = 0; i < names_.size(); i++) {
      columns += (i == 0 ? "" : ", ") + sql::QuoteName(names_[i]);
      query.types.push_back(sql::Type::Varchar(longest_[i]));
    }
    query.sql = "SELECT * FROM (VALUES " + sql_ + ") AS shown(" + columns + ") WHERE true" +
                sql::AndLike(sql::QuoteName(names_[0]), like) + " ORDER BY " + order;
    return query;
  }

 private:
  std::vector<std::string> names_;
  std::vector<int32_t> longest_;
  std::string sql_;
};

}  // namespace

int32_t Characters(const std::string& text) {
  return static_cast<int32_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

ConstantQuery ShowCatalogsQuery(std::vector<std::string> names,
                                const std::optional<sql::ast::LikePattern>& like) {
  Rows rows({"Catalog"});
  for (const std::string& name : names) rows.Add({name});
  return rows.Query(like, "1");
}

ConstantQuery ShowFunctionsQuery(const std::optional<sql::ast::LikePattern>& like) {
  constexpr size_t kDeterministic = 4;
  Rows rows({"Function", "Return Type", "Argument Types", "Function Type", "Deterministic", "Description"});
  for (const sql::ListedFunction& function : sql::ListFunctions()) {
    rows.Add({function.name, function.return_type, function.argument_types, function.kind,
              function.deterministic ? "true" : "false", function.description});
  }
  ConstantQuery query = rows.Query(like, "1, 2, 3, 4");
  query.sql.replace(0, std::string_view("SELECT *").size(),
                    "SELECT * REPLACE (CAST(\"Deterministic\" AS BOOLEAN) AS \"Deterministic\")");
  query.types[kDeterministic] = sql::Type::Of(sql::TypeKind::kBoolean);
  return query;
}

ConstantQuery ShowSessionQuery(const SessionProperties& properties,
                               const std::map<std::string, std::string>& values,
                               const std::optional<sql::ast::LikePattern>& like) {
  Rows rows({"Name", "Value", "Default", "Type", "Description"});
  for (const SessionProperty& property : properties.All()) {
    if (property.hidden) continue;
    const auto value = values.find(property.name);
    rows.Add({property.name, value == values.end() ? property.default_value : value->second,
              property.default_value, property.type, property.description});
  }
  return rows.Query(like, "1");
}

}  // namespace planaria::coordinator

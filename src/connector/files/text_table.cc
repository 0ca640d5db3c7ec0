#include "connector/files/text_table.h"

#include <algorithm>

#include "base/error.h"
#include "connector/files/column_types.h"
#include "connector/files/parquet_footer.h"
#include "connector/files/split_payload.h"
#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/connection.hpp"

namespace planaria::connector::files {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;

/// What every call of a text reader is told: partition columns are not part of the files.
constexpr const char* kCommonArguments = ", hive_partitioning=false";

std::string Literal(const std::string& text) { return duckdb::KeywordHelper::WriteQuoted(text, '\''); }
std::string Identifier(const std::string& name) { return duckdb::KeywordHelper::WriteQuoted(name, '"'); }
std::string Lower(const std::string& name) { return duckdb::StringUtil::Lower(name); }

duckdb::unique_ptr<duckdb::QueryResult> Query(duckdb::Connection& connection, const std::string& sql) {
  auto result = connection.Query(sql);
  if (result->HasError()) result->ThrowError();
  return result;
}

void SniffCsv(duckdb::Connection& connection, const std::string& path, TextSchema& schema) {
  const auto result =
      Query(connection,
            "SELECT Prompt, DateFormat, TimestampFormat, Columns FROM sniff_csv(" + Literal(path) + ")");
  const auto row = result->Fetch();
  // The sniffer's prompt is a whole FROM clause; its arguments between the path and the columns are the
  // dialect.
  const std::string prompt = row->GetValue(0, 0).ToString();
  const size_t begin = prompt.find("auto_detect=false", path.size());
  const size_t end = prompt.find(", columns={", begin);
  if (begin == std::string::npos || end == std::string::npos) {
    throw TrinoException(errors::HIVE_BAD_DATA, "File '" + path + "': no CSV dialect fits");
  }
  schema.reader_arguments = ", " + prompt.substr(begin, end - begin);
  const auto add_format = [&](const char* argument, const duckdb::Value& format) {
    if (!format.IsNull())
      schema.reader_arguments += std::string(", ") + argument + "=" + Literal(format.ToString());
  };
  add_format("dateformat", row->GetValue(1, 0));
  add_format("timestampformat", row->GetValue(2, 0));
  const duckdb::Value columns = row->GetValue(3, 0);
  for (const auto& column : duckdb::ListValue::GetChildren(columns)) {
    const auto& parts = duckdb::StructValue::GetChildren(column);
    schema.columns.emplace_back(
        parts[0].ToString(), duckdb::TransformStringToLogicalType(parts[1].ToString(), *connection.context));
  }
}

void SniffJson(duckdb::Connection& connection, const std::string& path, TextSchema& schema) {
  const auto prepared =
      connection.Prepare("SELECT * FROM read_json_auto(" + Literal(path) + kCommonArguments + ")");
  if (prepared->HasError()) prepared->error.Throw();
  for (size_t i = 0; i < prepared->GetNames().size(); ++i) {
    schema.columns.emplace_back(prepared->GetNames()[i], prepared->GetTypes()[i]);
  }
}

/// Runs a query of its own over the file, as lazily as its rows are asked for.
class TextSource : public PageSource {
 public:
  TextSource(duckdb::ClientContext& context, std::string path, const std::string& sql)
      : context_(context),
        path_(std::move(path)),
        connection_(*context.db),
        result_(connection_.SendQuery(sql)) {
    if (result_->HasError()) Fail();
  }

  void Next(duckdb::DataChunk& chunk) override {
    if (context_.interrupted) throw TrinoException(errors::USER_CANCELED, "Query was canceled");
    try {
      do {
        rows_ = result_->Fetch();
      } while (rows_ && rows_->size() == 0);
    } catch (const std::exception& exception) {
      ThrowReadError(exception, path_);
    }
    if (result_->HasError()) Fail();
    if (!rows_) return;
    for (idx_t i = 0; i < chunk.ColumnCount(); ++i) {
      if (rows_->data[i].GetType() == chunk.data[i].GetType()) {
        chunk.data[i].Reference(rows_->data[i]);
      } else {
        duckdb::VectorOperations::DefaultCast(rows_->data[i], chunk.data[i], rows_->size(), true);
      }
    }
    chunk.SetCardinality(rows_->size());
  }

 private:
  [[noreturn]] void Fail() {
    try {
      result_->ThrowError();
    } catch (const std::exception& exception) {
      ThrowReadError(exception, path_);
    }
  }

  duckdb::ClientContext& context_;
  const std::string path_;
  duckdb::Connection connection_;
  const duckdb::unique_ptr<duckdb::QueryResult> result_;
  /// Keeps alive what the caller's chunk refers to until the next call.
  duckdb::unique_ptr<duckdb::DataChunk> rows_;
};

}  // namespace

std::shared_ptr<const TextSchema> TextSchemaCache::Get(duckdb::ClientContext& context, const DataFile& file,
                                                       FileFormat format) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_name_.find(file.name);
    if (found != by_name_.end() && found->second->file == file) return found->second;
  }
  auto schema = std::make_shared<TextSchema>();
  schema->file = file;
  const std::string path = tree_.PathOf(file);
  tree_.CheckUnchanged(file);
  try {
    duckdb::Connection connection(*context.db);
    // Type names are looked up in the catalog, which takes a transaction.
    connection.BeginTransaction();
    if (format == FileFormat::kCsv) {
      SniffCsv(connection, path, *schema);
    } else {
      SniffJson(connection, path, *schema);
    }
  } catch (const std::exception& exception) {
    ThrowReadError(exception, path);
  }
  const std::lock_guard lock(mutex_);
  by_name_[file.name] = schema;
  return schema;
}

TextTable::TextTable(duckdb::ClientContext& context, std::string, const FileTree& tree,
                     TextSchemaCache& schemas, const TableFiles& files)
    : format_(files.format), tree_(tree) {
  for (const DataFile& file : files.files) {
    files_.push_back(schemas.Get(context, file, format_));
    for (const auto& [written_name, written_type] : files_.back()->columns) {
      const LogicalType type = TrinoTypeOf(written_type);
      const auto known = std::find_if(columns_.begin(), columns_.end(), [&](const Column& column) {
        return column.name == Lower(written_name);
      });
      if (known == columns_.end()) {
        columns_.push_back({Lower(written_name), type, true, {}});
      } else if (LogicalType common; CommonType(known->type, type, common)) {
        known->type = common;
      } else {
        known->type = LogicalType::VARCHAR;
      }
    }
  }
}

std::vector<Split> TextTable::Splits(duckdb::ClientContext&, const ScanRequest&) const {
  std::vector<Split> splits;
  for (const auto& schema : files_) {
    FileSplit part;
    part.file = schema->file;
    part.reader_arguments = schema->reader_arguments;
    for (const auto& [written_name, written_type] : schema->columns) {
      const auto column = std::find_if(columns_.begin(), columns_.end(), [&](const Column& candidate) {
        return candidate.name == Lower(written_name);
      });
      part.columns.emplace_back(written_name, column->type);
    }
    splits.push_back({Encode(part), 0, schema->file.size});
  }
  return splits;
}

std::unique_ptr<PageSource> TextTable::Open(duckdb::ClientContext& context, const Split& split,
                                            const ScanRequest& request) const {
  const FileSplit part = DecodeFileSplit(split.payload);
  tree_.CheckUnchanged(part.file);
  std::string selected;
  for (const uint32_t index : request.columns) {
    const Column& column = columns_.at(index);
    const auto written = std::find_if(part.columns.begin(), part.columns.end(), [&](const auto& candidate) {
      return Lower(candidate.first) == column.name;
    });
    selected += selected.empty() ? "" : ", ";
    selected +=
        written == part.columns.end() ? "NULL::" + column.type.ToString() : Identifier(written->first);
  }
  std::string columns;
  for (const auto& [name, type] : part.columns) {
    columns += (columns.empty() ? "" : ", ") + Literal(name) + ": " + Literal(type.ToString());
  }
  const std::string path = tree_.PathOf(part.file);
  const std::string sql = "SELECT " + (selected.empty() ? "1" : selected) + " FROM " +
                          (format_ == FileFormat::kCsv ? "read_csv(" : "read_json(") + Literal(path) +
                          part.reader_arguments + kCommonArguments + ", columns={" + columns + "})";
  return std::make_unique<TextSource>(context, path, sql);
}

}  // namespace planaria::connector::files

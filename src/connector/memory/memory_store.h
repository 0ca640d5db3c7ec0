// Schemas, tables, views and rows of one memory catalog, on the coordinator.
//
// A table is a list of pages and, for each, its deleted rows. Both are immutable and shared: a change makes a
// new version of the list, and whoever planned before it keeps reading the old one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connector/memory/memory_page.h"
#include "connector/table_writes.h"

namespace planaria::connector::memory {

struct PageInTable {
  std::shared_ptr<const StoredPage> page;
  /// nullptr: none.
  std::shared_ptr<const Positions> deleted;

  uint32_t live_rows() const { return page->rows - (deleted ? static_cast<uint32_t>(deleted->size()) : 0); }
};

struct TableVersion {
  /// Tells a table from another of the same name that came after it.
  uint64_t id = 0;
  std::vector<Column> columns;
  std::optional<std::string> comment;
  /// By ascending page id.
  std::vector<PageInTable> pages;

  uint64_t rows() const;
  uint64_t bytes() const;
};

/// Thread-safe. Throws TrinoExceptions with Trino's codes and texts.
class MemoryStore {
 public:
  MemoryStore(std::string catalog, uint64_t max_bytes)
      : catalog_(std::move(catalog)), max_bytes_(max_bytes) {}

  std::vector<std::string> Schemas() const;
  std::vector<std::string> Tables(const std::string& schema) const;
  std::vector<std::string> Views(const std::string& schema) const;
  /// nullptr when there is none.
  std::shared_ptr<const TableVersion> Find(const std::string& schema, const std::string& table) const;
  std::shared_ptr<const View> FindView(const std::string& schema, const std::string& view) const;

  void CreateSchema(const std::string& schema);
  void DropSchema(const std::string& schema, bool cascade);
  void RenameSchema(const std::string& schema, const std::string& target);
  /// The table with the rows of `pages`, all at once.
  void CreateTable(const NewTable& table, std::vector<std::shared_ptr<StoredPage>> pages);
  /// Throws what CreateTable would.
  void CheckCreate(const NewTable& table) const;
  void DropTable(const std::string& schema, const std::string& table);
  void Truncate(const std::string& schema, const std::string& table);
  /// The same table of another name.
  void RenameTable(const TableReference& table, const TableReference& target);
  /// A version of the table that `change` has changed, columns or comment. The pages stay as they are.
  void Alter(const TableReference& table, const std::function<void(TableVersion&)>& change);

  void CreateView(const TableReference& name, const View& view, bool replace);
  void DropView(const TableReference& view);
  void RenameView(const TableReference& view, const TableReference& target);
  void AlterView(const TableReference& view, const std::function<void(View&)>& change);

  /// Adds `pages`, of the table's first `page_columns` columns, to the table and deletes rows. Throws
  /// MERGE_TARGET_ROW_MULTIPLE_MATCHES when a row is to be deleted twice, TRANSACTION_CONFLICT when another
  /// change was faster, TABLE_NOT_FOUND when the table `id` is gone.
  void Change(const std::string& schema, const std::string& table, uint64_t id, uint32_t page_columns,
              std::vector<std::shared_ptr<StoredPage>> pages, std::vector<int64_t> deleted);

 private:
  struct Schema {
    std::map<std::string, std::shared_ptr<const TableVersion>> tables;
    std::map<std::string, std::shared_ptr<const View>> views;
  };

  std::string FullName(const std::string& schema, const std::string& table) const;
  std::vector<PageInTable> WithIds(std::vector<std::shared_ptr<StoredPage>> pages, size_t columns);
  void CheckCreateLocked(const NewTable& table) const;
  /// Throws NOT_FOUND, or TABLE_ALREADY_EXISTS for a table or view of that name.
  void CheckFree(const TableReference& name) const;
  const TableVersion& Existing(const std::string& schema, const std::string& table) const;
  const View& ExistingView(const TableReference& view) const;
  /// Throws MEMORY_LIMIT_EXCEEDED when the catalog would hold too much.
  void CheckLimit(uint64_t more, uint64_t less) const;

  const std::string catalog_;
  const uint64_t max_bytes_;
  mutable std::mutex mutex_;
  std::map<std::string, Schema> schemas_ = {{"default", Schema{}}};
  uint32_t next_page_ = 1;
  uint64_t next_table_ = 1;
};

}  // namespace planaria::connector::memory

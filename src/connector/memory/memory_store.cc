#include "connector/memory/memory_store.h"

#include <algorithm>

#include "base/error.h"

namespace planaria::connector::memory {

namespace {

uint64_t BytesOf(const std::vector<std::shared_ptr<StoredPage>>& pages) {
  uint64_t bytes = 0;
  for (const auto& page : pages) bytes += page->compressed.size();
  return bytes;
}

}  // namespace

uint64_t TableVersion::rows() const {
  uint64_t rows = 0;
  for (const PageInTable& page : pages) rows += page.live_rows();
  return rows;
}

uint64_t TableVersion::bytes() const {
  uint64_t bytes = 0;
  for (const PageInTable& page : pages) bytes += page.page->compressed.size();
  return bytes;
}

std::string MemoryStore::FullName(const std::string& schema, const std::string& table) const {
  return catalog_ + "." + schema + "." + table;
}

std::vector<std::string> MemoryStore::Schemas() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, schema] : schemas_) names.push_back(name);
  return names;
}

std::vector<std::string> MemoryStore::Tables(const std::string& schema) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  const auto found = schemas_.find(schema);
  if (found == schemas_.end()) return names;
  for (const auto& [name, table] : found->second.tables) names.push_back(name);
  return names;
}

std::vector<std::string> MemoryStore::Views(const std::string& schema) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  const auto found = schemas_.find(schema);
  if (found == schemas_.end()) return names;
  for (const auto& [name, view] : found->second.views) names.push_back(name);
  return names;
}

std::shared_ptr<const TableVersion> MemoryStore::Find(const std::string& schema,
                                                      const std::string& table) const {
  const std::lock_guard lock(mutex_);
  const auto found = schemas_.find(schema);
  if (found == schemas_.end()) return nullptr;
  const auto entry = found->second.tables.find(table);
  return entry == found->second.tables.end() ? nullptr : entry->second;
}

std::shared_ptr<const View> MemoryStore::FindView(const std::string& schema, const std::string& view) const {
  const std::lock_guard lock(mutex_);
  const auto found = schemas_.find(schema);
  if (found == schemas_.end()) return nullptr;
  const auto entry = found->second.views.find(view);
  return entry == found->second.views.end() ? nullptr : entry->second;
}

void MemoryStore::CreateSchema(const std::string& schema) {
  const std::lock_guard lock(mutex_);
  if (!schemas_.try_emplace(schema).second) {
    throw TrinoException(errors::SCHEMA_ALREADY_EXISTS,
                         "Schema '" + catalog_ + "." + schema + "' already exists");
  }
}

void MemoryStore::DropSchema(const std::string& schema, bool cascade) {
  const std::lock_guard lock(mutex_);
  const auto found = schemas_.find(schema);
  if (found == schemas_.end()) {
    throw TrinoException(errors::SCHEMA_NOT_FOUND, "Schema '" + catalog_ + "." + schema + "' does not exist");
  }
  if (!cascade && !(found->second.tables.empty() && found->second.views.empty())) {
    throw TrinoException(errors::SCHEMA_NOT_EMPTY, "Cannot drop non-empty schema '" + schema + "'");
  }
  schemas_.erase(found);
}

void MemoryStore::RenameSchema(const std::string& schema, const std::string& target) {
  const std::lock_guard lock(mutex_);
  const auto found = schemas_.find(schema);
  if (found == schemas_.end()) {
    throw TrinoException(errors::SCHEMA_NOT_FOUND, "Schema '" + catalog_ + "." + schema + "' does not exist");
  }
  if (schemas_.contains(target)) {
    throw TrinoException(errors::SCHEMA_ALREADY_EXISTS,
                         "Schema '" + catalog_ + "." + target + "' already exists");
  }
  auto node = schemas_.extract(found);
  node.key() = target;
  schemas_.insert(std::move(node));
}

void MemoryStore::CheckFree(const TableReference& name) const {
  const auto found = schemas_.find(name.schema);
  if (found == schemas_.end()) {
    throw TrinoException(errors::NOT_FOUND, "Schema " + name.schema + " not found");
  }
  if (found->second.tables.contains(name.name)) {
    throw TrinoException(errors::TABLE_ALREADY_EXISTS,
                         "Table '" + FullName(name.schema, name.name) + "' already exists");
  }
  if (found->second.views.contains(name.name)) {
    throw TrinoException(errors::TABLE_ALREADY_EXISTS,
                         "View '" + FullName(name.schema, name.name) + "' already exists");
  }
}

void MemoryStore::CheckCreateLocked(const NewTable& table) const {
  if (table.replace) {
    throw TrinoException(errors::NOT_SUPPORTED, "This connector does not support replacing tables");
  }
  CheckFree({table.schema, table.name});
}

void MemoryStore::CheckCreate(const NewTable& table) const {
  const std::lock_guard lock(mutex_);
  CheckCreateLocked(table);
}

std::vector<PageInTable> MemoryStore::WithIds(std::vector<std::shared_ptr<StoredPage>> pages,
                                              size_t columns) {
  std::vector<PageInTable> numbered;
  for (auto& page : pages) {
    page->id = next_page_++;
    page->columns = static_cast<uint32_t>(columns);
    numbered.push_back({std::move(page), nullptr});
  }
  return numbered;
}

void MemoryStore::CheckLimit(uint64_t more, uint64_t less) const {
  uint64_t bytes = more;
  for (const auto& [name, schema] : schemas_) {
    for (const auto& [table, version] : schema.tables) bytes += version->bytes();
  }
  if (bytes - less > max_bytes_) ThrowLimitExceeded(max_bytes_);
}

void MemoryStore::CreateTable(const NewTable& table, std::vector<std::shared_ptr<StoredPage>> pages) {
  const std::lock_guard lock(mutex_);
  CheckCreateLocked(table);
  CheckLimit(BytesOf(pages), 0);
  auto version = std::make_shared<TableVersion>();
  version->id = next_table_++;
  version->columns = table.columns;
  version->comment = table.comment;
  version->pages = WithIds(std::move(pages), table.columns.size());
  schemas_[table.schema].tables[table.name] = std::move(version);
}

const TableVersion& MemoryStore::Existing(const std::string& schema, const std::string& table) const {
  const auto found = schemas_.find(schema);
  if (found != schemas_.end()) {
    const auto entry = found->second.tables.find(table);
    if (entry != found->second.tables.end()) return *entry->second;
  }
  throw TrinoException(errors::TABLE_NOT_FOUND, "Table '" + FullName(schema, table) + "' does not exist");
}

const View& MemoryStore::ExistingView(const TableReference& view) const {
  const auto found = schemas_.find(view.schema);
  if (found != schemas_.end()) {
    const auto entry = found->second.views.find(view.name);
    if (entry != found->second.views.end()) return *entry->second;
  }
  throw TrinoException(errors::TABLE_NOT_FOUND,
                       "View '" + FullName(view.schema, view.name) + "' does not exist");
}

void MemoryStore::DropTable(const std::string& schema, const std::string& table) {
  const std::lock_guard lock(mutex_);
  Existing(schema, table);
  schemas_[schema].tables.erase(table);
}

void MemoryStore::Truncate(const std::string& schema, const std::string& table) {
  const std::lock_guard lock(mutex_);
  auto emptied = std::make_shared<TableVersion>(Existing(schema, table));
  emptied->pages.clear();
  schemas_[schema].tables[table] = std::move(emptied);
}

void MemoryStore::RenameTable(const TableReference& table, const TableReference& target) {
  const std::lock_guard lock(mutex_);
  Existing(table.schema, table.name);
  CheckFree(target);
  auto node = schemas_[table.schema].tables.extract(table.name);
  node.key() = target.name;
  schemas_[target.schema].tables.insert(std::move(node));
}

void MemoryStore::Alter(const TableReference& table, const std::function<void(TableVersion&)>& change) {
  const std::lock_guard lock(mutex_);
  auto altered = std::make_shared<TableVersion>(Existing(table.schema, table.name));
  change(*altered);
  schemas_[table.schema].tables[table.name] = std::move(altered);
}

void MemoryStore::CreateView(const TableReference& name, const View& view, bool replace) {
  const std::lock_guard lock(mutex_);
  const auto found = schemas_.find(name.schema);
  const bool replaces = replace && found != schemas_.end() && found->second.views.contains(name.name);
  if (!replaces) CheckFree(name);
  schemas_[name.schema].views[name.name] = std::make_shared<View>(view);
}

void MemoryStore::DropView(const TableReference& view) {
  const std::lock_guard lock(mutex_);
  ExistingView(view);
  schemas_[view.schema].views.erase(view.name);
}

void MemoryStore::RenameView(const TableReference& view, const TableReference& target) {
  const std::lock_guard lock(mutex_);
  ExistingView(view);
  CheckFree(target);
  auto node = schemas_[view.schema].views.extract(view.name);
  node.key() = target.name;
  schemas_[target.schema].views.insert(std::move(node));
}

void MemoryStore::AlterView(const TableReference& view, const std::function<void(View&)>& change) {
  const std::lock_guard lock(mutex_);
  auto altered = std::make_shared<View>(ExistingView(view));
  change(*altered);
  schemas_[view.schema].views[view.name] = std::move(altered);
}

void MemoryStore::Change(const std::string& schema, const std::string& table, uint64_t id,
                         uint32_t page_columns, std::vector<std::shared_ptr<StoredPage>> pages,
                         std::vector<int64_t> deleted) {
  std::sort(deleted.begin(), deleted.end());
  if (std::adjacent_find(deleted.begin(), deleted.end()) != deleted.end()) {
    throw TrinoException(errors::MERGE_TARGET_ROW_MULTIPLE_MATCHES,
                         "One MERGE target table row matched more than one source row");
  }
  const std::lock_guard lock(mutex_);
  const TableVersion& before = Existing(schema, table);
  if (before.id != id) {
    throw TrinoException(errors::TABLE_NOT_FOUND, "Table '" + FullName(schema, table) + "' does not exist");
  }
  const auto conflict = [&] {
    return TrinoException(errors::TRANSACTION_CONFLICT,
                          "Rows of table '" + FullName(schema, table) + "' were changed by another query");
  };
  auto after = std::make_shared<TableVersion>();
  after->id = before.id;
  after->columns = before.columns;
  after->comment = before.comment;
  auto next = deleted.begin();
  uint64_t freed = 0;
  for (const PageInTable& page : before.pages) {
    const auto begin = next;
    while (next != deleted.end() && PageOfRow(*next) == page.page->id) ++next;
    // Ids ascend as pages do: one that was passed over belongs to a page that is gone.
    if (next != deleted.end() && PageOfRow(*next) < page.page->id) throw conflict();
    if (begin == next) {
      after->pages.push_back(page);
      continue;
    }
    auto gone = std::make_shared<Positions>();
    if (page.deleted) *gone = *page.deleted;
    for (auto row = begin; row != next; ++row) gone->push_back(PositionOfRow(*row));
    std::sort(gone->begin(), gone->end());
    if (std::adjacent_find(gone->begin(), gone->end()) != gone->end()) throw conflict();
    if (gone->size() == page.page->rows) {
      freed += page.page->compressed.size();
    } else {
      after->pages.push_back({page.page, std::move(gone)});
    }
  }
  if (next != deleted.end()) throw conflict();
  CheckLimit(BytesOf(pages), freed);
  for (PageInTable& page : WithIds(std::move(pages), page_columns)) after->pages.push_back(std::move(page));
  schemas_[schema].tables[table] = std::move(after);
}

}  // namespace planaria::connector::memory

#include "exchange/spool_directory.h"

#include <algorithm>
#include <exception>
#include <map>

#include "storage/object_key.h"

namespace planaria::exchange {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsSuffixCharacter(char c) { return IsDigit(c) || (c >= 'a' && c <= 'z'); }

/// Three numbers joined by dots, as in an attempt's key.
bool IsAttemptName(std::string_view name) {
  int numbers = 0;
  while (true) {
    const size_t dot = std::min(name.find('.'), name.size());
    if (dot == 0 || dot > 10 || !std::all_of(name.begin(), name.begin() + dot, IsDigit)) return false;
    numbers++;
    if (dot == name.size()) return numbers == 3;
    name.remove_prefix(dot + 1);
  }
}

size_t SweepQuery(storage::ObjectStore& store, const std::string& query,
                  std::chrono::system_clock::time_point newest_allowed) {
  const std::vector<storage::ObjectInfo> objects = store.ListPrefix(query);
  const bool still_written = std::any_of(
      objects.begin(), objects.end(), [&](const auto& object) { return object.modified > newest_allowed; });
  if (still_written) return 0;
  size_t deleted = 0;
  for (const storage::ObjectInfo& object : objects) {
    if (IsAttemptName(std::string_view(object.key).substr(query.size() + 1))) {
      deleted += store.DeletePrefix(object.key);
    }
  }
  return deleted;
}

}  // namespace

bool IsQueryFolder(std::string_view name) {
  constexpr std::string_view kShape = "dddddddd_dddddd_ddddd_xxxxx";
  if (name.size() != kShape.size()) return false;
  for (size_t i = 0; i < name.size(); i++) {
    const bool fits = kShape[i] == 'd'   ? IsDigit(name[i])
                      : kShape[i] == 'x' ? IsSuffixCharacter(name[i])
                                         : name[i] == '_';
    if (!fits) return false;
  }
  return true;
}

std::string SpoolKey(const TaskId& task) {
  std::string key = task.query.value + '/' + std::to_string(task.fragment.value) + '.' +
                    std::to_string(task.partition.value) + '.' + std::to_string(task.attempt.value);
  storage::CheckObjectKey(key);
  return key;
}

storage::ObjectPlace SpoolPlace(const storage::StoreSet& stores, const TaskId& task) {
  TaskId first = task;
  first.attempt = {0};
  const size_t start = std::hash<std::string>()(first.ToString());
  return {stores.stores()[(start + task.attempt.value) % stores.stores().size()], SpoolKey(task)};
}

void DeleteSpooled(const storage::StoreSet& stores, const QueryId& query,
                   const std::optional<std::vector<TaskId>>& attempts) {
  // An empty prefix would be everything.
  storage::CheckObjectKey(query.value);
  std::map<storage::ObjectStore*, std::vector<std::string>> keys;
  for (const TaskId& task : attempts.value_or(std::vector<TaskId>())) {
    const storage::ObjectPlace place = SpoolPlace(stores, task);
    keys[place.store.get()].push_back(place.key);
  }
  std::exception_ptr failure;
  for (const auto& store : stores.stores()) {
    try {
      if (attempts) {
        store->DeleteKnown(query.value, keys[store.get()]);
      } else {
        store->DeletePrefix(query.value);
      }
    } catch (const TrinoException&) {
      failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

size_t SweepLeftovers(const storage::StoreSet& stores, const std::function<bool(const QueryId&)>& keep,
                      std::chrono::seconds min_age, std::chrono::system_clock::time_point now) {
  size_t deleted = 0;
  for (const auto& store : stores.stores()) {
    for (const std::string& folder : store->ListFolders("")) {
      if (IsQueryFolder(folder) && !keep({folder})) deleted += SweepQuery(*store, folder, now - min_age);
    }
  }
  return deleted;
}

}  // namespace planaria::exchange

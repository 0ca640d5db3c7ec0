#include "coordinator/transactions.h"

#include "base/error.h"

namespace planaria::coordinator {

namespace {

/// Trino's transaction.idle-timeout.
constexpr std::chrono::minutes kIdleTimeout{5};

/// A random UUID.
std::string MakeId(RandomSource& random) {
  std::string id = random.Hex(16);
  id[12] = '4';
  id[16] = "89ab"[random.Below(4)];
  for (const size_t dash : {20, 16, 12, 8}) id.insert(dash, 1, '-');
  return id;
}

[[noreturn]] void ThrowUnknown(const std::string& id) {
  throw TrinoException(errors::UNKNOWN_TRANSACTION,
                       "Unknown transaction ID: " + id +
                           ". Possibly expired? Commands ignored until end of transaction block");
}

}  // namespace

std::string Transactions::Begin(std::string isolation_level, bool read_only, RandomSource& random,
                                Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  Forget(now);
  const std::string id = MakeId(random);
  open_[id] = {{id, std::move(isolation_level), read_only, std::chrono::system_clock::now()}, now};
  return id;
}

void Transactions::Use(const std::string& id, const std::optional<std::string>& written_catalog,
                       Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  Forget(now);
  const auto found = open_.find(id);
  if (found == open_.end()) ThrowUnknown(id);
  if (found->second.failed) {
    throw TrinoException(errors::TRANSACTION_ALREADY_ABORTED,
                         "Current transaction is aborted, commands ignored until end of transaction block");
  }
  if (written_catalog && found->second.transaction.read_only) {
    throw TrinoException(errors::READ_ONLY_VIOLATION, "Cannot execute write in a read-only transaction");
  }
  if (written_catalog) {
    throw TrinoException(errors::AUTOCOMMIT_WRITE_CONFLICT,
                         "Catalog only supports writes using autocommit: " + *written_catalog);
  }
  found->second.used = now;
}

void Transactions::Fail(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(id);
  if (found != open_.end()) found->second.failed = true;
}

void Transactions::End(const std::string& id, bool commit) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(id);
  if (found == open_.end()) {
    if (commit) ThrowUnknown(id);
    return;
  }
  const bool failed = found->second.failed;
  open_.erase(found);
  if (commit && failed) {
    throw TrinoException(errors::TRANSACTION_ALREADY_ABORTED, "Current transaction has already been aborted");
  }
}

std::vector<Transaction> Transactions::List(Clock::time_point now) const {
  const std::lock_guard lock(mutex_);
  std::vector<Transaction> transactions;
  for (const auto& [id, open] : open_) {
    transactions.push_back(open.transaction);
    transactions.back().idle = std::chrono::duration_cast<std::chrono::seconds>(now - open.used);
  }
  return transactions;
}

void Transactions::Forget(Clock::time_point now) {
  std::erase_if(open_, [&](const auto& entry) { return now - entry.second.used > kIdleTimeout; });
}

}  // namespace planaria::coordinator

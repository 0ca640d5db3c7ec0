// The transactions that clients have open.
//
// No catalog here can take back what it has written, so statements that write are refused in them, as Trino
// refuses its memory connector's: a transaction only reads, and ends with the first statement that fails.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "env/random.h"

namespace planaria::coordinator {

struct Transaction {
  std::string id;
  /// As SQL writes it: `READ UNCOMMITTED`.
  std::string isolation_level;
  bool read_only = false;
  std::chrono::system_clock::time_point created;
  /// Since its last statement.
  std::chrono::seconds idle{0};
};

/// Thread-safe. Transactions that are idle for long are forgotten.
class Transactions {
 public:
  using Clock = std::chrono::steady_clock;

  /// Gives the new one's id.
  std::string Begin(std::string isolation_level, bool read_only, RandomSource& random, Clock::time_point now);

  /// A statement of the transaction begins, perhaps one that writes. Throws UNKNOWN_TRANSACTION,
  /// TRANSACTION_ALREADY_ABORTED, READ_ONLY_VIOLATION, AUTOCOMMIT_WRITE_CONFLICT.
  void Use(const std::string& id, const std::optional<std::string>& written_catalog, Clock::time_point now);

  /// A statement of the transaction has failed: no other will run in it.
  void Fail(const std::string& id);

  /// A COMMIT throws UNKNOWN_TRANSACTION, and TRANSACTION_ALREADY_ABORTED for one that has failed, which is
  /// gone even so. There is nothing that a ROLLBACK could not take back.
  void End(const std::string& id, bool commit);

  std::vector<Transaction> List(Clock::time_point now) const;

 private:
  struct Open {
    Transaction transaction;
    Clock::time_point used;
    bool failed = false;
  };

  void Forget(Clock::time_point now);

  mutable std::mutex mutex_;
  std::map<std::string, Open> open_;
};

}  // namespace planaria::coordinator

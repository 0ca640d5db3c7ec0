// Access tokens of a Google service account.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "storage/store_requests.h"

namespace planaria::storage {

/// Thread-safe. Trades a signed statement of the account (RFC 7523) for a token that lasts an hour.
class GoogleToken {
 public:
  /// Throws TrinoException(CONFIGURATION_INVALID), without the key in the message, when it is not a service
  /// account's.
  explicit GoogleToken(const std::string& json_key);

  /// `Bearer ...`. A token that ends within five minutes is replaced first, by a request of `requests`.
  std::string Header(StoreRequests& requests);

  /// The statement that is traded, for tests.
  std::string Assertion(std::chrono::system_clock::time_point now) const;

 private:
  std::string account_;
  std::string private_key_;
  std::string token_uri_;
  std::mutex mutex_;
  std::string token_;
  std::chrono::system_clock::time_point ends_{};
};

}  // namespace planaria::storage

// The client's session, which lives in X-Trino-* headers: read with each statement, changed by its replies.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace planaria::protocol {

/// All header lines of a name (any case), in order.
using HeaderLines = std::function<std::vector<std::string>(std::string_view name)>;

/// A request that is answered with a plain HTTP status instead of a query: the sender is at fault.
class RefusedRequest : public std::runtime_error {
 public:
  RefusedRequest(int status, const std::string& message) : std::runtime_error(message), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

struct SessionHeaders {
  std::string user;
  /// The user before SET SESSION AUTHORIZATION.
  std::optional<std::string> original_user;
  std::optional<std::string> source;
  /// Lower case; a schema only comes with a catalog.
  std::optional<std::string> catalog;
  std::optional<std::string> schema;
  std::optional<std::string> path;
  /// As sent; whether the zone exists is the engine's to say.
  std::optional<std::string> time_zone;
  std::optional<std::string> language;
  std::optional<std::string> trace_token;
  std::optional<std::string> client_info;
  /// None twice, in the client's order.
  std::vector<std::string> client_tags;
  std::set<std::string> client_capabilities;
  /// Encodings of rows that the client can read besides plain JSON, best first.
  std::vector<std::string> query_data_encodings;
  /// `name` or `catalog.name` to value.
  std::map<std::string, std::string> session_properties;
  /// Catalog (or `system`) to `ROLE{name}`, `ALL` or `NONE`.
  std::map<std::string, std::string> roles;
  std::optional<std::string> original_roles;
  /// Name to SQL text.
  std::map<std::string, std::string> prepared_statements;
  std::map<std::string, std::string> resource_estimates;
  std::map<std::string, std::string> extra_credentials;
  /// The client sent a transaction id, perhaps NONE: it understands START TRANSACTION.
  bool understands_transactions = false;
  std::optional<std::string> transaction_id;

  bool has_capability(std::string_view name) const { return client_capabilities.contains(std::string(name)); }
};

/// Reads lists from repeated lines and from comma-joined ones; values are URL-decoded with `+` and `%20` both
/// blanks. The user comes from X-Trino-User or from `Authorization: Basic` with an empty password.
/// Throws RefusedRequest: 401 without a user or with a password that nothing here could check, 400 for
/// malformed entries.
SessionHeaders ReadSessionHeaders(const HeaderLines& lines);

/// What a statement changed in the client's session.
struct SessionChanges {
  std::optional<std::string> catalog;
  std::optional<std::string> schema;
  std::optional<std::string> path;
  std::map<std::string, std::string> set_properties;
  std::set<std::string> cleared_properties;
  std::map<std::string, std::string> roles;
  std::optional<std::string> original_roles;
  std::map<std::string, std::string> added_prepared;
  std::set<std::string> deallocated_prepared;
  std::optional<std::string> started_transaction;
  bool cleared_transaction = false;
  std::optional<std::string> authorization_user;
  bool reset_authorization_user = false;
};

/// One response header line for each change; harmless to repeat on every page.
std::vector<std::pair<std::string, std::string>> WriteSessionChanges(const SessionChanges& changes);

}  // namespace planaria::protocol

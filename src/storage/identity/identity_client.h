// Asks the services that hand out temporary credentials: token endpoints, metadata of machines and
// containers.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "storage/store_requests.h"

namespace planaria::storage {

/// The value of an environment variable; nothing when it is not set or empty.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment ProcessVariables();

struct IdentityOptions {
  Environment environment = ProcessVariables();
  /// Of services on the network. Metadata is asked without proxy and with little patience.
  TransportOptions transport = {};
  RetryOptions retries = {.max_retries = 3, .longest_pause = std::chrono::seconds(2)};
};

/// Thread-safe. Requests block, retries included.
class IdentityClient {
 public:
  explicit IdentityClient(IdentityOptions options);

  std::optional<std::string> Variable(const std::string& name) const { return environment_(name); }
  /// The text of a file that a variable names, without blanks at its end. Throws
  /// TrinoException(CONFIGURATION_INVALID) naming variable and file.
  std::string FileOf(const std::string& variable, const std::string& path) const;

  enum class Where { kNetwork, kThisMachine };
  /// The body of a 2xx answer. Otherwise throws TrinoException(GENERIC_INTERNAL_ERROR): `about`, the host and
  /// the status, never what was sent or answered.
  std::string Ask(const StoreRequest& request, Where where, const std::string& about);

 private:
  const Environment environment_;
  StoreRequests network_;
  StoreRequests this_machine_;
};

/// A request to `http[s]://host[:port]/path?query`. Throws TrinoException(CONFIGURATION_INVALID) when it is
/// none.
StoreRequest RequestTo(const std::string& method, const std::string& url);
/// `name=value&...`, encoded.
std::string FormOf(const std::map<std::string, std::string>& values);

/// One JSON object's members as texts; numbers as they are written, others left out. Throws
/// TrinoException(GENERIC_INTERNAL_ERROR) with `about` when it is no object.
std::map<std::string, std::string> JsonTexts(std::string_view json, const std::string& about);

}  // namespace planaria::storage

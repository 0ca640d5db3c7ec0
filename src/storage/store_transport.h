// Carries one request to an object store and its answer back, on the calling thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/units.h"
#include "storage/store_request.h"

namespace planaria::storage {

/// No answer, or not all of it: the store may or may not have done what was asked.
class StoreUnreachable : public TrinoException {
 public:
  explicit StoreUnreachable(std::string message)
      : TrinoException(errors::GENERIC_INTERNAL_ERROR, std::move(message)) {}
};

/// The store does not know us, and asking again would not change that.
class StoreNotAuthenticated : public TrinoException {
 public:
  explicit StoreNotAuthenticated(std::string message)
      : TrinoException(errors::GENERIC_INTERNAL_ERROR, std::move(message)) {}
};

/// Thread-safe.
class StoreTransport {
 public:
  virtual ~StoreTransport() = default;
  /// An answer of any status. Throws StoreUnreachable; its message names the host and holds no secrets. Where
  /// it negotiates, throws StoreNotAuthenticated with the reason of GSS-API in place of an answer 401.
  virtual StoreResponse Send(const StoreRequest& request) = 0;
};

struct TransportOptions {
  /// Requests at one time; others wait up to `connection_wait`.
  size_t max_connections = 100;
  Duration connection_wait = std::chrono::minutes(1);
  Duration connect_timeout = std::chrono::seconds(5);
  /// An answer that brings no byte for so long is given up.
  Duration stall_timeout = std::chrono::seconds(30);
  bool verify_tls = true;
  /// Whether proxies of the environment are used.
  bool use_proxy = true;
  /// PEM file of trusted authorities; empty means the system's.
  std::string ca_file = {};
  /// Whether requests are authenticated by SPNEGO. Tickets come from the credential cache of the process
  /// (KRB5CCNAME) or, where that has none that holds, by its keytab (KRB5_CLIENT_KTNAME).
  bool negotiate = false;
};

/// HTTP/1.1 and TLS by libcurl, with kept connections. Proxies are those of the environment (https_proxy,
/// no_proxy). Throws TrinoException(CONFIGURATION_INVALID) where it cannot negotiate and should.
std::shared_ptr<StoreTransport> MakeCurlTransport(TransportOptions options);

}  // namespace planaria::storage

// The name nodes of one HDFS, asked by WebHDFS.
//
// With Kerberos a ticket is shown for a delegation token only, and the token goes with every request, on to
// data nodes too: this takes the fewest requests. A ticket with each request would be negotiated anew on
// every connection and would make the name node issue a token for each redirect.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/hdfs_options.h"
#include "storage/identity/renewed.h"
#include "storage/store_requests.h"

namespace planaria::storage {

/// Thread-safe. Requests block, retries included.
class NameNodes {
 public:
  /// Of `hdfs://authority`. Makes no request. `requests` outlives it; those for tokens are not among them.
  NameNodes(const std::string& authority, const HdfsOptions& options, StoreRequests& requests);

  /// What the active one answers, which is found by asking; redirects are answers. `object` names in errors
  /// what it is about. Throws StoreNotAuthenticated when a token is needed and there is no ticket that holds.
  StoreResponse Ask(RequestKind kind, const char* method, const char* operation, const std::string& path,
                    std::map<std::string, std::string> query, const std::string& object);

 private:
  using Token = Renewed<std::string>;

  StoreResponse AskActive(StoreRequests& requests, RequestKind kind, const StoreRequest& request,
                          const std::string& object);
  Token::Fetched FetchToken();

  const std::string authority_;
  const std::vector<std::string> origins_;
  /// Of simple authentication.
  const std::string user_;
  StoreRequests& requests_;
  std::atomic<size_t> active_{0};
  /// Only with Kerberos.
  std::unique_ptr<StoreRequests> negotiated_;
  std::unique_ptr<Token> token_;
};

}  // namespace planaria::storage

// A lease's entries as keys of an etcd cluster, over the JSON gateway of its version 3 API.
#pragma once

#include <string>
#include <vector>

#include "coordinator/lease_store.h"
#include "env/http_client.h"

namespace planaria::coordinator {

class EtcdLeaseStore final : public LeaseStore {
 public:
  /// `endpoints` are http://host:port of members, at least one. After an error the next one is asked. Keys
  /// are
  /// `<folder>/NNNNNNNNNNNN`. A request may take a fifth of `duration`, so that others can be tried before
  /// the lease ends. An entry that cannot be read counts as one of somebody unknown who asked for `duration`.
  EtcdLeaseStore(HttpClient& client, std::vector<std::string> endpoints, std::string folder,
                 Duration duration);

  std::optional<LeaseEntry> Last() override;
  bool Put(const LeaseEntry& entry) override;
  void Forget(uint64_t through) override;

 private:
  /// The answer's document. Throws TrinoException.
  std::string Ask(const std::string& path, std::string body, bool idempotent);
  std::string Key(uint64_t number) const;

  HttpClient& client_;
  const std::vector<std::string> endpoints_;
  const std::string folder_;
  const Duration duration_;
  size_t next_ = 0;
};

}  // namespace planaria::coordinator

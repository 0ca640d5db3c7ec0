// Reading outputs where they are nearer than on storage: this node's memory and disk, then those of the node
// that made them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "env/clock.h"
#include "env/http_client.h"
#include "exchange/kept_outputs.h"

namespace planaria::exchange {

struct NearNodesOptions {
  /// For the first byte of an answer, and for each that follows: a node that is frozen must not cost more
  /// than its reader would have spent on the store.
  Duration patience = std::chrono::seconds(1);
  /// How long a node that did not answer is not asked again.
  Duration avoidance = std::chrono::seconds(30);
};

/// What one node knows of itself and of all others. Thread-safe.
class NearNodes {
 public:
  enum class Answer : uint8_t {
    kBytes,
    kNotThese,  ///< other bytes of the object may be there
    kNothing,   ///< the object is not there, or the node is not to be asked
  };

  /// `client` and `clock` outlive it.
  NearNodes(HttpClient& client, const Clock& clock, std::shared_ptr<KeptOutputs> own,
            NearNodesOptions options = {});

  Answer ReadOwn(std::string_view key, uint64_t offset, size_t length, void* buffer);
  /// Never throws: a node that refuses, breaks off or says nothing has nothing, and is avoided for a while.
  /// Blocks its thread.
  Answer ReadFrom(const std::string& node_uri, std::string_view key, uint64_t offset, size_t length,
                  void* buffer);

 private:
  bool Avoided(const std::string& node_uri);
  void Avoid(const std::string& node_uri, const std::string& reason);

  HttpClient& client_;
  const Clock& clock_;
  const std::shared_ptr<KeptOutputs> own_;
  const NearNodesOptions options_;
  std::mutex mutex_;
  /// Until when.
  std::map<std::string, Duration> avoided_;
};

/// Which nodes made the outputs of one input. Thread-safe.
class OutputHolders {
 public:
  explicit OutputHolders(std::shared_ptr<NearNodes> nodes) : nodes_(std::move(nodes)) {}

  /// The outputs of these partitions were made by the node at `node_uri`.
  void Add(const std::string& node_uri, const std::vector<uint32_t>& partitions);
  /// Fills `buffer` if these bytes of the output, which is the object `key`, are near; blocks its thread. Who
  /// reads checks what comes: it may have been damaged.
  bool Read(const TaskId& producer, const std::string& key, uint64_t offset, size_t length, void* buffer);
  /// What came of this object was not what was written: it is read from the store from now on.
  void Distrust(const TaskId& producer, const std::string& key);

 private:
  const std::shared_ptr<NearNodes> nodes_;
  std::mutex mutex_;
  /// By partition of the producer.
  std::map<uint32_t, std::string> uris_;
  /// Objects that are not where they were made any more, and those that are not to be read near at all.
  std::set<std::string> gone_;
  std::set<std::string> distrusted_;
};

}  // namespace planaria::exchange

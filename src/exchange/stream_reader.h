// Reads the outputs of running tasks, wherever they run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "env/clock.h"
#include "env/executor.h"
#include "exchange/spool_reader.h"
#include "exchange/stream_store.h"

namespace planaria {
class HttpClient;
}

namespace planaria::exchange {

/// How a node reaches running tasks; everything outlives the readers.
struct StreamNetwork {
  HttpClient* client = nullptr;
  Executor* executor = nullptr;
  const Clock* clock = nullptr;
  /// Tasks of this node, which are read without HTTP.
  StreamStore* own = nullptr;
};

struct StreamSource {
  TaskId task;
  /// Of the node that runs it; empty for this node.
  std::string node_uri;
};

struct StreamReaderOptions {
  /// Under which the producers know this reader.
  std::string name;
  /// Of pages that arrived and were not taken; `exchange.max-buffer-size`. May be passed by one answer of
  /// each source, which are made smaller when there are many.
  uint64_t max_buffer_bytes = 32 << 20;
  /// `exchange.max-response-size`.
  uint64_t max_response_bytes = 4 << 20;
  /// How long a source may fail to answer before that is an error; `exchange.max-error-duration`.
  Duration max_error_duration = std::chrono::minutes(1);
};

/// Thread-safe. Asks all sources at once, from the first Next on and as long as there is room. A task that is
/// not there (yet) is asked for again without end: whether it will ever be, its coordinator knows and says so
/// by a cancel.
class StreamReader {
 public:
  StreamReader(const StreamNetwork& network, std::vector<StreamSource> sources, StreamReaderOptions options);
  /// Tells the producers that no more is wanted.
  ~StreamReader();
  StreamReader(const StreamReader&) = delete;

  /// The next page of any source; the pages of one source come in their order. kLater: `wake`, unless empty,
  /// is called once when asking again may help. Throws once and for all when a source can no longer be read:
  /// REMOTE_HOST_GONE, PAGE_TRANSPORT_TIMEOUT, PAGE_TRANSPORT_ERROR, or REMOTE_TASK_ERROR with what it says.
  ReadState Next(SpooledPage& page, const Wake& wake);
  /// No more pages are wanted; Next says kEnd.
  void Close();

 private:
  class Core;
  const std::shared_ptr<Core> core_;
};

}  // namespace planaria::exchange

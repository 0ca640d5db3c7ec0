// HTTP requests and their outcomes as a client sees them, whatever carries them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/error.h"
#include "base/units.h"
#include "env/http.h"

namespace planaria {

struct ClientRequest {
  std::string method = "GET";
  /// `http://host[:port]/path?query`; the host may be a name, an IPv4 address or `[IPv6]`.
  std::string url = {};
  /// Host and Content-Length are added.
  HttpHeaders headers = {};
  std::string body = {};
  /// For the whole exchange; for streams until the response's head is there. Zero means none.
  Duration deadline = std::chrono::seconds(30);
  /// For the connection alone, within the deadline.
  Duration connect_timeout = std::chrono::seconds(5);
  /// Streams only: ends the stream after so long without a byte. Zero means never.
  Duration idle_timeout = Duration::zero();
  /// Larger bodies end in kTooLarge; streams have no limit.
  uint64_t max_response_bytes = uint64_t{1} << 30;
  /// May be sent twice when a kept connection turns out closed before any byte of the response. Always true
  /// for GET, HEAD, PUT and DELETE.
  bool idempotent = false;
};

struct HttpError {
  enum class Kind {
    kRefused,    ///< no connection: nobody listens, no such host, no route
    kReset,      ///< the connection broke before the response was complete
    kTimeout,    ///< deadline, connect or idle timeout
    kTooLarge,   ///< more than max_response_bytes
    kMalformed,  ///< not a valid response, or not a valid request URL
    kClosed,     ///< the client was destroyed meanwhile
  };
  Kind kind;
  /// Names method and URL.
  std::string message;

  /// kTimeout is PAGE_TRANSPORT_TIMEOUT, kRefused and kReset are REMOTE_HOST_GONE, the others
  /// PAGE_TRANSPORT_ERROR.
  Error ToError() const;
};

/// A response of any status, or why there is none.
using HttpOutcome = std::variant<HttpResponse, HttpError>;

/// A response that is read as it comes. Destroying the handle cancels.
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  /// Ends the stream silently: no callback runs once this has returned, unless the caller is inside it. Waits
  /// for a callback that runs on another thread, so hold no lock that the callbacks take. Any thread.
  virtual void Cancel() = 0;
};

/// All functions may be called from any thread. Callbacks run on loop threads, never inside the call that
/// takes them, and must not block. TcpHttpClient is the real one; sim/ has one without sockets.
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  using Callback = std::function<void(HttpOutcome)>;
  /// Runs `callback` exactly once.
  virtual void Send(ClientRequest request, Callback callback) = 0;

  /// Send() and wait: throws TrinoException with HttpError::ToError(). Not from a loop thread.
  virtual HttpResponse Call(ClientRequest request);

  struct StreamCallbacks {
    /// Status and headers; at most once, first.
    std::function<void(const HttpResponse&)> on_head;
    /// Bytes of the body without the chunk framing, valid during the call only.
    std::function<void(std::string_view)> on_data;
    /// Once, last: nothing when the response ended as it should, at once when the peer closes or resets.
    std::function<void(std::optional<HttpError>)> on_end;
  };
  virtual std::shared_ptr<HttpStream> OpenStream(ClientRequest request, StreamCallbacks callbacks) = 0;
};

}  // namespace planaria

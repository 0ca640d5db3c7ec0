// TCP sockets on an EventLoop, without showing what they are made of. Internal to src/env.
//
// Threads: a socket, listener or connector is used by one thread at a time (its owner's mutex). Callbacks
// come from loop threads, exactly once per operation, never inside the call that starts it; after Close() or
// destruction they come with kCanceled.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "env/executor.h"

namespace planaria {

struct IoResult {
  enum class Kind { kOk, kEnd, kReset, kRefused, kCanceled, kOther };
  Kind kind = Kind::kOk;
  /// The system's text where kind is not kOk.
  std::string message;

  bool ok() const { return kind == Kind::kOk; }
};

class TcpSocket {
 public:
  using Done = std::function<void(const IoResult&, size_t)>;

  virtual ~TcpSocket() = default;
  /// Reads at least one byte unless it fails; one read at a time. `data` lives until `done` has run.
  virtual void ReadSome(char* data, size_t size, Done done) = 0;
  /// Writes at least one byte of the buffers (at most 16); one write at a time. The bytes live until `done`
  /// has run.
  virtual void WriteSome(std::span<const std::string_view> buffers, Done done) = 0;
  /// False if the peer has closed or sent something; for a socket without a read under way.
  virtual bool IsQuiet() = 0;
  /// Tells the peer that nothing more comes.
  virtual void ShutdownSend() = 0;
  /// The peer's IP address.
  virtual const std::string& peer_address() const = 0;
};

/// A connection attempt; destroying it gives up.
class TcpConnector {
 public:
  virtual ~TcpConnector() = default;
};

/// Resolves `host` and tries its addresses in turn. The socket is null unless the result is ok.
std::unique_ptr<TcpConnector> TcpConnect(
    EventLoop& loop, const std::string& host, uint16_t port,
    std::function<void(const IoResult&, std::unique_ptr<TcpSocket>)> done);

class TcpListener {
 public:
  virtual ~TcpListener() = default;
  /// Takes one connection.
  virtual void Accept(std::function<void(const IoResult&, std::unique_ptr<TcpSocket>)> done) = 0;
  virtual uint16_t port() const = 0;
};

/// Throws TrinoException(CONFIGURATION_UNAVAILABLE) naming address and port.
std::unique_ptr<TcpListener> TcpListen(EventLoop& loop, const std::string& address, uint16_t port);

}  // namespace planaria

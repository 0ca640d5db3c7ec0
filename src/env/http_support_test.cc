#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "env/http_test_support.h"

namespace planaria::test {

namespace {

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

RawSocket::RawSocket(uint16_t port) : descriptor_(socket(AF_INET, SOCK_STREAM, 0)) {
  const auto address = Loopback(port);
  EXPECT_EQ(0, connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address));
  const timeval patience{30, 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

void RawSocket::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

std::string RawSocket::ReadUntil(std::string_view end) {
  std::string received;
  char byte;
  while (end.empty() || !received.ends_with(end)) {
    if (recv(descriptor_, &byte, 1, 0) <= 0) break;
    received += byte;
  }
  return received;
}

void RawSocket::ShutdownSend() { shutdown(descriptor_, SHUT_WR); }

void RawSocket::Close() {
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = -1;
}

void RawSocket::Reset() {
  const linger at_once{1, 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  Close();
}

RawListener::RawListener() : descriptor_(socket(AF_INET, SOCK_STREAM, 0)) {
  auto address = Loopback(0);
  EXPECT_EQ(0, bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address));
  EXPECT_EQ(0, listen(descriptor_, 16));
  socklen_t size = sizeof address;
  getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
}

RawListener::~RawListener() { close(descriptor_); }

RawSocket RawListener::Accept() { return RawSocket::Adopt(accept(descriptor_, nullptr, nullptr)); }

}  // namespace planaria::test

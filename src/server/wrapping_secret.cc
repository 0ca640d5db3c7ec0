#include "server/wrapping_secret.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/error.h"
#include "env/aes_gcm.h"

namespace planaria::server {
namespace {

[[noreturn]] void Fail(const std::string& path, const std::string& why) {
  throw TrinoException(
      errors::CONFIGURATION_INVALID,
      "The secret that wraps the keys of spooled data cannot be kept in " + path + ": " + why);
}

[[noreturn]] void FailWithSystem(const std::string& path) {
  Fail(path, std::generic_category().message(errno));
}

/// Under a name of its own first, so that a crash leaves no half secret.
void Create(const std::string& path) {
  const std::string unfinished = path + '.' + std::to_string(getpid());
  const int file = open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) FailWithSystem(unfinished);
  std::string bytes = SecureRandomBytes(kAesKeyBytes);
  const bool written =
      write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) && fsync(file) == 0;
  Wipe(bytes);
  if (close(file) != 0 || !written) FailWithSystem(unfinished);
  // Another process of this node may have been faster; its secret is the one.
  if (link(unfinished.c_str(), path.c_str()) != 0 && errno != EEXIST) FailWithSystem(path);
  unlink(unfinished.c_str());
}

}  // namespace

Secret WrappingSecret(const ServerConfig& server, const std::string& data_dir) {
  if (!server.shared_secret.empty()) return server.shared_secret;
  std::error_code error;
  std::filesystem::create_directories(data_dir, error);
  if (error) Fail(data_dir, error.message());
  const std::string path = (std::filesystem::path(data_dir) / "spool-secret").string();
  if (!std::filesystem::exists(path)) Create(path);
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || bytes.size() != kAesKeyBytes) {
    Fail(path, std::to_string(bytes.size()) + " bytes can be read, expected " + std::to_string(kAesKeyBytes));
  }
  const Secret secret(bytes);
  Wipe(bytes);
  return secret;
}

}  // namespace planaria::server

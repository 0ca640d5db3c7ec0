#include <unistd.h>

#include <cctype>
#include <charconv>
#include <filesystem>
#include <optional>
#include <system_error>

#include "storage/local_object_store.h"
#include "storage/store_set.h"

namespace planaria::storage {
namespace {

TrinoException Invalid(const std::string& message) {
  return TrinoException(errors::CONFIGURATION_INVALID, message);
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> SplitList(std::string_view list) {
  std::vector<std::string_view> entries;
  while (true) {
    const size_t comma = list.find(',');
    const std::string_view entry = Trim(list.substr(0, comma));
    if (!entry.empty()) entries.push_back(entry);
    if (comma == std::string_view::npos) return entries;
    list.remove_prefix(comma + 1);
  }
}

/// The part before the colon, lower case; `file` for plain paths.
std::string SchemeOf(std::string_view entry) {
  const size_t colon = entry.find(':');
  if (colon == std::string_view::npos || entry.find('/') < colon) return "file";
  std::string scheme(entry.substr(0, colon));
  for (char& c : scheme) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return scheme;
}

/// Undoes %XX; nothing when an escape is malformed or hides a zero byte.
std::optional<std::string> DecodePercents(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned char byte = 0;
    if (i + 2 >= text.size()) return std::nullopt;
    const char* const end = text.data() + i + 3;
    if (std::from_chars(text.data() + i + 1, end, byte, 16).ptr != end || byte == 0) return std::nullopt;
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

/// The absolute path that a path or `file:` URI (`file:/p`, `file:///p`, `file://localhost/p`) names.
std::string PathOf(std::string_view entry) {
  std::string path(entry);
  if (!entry.starts_with('/') && entry.find(':') != std::string_view::npos) {
    std::string_view rest = entry.substr(entry.find(':') + 1);
    if (rest.starts_with("//")) {
      const std::string_view host = rest.substr(2, rest.find('/', 2) - 2);
      if (!host.empty() && host != "localhost") {
        throw Invalid("Exchange base directory names another host: " + std::string(entry));
      }
      rest.remove_prefix(2 + host.size());
    }
    const std::optional<std::string> decoded = DecodePercents(rest);
    if (!decoded) throw Invalid("Malformed escape in exchange base directory: " + std::string(entry));
    path = *decoded;
  }
  if (!path.starts_with('/')) {
    throw Invalid("Exchange base directory must be an absolute path or a file:/// URI: " +
                  std::string(entry));
  }
  path = std::filesystem::path(path).lexically_normal().string();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  if (path == "/") throw Invalid("Exchange base directory must not be the root directory");
  return path;
}

std::shared_ptr<ObjectStore> OpenDirectory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error && access(path.c_str(), R_OK | W_OK | X_OK) != 0) error.assign(errno, std::generic_category());
  if (!error && !std::filesystem::is_directory(path)) {
    error = std::make_error_code(std::errc::not_a_directory);
  }
  if (error) throw Invalid("Cannot use exchange base directory " + path + ": " + error.message());
  return std::make_shared<LocalObjectStore>(path);
}

}  // namespace

std::shared_ptr<StoreSet> OpenBaseDirectories(std::string_view base_directories) {
  const std::vector<std::string_view> entries = SplitList(base_directories);
  if (entries.empty()) throw Invalid("exchange.base-directories is empty");
  const std::string scheme = SchemeOf(entries.front());
  for (const std::string_view entry : entries) {
    if (SchemeOf(entry) != scheme) throw Invalid("Multiple schemes in exchange base directories");
  }
  if (scheme != "file") {
    throw Invalid("Unsupported scheme in exchange base directories: '" + std::string(entries.front()) +
                  "'; supported are absolute paths and file:/// URIs");
  }
  std::vector<std::string> paths;
  for (const std::string_view entry : entries) {
    std::string path = PathOf(entry);
    for (const std::string& other : paths) {
      if (other == path) throw Invalid("Exchange base directory is given twice: " + path);
    }
    paths.push_back(std::move(path));
  }
  std::vector<std::shared_ptr<ObjectStore>> stores;
  for (const std::string& path : paths) stores.push_back(OpenDirectory(path));
  return std::make_shared<StoreSet>(std::move(stores));
}

}  // namespace planaria::storage

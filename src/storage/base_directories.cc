#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <optional>
#include <system_error>

#include "storage/blob_object_store.h"
#include "storage/local_object_store.h"
#include "storage/remote_store_options.h"
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

/// A directory on the network as its URI gives it.
struct NetworkPlace {
  std::string scheme;
  /// Bucket; `container@account...`; `namenode:port`.
  std::string authority;
  /// Without slashes at its ends.
  std::string folder;
};

NetworkPlace NetworkPlaceOf(const std::string& scheme, std::string_view entry) {
  const std::string shown(entry);
  NetworkPlace place{scheme, {}, {}};
  std::string_view rest = entry.substr(entry.find(':') + 1);
  if (!rest.starts_with("//")) throw Invalid("Exchange base directory needs " + scheme + "://...: " + shown);
  rest.remove_prefix(2);
  const size_t slash = std::min(rest.find('/'), rest.size());
  place.authority = rest.substr(0, slash);
  rest.remove_prefix(slash);
  while (rest.starts_with('/')) rest.remove_prefix(1);
  while (rest.ends_with('/')) rest.remove_suffix(1);
  place.folder = rest;
  for (size_t begin = 0; begin < place.folder.size();) {
    const size_t end = std::min(place.folder.find('/', begin), place.folder.size());
    const std::string segment = place.folder.substr(begin, end - begin);
    if (segment.empty() || segment == "." || segment == ".." ||
        segment.find_first_of("?#%\\") != std::string::npos) {
      throw Invalid("Malformed path in exchange base directory: " + shown);
    }
    begin = end + 1;
  }
  return place;
}

std::shared_ptr<BlobClient> MakeClient(const NetworkPlace& place, const RemoteStoreOptions& options) {
  if (place.scheme == "s3" || place.scheme == "s3a") {
    return MakeS3Client(place.scheme, place.authority, options.s3);
  }
  if (place.scheme == "gs") return MakeGcsClient(place.authority, options.gcs);
  return MakeAzureClient(place.scheme, place.authority, options.azure);
}

std::shared_ptr<ObjectStore> OpenHdfs(const NetworkPlace& place, const HdfsOptions& options) {
  const std::string authority = place.authority.empty() ? options.config.DefaultAuthority() : place.authority;
  if (authority.empty()) {
    throw Invalid("no name node is named, and hdfs.config.resources has no fs.defaultFS that is an HDFS");
  }
  const auto store = std::make_shared<HdfsObjectStore>(authority, place.folder, options);
  store->MakeDirectory();
  return store;
}

std::shared_ptr<ObjectStore> OpenBucket(const NetworkPlace& place, const RemoteStoreOptions& options) {
  if (place.authority.empty()) throw Invalid("no bucket is named");
  auto store = std::make_shared<BlobObjectStore>(MakeClient(place, options), place.folder);
  // A wrong key or a missing bucket is found at start, not by the first query.
  store->ListFolders("");
  return store;
}

std::shared_ptr<ObjectStore> OpenNetworkPlace(const NetworkPlace& place, const RemoteStoreOptions& options) {
  try {
    return place.scheme == "hdfs" ? OpenHdfs(place, options.hdfs) : OpenBucket(place, options);
  } catch (const TrinoException& failure) {
    throw Invalid("Cannot use exchange base directory " + place.scheme + "://" + place.authority + '/' +
                  place.folder + ": " + failure.what());
  }
}

}  // namespace

std::shared_ptr<StoreSet> OpenBaseDirectories(std::string_view base_directories,
                                              const RemoteStoreOptions& options) {
  const std::vector<std::string_view> entries = SplitList(base_directories);
  if (entries.empty()) throw Invalid("exchange.base-directories is empty");
  const std::string scheme = SchemeOf(entries.front());
  for (const std::string_view entry : entries) {
    if (SchemeOf(entry) != scheme) throw Invalid("Multiple schemes in exchange base directories");
  }
  static constexpr std::string_view kSchemes[] = {"file", "s3",    "s3a", "abfs", "abfss",
                                                  "wasb", "wasbs", "gs",  "hdfs"};
  if (std::find(std::begin(kSchemes), std::end(kSchemes), scheme) == std::end(kSchemes)) {
    throw Invalid("Unsupported scheme in exchange base directories: '" + std::string(entries.front()) +
                  "'; supported are absolute paths, file, s3, s3a, abfs, abfss, wasb, wasbs, gs and "
                  "hdfs");
  }
  std::vector<std::shared_ptr<ObjectStore>> stores;
  std::vector<std::string> paths;
  std::vector<NetworkPlace> places;
  for (const std::string_view entry : entries) {
    std::string path;
    if (scheme == "file") {
      path = PathOf(entry);
    } else {
      places.push_back(NetworkPlaceOf(scheme, entry));
      path = scheme + "://" + places.back().authority + '/' + places.back().folder;
    }
    for (const std::string& other : paths) {
      if (other == path) throw Invalid("Exchange base directory is given twice: " + path);
    }
    paths.push_back(std::move(path));
  }
  if (scheme == "file") {
    for (const std::string& path : paths) stores.push_back(OpenDirectory(path));
  }
  for (const NetworkPlace& place : places) stores.push_back(OpenNetworkPlace(place, options));
  return std::make_shared<StoreSet>(std::move(stores));
}

std::shared_ptr<StoreSet> OpenBaseDirectories(std::string_view base_directories) {
  return OpenBaseDirectories(base_directories, {});
}

}  // namespace planaria::storage

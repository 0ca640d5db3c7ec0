#include "storage/store_request.h"

#include "env/url.h"

namespace planaria::storage {

std::string EncodePath(std::string_view path) {
  std::string encoded;
  while (true) {
    const size_t slash = path.find('/');
    encoded += PercentEncode(path.substr(0, slash));
    if (slash == std::string_view::npos) return encoded;
    encoded += '/';
    path.remove_prefix(slash + 1);
  }
}

std::string_view AuthorityOf(std::string_view origin) {
  const size_t slashes = origin.find("://");
  return slashes == std::string_view::npos ? origin : origin.substr(slashes + 3);
}

std::string StoreRequest::Url() const {
  std::string url = origin + path;
  char separator = '?';
  for (const auto& [name, value] : query) {
    url += separator + PercentEncode(name) + '=' + PercentEncode(value);
    separator = '&';
  }
  return url;
}

}  // namespace planaria::storage

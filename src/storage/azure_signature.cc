#include <algorithm>

#include "base/error.h"
#include "storage/azure_client.h"
#include "storage/digest.h"

namespace planaria::storage {

std::map<std::string, std::string> ParseConnectionString(std::string_view text) {
  std::map<std::string, std::string> values;
  while (!text.empty()) {
    const size_t end = std::min(text.find(';'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.find_first_not_of(' ') == std::string_view::npos) continue;
    const size_t equals = part.find('=');
    if (equals == 0 || equals == std::string_view::npos) {
      throw TrinoException(errors::CONFIGURATION_INVALID,
                           "Malformed Azure connection string, expected "
                           "DefaultEndpointsProtocol=https;AccountName=...;AccountKey=...;"
                           "EndpointSuffix=core.windows.net");
    }
    values[std::string(part.substr(0, equals))] = part.substr(equals + 1);
  }
  return values;
}

void SignAzure(StoreRequest& request, const std::string& account, const std::string& key) {
  const auto value = [&](const char* name) { return std::string(request.headers.Get(name).value_or("")); };
  std::string text = request.method + '\n' + value("Content-Encoding") + '\n' + value("Content-Language") +
                     '\n' + (request.body.empty() ? "" : std::to_string(request.body.size())) + '\n' +
                     value("Content-MD5") + '\n' + value("Content-Type") + "\n\n" +
                     value("If-Modified-Since") + '\n' + value("If-Match") + '\n' + value("If-None-Match") +
                     '\n' + value("If-Unmodified-Since") + '\n' + value("Range") + '\n';
  std::map<std::string, std::string> headers;
  for (const auto& [name, content] : request.headers) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    if (lower.starts_with("x-ms-")) headers[lower] = content;
  }
  for (const auto& [name, content] : headers) text += name + ':' + content + '\n';
  text += '/' + account + request.path;
  for (const auto& [name, content] : request.query) text += '\n' + name + ':' + content;
  request.headers.Set("Authorization", "SharedKey " + account + ':' + Base64(HmacSha256(key, text)));
}

}  // namespace planaria::storage

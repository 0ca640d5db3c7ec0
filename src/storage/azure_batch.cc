#include "storage/azure_batch.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace planaria::storage {
namespace {

/// The number behind `name` in `text`; nothing when it has none.
std::optional<size_t> NumberAfter(std::string_view text, std::string_view name) {
  const size_t at = text.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + name.size());
  while (text.starts_with(' ')) text.remove_prefix(1);
  size_t number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc()) return std::nullopt;
  return number;
}

}  // namespace

std::string AzureBatchBody(const std::vector<StoreRequest>& deletions, const std::string& boundary) {
  std::string body;
  for (size_t i = 0; i < deletions.size(); i++) {
    const StoreRequest& deletion = deletions[i];
    const std::string url = deletion.Url();
    body += "--" + boundary +
            "\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: " +
            std::to_string(i) + "\r\n\r\nDELETE " + url.substr(deletion.origin.size()) + " HTTP/1.1\r\n";
    for (const auto& [name, value] : deletion.headers) body += name + ": " + value + "\r\n";
    body += "Content-Length: 0\r\n\r\n";
  }
  return body + "--" + boundary + "--\r\n";
}

std::vector<int> AzureBatchStatuses(std::string_view body, size_t deletions) {
  std::vector<int> statuses(deletions, 0);
  constexpr std::string_view kId = "Content-ID:";
  constexpr std::string_view kStatus = "HTTP/1.1 ";
  for (size_t at = body.find(kId); at != std::string_view::npos;) {
    const size_t next = body.find(kId, at + kId.size());
    const std::string_view part = body.substr(at, next == std::string_view::npos ? next : next - at);
    const auto id = NumberAfter(part, kId);
    const auto status = NumberAfter(part, kStatus);
    if (id && status && *id < deletions && *status < 1000) statuses[*id] = static_cast<int>(*status);
    at = next;
  }
  return statuses;
}

}  // namespace planaria::storage

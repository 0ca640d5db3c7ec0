#include "coordinator/statement_uri.h"

#include <algorithm>
#include <string_view>

#include "protocol/session_headers.h"

namespace planaria::coordinator {

namespace {

using protocol::RefusedRequest;

/// The first of a comma list: what the outermost proxy saw.
std::string First(const HttpRequest& request, std::string_view header) {
  std::string_view text = request.headers.Get(header).value_or("");
  text = text.substr(0, text.find(','));
  while (text.ends_with(' ')) text.remove_suffix(1);
  while (text.starts_with(' ')) text.remove_prefix(1);
  return std::string(text);
}

/// These texts become part of URIs in JSON and HTML.
std::string Checked(std::string text, std::string_view extra, std::string_view what) {
  const bool fine = std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || extra.find(c) != std::string_view::npos;
  });
  if (!fine) throw RefusedRequest(400, "Invalid " + std::string(what));
  return text;
}

bool HasPort(std::string_view host) {
  const size_t colon = host.rfind(':');
  return colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
}

}  // namespace

std::string BaseUriOf(const HttpRequest& request, bool process_forwarded) {
  std::string scheme = "http";
  std::string host = First(request, "Host");
  std::string prefix;
  for (const char* header : {"X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port",
                             "X-Forwarded-Prefix", "X-Forwarded-For"}) {
    if (!process_forwarded && request.headers.Has(header)) {
      throw RefusedRequest(
          406, "Server configuration does not allow processing of the " + std::string(header) + " header");
    }
  }
  if (process_forwarded) {
    if (auto proto = First(request, "X-Forwarded-Proto"); !proto.empty()) scheme = std::move(proto);
    if (scheme != "http" && scheme != "https") throw RefusedRequest(400, "Invalid X-Forwarded-Proto header");
    if (auto forwarded = First(request, "X-Forwarded-Host"); !forwarded.empty()) host = std::move(forwarded);
    const std::string port = Checked(First(request, "X-Forwarded-Port"), "", "X-Forwarded-Port header");
    if (!port.empty() && !HasPort(host) && port != (scheme == "https" ? "443" : "80")) host += ":" + port;
    prefix = Checked(First(request, "X-Forwarded-Prefix"), "/~%", "X-Forwarded-Prefix header");
    while (prefix.ends_with('/')) prefix.pop_back();
    if (!prefix.empty() && !prefix.starts_with('/')) prefix.insert(0, "/");
  }
  if (host.empty()) throw RefusedRequest(400, "Host header must be sent");
  return scheme + "://" + Checked(std::move(host), ":[]", "Host header") + prefix;
}

}  // namespace planaria::coordinator

#include "storage/aws_signature.h"

#include <algorithm>
#include <ctime>

#include "env/url.h"
#include "storage/digest.h"

namespace planaria::storage {
namespace {

std::string FormatTime(std::chrono::system_clock::time_point time, const char* format) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof(text), format, &utc)};
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

void SignAws(StoreRequest& request, const AwsCredentials& credentials, const std::string& region,
             std::chrono::system_clock::time_point now, const std::string& service) {
  const std::string time = FormatTime(now, "%Y%m%dT%H%M%SZ");
  const std::string scope = time.substr(0, 8) + '/' + region + '/' + service + "/aws4_request";
  const bool body_is_safe = service == "s3" && request.origin.starts_with("https:");
  const std::string body_hash = body_is_safe ? "UNSIGNED-PAYLOAD" : Hex(Sha256(request.body));
  request.headers.Set("Host", std::string(AuthorityOf(request.origin)));
  request.headers.Set("X-Amz-Date", time);
  request.headers.Set("X-Amz-Content-Sha256", body_hash);
  if (!credentials.session_token.empty()) {
    request.headers.Set("X-Amz-Security-Token", credentials.session_token);
  }

  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : request.headers) headers[LowerCase(name)] = value;
  std::string names;
  std::string lines;
  for (const auto& [name, value] : headers) {
    names += (names.empty() ? "" : ";") + name;
    lines += name + ':' + value + '\n';
  }
  std::string query;
  for (const auto& [name, value] : request.query) {
    query += (query.empty() ? "" : "&") + PercentEncode(name) + '=' + PercentEncode(value);
  }
  const std::string canonical =
      request.method + '\n' + request.path + '\n' + query + '\n' + lines + '\n' + names + '\n' + body_hash;
  const std::string to_sign = "AWS4-HMAC-SHA256\n" + time + '\n' + scope + '\n' + Hex(Sha256(canonical));
  std::string key = HmacSha256("AWS4" + credentials.secret_key, time.substr(0, 8));
  for (const std::string& part : {region, service, std::string("aws4_request")}) {
    key = HmacSha256(key, part);
  }
  request.headers.Set("Authorization", "AWS4-HMAC-SHA256 Credential=" + credentials.access_key + '/' + scope +
                                           ", SignedHeaders=" + names +
                                           ", Signature=" + Hex(HmacSha256(key, to_sign)));
}

}  // namespace planaria::storage

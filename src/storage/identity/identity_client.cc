#include "storage/identity/identity_client.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "env/url.h"

namespace planaria::storage {
namespace {

/// Metadata is next door or not there at all.
TransportOptions NextDoor() {
  TransportOptions options;
  options.connect_timeout = std::chrono::seconds(1);
  options.stall_timeout = std::chrono::seconds(5);
  options.use_proxy = false;
  return options;
}

TrinoException Invalid(const std::string& message) {
  return TrinoException(errors::CONFIGURATION_INVALID, message);
}

}  // namespace

Environment ProcessVariables() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
  };
}

IdentityClient::IdentityClient(IdentityOptions options)
    : environment_(std::move(options.environment)),
      network_(MakeCurlTransport(options.transport), options.retries),
      this_machine_(MakeCurlTransport(NextDoor()), [&] {
        RetryOptions retries = options.retries;
        retries.max_retries = std::min(retries.max_retries, 2);
        return retries;
      }()) {}

std::string IdentityClient::FileOf(const std::string& variable, const std::string& path) const {
  std::ifstream file(path);
  std::string text;
  if (file) text.assign(std::istreambuf_iterator<char>(file), {});
  if (!file) throw Invalid("The file of " + variable + " cannot be read: " + path);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  return text;
}

std::string IdentityClient::Ask(const StoreRequest& request, Where where, const std::string& about) {
  StoreRequests& requests = where == Where::kNetwork ? network_ : this_machine_;
  StoreResponse response = requests.Run(
      RequestKind::kGet, request, [](StoreRequest&) {}, about);
  if (!response.ok()) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, about + ": " +
                                                             std::string(AuthorityOf(request.origin)) +
                                                             " answers " + std::to_string(response.status));
  }
  return std::move(response.body);
}

StoreRequest RequestTo(const std::string& method, const std::string& url) {
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    throw Invalid("Expected a URL that begins with http:// or https://, not '" +
                  url.substr(0, url.find('?')) + "'");
  }
  StoreRequest request;
  request.method = method;
  const size_t query = std::min(url.find('?'), url.size());
  const size_t path = std::min(url.find('/', url.find("://") + 3), query);
  request.origin = url.substr(0, path);
  request.path = path == query ? "/" : url.substr(path, query - path);
  if (query < url.size()) {
    const auto parameters = ParseQuery(url.substr(query + 1));
    if (!parameters) throw Invalid("Malformed query in a URL of " + request.origin);
    request.query = {parameters->begin(), parameters->end()};
  }
  return request;
}

std::string FormOf(const std::map<std::string, std::string>& values) {
  std::string form;
  for (const auto& [name, value] : values) {
    form += (form.empty() ? "" : "&") + PercentEncode(name) + '=' + PercentEncode(value);
  }
  return form;
}

std::map<std::string, std::string> JsonTexts(std::string_view json, const std::string& about) {
  rapidjson::Document document;
  // Without recursion: the answer is not ours.
  document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, about + ": the answer is not a JSON object");
  }
  std::map<std::string, std::string> texts;
  for (const auto& member : document.GetObject()) {
    std::string& text = texts[{member.name.GetString(), member.name.GetStringLength()}];
    if (member.value.IsString()) {
      text.assign(member.value.GetString(), member.value.GetStringLength());
    } else if (member.value.IsNumber()) {
      rapidjson::StringBuffer buffer;
      rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
      member.value.Accept(writer);
      text = buffer.GetString();
    }
  }
  return texts;
}

}  // namespace planaria::storage

#include "coordinator/etcd_lease_store.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "coordinator/lease_entry_text.h"
#include "protocol/url_text.h"

namespace planaria::coordinator {

namespace {

using nlohmann::json;
using protocol::DecodeBase64;
using protocol::EncodeBase64;

json Document(const std::string& text) {
  json document = json::parse(text, nullptr, false);
  if (!document.is_object())
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "etcd answered what is no JSON object");
  return document;
}

std::string Bytes(const json& object, const char* name) {
  const auto found = object.find(name);
  const auto bytes =
      found != object.end() && found->is_string() ? DecodeBase64(found->get<std::string>()) : std::nullopt;
  if (!bytes)
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, fmt::format("etcd answered without a {}", name));
  return *bytes;
}

}  // namespace

EtcdLeaseStore::EtcdLeaseStore(HttpClient& client, std::vector<std::string> endpoints, std::string folder,
                               Duration duration)
    : client_(client), endpoints_(std::move(endpoints)), folder_(std::move(folder)), duration_(duration) {}

std::string EtcdLeaseStore::Key(uint64_t number) const {
  return EncodeBase64(folder_ + '/' + LeaseEntryName(number));
}

std::string EtcdLeaseStore::Ask(const std::string& path, std::string body, bool idempotent) {
  std::string endpoint = endpoints_[next_ % endpoints_.size()];
  while (endpoint.ends_with('/')) endpoint.pop_back();
  ClientRequest request;
  request.method = "POST";
  request.url = endpoint + path;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = std::move(body);
  request.deadline = request.connect_timeout = duration_ / 5;
  request.idempotent = idempotent;
  try {
    HttpResponse response = client_.Call(std::move(request));
    if (response.status == 200) return std::move(response.body);
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                         fmt::format("etcd at {} answered {}: {}", endpoint, response.status, response.body));
  } catch (const TrinoException&) {
    next_++;
    throw;
  }
}

std::optional<LeaseEntry> EtcdLeaseStore::Last() {
  // '0' follows '/'.
  const json ask = {{"key", EncodeBase64(folder_ + '/')},
                    {"range_end", EncodeBase64(folder_ + '0')},
                    {"sort_order", "DESCEND"},
                    {"sort_target", "KEY"},
                    {"limit", "1"}};
  const json answer = Document(Ask("/v3/kv/range", ask.dump(), true));
  const auto entries = answer.find("kvs");
  if (entries == answer.end() || !entries->is_array() || entries->empty()) return std::nullopt;
  const json& last = entries->front();
  const std::string key = Bytes(last, "key");
  const auto number = NumberOfLeaseEntry(key);
  if (!number) throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "The lease in etcd has the key " + key);
  return ReadLeaseEntry(*number, Bytes(last, "value"), duration_);
}

bool EtcdLeaseStore::Put(const LeaseEntry& entry) {
  const std::string key = Key(entry.number);
  const json absent = {{"target", "CREATE"}, {"result", "EQUAL"}, {"key", key}, {"create_revision", "0"}};
  const json put = {{"request_put", {{"key", key}, {"value", EncodeBase64(WriteLeaseEntry(entry))}}}};
  const json ask = {{"compare", json::array({absent})}, {"success", json::array({put})}};
  const json answer = Document(Ask("/v3/kv/txn", ask.dump(), false));
  // What is false is left out.
  return answer.find("succeeded") != answer.end() && answer["succeeded"] == true;
}

void EtcdLeaseStore::Forget(uint64_t through) {
  const json ask = {{"key", Key(0)}, {"range_end", Key(through + 1)}};
  Ask("/v3/kv/deleterange", ask.dump(), true);
}

}  // namespace planaria::coordinator

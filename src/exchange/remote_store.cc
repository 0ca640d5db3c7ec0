#include "exchange/remote_store.h"

#include <charconv>
#include <cstring>
#include <optional>

#include "env/http_client.h"
#include "env/http_routes.h"
#include "storage/local_object_store.h"
#include "storage/object_key.h"

namespace planaria::exchange {
namespace {

std::optional<uint64_t> NumberParameter(const HttpRequest& request, std::string_view name) {
  const std::optional<std::string_view> text = request.query_parameter(name);
  if (!text || text->empty()) return std::nullopt;
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return number;
}

class RemoteStore : public storage::ObjectStore {
 public:
  RemoteStore(HttpClient& client, std::string base, Duration read_deadline)
      : client_(client), base_(std::move(base)), read_deadline_(read_deadline) {}

  const std::string& base() const override { return base_; }

  void Read(std::string_view key, uint64_t offset, size_t length, void* buffer) override {
    storage::CheckObjectKey(key);
    ClientRequest request;
    request.url = Location(key) + "?offset=" + std::to_string(offset) + "&length=" + std::to_string(length);
    request.deadline = read_deadline_;
    request.max_response_bytes = length;
    const HttpResponse response = CallNode(request);
    if (response.status != 200) {
      throw storage::ObjectLost("Object cannot be read: " + request.url + " answers " +
                                std::to_string(response.status) + ": " + response.body.substr(0, 200));
    }
    if (response.body.size() != length) {
      throw storage::ObjectLost("Object is cut short: " + request.url + " answers " +
                                std::to_string(response.body.size()) + " bytes");
    }
    std::memcpy(buffer, response.body.data(), length);
  }

  std::unique_ptr<storage::ObjectWriter> Create(std::string_view key) override { Refuse("create", key); }
  bool PutIfAbsent(std::string_view key, std::string_view) override { Refuse("create", key); }
  std::vector<storage::ObjectInfo> ListPrefix(std::string_view prefix) override { Refuse("list", prefix); }
  std::vector<std::string> ListFolders(std::string_view prefix) override { Refuse("list", prefix); }
  size_t DeletePrefix(std::string_view prefix) override { Refuse("delete", prefix); }

 private:
  HttpResponse CallNode(const ClientRequest& request) {
    try {
      return client_.Call(request);
    } catch (const TrinoException& failure) {
      throw storage::ObjectLost("Object's node does not answer: " + failure.error().message);
    }
  }

  [[noreturn]] void Refuse(const std::string& what, std::string_view key) const {
    throw TrinoException(errors::NOT_SUPPORTED,
                         "Cannot " + what + " objects of another node: " + Location(key));
  }

  HttpClient& client_;
  const std::string base_;
  const Duration read_deadline_;
};

}  // namespace

void ServeSpool(HttpRoutes& server, std::shared_ptr<storage::LocalObjectStore> store) {
  server.Route("GET", std::string(kSpoolPath) + "/{key*}", [store](const std::shared_ptr<HttpCall>& call) {
    const std::string& key = call->path_parameter("key");
    const std::optional<uint64_t> offset = NumberParameter(call->request(), "offset");
    const std::optional<uint64_t> length = NumberParameter(call->request(), "length");
    if (!storage::IsObjectKey(key) || !offset || !length) {
      call->Respond(BadRequest("Expected an object's key, offset and length: " + call->request().target));
      return;
    }
    call->RespondFile(store->Path(key), *offset, *length, {{"Content-Type", "application/octet-stream"}});
  });
}

RemoteLocator::RemoteLocator(HttpClient& client, std::shared_ptr<storage::ObjectLocator> local,
                             Duration read_deadline)
    : client_(client), local_(std::move(local)), read_deadline_(read_deadline) {}

storage::ObjectPlace RemoteLocator::Find(std::string_view location) {
  const size_t path = location.find(kSpoolPath);
  if (location.starts_with("http://") && path != std::string_view::npos) {
    const size_t base_size = path + kSpoolPath.size();
    const std::string_view key = location.substr(base_size);
    if (key.starts_with('/') && storage::IsObjectKey(key.substr(1))) {
      return {
          std::make_shared<RemoteStore>(client_, std::string(location.substr(0, base_size)), read_deadline_),
          std::string(key.substr(1))};
    }
  } else if (local_) {
    return local_->Find(location);
  }
  throw TrinoException(errors::CONFIGURATION_INVALID,
                       "Not a location of an object: " + std::string(location));
}

std::string RemoteLocation(std::string_view node_url, std::string_view key) {
  storage::CheckObjectKey(key);
  return std::string(node_url) + std::string(kSpoolPath) + '/' + std::string(key);
}

}  // namespace planaria::exchange

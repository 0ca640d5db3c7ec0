#include "exchange/kept_routes.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "env/http_fault.h"
#include "storage/object_key.h"

namespace planaria::exchange {

namespace {

std::optional<uint64_t> NumberParameter(const HttpRequest& request, std::string_view name) {
  const std::string_view text = request.query_parameter(name).value_or("");
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

HttpResponse Answer(KeptOutputs& kept, const std::string& key, uint64_t offset, size_t length) {
  std::string bytes(length, '\0');
  switch (kept.Read(key, offset, length, bytes.data())) {
    case KeptOutputs::Found::kAll:
      return ContentResponse("application/octet-stream", std::move(bytes));
    case KeptOutputs::Found::kSome:
      return TextResponse(416, "Not all of these bytes are kept here");
    case KeptOutputs::Found::kNothing:
      break;
  }
  return NotFound("Not kept here: " + key);
}

std::string Json(const KeptOutputsCounts& counts) {
  return fmt::format(
      R"({{"objects":{},"memoryBytes":{},"diskBytes":{},"hits":{},"diskHits":{},"misses":{},"demoted":{},"evicted":{},"revoked":{}}})",
      counts.objects, counts.memory_bytes, counts.disk_bytes, counts.hits, counts.disk_hits, counts.misses,
      counts.demoted, counts.evicted, counts.revoked);
}

}  // namespace

void ServeKept(HttpRoutes& server, WorkQueue& work, KeptOutputs& kept) {
  server.Route("GET", kKeptPath, [&kept](const std::shared_ptr<HttpCall>& call) {
    call->Respond(ContentResponse("application/json", Json(kept.counts())));
  });
  server.Route(
      "GET", std::string(kKeptPath) + "/{key*}", [&kept, &work](const std::shared_ptr<HttpCall>& call) {
        const std::string& key = call->path_parameter("key");
        const auto offset = NumberParameter(call->request(), "offset");
        const auto length = NumberParameter(call->request(), "length");
        if (!storage::IsObjectKey(key) || !offset || !length || *length > kLongestKeptRead ||
            *offset > UINT64_MAX - *length) {
          return call->Respond(BadRequest("Expected an object's key, offset and a length of at most " +
                                          std::to_string(kLongestKeptRead) + ": " + call->request().target));
        }
        if (FaultTakesCall("kept.get", nullptr, call)) return;
        work.Post([&kept, call, key, offset = *offset, length = static_cast<size_t>(*length)] {
          call->Respond(Answer(kept, key, offset, length));
        });
      });
}

}  // namespace planaria::exchange

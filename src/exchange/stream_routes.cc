#include "exchange/stream_routes.h"

#include <charconv>
#include <optional>

#include "env/http_fault.h"

namespace planaria::exchange {

namespace {

constexpr uint64_t kLargestAnswer = 64 << 20;
constexpr uint64_t kLongestWaitMillis = 60'000;

std::optional<uint64_t> Number(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<uint64_t> Parameter(const HttpRequest& request, std::string_view name, uint64_t limit) {
  const auto number = Number(request.query_parameter(name).value_or(""));
  return number ? std::optional(std::min(*number, limit)) : std::nullopt;
}

void Respond(HttpCall& call, const StreamAnswer& answer) {
  if (const auto* error = std::get_if<Error>(&answer)) return call.Respond(TextResponse(500, error->message));
  if (std::holds_alternative<StreamMissing>(answer)) {
    return call.Respond(NotFound("No such task runs here: " + call.path_parameter("task")));
  }
  const auto& pages = std::get<StreamPages>(answer);
  HttpResponse response = ContentResponse("application/octet-stream", JoinBlocks(pages.pages));
  response.headers.Set(kNextTokenHeader, std::to_string(pages.next_token));
  if (pages.complete) response.headers.Set(kCompleteHeader, "true");
  call.Respond(std::move(response));
}

}  // namespace

void ServeStreams(HttpRoutes& server, StreamStore& store) {
  server.Route("GET", "/v1/task/{task}/results/{reader}/{token}", [&](std::shared_ptr<HttpCall> call) {
    try {
      const TaskId task = TaskId::Parse(call->path_parameter("task"));
      const auto token = Number(call->path_parameter("token"));
      const auto max_bytes = Parameter(call->request(), "max", kLargestAnswer);
      const auto wait = Parameter(call->request(), "wait", kLongestWaitMillis);
      if (!token || !max_bytes || !wait) {
        return call->Respond(BadRequest("Expected a token, max and wait: " + call->request().target));
      }
      if (FaultTakesCall("results.get", &task, call)) return;
      store.Read(task, call->path_parameter("reader"), *token, *max_bytes, std::chrono::milliseconds(*wait),
                 [call](const StreamAnswer& answer) { Respond(*call, answer); });
    } catch (const TrinoException& exception) {
      call->Respond(BadRequest(exception.what()));
    }
  });
  server.Route("DELETE", "/v1/task/{task}/results/{reader}", [&](std::shared_ptr<HttpCall> call) {
    try {
      store.Close(TaskId::Parse(call->path_parameter("task")), call->path_parameter("reader"));
      call->Respond({.status = 204, .headers = {}, .body = {}});
    } catch (const TrinoException& exception) {
      call->Respond(BadRequest(exception.what()));
    }
  });
}

}  // namespace planaria::exchange

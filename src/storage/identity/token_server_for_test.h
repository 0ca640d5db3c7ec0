// A small HTTP server in the place of a token endpoint or of a machine's metadata.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "env/executor.h"
#include "env/http_server.h"
#include "env/url.h"
#include "storage/identity/identity_client.h"

namespace planaria::storage {

class TokenServer {
 public:
  /// Called for every request, one at a time.
  using Answer = std::function<HttpResponse(const HttpRequest&)>;

  explicit TokenServer(Answer answer) : answer_(std::move(answer)), server_(loop_, {}) {
    for (const char* const method : {"GET", "PUT", "POST", "DELETE"}) {
      server_.Route(method, "/{path*}", [this](const std::shared_ptr<HttpCall>& call) {
        const std::lock_guard lock(mutex_);
        requests_.push_back(call->request());
        call->Respond(answer_(call->request()));
      });
    }
    server_.Start();
  }
  ~TokenServer() { server_.Stop(); }

  std::string host() const { return "127.0.0.1:" + std::to_string(server_.port()); }
  std::string url() const { return "http://" + host(); }
  std::vector<HttpRequest> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  static HttpResponse Text(std::string body) { return {.status = 200, .body = std::move(body)}; }
  static HttpResponse Refuse() { return {.status = 400, .body = "s3cr3t-in-an-answer"}; }
  static std::map<std::string, std::string> Form(const HttpRequest& request) {
    const auto values = ParseQuery(request.body);
    return {values->begin(), values->end()};
  }

 private:
  const Answer answer_;
  EventLoop loop_{1};
  HttpServer server_;
  std::mutex mutex_;
  std::vector<HttpRequest> requests_;
};

/// An environment that is this map.
inline Environment Variables(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

/// `2026-01-01T00:00:00Z`, from now.
inline std::string TimeIn(std::chrono::milliseconds milliseconds) {
  // Services write whole seconds; rounding up keeps short lives from being none.
  const auto time = std::chrono::ceil<std::chrono::seconds>(std::chrono::system_clock::now() + milliseconds);
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

}  // namespace planaria::storage

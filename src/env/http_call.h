// A call as handlers see it, on top of its connection. Internal to src/env.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "env/http_routes.h"

namespace planaria {

class HttpConnection;

class HttpServerCall final : public HttpCall {
 public:
  using Parameters = std::map<std::string, std::string, std::less<>>;

  /// `number` is what the connection knows the call by.
  HttpServerCall(std::shared_ptr<HttpConnection> connection, uint64_t number, HttpRequest request,
                 Parameters parameters);
  ~HttpServerCall() override;

  const HttpRequest& request() const override { return request_; }
  const std::string& path_parameter(std::string_view name) const override;
  void Respond(HttpResponse response) override;
  void RespondFile(const std::string& path, uint64_t offset, uint64_t length, HttpHeaders headers) override;
  void StartStream(int status, HttpHeaders headers) override;
  size_t Write(std::string bytes) override;
  void Finish() override;
  void OnDisconnect(std::function<void()> fn) override;

 private:
  enum class Answer { kNone, kWhole, kStream, kFinished };

  /// True for the first caller.
  bool Begin(Answer answer);

  const std::shared_ptr<HttpConnection> connection_;
  const uint64_t number_;
  const HttpRequest request_;
  const Parameters parameters_;
  std::atomic<Answer> answer_ = Answer::kNone;
};

}  // namespace planaria

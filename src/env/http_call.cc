#include "env/http_call.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "env/gzip.h"
#include "env/http_connection.h"

namespace planaria {

namespace {

constexpr size_t kGzipFromBytes = 2048;

}  // namespace

HttpServerCall::HttpServerCall(std::shared_ptr<HttpConnection> connection, uint64_t number,
                               HttpRequest request, Parameters parameters)
    : connection_(std::move(connection)),
      number_(number),
      request_(std::move(request)),
      parameters_(std::move(parameters)) {}

HttpServerCall::~HttpServerCall() {
  switch (answer_.load()) {
    case Answer::kNone:
      connection_->SendWhole(number_, TextResponse(500, "the call was dropped without an answer"));
      break;
    case Answer::kStream:
      connection_->Abort(number_);
      break;
    case Answer::kWhole:
    case Answer::kFinished:
      break;
  }
}

bool HttpServerCall::Begin(Answer answer) {
  Answer none = Answer::kNone;
  return answer_.compare_exchange_strong(none, answer);
}

const std::string& HttpServerCall::path_parameter(std::string_view name) const {
  static const std::string kNone;
  const auto found = parameters_.find(name);
  return found == parameters_.end() ? kNone : found->second;
}

void HttpServerCall::Respond(HttpResponse response) {
  if (!Begin(Answer::kWhole)) return;
  if (response.gzip && response.body.size() >= kGzipFromBytes && !response.headers.Has("Content-Encoding")) {
    response.headers.Add("Vary", "Accept-Encoding");
    if (AcceptsGzip(request_.headers)) {
      response.body = GzipCompress(response.body);
      response.headers.Add("Content-Encoding", "gzip");
    }
  }
  connection_->SendWhole(number_, std::move(response));
}

void HttpServerCall::RespondFile(const std::string& path, uint64_t offset, uint64_t length,
                                 HttpHeaders headers) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (descriptor < 0 || fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    const std::string why = descriptor < 0 ? std::strerror(errno) : "not a regular file";
    if (descriptor >= 0) close(descriptor);
    return Respond(NotFound(path + ": " + why));
  }
  const uint64_t size = static_cast<uint64_t>(status.st_size);
  if (length == kToEnd && offset <= size) length = size - offset;
  if (offset > size || length > size - offset || !Begin(Answer::kWhole)) {
    close(descriptor);
    HttpResponse outside = TextResponse(416, "range passes the end of the file, " + std::to_string(size));
    outside.headers.Add("Content-Range", "bytes */" + std::to_string(size));
    return Respond(std::move(outside));
  }
  if (!headers.Has("Content-Type")) headers.Add("Content-Type", "application/octet-stream");
  connection_->SendFile(number_, {200, std::move(headers), {}}, descriptor, offset, length);
}

void HttpServerCall::StartStream(int status, HttpHeaders headers) {
  if (Begin(Answer::kStream)) connection_->StartStream(number_, {status, std::move(headers), {}});
}

size_t HttpServerCall::Write(std::string bytes) {
  if (answer_.load() != Answer::kStream) return 0;
  return connection_->WriteStream(number_, std::move(bytes));
}

void HttpServerCall::Finish() {
  Answer streaming = Answer::kStream;
  if (answer_.compare_exchange_strong(streaming, Answer::kFinished)) connection_->FinishStream(number_);
}

void HttpServerCall::OnDisconnect(std::function<void()> fn) {
  connection_->OnDisconnect(number_, std::move(fn));
}

}  // namespace planaria

#include "env/http_client.h"

#include <condition_variable>
#include <mutex>

namespace planaria {

Error HttpError::ToError() const {
  switch (kind) {
    case Kind::kTimeout:
      return {errors::PAGE_TRANSPORT_TIMEOUT, message, {}, {}};
    case Kind::kRefused:
    case Kind::kReset:
      return {errors::REMOTE_HOST_GONE, message, {}, {}};
    case Kind::kTooLarge:
    case Kind::kMalformed:
    case Kind::kClosed:
      break;
  }
  return {errors::PAGE_TRANSPORT_ERROR, message, {}, {}};
}

HttpResponse HttpClient::Call(ClientRequest request) {
  struct Waiter {
    std::mutex mutex;
    std::condition_variable arrived;
    std::optional<HttpOutcome> outcome;
  };
  auto waiter = std::make_shared<Waiter>();
  Send(std::move(request), [waiter](HttpOutcome outcome) {
    std::lock_guard lock(waiter->mutex);
    waiter->outcome = std::move(outcome);
    waiter->arrived.notify_one();
  });
  std::unique_lock lock(waiter->mutex);
  waiter->arrived.wait(lock, [&] { return waiter->outcome.has_value(); });
  if (const auto* error = std::get_if<HttpError>(&*waiter->outcome)) throw TrinoException(error->ToError());
  return std::move(std::get<HttpResponse>(*waiter->outcome));
}

}  // namespace planaria

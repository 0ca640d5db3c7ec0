#include "exchange/stream_closing.h"

#include <algorithm>
#include <utility>

#include "env/http_client.h"

namespace planaria::exchange {

namespace {

constexpr Duration kFirstPause = std::chrono::milliseconds(20);
constexpr Duration kLongestPause = std::chrono::seconds(1);
constexpr Duration kDeadline = std::chrono::seconds(10);

/// Held by what it waits for.
struct Closing : std::enable_shared_from_this<Closing> {
  StreamNetwork network;
  std::string url;
  Duration until{};
  Duration pause = kFirstPause;

  void Send() {
    ClientRequest request;
    request.method = "DELETE";
    request.url = url;
    request.deadline = kDeadline;
    network.client->Send(std::move(request), [self = shared_from_this()](const HttpOutcome& outcome) {
      const auto* error = std::get_if<HttpError>(&outcome);
      // Nobody listens there: whatever ran is gone.
      const bool may_be_there =
          error && (error->kind == HttpError::Kind::kReset || error->kind == HttpError::Kind::kTimeout);
      if (may_be_there && self->network.clock->Now() < self->until) self->SendLater();
    });
  }

  void SendLater() {
    network.executor->RunAfter(pause, [self = shared_from_this()] { self->Send(); });
    pause = std::min(2 * pause, kLongestPause);
  }
};

}  // namespace

void CloseStream(const StreamNetwork& network, std::string url, Duration give_up_after) {
  const auto closing = std::make_shared<Closing>();
  closing->network = network;
  closing->url = std::move(url);
  closing->until = network.clock->Now() + give_up_after;
  closing->Send();
}

}  // namespace planaria::exchange

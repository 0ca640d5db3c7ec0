// Tells a producer on another node that one of its readers wants no more.
#pragma once

#include <string>

#include "exchange/stream_reader.h"

namespace planaria::exchange {

/// Sends DELETE to `url` (stream_routes.h) until it is answered or its node is gone, at most for
/// `give_up_after`: a producer that never hears that its output was taken waits for ever, and its query with
/// it.
void CloseStream(const StreamNetwork& network, std::string url, Duration give_up_after);

}  // namespace planaria::exchange

// The address under which a client reached us, so that the URIs we give lead back the same way.
#pragma once

#include <string>

#include "env/http.h"

namespace planaria::coordinator {

/// `scheme://host[:port][/prefix]` from Host and, where `process_forwarded`, from the proxy's
/// X-Forwarded-Proto, -Host, -Port and -Prefix. Throws protocol::RefusedRequest: 400 without a usable host,
/// 406 for forwarded requests that are not to be processed (a client could otherwise choose the addresses we
/// write).
std::string BaseUriOf(const HttpRequest& request, bool process_forwarded);

}  // namespace planaria::coordinator

// gzip for response bodies (RFC 1952).
#pragma once

#include <string>
#include <string_view>

namespace planaria {

class HttpHeaders;

/// True if the request's Accept-Encoding admits gzip (`gzip`, `x-gzip` or `*`, not with q=0).
bool AcceptsGzip(const HttpHeaders& request_headers);

/// Compressed for speed.
std::string GzipCompress(std::string_view data);
/// Throws TrinoException(SERIALIZATION_ERROR) for damaged data or more than `max_bytes` of it.
std::string GzipDecompress(std::string_view data, size_t max_bytes);

}  // namespace planaria

#include "env/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#include "base/error.h"
#include "env/http.h"

namespace planaria {

namespace {

// Window of 2^15 bytes; 16 selects the gzip wrapper.
constexpr int kGzipWindow = 15 + 16;

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// `gzip;q=0.5` to its weight.
double WeightOf(std::string_view parameters) {
  const size_t q = parameters.find("q=");
  return q == std::string_view::npos ? 1
                                     : std::strtod(std::string(parameters.substr(q + 2)).c_str(), nullptr);
}

}  // namespace

bool AcceptsGzip(const HttpHeaders& request_headers) {
  bool any = false;
  for (std::string_view list : request_headers.GetAll("Accept-Encoding")) {
    while (!list.empty()) {
      const size_t comma = std::min(list.find(','), list.size());
      const std::string_view item = TrimBlanks(list.substr(0, comma));
      list.remove_prefix(std::min(comma + 1, list.size()));
      const size_t semicolon = std::min(item.find(';'), item.size());
      const std::string_view coding = TrimBlanks(item.substr(0, semicolon));
      const bool wanted = WeightOf(item.substr(semicolon)) > 0;
      if (EqualsIgnoreCase(coding, "gzip") || EqualsIgnoreCase(coding, "x-gzip")) return wanted;
      if (coding == "*") any = wanted;
    }
  }
  return any;
}

std::string GzipCompress(std::string_view data) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  std::string compressed(deflateBound(&stream, data.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  // zlib counts in 32 bits.
  constexpr size_t kStep = size_t{1} << 30;
  size_t fed = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    const size_t offered = std::min(kStep, data.size() - fed);
    const size_t produced = stream.total_out;
    stream.avail_in = static_cast<uInt>(offered);
    stream.avail_out = static_cast<uInt>(std::min(kStep, compressed.size() - produced));
    status = deflate(&stream, fed + offered == data.size() ? Z_FINISH : Z_NO_FLUSH);
    fed += offered - stream.avail_in;
  }
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END)
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                         "gzip: deflate ended with " + std::to_string(status));
  return compressed;
}

std::string GzipDecompress(std::string_view data, size_t max_bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) throw std::bad_alloc();
  std::string plain;
  char block[64 << 10];
  size_t fed = 0;
  int status = Z_OK;
  while (status == Z_OK && plain.size() <= max_bytes) {
    const size_t offered = std::min(size_t{1} << 30, data.size() - fed);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data() + fed));
    stream.avail_in = static_cast<uInt>(offered);
    stream.next_out = reinterpret_cast<Bytef*>(block);
    stream.avail_out = sizeof block;
    status = inflate(&stream, Z_NO_FLUSH);
    fed += offered - stream.avail_in;
    plain.append(block, sizeof block - stream.avail_out);
  }
  inflateEnd(&stream);
  if (plain.size() > max_bytes)
    throw TrinoException(errors::SERIALIZATION_ERROR,
                         "gzip: more than " + std::to_string(max_bytes) + " bytes");
  if (status != Z_STREAM_END)
    throw TrinoException(errors::SERIALIZATION_ERROR, "gzip: damaged at offset " + std::to_string(fed));
  return plain;
}

}  // namespace planaria

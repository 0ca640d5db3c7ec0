#include "storage/blob_client.h"

#include <ctime>

#include "storage/xml.h"

namespace planaria::storage {
namespace {

constexpr size_t kMaxQuotedBytes = 300;

/// The code and the first line of the message: further lines and elements repeat parts of the signature.
std::string ReasonOf(const StoreResponse& response) {
  const auto error = ParseXml(response.body);
  std::string reason;
  if (error) {
    reason = error->Text("Code");
    std::string message = error->Text("Message");
    message.resize(std::min(message.find('\n'), message.size()));
    if (!message.empty()) reason += (reason.empty() ? "" : ": ") + message;
  } else if (response.body.starts_with('{')) {
    // JSON of GCS and WebHDFS: the first "message", up to its first line's end.
    constexpr std::string_view kMessage = "\"message\"";
    const size_t start = response.body.find(kMessage);
    const size_t quote =
        start == std::string::npos ? start : response.body.find('"', start + kMessage.size());
    if (quote != std::string::npos) {
      reason = response.body.substr(quote + 1, response.body.find_first_of("\"\\\n", quote + 1) - quote - 1);
    }
  }
  return reason.substr(0, kMaxQuotedBytes);
}

}  // namespace

void ThrowRefused(const StoreResponse& response, std::string_view doing, const std::string& object) {
  const std::string reason = ReasonOf(response);
  const bool full = response.status == 507;
  throw TrinoException(full ? errors::GENERIC_INSUFFICIENT_RESOURCES : errors::GENERIC_INTERNAL_ERROR,
                       "Cannot " + std::string(doing) + ' ' + object + ": the store answers " +
                           std::to_string(response.status) + (reason.empty() ? "" : " " + reason));
}

bool BlobClient::DeleteFolder(const std::string&) { return false; }

void ReadBlobRange(StoreRequests& requests, StoreRequest request, const StoreRequests::Sign& sign,
                   uint64_t offset, size_t length, void* buffer, const std::string& object) {
  if (length == 0) return;
  request.headers.Set("Range", "bytes=" + std::to_string(offset) + '-' + std::to_string(offset + length - 1));
  request.into = buffer;
  request.into_size = length;
  const StoreResponse response = requests.Run(RequestKind::kGet, request, sign, object);
  if (response.status == 206 && response.received == length) return;
  // The whole object is as good when it begins where it should.
  if (response.status == 200 && offset == 0 && response.received >= length) return;
  const std::string wanted =
      "; wanted " + std::to_string(length) + " bytes at offset " + std::to_string(offset);
  if (response.status == 416 || (response.ok() && response.received < length)) {
    throw ObjectLost("Object " + object + " is too short" + wanted);
  }
  if (response.status == 404 && response.body.find("NoSuchBucket") == std::string::npos &&
      response.body.find("ContainerNotFound") == std::string::npos &&
      response.body.find("bucket does not exist") == std::string::npos) {
    throw ObjectLost("Object is missing: " + object);
  }
  if (response.ok()) {
    throw TrinoException(
        errors::GENERIC_INTERNAL_ERROR,
        "The store does not read ranges: " + object + " answers " + std::to_string(response.status) + wanted);
  }
  ThrowRefused(response, "read", object);
}

std::chrono::system_clock::time_point ParseStoreTime(const std::string& text) {
  std::tm utc{};
  if (strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &utc) == nullptr &&
      strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S", &utc) == nullptr) {
    return {};
  }
  return std::chrono::system_clock::from_time_t(timegm(&utc));
}

}  // namespace planaria::storage

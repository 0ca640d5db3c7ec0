#include "storage/gcs_client.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <atomic>
#include <charconv>

#include "env/random.h"
#include "env/url.h"
#include "storage/google_token.h"
#include "storage/identity/google_identity.h"

namespace planaria::storage {
namespace {

constexpr int kTaken = 412;
constexpr int kResume = 308;
constexpr size_t kPartUnit = 256 << 10;

TrinoException Invalid(const std::string& message) {
  return TrinoException(errors::CONFIGURATION_INVALID, message);
}

std::string MarkedMetadata(const std::string& mark) { return R"({"metadata":{"writer":")" + mark + R"("}})"; }

std::string TextOf(const rapidjson::Value& value, const char* name) {
  const auto member = value.IsObject() ? value.FindMember(name) : rapidjson::Value::ConstMemberIterator();
  return value.IsObject() && member != value.MemberEnd() && member->value.IsString()
             ? member->value.GetString()
             : "";
}

class GcsClient final : public BlobClient {
 public:
  GcsClient(const std::string& bucket, GcsOptions options)
      : options_(std::move(options)),
        origin_(options_.endpoint.empty() ? "https://storage.googleapis.com" : options_.endpoint),
        location_("gs://" + bucket),
        bucket_(PercentEncode(bucket)),
        requests_(MakeCurlTransport(options_.transport), options_.retries) {
    if (!origin_.starts_with("http://") && !origin_.starts_with("https://")) {
      throw Invalid("Invalid GCS endpoint '" + origin_ + "', expected http[s]://host[:port]");
    }
    if (options_.part_bytes == 0 || options_.part_bytes % kPartUnit != 0) {
      throw Invalid("Parts of GCS uploads must be multiples of 256kB");
    }
    const IdentityOptions identity{.environment = options_.environment,
                                   .transport = {.ca_file = options_.transport.ca_file}};
    std::string key = options_.json_key;
    constexpr const char* kKeyFile = "GOOGLE_APPLICATION_CREDENTIALS";
    if (const auto file = options_.environment(kKeyFile); key.empty() && file) {
      key = IdentityClient(identity).FileOf(kKeyFile, *file);
    }
    if (!key.empty()) {
      token_ = std::make_unique<GoogleToken>(key);
    } else if (options_.endpoint.empty() || options_.environment("GCE_METADATA_HOST")) {
      machine_ = std::make_unique<GoogleMachineToken>(identity);
    }
  }

  const std::string& location() const override { return location_; }
  size_t part_bytes() const override { return options_.part_bytes; }
  size_t delete_batch() const override { return kBatch; }

  bool Put(const std::string& name, std::string_view content) override {
    const std::string mark = random_.Hex(16);
    // The mark is part of no object: it is drawn for this request.
    std::string body = "--" + mark + "\r\nContent-Type: application/json\r\n\r\n" + MarkedMetadata(mark) +
                       "\r\n--" + mark + "\r\nContent-Type: application/octet-stream\r\n\r\n";
    body.append(content);
    body += "\r\n--" + mark + "--\r\n";
    StoreRequest request = UploadRequest(name, "multipart");
    request.headers.Set("Content-Type", "multipart/related; boundary=" + mark);
    request.body = body;
    const StoreResponse response = Run(RequestKind::kPut, request, name);
    if (response.ok()) return true;
    if (response.status == kTaken) return HasMark(name, mark);
    ThrowRefused(response, "write", At(name));
  }

  std::unique_ptr<BlobUpload> StartUpload(const std::string& name) override;

  void Read(const std::string& name, uint64_t offset, size_t length, void* buffer) override {
    StoreRequest request = Object("GET", name);
    request.query["alt"] = "media";
    ReadBlobRange(requests_, request, Signer(), offset, length, buffer, At(name));
  }

  BlobPage List(const std::string& prefix, bool folders, const std::string& from) override {
    StoreRequest request = Object("GET", "");
    if (!prefix.empty()) request.query["prefix"] = prefix;
    if (folders) request.query["delimiter"] = "/";
    if (!from.empty()) request.query["pageToken"] = from;
    const StoreResponse response = Run(RequestKind::kList, request, prefix);
    rapidjson::Document list;
    list.Parse(response.body.c_str(), response.body.size());
    if (!response.ok() || list.HasParseError() || !list.IsObject())
      ThrowRefused(response, "list", At(prefix));
    BlobPage page;
    if (list.HasMember("items") && list["items"].IsArray()) {
      for (const auto& item : list["items"].GetArray()) {
        page.blobs.push_back({TextOf(item, "name"), std::strtoull(TextOf(item, "size").c_str(), nullptr, 10),
                              ParseStoreTime(TextOf(item, "updated"))});
      }
    }
    if (list.HasMember("prefixes") && list["prefixes"].IsArray()) {
      for (const auto& folder : list["prefixes"].GetArray()) {
        if (folder.IsString()) page.folders.emplace_back(folder.GetString());
      }
    }
    page.next = TextOf(list, "nextPageToken");
    return page;
  }

  void Delete(const std::vector<std::string>& names) override {
    if (names.size() > 1 && batches_ && DeleteBatch(names)) return;
    for (const std::string& name : names) {
      const StoreResponse response = Run(RequestKind::kDelete, Object("DELETE", name), name);
      if (!response.ok() && response.status != 404) ThrowRefused(response, "delete", At(name));
    }
  }

  RequestCounts counts() const override { return requests_.counts(); }

 private:
  class Upload;

  /// Requests of one batch, as Google limits them
  /// (https://cloud.google.com/storage/docs/batch).
  static constexpr size_t kBatch = 100;

  /// False when not all of these are known to be gone: what the answer says of single ones is not looked for,
  /// as deleting twice does no harm.
  bool DeleteBatch(const std::vector<std::string>& names) {
    const std::string boundary = "batch_" + random_.Hex(16);
    std::string body;
    for (const std::string& name : names) {
      body += "--" + boundary + "\r\nContent-Type: application/http\r\n\r\nDELETE " +
              Object("DELETE", name).path + " HTTP/1.1\r\n\r\n";
    }
    body += "--" + boundary + "--\r\n";
    StoreRequest request;
    request.method = "POST";
    request.origin = origin_;
    request.path = "/batch/storage/v1";
    request.headers.Set("Content-Type", "multipart/mixed; boundary=" + boundary);
    request.body = body;
    const StoreResponse response = Run(RequestKind::kDelete, request, names.front());
    if (response.status == 404 || response.status == 405 || response.status == 501) batches_ = false;
    if (!response.ok()) return false;
    size_t gone = 0;
    constexpr std::string_view kStatus = "HTTP/1.1 ";
    for (size_t at = response.body.find(kStatus); at != std::string::npos;
         at = response.body.find(kStatus, at + kStatus.size())) {
      const std::string_view status = std::string_view(response.body).substr(at + kStatus.size(), 3);
      gone += status == "204" || status == "404" ? 1 : 0;
    }
    return gone == names.size();
  }

  std::string At(const std::string& name) const { return location_ + '/' + name; }

  StoreRequest Object(const char* method, const std::string& name) const {
    StoreRequest request;
    request.method = method;
    request.origin = origin_;
    request.path = "/storage/v1/b/" + bucket_ + "/o" + (name.empty() ? "" : '/' + PercentEncode(name));
    return request;
  }

  StoreRequest UploadRequest(const std::string& name, const char* kind) const {
    StoreRequest request;
    request.method = "POST";
    request.origin = origin_;
    request.path = "/upload/storage/v1/b/" + bucket_ + "/o";
    request.query = {{"ifGenerationMatch", "0"}, {"name", name}, {"uploadType", kind}};
    return request;
  }

  StoreRequests::Sign Signer() {
    return [this](StoreRequest& request) {
      if (token_) request.headers.Set("Authorization", token_->Header(requests_));
      if (machine_) request.headers.Set("Authorization", machine_->Header());
    };
  }

  StoreResponse Run(RequestKind kind, const StoreRequest& request, const std::string& name) {
    return requests_.Run(kind, request, Signer(), At(name));
  }

  /// Whether an object that is in the way is what an earlier try, unanswered, has stored.
  bool HasMark(const std::string& name, const std::string& mark) {
    const StoreResponse response = Run(RequestKind::kGet, Object("GET", name), name);
    if (!response.ok() && response.status != 404) ThrowRefused(response, "look at", At(name));
    rapidjson::Document object;
    object.Parse(response.body.c_str(), response.body.size());
    return response.ok() && !object.HasParseError() && object.IsObject() && object.HasMember("metadata") &&
           TextOf(object["metadata"], "writer") == mark;
  }

  const GcsOptions options_;
  const std::string origin_;
  const std::string location_;
  const std::string bucket_;
  SystemRandom random_;
  /// At most one; neither for servers of tests.
  std::unique_ptr<GoogleToken> token_;
  std::unique_ptr<GoogleMachineToken> machine_;
  StoreRequests requests_;
  /// Until the server turns out to take none.
  std::atomic<bool> batches_{true};
};

class GcsClient::Upload final : public BlobUpload {
 public:
  Upload(GcsClient& client, std::string name, StoreRequest session, std::string mark)
      : client_(client), name_(std::move(name)), session_(std::move(session)), mark_(std::move(mark)) {}

  void AddPart(std::string_view content) override {
    if (content.size() != client_.part_bytes()) {
      tail_ = content;
      return;
    }
    Send(content, "*");
  }

  bool Commit() override { return Send(tail_, std::to_string(sent_ + tail_.size())); }

  void Abort() override {
    StoreRequest request = session_;
    request.method = "DELETE";
    const StoreResponse response = client_.Run(RequestKind::kDelete, request, name_);
    // 499 says that it was done.
    if (!response.ok() && response.status != 499 && response.status != 404 && response.status != 410) {
      ThrowRefused(response, "give up", client_.At(name_));
    }
  }

 private:
  /// Sends bytes from sent_ on; the store may take fewer at once. `total` is `*` before the last ones. False
  /// when the name is taken.
  bool Send(std::string_view content, const std::string& total) {
    while (true) {
      StoreRequest request = session_;
      request.method = "PUT";
      request.body = content;
      const std::string range =
          content.empty() ? std::string("*")
                          : std::to_string(sent_) + '-' + std::to_string(sent_ + content.size() - 1);
      request.headers.Set("Content-Range", "bytes " + range + '/' + total);
      const StoreResponse response = client_.Run(RequestKind::kPut, request, name_);
      if (response.ok() && total != "*") return true;
      if (response.status == kTaken) return client_.HasMark(name_, mark_);
      // Bytes that a try without an answer has left there may be refused when they come again.
      if (response.status == 400) {
        const Recovered recovered = Recover(content);
        if (recovered == Recovered::kComplete) return true;
        if (recovered == Recovered::kSome && content.empty() && total == "*") return true;
        if (recovered == Recovered::kSome) continue;
      }
      const uint64_t kept = response.status == kResume ? KeptOf(response) : 0;
      if (response.status != kResume || kept < sent_ || kept > sent_ + content.size() ||
          (kept == sent_ && !content.empty())) {
        ThrowRefused(response, "write a part of", client_.At(name_));
      }
      content.remove_prefix(kept - sent_);
      sent_ = kept;
      if (content.empty() && total == "*") return true;
    }
  }

  enum class Recovered : uint8_t { kNothing, kSome, kComplete };
  /// Asks what the store has of `content` and takes that off.
  Recovered Recover(std::string_view& content) {
    StoreRequest request = session_;
    request.method = "PUT";
    request.headers.Set("Content-Range", "bytes */*");
    const StoreResponse response = client_.Run(RequestKind::kPut, request, name_);
    if (response.ok()) return Recovered::kComplete;
    const uint64_t kept = response.status == kResume ? KeptOf(response) : 0;
    if (kept <= sent_ || kept > sent_ + content.size()) return Recovered::kNothing;
    content.remove_prefix(kept - sent_);
    sent_ = kept;
    return Recovered::kSome;
  }

  /// Bytes that the store has: `Range: bytes=0-N`.
  static uint64_t KeptOf(const StoreResponse& response) {
    const auto range = response.headers.Get("Range");
    if (!range) return 0;
    uint64_t last = 0;
    const size_t dash = range->rfind('-');
    if (dash == std::string_view::npos) return 0;
    std::from_chars(range->data() + dash + 1, range->data() + range->size(), last);
    return last + 1;
  }

  GcsClient& client_;
  const std::string name_;
  /// Where the parts go.
  const StoreRequest session_;
  const std::string mark_;
  uint64_t sent_ = 0;
  std::string tail_;
};

std::unique_ptr<BlobUpload> GcsClient::StartUpload(const std::string& name) {
  std::string mark = random_.Hex(16);
  const std::string metadata = MarkedMetadata(mark);
  StoreRequest request = UploadRequest(name, "resumable");
  request.headers.Set("Content-Type", "application/json");
  request.body = metadata;
  const StoreResponse response = Run(RequestKind::kPut, request, name);
  const auto place = response.headers.Get("Location");
  if (!response.ok() || !place) ThrowRefused(response, "start writing", At(name));
  StoreRequest session;
  session.origin = origin_;
  const size_t host = place->find("://");
  const size_t path =
      host == std::string_view::npos ? 0 : std::min(place->find('/', host + 3), place->size());
  const size_t query = std::min(place->find('?'), place->size());
  session.path = place->substr(path, query - path);
  const auto parameters = ParseQuery(place->substr(std::min(query + 1, place->size())));
  if (!parameters) ThrowRefused(response, "start writing", At(name));
  session.query = {parameters->begin(), parameters->end()};
  return std::make_unique<Upload>(*this, name, std::move(session), std::move(mark));
}

}  // namespace

std::shared_ptr<BlobClient> MakeGcsClient(const std::string& bucket, GcsOptions options) {
  return std::make_shared<GcsClient>(bucket, std::move(options));
}

}  // namespace planaria::storage

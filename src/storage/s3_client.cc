#include "storage/s3_client.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <thread>

#include "env/random.h"
#include "storage/digest.h"
#include "storage/xml.h"

namespace planaria::storage {
namespace {

constexpr const char* kMark = "x-amz-meta-writer";
/// S3: "a conflicting operation is in progress", to be tried again.
constexpr int kConflict = 409;
constexpr int kTaken = 412;
constexpr int kConflictTries = 8;

TrinoException Invalid(const std::string& message) {
  return TrinoException(errors::CONFIGURATION_INVALID, message);
}

bool IsAddress(std::string_view host) {
  return host.starts_with('[') || host.starts_with("localhost") ||
         host.find_first_not_of("0123456789.:") == std::string_view::npos;
}

S3Options Completed(S3Options options) {
  if (options.region.empty()) options.region = "us-east-1";
  if (options.endpoint.empty()) options.endpoint = "https://s3." + options.region + ".amazonaws.com";
  if (options.endpoint.find("://") == std::string::npos) options.endpoint = "https://" + options.endpoint;
  while (options.endpoint.ends_with('/')) options.endpoint.pop_back();
  const std::string authority(AuthorityOf(options.endpoint));
  const bool http = options.endpoint.starts_with("http://") || options.endpoint.starts_with("https://");
  if (!http || authority.empty() || authority.find_first_of("/?#@ ") != std::string::npos) {
    throw Invalid("Invalid S3 endpoint '" + options.endpoint + "', expected http[s]://host[:port]");
  }
  return options;
}

class S3Client final : public BlobClient {
 public:
  S3Client(const std::string& scheme, const std::string& bucket, S3Options options)
      : options_(Completed(std::move(options))),
        location_(scheme + "://" + bucket),
        keys_(MakeAwsCredentialSource({.keys = options_.credentials,
                                       .role = options_.role,
                                       .external_id = options_.external_id,
                                       .region = options_.region,
                                       .identity = {.environment = options_.environment,
                                                    .transport = {.ca_file = options_.transport.ca_file}}})),
        requests_(MakeCurlTransport(options_.transport), options_.retries) {
    // A wildcard certificate covers one label: buckets with dots go into the path.
    const bool in_path = options_.path_style || IsAddress(AuthorityOf(options_.endpoint)) ||
                         bucket.find('.') != std::string::npos;
    const size_t host = options_.endpoint.find("://") + 3;
    origin_ = in_path ? options_.endpoint
                      : options_.endpoint.substr(0, host) + bucket + '.' + options_.endpoint.substr(host);
    root_ = in_path ? '/' + EncodePath(bucket) : "";
  }

  const std::string& location() const override { return location_; }
  size_t part_bytes() const override { return options_.part_bytes; }
  size_t delete_batch() const override { return 1000; }

  bool Put(const std::string& name, std::string_view content) override {
    StoreRequest request = Request("PUT", name);
    request.body = content;
    const std::string mark = AddCreationHeaders(request);
    request.headers.Set("If-None-Match", "*");
    for (int tries = 1;; tries++) {
      const StoreResponse response = Run(RequestKind::kPut, request, name);
      if (response.ok()) return true;
      if (response.status == kTaken) return HasMark(name, mark);
      if (response.status != kConflict || tries == kConflictTries) ThrowRefused(response, "write", At(name));
      WaitForOther(tries);
    }
  }

  std::unique_ptr<BlobUpload> StartUpload(const std::string& name) override;

  void Read(const std::string& name, uint64_t offset, size_t length, void* buffer) override {
    ReadBlobRange(requests_, Request("GET", name), Signer(), offset, length, buffer, At(name));
  }

  BlobPage List(const std::string& prefix, bool folders, const std::string& from) override {
    StoreRequest request = Request("GET", "");
    request.query = {{"list-type", "2"}, {"prefix", prefix}};
    if (folders) request.query["delimiter"] = "/";
    if (!from.empty()) request.query["continuation-token"] = from;
    const StoreResponse response = Run(RequestKind::kList, request, prefix);
    const auto list = ParseXml(response.body);
    if (!response.ok() || !list || list->name != "ListBucketResult")
      ThrowRefused(response, "list", At(prefix));
    BlobPage page;
    for (const XmlElement& entry : list->children) {
      if (entry.name == "Contents") {
        page.blobs.push_back({entry.Text("Key"), std::strtoull(entry.Text("Size").c_str(), nullptr, 10),
                              ParseStoreTime(entry.Text("LastModified"))});
      } else if (entry.name == "CommonPrefixes") {
        page.folders.push_back(entry.Text("Prefix"));
      }
    }
    if (list->Text("IsTruncated") == "true") page.next = list->Text("NextContinuationToken");
    return page;
  }

  void Delete(const std::vector<std::string>& names) override {
    StoreRequest request = Request("POST", "");
    request.query["delete"] = "";
    std::string body = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>";
    for (const std::string& name : names) body += "<Object><Key>" + EscapeXml(name) + "</Key></Object>";
    body += "</Delete>";
    request.body = body;
    request.headers.Set("Content-Type", "application/xml");
    request.headers.Set("Content-MD5", Base64(Md5(body)));
    const std::string about = names.size() == 1 ? names[0] : "";
    const StoreResponse response = Run(RequestKind::kDelete, request, about);
    const auto result = ParseXml(response.body);
    if (!response.ok() || !result) ThrowRefused(response, "delete", At(about));
    if (const XmlElement* const error = result->Child("Error"); error && error->Text("Code") != "NoSuchKey") {
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "Cannot delete " + At(error->Text("Key")) + ": " +
                                                               error->Text("Code") + ' ' +
                                                               error->Text("Message"));
    }
  }

  size_t AbortUploads(const std::string& prefix, std::chrono::system_clock::time_point before) override {
    size_t aborted = 0;
    StoreRequest request = Request("GET", "");
    request.query = {{"uploads", ""}, {"prefix", prefix}};
    while (true) {
      const StoreResponse response = Run(RequestKind::kList, request, prefix);
      const auto list = ParseXml(response.body);
      if (!response.ok() || !list || list->name != "ListMultipartUploadsResult") {
        ThrowRefused(response, "list uploads to", At(prefix));
      }
      for (const XmlElement& entry : list->children) {
        // Not every server looks at the prefix.
        if (entry.name != "Upload" || !entry.Text("Key").starts_with(prefix)) continue;
        if (ParseStoreTime(entry.Text("Initiated")) >= before) continue;
        AbortUpload(entry.Text("Key"), entry.Text("UploadId"));
        aborted++;
      }
      if (list->Text("IsTruncated") != "true") return aborted;
      request.query["key-marker"] = list->Text("NextKeyMarker");
      request.query["upload-id-marker"] = list->Text("NextUploadIdMarker");
    }
  }

  RequestCounts counts() const override { return requests_.counts(); }

 private:
  class Upload;

  std::string At(const std::string& name) const { return location_ + '/' + name; }

  StoreRequest Request(const char* method, const std::string& name) const {
    StoreRequest request;
    request.method = method;
    request.origin = origin_;
    request.path = root_ + '/' + EncodePath(name);
    return request;
  }

  StoreRequests::Sign Signer() const {
    return [this](StoreRequest& request) {
      SignAws(request, keys_->Get(), options_.region, std::chrono::system_clock::now());
    };
  }

  StoreResponse Run(RequestKind kind, const StoreRequest& request, const std::string& name) {
    return requests_.Run(kind, request, Signer(), At(name));
  }

  void AbortUpload(const std::string& name, const std::string& id) {
    StoreRequest request = Request("DELETE", name);
    request.query["uploadId"] = id;
    const StoreResponse response = Run(RequestKind::kDelete, request, name);
    if (!response.ok() && response.status != 404) ThrowRefused(response, "give up", At(name));
  }

  /// What every new object has; the mark that tells it from others.
  std::string AddCreationHeaders(StoreRequest& request) {
    std::string mark = random_.Hex(16);
    request.headers.Set("Content-Type", "application/octet-stream");
    request.headers.Set(kMark, mark);
    if (!options_.storage_class.empty()) request.headers.Set("x-amz-storage-class", options_.storage_class);
    if (!options_.encryption.empty()) {
      request.headers.Set("x-amz-server-side-encryption", options_.encryption);
    }
    if (!options_.kms_key_id.empty()) {
      request.headers.Set("x-amz-server-side-encryption-aws-kms-key-id", options_.kms_key_id);
    }
    return mark;
  }

  /// Whether an object that is in the way is what an earlier try, unanswered, has stored.
  bool HasMark(const std::string& name, const std::string& mark) {
    const StoreResponse response = Run(RequestKind::kGet, Request("HEAD", name), name);
    if (!response.ok() && response.status != 404) ThrowRefused(response, "look at", At(name));
    return response.ok() && response.headers.Get(kMark) == std::optional<std::string_view>(mark);
  }

  void WaitForOther(int tries) const { std::this_thread::sleep_for(std::chrono::milliseconds(20 << tries)); }

  const S3Options options_;
  const std::string location_;
  const std::shared_ptr<AwsCredentialSource> keys_;
  std::string origin_;
  /// `/bucket` where it is in the path.
  std::string root_;
  SystemRandom random_;
  StoreRequests requests_;
};

class S3Client::Upload final : public BlobUpload {
 public:
  Upload(S3Client& client, std::string name, std::string id, std::string mark)
      : client_(client), name_(std::move(name)), id_(std::move(id)), mark_(std::move(mark)) {}

  void AddPart(std::string_view content) override {
    StoreRequest request = client_.Request("PUT", name_);
    request.query = {{"partNumber", std::to_string(tags_.size() + 1)}, {"uploadId", id_}};
    request.body = content;
    const StoreResponse response = client_.Run(RequestKind::kPut, request, name_);
    const auto tag = response.headers.Get("ETag");
    if (!response.ok() || !tag) ThrowRefused(response, "write a part of", client_.At(name_));
    tags_.emplace_back(*tag);
  }

  bool Commit() override {
    StoreRequest request = client_.Request("POST", name_);
    request.query["uploadId"] = id_;
    std::string body = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    for (size_t i = 0; i < tags_.size(); i++) {
      body += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>" + EscapeXml(tags_[i]) +
              "</ETag></Part>";
    }
    body += "</CompleteMultipartUpload>";
    request.body = body;
    request.headers.Set("Content-Type", "application/xml");
    request.headers.Set("If-None-Match", "*");
    for (int tries = 1;; tries++) {
      const StoreResponse response = client_.Run(RequestKind::kPut, request, name_);
      // An error may come under 200, once the store has begun to answer.
      const auto result = ParseXml(response.body);
      if (response.ok() && result && result->name == "CompleteMultipartUploadResult") return true;
      const std::string code = result && result->name == "Error" ? result->Text("Code") : "";
      // The upload is gone when an earlier try, unanswered, has completed it.
      if (response.status == kTaken || code == "PreconditionFailed" || code == "NoSuchUpload") {
        if (client_.HasMark(name_, mark_)) return true;
        if (code == "NoSuchUpload") ThrowRefused(response, "complete", client_.At(name_));
        return false;
      }
      const bool again = response.status == kConflict || (response.ok() && code == "InternalError");
      if (!again || tries == kConflictTries) ThrowRefused(response, "complete", client_.At(name_));
      client_.WaitForOther(tries);
    }
  }

  void Abort() override { client_.AbortUpload(name_, id_); }

 private:
  S3Client& client_;
  const std::string name_;
  const std::string id_;
  const std::string mark_;
  std::vector<std::string> tags_;
};

std::unique_ptr<BlobUpload> S3Client::StartUpload(const std::string& name) {
  StoreRequest request = Request("POST", name);
  request.query["uploads"] = "";
  std::string mark = AddCreationHeaders(request);
  const StoreResponse response = Run(RequestKind::kPut, request, name);
  const auto started = ParseXml(response.body);
  if (!response.ok() || !started || started->Text("UploadId").empty()) {
    ThrowRefused(response, "start writing", At(name));
  }
  return std::make_unique<Upload>(*this, name, started->Text("UploadId"), std::move(mark));
}

}  // namespace

std::shared_ptr<BlobClient> MakeS3Client(const std::string& scheme, const std::string& bucket,
                                         S3Options options) {
  return std::make_shared<S3Client>(scheme, bucket, std::move(options));
}

}  // namespace planaria::storage

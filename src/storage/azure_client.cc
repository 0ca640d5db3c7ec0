#include "storage/azure_client.h"

#include <algorithm>
#include <atomic>
#include <ctime>
#include <mutex>

#include "env/random.h"
#include "env/url.h"
#include "storage/azure_batch.h"
#include "storage/digest.h"
#include "storage/xml.h"

namespace planaria::storage {
namespace {

constexpr const char* kMark = "x-ms-meta-writer";
constexpr const char* kVersion = "2021-12-02";

TrinoException Invalid(const std::string& message) {
  return TrinoException(errors::CONFIGURATION_INVALID, message);
}

/// An account and how its requests are signed.
struct Account {
  std::string name;
  /// `https://account.blob.core.windows.net`, and `/account` where addresses stand in for names.
  std::string origin;
  std::string path;
  std::string key;
  std::map<std::string, std::string> shared_access;
  /// Null unless requests carry tokens.
  std::shared_ptr<AzureTokenSource> tokens;
};

void SetEndpoint(Account& account, std::string endpoint, const std::string& property) {
  while (endpoint.ends_with('/')) endpoint.pop_back();
  if (!endpoint.starts_with("http://") && !endpoint.starts_with("https://")) {
    throw Invalid("Invalid endpoint in " + property + ", expected http[s]://...");
  }
  const size_t path = std::min(endpoint.find('/', endpoint.find("://") + 3), endpoint.size());
  account.origin = endpoint.substr(0, path);
  account.path = endpoint.substr(path);
}

Account AccountOf(const AzureOptions& options, const std::string& authority) {
  Account account;
  const size_t at = authority.find('@');
  const std::string host = authority.substr(at + 1);
  const std::string wanted = host.substr(0, host.find('.'));
  if (!options.endpoint.empty()) {
    SetEndpoint(account, options.endpoint, "exchange.azure.endpoint");
    const std::string_view server = AuthorityOf(account.origin);
    if (server.substr(0, server.find('.')) != wanted && account.path != '/' + wanted) {
      throw Invalid("exchange.azure.endpoint " + options.endpoint + " is not that of account " + wanted);
    }
    account.tokens = MakeAzureTokenSource(
        {.environment = options.environment, .transport = {.ca_file = options.transport.ca_file}});
    return account;
  }
  auto values = ParseConnectionString(options.connection_string);
  account.name = values["AccountName"];
  if (account.name.empty()) account.name = wanted;
  if (account.name != wanted) {
    throw Invalid("exchange.azure.connection-string is for account " + account.name + ", not for " + wanted);
  }
  std::string endpoint = values["BlobEndpoint"];
  if (endpoint.empty()) {
    const std::string protocol = values["DefaultEndpointsProtocol"];
    const std::string suffix = values["EndpointSuffix"];
    endpoint = (protocol.empty() ? "https" : protocol) + "://" + account.name + ".blob." +
               (suffix.empty() ? "core.windows.net" : suffix);
  }
  SetEndpoint(account, endpoint, "exchange.azure.connection-string");
  account.key = FromBase64(values["AccountKey"]);
  std::string token = values["SharedAccessSignature"];
  if (token.starts_with('?')) token.erase(0, 1);
  if (const auto parameters = ParseQuery(token)) {
    account.shared_access.insert(parameters->begin(), parameters->end());
  }
  if (account.key.empty() && account.shared_access.empty()) {
    throw Invalid(
        "exchange.azure.connection-string has no valid AccountKey and no SharedAccessSignature, expected "
        "one");
  }
  return account;
}

std::string HttpDate() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[64];
  return {text, std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

class AzureClient final : public BlobClient {
 public:
  AzureClient(const std::string& scheme, const std::string& authority, AzureOptions options)
      : options_(std::move(options)),
        account_(AccountOf(options_, authority)),
        location_(scheme + "://" + authority),
        container_(account_.path + '/' + authority.substr(0, authority.find('@'))),
        requests_(MakeCurlTransport(options_.transport), options_.retries) {}

  const std::string& location() const override { return location_; }
  size_t part_bytes() const override { return options_.part_bytes; }
  size_t delete_batch() const override { return kAzureBatch; }

  bool Put(const std::string& name, std::string_view content) override {
    StoreRequest request = Request("PUT", name);
    request.headers.Set("x-ms-blob-type", "BlockBlob");
    request.headers.Set("Content-Type", "application/octet-stream");
    request.body = content;
    return Create(request, name, random_.Hex(16));
  }

  std::unique_ptr<BlobUpload> StartUpload(const std::string& name) override;

  void Read(const std::string& name, uint64_t offset, size_t length, void* buffer) override {
    ReadBlobRange(requests_, Request("GET", name), Signer(), offset, length, buffer, At(name));
  }

  BlobPage List(const std::string& prefix, bool folders, const std::string& from) override {
    StoreRequest request = Request("GET", "");
    request.query = {{"restype", "container"}, {"comp", "list"}};
    if (!prefix.empty()) request.query["prefix"] = prefix;
    if (folders) request.query["delimiter"] = "/";
    if (!from.empty()) request.query["marker"] = from;
    const StoreResponse response = Run(RequestKind::kList, request, prefix);
    const auto list = ParseXml(response.body);
    if (!response.ok() || !list || list->name != "EnumerationResults")
      ThrowRefused(response, "list", At(prefix));
    BlobPage page;
    if (const XmlElement* const blobs = list->Child("Blobs")) {
      for (const XmlElement& entry : blobs->children) {
        const XmlElement* const properties = entry.Child("Properties");
        if (entry.name == "BlobPrefix") page.folders.push_back(entry.Text("Name"));
        // Accounts with hierarchical namespaces have folders of their own.
        if (entry.name != "Blob" || properties == nullptr || properties->Text("ResourceType") == "directory")
          continue;
        page.blobs.push_back({entry.Text("Name"),
                              std::strtoull(properties->Text("Content-Length").c_str(), nullptr, 10),
                              ParseStoreTime(properties->Text("Last-Modified"))});
      }
    }
    page.next = list->Text("NextMarker");
    return page;
  }

  void Delete(const std::vector<std::string>& names) override {
    if (names.size() > 1 && batches_ && DeleteBatch(names)) return;
    for (const std::string& name : names) {
      const StoreResponse response = Run(RequestKind::kDelete, Request("DELETE", name), name);
      if (!response.ok() && response.status != 404) ThrowRefused(response, "delete", At(name));
    }
  }

  bool DeleteFolder(const std::string& name) override {
    const std::string data_lake = DataLakeOrigin();
    if (data_lake.empty() || !HasFolders()) return false;
    StoreRequest request = Request("DELETE", name);
    request.origin = data_lake;
    request.query["recursive"] = "true";
    while (true) {
      const StoreResponse response = Run(RequestKind::kDelete, request, name);
      if (response.status == 404) return true;
      if (!response.ok()) ThrowRefused(response, "delete folder", At(name));
      // Large folders take several turns.
      const auto next = response.headers.Get("x-ms-continuation");
      if (!next || next->empty()) return true;
      request.query["continuation"] = *next;
    }
  }

  RequestCounts counts() const override { return requests_.counts(); }

 private:
  class Upload;

  std::string At(const std::string& name) const { return location_ + '/' + name; }

  StoreRequest Request(const char* method, const std::string& name) const {
    StoreRequest request;
    request.method = method;
    request.origin = account_.origin;
    request.path = container_ + (name.empty() ? "" : '/' + EncodePath(name));
    return request;
  }

  StoreRequests::Sign Signer() const {
    return [this](StoreRequest& request) {
      request.headers.Set("x-ms-version", kVersion);
      Authorize(request);
    };
  }

  void Authorize(StoreRequest& request) const {
    request.headers.Set("x-ms-date", HttpDate());
    if (account_.tokens) {
      request.headers.Set("Authorization", account_.tokens->Header());
    } else if (!account_.key.empty()) {
      SignAzure(request, account_.name, account_.key);
    } else {
      request.query.insert(account_.shared_access.begin(), account_.shared_access.end());
    }
  }

  /// Where accounts with folders are asked about these; empty where addresses stand in for names.
  std::string DataLakeOrigin() const {
    const size_t at = account_.origin.find(".blob.");
    if (at == std::string::npos) return {};
    return std::string(account_.origin).replace(at, 6, ".dfs.");
  }

  /// Whether the account has a hierarchical namespace; asked once. Who may not ask deletes objects one by
  /// one.
  bool HasFolders() {
    std::call_once(asked_for_folders_, [this] {
      StoreRequest request = Request("GET", "");
      request.query = {{"restype", "account"}, {"comp", "properties"}};
      const StoreResponse response = Run(RequestKind::kGet, request, "");
      has_folders_ = response.ok() &&
                     response.headers.Get("x-ms-is-hns-enabled") == std::optional<std::string_view>("true");
    });
    return has_folders_;
  }

  /// False when the account takes no batches: some kinds and gateways do not.
  bool DeleteBatch(const std::vector<std::string>& names) {
    std::vector<StoreRequest> deletions;
    for (const std::string& name : names) {
      // The version is the batch's.
      deletions.push_back(Request("DELETE", name));
      Authorize(deletions.back());
    }
    const std::string boundary = "batch_" + random_.Hex(16);
    const std::string body = AzureBatchBody(deletions, boundary);
    StoreRequest request = Request("POST", "");
    request.query = {{"restype", "container"}, {"comp", "batch"}};
    request.headers.Set("Content-Type", "multipart/mixed; boundary=" + boundary);
    request.body = body;
    const StoreResponse response = Run(RequestKind::kDelete, request, names.front());
    const bool understood =
        response.ok() || response.status == 429 || (response.status >= 500 && response.status != 501);
    if (!understood) {
      batches_ = false;
      return false;
    }
    if (!response.ok()) ThrowRefused(response, "delete", At(names.front()));
    const std::vector<int> statuses = AzureBatchStatuses(response.body, names.size());
    std::vector<std::string> left;
    for (size_t i = 0; i < names.size(); i++) {
      if (statuses[i] != 202 && statuses[i] != 404) left.push_back(names[i]);
    }
    for (const std::string& name : left) Delete({name});
    return true;
  }

  StoreResponse Run(RequestKind kind, const StoreRequest& request, const std::string& name) {
    return requests_.Run(kind, request, Signer(), At(name));
  }

  /// Sends what makes a blob; false when there is one already that is not from an earlier, unanswered try.
  bool Create(StoreRequest& request, const std::string& name, const std::string& mark) {
    request.headers.Set(kMark, mark);
    request.headers.Set("If-None-Match", "*");
    const StoreResponse response = Run(RequestKind::kPut, request, name);
    if (response.ok()) return true;
    // Committed blocks are no uncommitted ones any more.
    const bool may_be_there = response.status == 409 || response.status == 412 ||
                              response.body.find("InvalidBlockList") != std::string::npos;
    if (!may_be_there) ThrowRefused(response, "write", At(name));
    const StoreResponse other = Run(RequestKind::kGet, Request("HEAD", name), name);
    if (!other.ok()) ThrowRefused(other.status == 404 ? response : other, "write", At(name));
    return other.headers.Get(kMark) == std::optional<std::string_view>(mark);
  }

  const AzureOptions options_;
  const Account account_;
  const std::string location_;
  /// Path of the container.
  const std::string container_;
  SystemRandom random_;
  StoreRequests requests_;
  /// Whether batches may be tried.
  std::atomic<bool> batches_{true};
  std::once_flag asked_for_folders_;
  bool has_folders_ = false;
};

class AzureClient::Upload final : public BlobUpload {
 public:
  Upload(AzureClient& client, std::string name, std::string mark)
      : client_(client), name_(std::move(name)), mark_(std::move(mark)) {}

  void AddPart(std::string_view content) override {
    // Ids have one length, and differ between the uploads of one name: these share one list of blocks.
    char number[9];
    std::snprintf(number, sizeof(number), "%08zu", blocks_.size());
    std::string block = Base64(mark_ + number);
    StoreRequest request = client_.Request("PUT", name_);
    request.query = {{"comp", "block"}, {"blockid", block}};
    request.headers.Set("Content-Type", "application/octet-stream");
    request.body = content;
    const StoreResponse response = client_.Run(RequestKind::kPut, request, name_);
    if (!response.ok()) ThrowRefused(response, "write a block of", client_.At(name_));
    blocks_.push_back(std::move(block));
  }

  bool Commit() override {
    std::string list = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>";
    for (const std::string& block : blocks_) list += "<Uncommitted>" + block + "</Uncommitted>";
    list += "</BlockList>";
    StoreRequest request = client_.Request("PUT", name_);
    request.query = {{"comp", "blocklist"}};
    request.headers.Set("Content-Type", "application/xml");
    request.body = list;
    return client_.Create(request, name_, mark_);
  }

  void Abort() override {}

 private:
  AzureClient& client_;
  const std::string name_;
  const std::string mark_;
  std::vector<std::string> blocks_;
};

std::unique_ptr<BlobUpload> AzureClient::StartUpload(const std::string& name) {
  return std::make_unique<Upload>(*this, name, random_.Hex(16));
}

}  // namespace

std::shared_ptr<BlobClient> MakeAzureClient(const std::string& scheme, const std::string& authority,
                                            AzureOptions options) {
  const size_t at = authority.find('@');
  if (at == 0 || at == std::string::npos || at + 1 == authority.size()) {
    throw Invalid("Expected " + scheme + "://container@account.dfs.core.windows.net/..., not " + scheme +
                  "://" + authority);
  }
  return std::make_shared<AzureClient>(scheme, authority, std::move(options));
}

}  // namespace planaria::storage

// Stores on the network while requests are reset, lost, cut, refused, delayed and doubled on their way.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "storage/blob_object_store.h"
#include "storage/store_servers_for_test.h"

namespace planaria::storage {
namespace {

/// tests/storage/fault_proxy.py in front of a server.
class FaultProxy {
 public:
  explicit FaultProxy(const StoreServer& server) {
    server_ = StoreServer::Start(
        "fault_proxy",
        [&](uint16_t port) {
          return std::vector<std::string>{"/usr/bin/python3", PLANARIA_TEST_FAULT_PROXY,
                                          "--port",           std::to_string(port),
                                          "--target",         std::to_string(server.port)};
        },
        [](const StoreServer& proxy) { Ask(proxy, "GET", ""); });
  }

  const StoreServer& server() const { return *server_; }
  void Set(const nlohmann::json& rates) { Ask(*server_, "PUT", rates.dump()); }
  std::map<std::string, int> Fired() { return nlohmann::json::parse(Ask(*server_, "GET", "")); }

 private:
  static std::string Ask(const StoreServer& proxy, const char* method, const std::string& body) {
    StoreRequest request;
    request.method = method;
    request.origin = proxy.endpoint;
    request.path = "/__faults";
    request.body = body;
    return MakeCurlTransport({})->Send(request).body;
  }

  std::shared_ptr<StoreServer> server_;
};

struct FaultyStore {
  std::string name;
  LazyServer* (*server)();
  std::shared_ptr<BlobClient> (*open)(const StoreServer& proxy, RetryOptions retries);
  /// Deviation: where not, the last writer wins.
  bool has_conditions = true;
};

void PrintTo(const FaultyStore& store, std::ostream* out) { *out << store.name; }

class StoreFaultsTest : public testing::TestWithParam<FaultyStore> {
 protected:
  void SetUp() override {
    const auto server = GetParam().server()->Get();
    if (!server) GTEST_SKIP() << GetParam().server()->Missing();
    proxy_ = std::make_unique<FaultProxy>(*server);
  }

  std::unique_ptr<BlobObjectStore> Open(const std::string& folder, RetryOptions retries) {
    return std::make_unique<BlobObjectStore>(GetParam().open(proxy_->server(), std::move(retries)), folder);
  }
  static RetryOptions Patient() {
    RetryOptions retries;
    retries.first_pause = std::chrono::milliseconds(1);
    retries.longest_pause = std::chrono::milliseconds(20);
    return retries;
  }

  std::unique_ptr<FaultProxy> proxy_;
};

std::string ContentOf(int seed, size_t size) {
  std::string content(size, '\0');
  for (size_t i = 0; i < size; i++) content[i] = static_cast<char>((i * 31 + static_cast<size_t>(seed)) >> 3);
  return content;
}

TEST_P(StoreFaultsTest, NothingIsLostDoubledOrRefused) {
  const auto store = Open("faults-" + std::to_string(proxy_->server().port), Patient());
  proxy_->Set({{"reset", 0.05},
               {"lose", 0.05},
               {"truncate", 0.05},
               {"throttle", 0.05},
               {"fail", 0.05},
               {"delay", 0.02},
               {"duplicate", 0.05}});
  std::map<std::string, std::string> written;
  const auto all_fired = [&] {
    const auto fired = proxy_->Fired();
    return std::all_of(fired.begin(), fired.end(), [](const auto& entry) { return entry.second > 0; });
  };
  for (int i = 0; i < 20 || (i < 500 && !all_fired()); i++) {
    // Every tenth has three parts.
    std::string content = ContentOf(i, i % 10 == 0 ? 11'000'000 : 1000 + static_cast<size_t>(i));
    const std::string key = "q/" + std::to_string(i);
    const auto writer = store->Create(key);
    writer->Write(content.data(), content.size());
    ASSERT_EQ(writer->Finish(), content.size()) << key;
    written[key] = std::move(content);
    ASSERT_TRUE(store->PutIfAbsent("p/" + std::to_string(i), key));
    ASSERT_EQ(store->PutIfAbsent("p/" + std::to_string(i), "other"), !GetParam().has_conditions);
  }
  for (const auto& [key, content] : written) {
    std::string read(content.size(), '\0');
    store->Read(key, 0, read.size(), read.data());
    ASSERT_EQ(read, content) << key;
  }
  EXPECT_EQ(store->ListPrefix("q").size(), written.size());
  store->DeletePrefix("");
  EXPECT_TRUE(store->ListPrefix("").empty());
  EXPECT_TRUE(all_fired());
  EXPECT_GT(store->client().counts().throttled, 0u);
  EXPECT_GE(store->client().counts().retries, 5u);
}

TEST_P(StoreFaultsTest, AStoreInTroubleIsGivenUpWithinBounds) {
  RetryOptions retries = Patient();
  retries.max_retries = 3;
  const auto store = Open("faults-" + std::to_string(proxy_->server().port), retries);
  proxy_->Set({{"throttle", 1.0}});
  try {
    store->PutIfAbsent("a", "1");
    FAIL() << "the store answered";
  } catch (const TrinoException& failure) {
    EXPECT_NE(std::string(failure.what()).find("503"), std::string::npos) << failure.what();
  }
  EXPECT_EQ(proxy_->Fired().at("throttle"), 4);
  proxy_->Set({{"reset", 1.0}});
  char buffer[1];
  try {
    store->Read("a", 0, 1, buffer);
    FAIL() << "the store answered";
  } catch (const ObjectLost&) {
    FAIL() << "an unreachable store has lost nothing";
  } catch (const TrinoException& failure) {
    EXPECT_NE(std::string(failure.what()).find("4 tries"), std::string::npos) << failure.what();
  }
  proxy_->Set(nlohmann::json::object());
  EXPECT_TRUE(store->PutIfAbsent("a", "1"));
  store->DeletePrefix("");
}

const FaultyStore kFaultyStores[] = {
    {"S3Moto", [] { return &Moto(); },
     [](const StoreServer& proxy, RetryOptions retries) {
       S3Options options = S3OptionsOf(proxy);
       options.retries = std::move(retries);
       return MakeS3Client("s3", kTestBucket, options);
     }},
    {"S3Gateway", [] { return &Gateway(); },
     [](const StoreServer& proxy, RetryOptions retries) {
       S3Options options = GatewayOptionsOf(proxy);
       options.retries = std::move(retries);
       return MakeS3Client("s3", kTestBucket, options);
     }},
    {"Azurite", [] { return &Azurite(); },
     [](const StoreServer& proxy, RetryOptions retries) {
       AzureOptions options = AzureOptionsOf(proxy);
       options.retries = std::move(retries);
       return MakeAzureClient("abfs", AzureAuthority(), options);
     }},
    {"GcsEmulator", [] { return &GcsEmulator(); },
     [](const StoreServer& proxy, RetryOptions retries) {
       GcsOptions options = GcsOptionsOf(proxy);
       options.part_bytes = 5 << 20;
       options.retries = std::move(retries);
       return MakeGcsClient(kTestBucket, options);
     },
     false},
};

INSTANTIATE_TEST_SUITE_P(Stores, StoreFaultsTest, testing::ValuesIn(kFaultyStores),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace planaria::storage

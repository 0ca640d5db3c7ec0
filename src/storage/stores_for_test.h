// Every store that a test can have: in memory, in a directory, and of every server of other people.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "storage/blob_object_store.h"
#include "storage/local_object_store.h"
#include "storage/memory_object_store.h"
#include "storage/secure_hdfs_for_test.h"
#include "storage/store_servers_for_test.h"

namespace planaria::storage {

struct StoreUnderTest {
  std::string name;
  /// An empty store. The last segment of `directory` is a folder of the server's bucket that no other test
  /// uses.
  std::function<std::shared_ptr<ObjectStore>(const std::string& directory)> open;
  /// The server that must be there; nullptr for stores without one.
  LazyServer* (*server)() = nullptr;

  /// Starts the server, if it is installed.
  bool there() const { return server == nullptr || server()->Get() != nullptr; }
};

inline void PrintTo(const StoreUnderTest& store, std::ostream* out) { *out << store.name; }

inline const std::vector<StoreUnderTest>& StoresUnderTest() {
  const auto folder = [](const std::string& directory) { return directory.substr(directory.rfind('/') + 1); };
  const auto bucket = [folder](std::shared_ptr<BlobClient> client, const std::string& directory) {
    return std::make_shared<BlobObjectStore>(std::move(client), folder(directory));
  };
  using Directory = const std::string&;
  static const std::vector<StoreUnderTest> stores = {
      {.name = "Memory", .open = [](Directory) { return std::make_shared<MemoryObjectStore>("test"); }},
      {.name = "Local",
       .open = [](Directory directory) { return std::make_shared<LocalObjectStore>(directory + "/base"); }},
      {.name = "S3Moto",
       .open =
           [bucket](Directory directory) {
             return bucket(MakeS3Client("s3", kTestBucket, S3OptionsOf(*Moto().Get())), directory);
           },
       .server = [] { return &Moto(); }},
      {.name = "S3Gateway",
       .open =
           [bucket](Directory directory) {
             return bucket(MakeS3Client("s3", kTestBucket, GatewayOptionsOf(*Gateway().Get())), directory);
           },
       .server = [] { return &Gateway(); }},
      {.name = "S3rver",
       .open =
           [bucket](Directory directory) {
             return bucket(MakeS3Client("s3", kTestBucket, S3OptionsOf(*S3rver().Get())), directory);
           },
       .server = [] { return &S3rver(); }},
      {.name = "Azurite",
       .open =
           [bucket](Directory directory) {
             return bucket(MakeAzureClient("abfs", AzureAuthority(), AzureOptionsOf(*Azurite().Get())),
                           directory);
           },
       .server = [] { return &Azurite(); }},
      {.name = "GcsEmulator",
       .open =
           [bucket](Directory directory) {
             return bucket(MakeGcsClient(kTestBucket, GcsOptionsOf(*GcsEmulator().Get())), directory);
           },
       .server = [] { return &GcsEmulator(); }},
      {.name = "MiniHdfs",
       .open =
           [folder](Directory directory) {
             return std::make_shared<HdfsObjectStore>("test", folder(directory),
                                                      HdfsOptionsOf(*MiniHdfs().Get()));
           },
       .server = [] { return &MiniHdfs(); }},
      {.name = "SecureHdfs",
       .open =
           [folder](Directory directory) {
             return std::make_shared<HdfsObjectStore>("test", folder(directory),
                                                      SecureHdfsOptionsOf(*SecureHdfs().Get()));
           },
       .server = [] { return &SecureHdfs(); }},
  };
  return stores;
}

}  // namespace planaria::storage

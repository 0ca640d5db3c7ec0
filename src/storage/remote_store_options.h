// What stores on the network need to know besides their URI: the properties exchange.s3.*, exchange.azure.*
// ...
#pragma once

#include "storage/azure_client.h"
#include "storage/gcs_client.h"
#include "storage/hdfs_object_store.h"
#include "storage/s3_client.h"

namespace planaria::storage {

struct RemoteStoreOptions {
  S3Options s3 = {};
  AzureOptions azure = {};
  GcsOptions gcs = {};
  HdfsOptions hdfs = {};
};

}  // namespace planaria::storage

// How an HDFS is spoken to.
#pragma once

#include <cstddef>
#include <string>

#include "storage/hadoop_config.h"
#include "storage/store_requests.h"

namespace planaria::storage {

struct HdfsOptions {
  HadoopConfig config = {};
  /// Empty: the environment's HADOOP_USER_NAME, else the user of the process. With Kerberos it is the
  /// ticket's.
  std::string user = {};
  size_t part_bytes = 4 << 20;
  TransportOptions transport = {};
  RetryOptions retries = {};
};

}  // namespace planaria::storage

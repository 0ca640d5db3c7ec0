// What writers of spool objects bring to an S3 server, in MB a second: pages sealed as they are by default.
//
//   spool_throughput BASE_DIRECTORY ENDPOINT ACCESS_KEY SECRET_KEY [writers] [MB each]     default: 4 256
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "exchange/spool_directory.h"
#include "exchange/spool_writer.h"
#include "storage/remote_store_options.h"
#include "storage/store_set.h"

namespace planaria {
namespace {

constexpr size_t kPageBytes = 320 << 10;
constexpr uint32_t kPartitions = 50;

double SecondsToWrite(const storage::StoreSet& stores, uint32_t writers, size_t bytes_each) {
  const Secret key(std::string(exchange::kSpoolKeyBytes, 'k'));
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (uint32_t w = 0; w < writers; w++) {
    threads.emplace_back([&, w] {
      const TaskId task{{"20261126_000000_00000_bench"}, {0}, {w}, {0}};
      exchange::SpoolWriterOptions options;
      options.key = key;
      exchange::SpoolWriter writer(exchange::SpoolPlace(stores, task), kPartitions, task, options);
      std::mt19937_64 random(w);
      std::vector<uint64_t> page(kPageBytes / sizeof(uint64_t));
      for (uint64_t& word : page) word = random();
      for (size_t done = 0, number = 0; done < bytes_each; done += kPageBytes, number++) {
        writer.Append(static_cast<uint32_t>(number % kPartitions),
                      reinterpret_cast<const uint8_t*>(page.data()), kPageBytes, 1000);
      }
      writer.Finish();
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  exchange::DeleteSpooled(stores, {"20261126_000000_00000_bench"});
  return seconds;
}

}  // namespace
}  // namespace planaria

int main(int count, char** arguments) {
  if (count < 5) {
    std::fprintf(stderr,
                 "spool_throughput BASE_DIRECTORY ENDPOINT ACCESS_KEY SECRET_KEY [writers] [MB each]\n");
    return 2;
  }
  planaria::storage::RemoteStoreOptions options;
  options.s3.endpoint = arguments[2];
  options.s3.credentials.access_key = arguments[3];
  options.s3.credentials.secret_key = arguments[4];
  options.s3.path_style = true;
  const uint32_t writers = count > 5 ? static_cast<uint32_t>(std::atoi(arguments[5])) : 4;
  const size_t bytes = (count > 6 ? static_cast<size_t>(std::atoi(arguments[6])) : 256) << 20;
  const auto stores = planaria::storage::OpenBaseDirectories(arguments[1], options);
  const double seconds = planaria::SecondsToWrite(*stores, writers, bytes);
  std::printf("%.3f s, %.1f MB/s\n", seconds, static_cast<double>(writers * bytes) / seconds / 1e6);
  return 0;
}

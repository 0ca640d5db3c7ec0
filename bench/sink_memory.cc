// What writers of spool objects hold in memory, on a store with parts like S3's that keeps nothing: their
// number counts, the number of their partitions does not. Pages are sealed and, where they shrink,
// compressed.
//
//   sink_memory [writers] [MB each]     default: 64 24
//
// Prints, by number of partitions, the growth of the process's memory and what that is for a writer.
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "exchange/spool_writer.h"
#include "storage/blob_object_store.h"

namespace planaria {
namespace {

constexpr size_t kPageBytes = 32 << 10;
/// Slow enough that buffers fill while parts are under way.
constexpr auto kPartTime = std::chrono::milliseconds(50);

class Nowhere final : public storage::BlobClient {
 public:
  const std::string& location() const override { return location_; }
  size_t part_bytes() const override { return 5 << 20; }
  size_t delete_batch() const override { return 1000; }
  bool Put(const std::string&, std::string_view) override { return true; }
  std::unique_ptr<storage::BlobUpload> StartUpload(const std::string&) override {
    class Upload final : public storage::BlobUpload {
      void AddPart(std::string_view) override { std::this_thread::sleep_for(kPartTime); }
      bool Commit() override { return true; }
      void Abort() override {}
    };
    return std::make_unique<Upload>();
  }
  void Read(const std::string& name, uint64_t, size_t, void*) override {
    throw storage::ObjectLost("Nothing is kept: " + name);
  }
  storage::BlobPage List(const std::string&, bool, const std::string&) override { return {}; }
  void Delete(const std::vector<std::string>&) override {}
  storage::RequestCounts counts() const override { return {}; }

 private:
  const std::string location_ = "nowhere://bucket";
};

size_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  size_t all = 0;
  size_t resident = 0;
  statm >> all >> resident;
  return resident * 4096;
}

/// The most that was resident above what was there before.
size_t PeakOf(uint32_t writers, uint32_t partitions, size_t bytes_each) {
  malloc_trim(0);
  const size_t before = ResidentBytes();
  const auto store = std::make_shared<storage::BlobObjectStore>(std::make_shared<Nowhere>(), "");
  const Secret key(std::string(exchange::kSpoolKeyBytes, 'k'));
  std::atomic<uint32_t> running{writers};
  std::vector<std::thread> threads;
  for (uint32_t w = 0; w < writers; w++) {
    threads.emplace_back([&, w] {
      const TaskId task{{"20261126_000000_00000_bench"}, {0}, {w}, {0}};
      exchange::SpoolWriterOptions options;
      options.codec = exchange::BlockCodec::kLz4;
      options.key = key;
      exchange::SpoolWriter writer({store, "q/0." + std::to_string(w) + ".0"}, partitions, task, options);
      std::mt19937_64 random(w);
      std::vector<uint64_t> page(kPageBytes / sizeof(uint64_t));
      for (uint64_t& word : page) word = random();
      for (size_t done = 0, number = 0; done < bytes_each; done += kPageBytes, number++) {
        writer.Append(static_cast<uint32_t>(number % partitions),
                      reinterpret_cast<const uint8_t*>(page.data()), kPageBytes, 100);
      }
      writer.Finish();
      running--;
    });
  }
  size_t peak = 0;
  while (running > 0) {
    peak = std::max(peak, ResidentBytes());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  for (std::thread& thread : threads) thread.join();
  return peak - std::min(peak, before);
}

}  // namespace
}  // namespace planaria

int main(int count, char** arguments) {
  const uint32_t writers = count > 1 ? static_cast<uint32_t>(std::atoi(arguments[1])) : 64;
  const size_t megabytes = count > 2 ? static_cast<size_t>(std::atoi(arguments[2])) : 24;
  for (const uint32_t partitions : {1u, 50u, 1000u}) {
    // In a process of its own: what an allocator keeps of one measurement is not in the next.
    const pid_t child = fork();
    if (child == 0) {
      const size_t peak = planaria::PeakOf(writers, partitions, megabytes << 20);
      std::printf("%u writers, %4u partitions: %6.1f MB, %5.2f MB a writer\n", writers, partitions,
                  static_cast<double>(peak) / (1 << 20), static_cast<double>(peak) / writers / (1 << 20));
      return 0;
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) return 1;
  }
  return 0;
}

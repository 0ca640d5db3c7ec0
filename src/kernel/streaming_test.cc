// Fragments whose inputs come and whose outputs go while they run, through pipes that hold one page.
#include <gtest/gtest.h>

#include <deque>
#include <thread>

#include "base/error.h"
#include "kernel/engine.h"
#include "kernel/exchange_operator.h"
#include "kernel/fragment_runner.h"
#include "kernel/page_codec.h"

namespace planaria::kernel {
namespace {

using duckdb::LogicalType;

/// Holds one page back until it was read; remembers that it made both ends wait.
class Pipe : public ExchangeOutput, public ExchangeInput {
 public:
  void Append(uint32_t, const uint8_t* data, size_t size, uint32_t rows) override {
    const auto bytes = std::make_shared<std::vector<uint64_t>>((size + 7) / 8);
    std::memcpy(bytes->data(), data, size);
    Change([&] { pages_.push_back({bytes, reinterpret_cast<const uint8_t*>(bytes->data()), size, rows}); });
  }
  void Finish() {
    Change([&] { finished_ = true; });
  }
  bool Full(const Wake& wake) override {
    const std::lock_guard lock(mutex_);
    if (pages_.empty()) return false;
    sink_waited = true;
    wakes_.push_back(wake);
    return true;
  }
  InputState Next(Page& page, const Wake& wake) override {
    auto found = InputState::kPage;
    Change([&] {
      if (!pages_.empty()) {
        page = pages_.front();
        pages_.pop_front();
      } else if (finished_) {
        found = InputState::kEnd;
      } else {
        found = InputState::kLater;
        source_waited = true;
      }
    });
    if (found != InputState::kLater) return found;
    const std::lock_guard lock(mutex_);
    if (pages_.empty() && !finished_) {
      if (wake) wakes_.push_back(wake);
      return InputState::kLater;
    }
    return Take(page);
  }
  size_t page_count() const override { return kUnknown; }

  std::atomic<bool> sink_waited{false};
  std::atomic<bool> source_waited{false};

 private:
  InputState Take(Page& page) {
    if (pages_.empty()) return InputState::kEnd;
    page = pages_.front();
    pages_.pop_front();
    return InputState::kPage;
  }
  template <typename Action>
  void Change(Action action) {
    std::vector<Wake> wakes;
    {
      const std::lock_guard lock(mutex_);
      const size_t pages = pages_.size();
      const bool finished = finished_;
      action();
      if (pages_.size() != pages || finished_ != finished) wakes.swap(wakes_);
    }
    for (const Wake& wake : wakes) wake();
  }

  std::mutex mutex_;
  std::deque<Page> pages_;
  bool finished_ = false;
  std::vector<Wake> wakes_;
};

/// Gives on what it reads, merged when it is ordered.
std::string CopyPlan(bool merged) {
  auto source = duckdb::make_uniq<LogicalExchangeSource>(7, duckdb::vector<duckdb::ColumnBinding>{{1, 0}},
                                                         duckdb::vector<LogicalType>{LogicalType::BIGINT}, 1);
  if (merged) {
    source->merge_keys.push_back({0, duckdb::OrderType::ASCENDING, duckdb::OrderByNullType::NULLS_LAST});
  }
  LogicalExchangeSink sink(1, {}, merged);
  sink.children.push_back(std::move(source));
  sink.ResolveOperatorTypes();
  return SerializePlan(sink);
}

void AppendRows(ExchangeOutput& output, int64_t first, int64_t step, size_t count) {
  duckdb::DataChunk chunk;
  chunk.Initialize(duckdb::Allocator::DefaultAllocator(), {LogicalType::BIGINT});
  for (size_t i = 0; i < count; i++) {
    chunk.SetValue(0, i, duckdb::Value::BIGINT(first + static_cast<int64_t>(i) * step));
  }
  chunk.SetCardinality(count);
  PageBuilder builder({LogicalType::BIGINT});
  builder.Append(ChunkView(chunk), nullptr, count);
  std::vector<uint8_t> page;
  builder.Finish(page);
  output.Append(0, page.data(), page.size(), static_cast<uint32_t>(count));
}

/// Reads a pipe to its end, waiting as a blocked reader does.
std::vector<int64_t> Drain(Pipe& pipe) {
  std::vector<int64_t> values;
  PageReader reader({LogicalType::BIGINT});
  duckdb::DataChunk chunk;
  chunk.Initialize(duckdb::Allocator::DefaultAllocator(), {LogicalType::BIGINT});
  Signal there;
  while (true) {
    Page page;
    const InputState found = pipe.Next(page, [&] { there.Raise(); });
    if (found == InputState::kEnd) return values;
    if (found == InputState::kLater) {
      there.Wait(std::chrono::minutes(1));
      continue;
    }
    reader.Load(std::move(page));
    for (chunk.Reset(); reader.Next(chunk); chunk.Reset()) {
      for (size_t i = 0; i < chunk.size(); i++) values.push_back(chunk.GetValue(0, i).GetValue<int64_t>());
    }
  }
}

TEST(StreamingTest, ManyTasksThatWaitForEachOtherShareTwoThreads) {
  constexpr size_t kTasks = 50;
  constexpr int64_t kPages = 40;
  Engine engine({.threads = 2, .memory_limit = 0, .temp_directory = {}});
  const std::string plan = CopyPlan(false);
  std::vector<std::shared_ptr<Pipe>> pipes;
  for (size_t i = 0; i <= kTasks; i++) pipes.push_back(std::make_shared<Pipe>());
  std::vector<std::thread> threads;
  // The last reader starts first: every task waits for the one before it.
  for (size_t i = kTasks; i-- > 0;) {
    threads.emplace_back([&, i] {
      auto task = std::make_shared<TaskContext>();
      task->inputs[7] = [&, i] { return pipes[i]; };
      task->output = pipes[i + 1];
      FragmentRunner(engine, task, "").Run(plan);
      pipes[i + 1]->Finish();
    });
  }
  threads.emplace_back([&] {
    for (int64_t page = 0; page < kPages; page++) {
      AppendRows(*pipes[0], page * STANDARD_VECTOR_SIZE, 1, STANDARD_VECTOR_SIZE);
    }
    pipes[0]->Finish();
  });
  std::vector<int64_t> values = Drain(*pipes[kTasks]);
  for (std::thread& thread : threads) thread.join();
  std::sort(values.begin(), values.end());
  ASSERT_EQ(values.size(), static_cast<size_t>(kPages * STANDARD_VECTOR_SIZE));
  for (size_t i = 0; i < values.size(); i++) ASSERT_EQ(values[i], static_cast<int64_t>(i));
  // Which of them depends on who came first.
  EXPECT_TRUE(
      std::any_of(pipes.begin(), pipes.end(), [](const auto& pipe) -> bool { return pipe->source_waited; }));
}

TEST(StreamingTest, AFullOutputHoldsItsTaskBackUntilItIsRead) {
  Engine engine({.threads = 2, .memory_limit = 0, .temp_directory = {}});
  Pipe full;
  AppendRows(full, 0, 1, 1);
  auto input = std::make_shared<Pipe>();
  AppendRows(*input, 1, 1, 1);
  input->Finish();
  auto task = std::make_shared<TaskContext>();
  task->inputs[7] = [&] { return input; };
  task->output = std::shared_ptr<ExchangeOutput>(std::shared_ptr<void>(), &full);
  std::thread runner([&] {
    FragmentRunner(engine, task, "").Run(CopyPlan(false));
    full.Finish();
  });
  while (!full.sink_waited) std::this_thread::yield();
  EXPECT_EQ(Drain(full), (std::vector<int64_t>{0, 1}));
  runner.join();
}

TEST(StreamingTest, RunsThatComePieceByPieceAreMerged) {
  Engine engine({.threads = 2, .memory_limit = 0, .temp_directory = {}});
  constexpr int64_t kRuns = 3;
  std::vector<std::shared_ptr<Pipe>> runs;
  for (int64_t run = 0; run < kRuns; run++) runs.push_back(std::make_shared<Pipe>());
  auto output = std::make_shared<Pipe>();
  auto task = std::make_shared<TaskContext>();
  std::mutex mutex;
  Wake known;
  bool all_known = false;
  task->inputs[7] = [&]() -> std::shared_ptr<ExchangeInput> { return runs[0]; };
  task->runs[7] = [&](const Wake& wake) -> std::optional<ExchangeRuns> {
    const std::lock_guard lock(mutex);
    if (all_known) return ExchangeRuns(runs.begin(), runs.end());
    known = wake;
    return std::nullopt;
  };
  task->output = output;
  std::thread runner([&] {
    FragmentRunner(engine, task, "").Run(CopyPlan(true));
    output->Finish();
  });
  std::thread feeder([&] {
    Wake wake;
    while (!wake) {
      const std::lock_guard lock(mutex);
      wake = known;
      all_known = wake != nullptr;
    }
    wake();
    for (int64_t page = 0; page < 20; page++) {
      for (int64_t run = 0; run < kRuns; run++) AppendRows(*runs[run], run + page * 300, kRuns, 100);
    }
    for (const auto& run : runs) run->Finish();
  });
  const std::vector<int64_t> values = Drain(*output);
  runner.join();
  feeder.join();
  ASSERT_EQ(values.size(), 6000u);
  for (size_t i = 0; i < values.size(); i++) ASSERT_EQ(values[i], static_cast<int64_t>(i));
}

TEST(StreamingTest, ABlockedTaskCanBeCancelled) {
  Engine engine({.threads = 2, .memory_limit = 0, .temp_directory = {}});
  auto input = std::make_shared<Pipe>();
  auto task = std::make_shared<TaskContext>();
  task->inputs[7] = [&] { return input; };
  task->output = std::make_shared<Pipe>();
  FragmentRunner fragment(engine, task, "");
  std::thread canceller([&] {
    while (!input->source_waited) std::this_thread::yield();
    fragment.Cancel();
  });
  try {
    fragment.Run(CopyPlan(false));
    ADD_FAILURE() << "ran to its end";
  } catch (const TrinoException& cancelled) {
    EXPECT_EQ(cancelled.error().code, errors::USER_CANCELED);
  }
  canceller.join();
}

}  // namespace
}  // namespace planaria::kernel

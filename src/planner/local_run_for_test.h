// Runs a distributed plan in this process, fragment by fragment, with exchanges in memory.
#pragma once

#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "kernel/fragment_runner.h"
#include "kernel/page_codec.h"
#include "planner/distributed_plan.h"
#include "planner/write_commit.h"

namespace planaria::planner {

class LocalRun {
 public:
  /// `source_tasks`: how many tasks the splits of a source fragment are spread over.
  LocalRun(kernel::Engine& engine, const DistributedPlan& plan, size_t source_tasks)
      : engine_(engine), plan_(plan), source_tasks_(source_tasks) {
    ChooseBroadcasts(false);
  }

  duckdb::unique_ptr<duckdb::ColumnDataCollection> Run() {
    for (const Fragment& fragment : plan_.fragments) {
      if (dropped_.contains(fragment.id)) continue;
      size_t tasks = 1;
      if (fragment.distribution == Distribution::kSource) tasks = source_tasks_;
      if (fragment.distribution == Distribution::kHash) tasks = fragment.partition_count;
      const auto shared = SharedInput(fragment);
      for (size_t task = 0; task < tasks; task++) {
        for (size_t slice = 0; slice < (shared ? kSlices : 1); slice++) {
          RunTask({&fragment, task, tasks, shared, slice});
        }
      }
      tasks_ += tasks;
    }
    auto rows = duckdb::make_uniq<duckdb::ColumnDataCollection>(duckdb::Allocator::DefaultAllocator(),
                                                                plan_.column_types);
    kernel::PageReader reader(plan_.column_types);
    duckdb::DataChunk chunk;
    chunk.Initialize(duckdb::Allocator::DefaultAllocator(), plan_.column_types);
    for (const auto& [place, pages] : pages_) {
      if (place.fragment != Chosen(plan_.root().id)) continue;
      for (const kernel::Page& page : pages) {
        reader.Load(page);
        for (chunk.Reset(); reader.Next(chunk); chunk.Reset()) rows->Append(chunk);
      }
    }
    return rows;
  }

  /// Which plan is run of all joins that have two.
  void ChooseBroadcasts(bool broadcast) {
    dropped_.clear();
    chosen_.clear();
    for (const JoinChoice& choice : plan_.choices) {
      if (broadcast) {
        dropped_.insert({choice.shuffle, choice.partitioned});
        chosen_[choice.partitioned] = choice.broadcast;
      } else {
        dropped_.insert(choice.broadcast);
      }
    }
  }

  size_t tasks() const { return tasks_; }

  /// Tasks are told that small inputs are large and large ones small, so that joins turn round.
  void TurnSizesRound() { turn_sizes_round_ = true; }

  /// Every hash partition is shared by tasks that read one of its splittable inputs, the first or the last
  /// one, from different producers.
  void SharePartitions(bool last_input) {
    share_ = true;
    share_last_ = last_input;
  }
  size_t shared_fragments() const { return shared_fragments_; }

 private:
  static constexpr size_t kSlices = 2;

  struct Task {
    const Fragment* fragment;
    size_t number;
    size_t count;
    std::optional<uint32_t> shared_input;
    size_t slice;
  };

  std::optional<uint32_t> SharedInput(const Fragment& fragment) {
    std::optional<uint32_t> found;
    if (!share_ || fragment.distribution != Distribution::kHash) return found;
    for (const FragmentInput& input : fragment.inputs) {
      if (input.splittable && (!found || share_last_)) found = input.input_id;
    }
    if (found) shared_fragments_++;
    return found;
  }

  struct Place {
    uint32_t fragment;
    size_t task;
    uint32_t partition;
    auto operator<=>(const Place&) const = default;
  };
  using PageMap = std::map<Place, std::vector<kernel::Page>>;

  class Output : public kernel::ExchangeOutput {
   public:
    Output(PageMap* pages, uint32_t fragment, size_t task)
        : pages_(pages), fragment_(fragment), task_(task) {}
    void Append(uint32_t partition, const uint8_t* data, size_t size, uint32_t rows) override {
      auto bytes = std::make_shared<std::vector<uint64_t>>((size + 7) / 8);
      std::memcpy(bytes->data(), data, size);
      const std::lock_guard lock(mutex_);
      (*pages_)[{fragment_, task_, partition}].push_back(
          {bytes, reinterpret_cast<const uint8_t*>(bytes->data()), size, rows});
    }

   private:
    std::mutex mutex_;
    PageMap* pages_;
    uint32_t fragment_;
    size_t task_;
  };

  class Input : public kernel::ExchangeInput {
   public:
    explicit Input(std::vector<kernel::Page> pages) : pages_(std::move(pages)) {}
    kernel::InputState Next(kernel::Page& page, const kernel::Wake&) override {
      const size_t index = next_.fetch_add(1);
      if (index >= pages_.size()) return kernel::InputState::kEnd;
      page = pages_[index];
      return kernel::InputState::kPage;
    }
    size_t page_count() const override { return pages_.size(); }

   private:
    std::vector<kernel::Page> pages_;
    std::atomic<size_t> next_{0};
  };

  void RunTask(const Task& run) {
    const Fragment& fragment = *run.fragment;
    const auto& [unused, task, tasks, shared_input, slice] = run;
    auto context = std::make_shared<kernel::TaskContext>();
    for (const FragmentScan& scan : fragment.scans) {
      std::vector<kernel::ScanSplit> splits;
      for (size_t i = task; i < scan.splits.size(); i += tasks) {
        splits.push_back({scan.splits[i].payload, scan.splits[i].rows});
      }
      context->scans[scan.scan_id] = std::make_shared<kernel::SplitQueue>(std::move(splits));
    }
    for (const FragmentInput& input : fragment.inputs) {
      std::vector<kernel::Page> pages;
      std::map<size_t, std::vector<kernel::Page>> by_task;
      for (const auto& [key, stored] : pages_) {
        if (key.fragment != Chosen(input.producer)) continue;
        if (input.partitioned && key.partition != task) continue;
        if (shared_input == input.input_id && key.task % kSlices != slice) continue;
        pages.insert(pages.end(), stored.begin(), stored.end());
        auto& run = by_task[key.task];
        run.insert(run.end(), stored.begin(), stored.end());
      }
      uint64_t& rows = context->input_rows[input.input_id];
      for (const kernel::Page& page : pages) rows += page.rows;
      if (turn_sizes_round_) rows = 1'000'000'000 / (rows + 1);
      context->runs[input.input_id] = [by_task](const kernel::Wake&) {
        kernel::ExchangeRuns runs;
        for (const auto& [producer, run] : by_task) runs.push_back(std::make_shared<Input>(run));
        return std::optional(std::move(runs));
      };
      context->inputs[input.input_id] = [pages] { return std::make_shared<Input>(pages); };
    }
    context->output = std::make_shared<Output>(&pages_, fragment.id, slice * tasks + task);
    if (plan_.write) context->final_steps.push_back(plan_.write);
    kernel::FragmentRunner(engine_, context, "").Run(fragment.plan);
  }

  uint32_t Chosen(uint32_t producer) const {
    const auto other = chosen_.find(producer);
    return other == chosen_.end() ? producer : other->second;
  }

  kernel::Engine& engine_;
  const DistributedPlan& plan_;
  const size_t source_tasks_;
  PageMap pages_;
  std::set<uint32_t> dropped_;
  std::map<uint32_t, uint32_t> chosen_;
  size_t tasks_ = 0;
  bool turn_sizes_round_ = false;
  bool share_ = false;
  bool share_last_ = false;
  size_t shared_fragments_ = 0;
};

}  // namespace planaria::planner

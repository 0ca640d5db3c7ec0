#include "sim/planted_bugs.h"

#include <utility>

#include "exchange/manifest.h"

namespace planaria::sim {

void PlantedTasks::Alter(std::vector<std::string>& manifests) {
  switch (parts_.plant) {
    case Plant::kManifestForgotten:
      if (manifests.size() > 1 && parts_.random.Below(50) == 0) manifests.pop_back();
      break;
    case Plant::kManifestTwice:
      if (!manifests.empty() && parts_.random.Below(50) == 0) manifests.push_back(manifests.front());
      break;
    case Plant::kSecondCommitReplaces:
      for (std::string& manifest : manifests) {
        const TaskId producer = exchange::Manifest::Parse(manifest).producer();
        const auto found = last_.find({producer.query, producer.fragment, producer.partition});
        if (found != last_.end()) manifest = found->second;
      }
      break;
    default:
      break;
  }
}

void PlantedTasks::Start(const NodeId& node, protocol::TaskDescriptor descriptor,
                         std::function<void(Error)> failed) {
  for (auto& [id, input] : descriptor.inputs) Alter(input.manifests);
  real->Start(node, std::move(descriptor), std::move(failed));
}

void PlantedTasks::Cancel(const NodeId& node, const TaskId& task) {
  real->Cancel(node, task);
  if (parts_.plant != Plant::kLeaseKept) return;
  for (const auto& known : nodes->Nodes()) {
    const auto& announced = known.announcement;
    if (announced.node != node || announced.slots < 2) continue;
    driver->NodeJoined({node, announced.instance, announced.slots - 1, announced.memory_bytes, false});
  }
}

void PlantedTasks::AddInputs(const NodeId& node, protocol::AddInputsMessage message,
                             std::function<void(Error)> failed) {
  Alter(message.manifests);
  if (parts_.plant == Plant::kStaleInputs) {
    for (std::string& manifest : message.manifests) {
      const TaskId producer = exchange::Manifest::Parse(manifest).producer();
      const auto first = first_.find({producer.query, producer.fragment, producer.partition});
      if (first != first_.end()) manifest = first->second;
    }
  }
  real->AddInputs(node, std::move(message), std::move(failed));
}

void PlantedTasks::DeleteOutputs(const QueryId& query) {
  if (parts_.plant != Plant::kSpoolKept) real->DeleteOutputs(query);
}

bool PlantedTasks::Pass(protocol::TaskReport& report) {
  const bool finished = report.state == protocol::TaskState::kFinished;
  if (finished) {
    const PartitionOfQuery key{report.task.query, report.task.fragment, report.task.partition};
    last_[key] = report.manifest;
    first_.emplace(key, report.manifest);
  }
  if (parts_.plant == Plant::kReportLost && finished && parts_.random.Below(50) == 0) return false;
  if (parts_.plant == Plant::kHandBackBlamed && report.error &&
      report.error->code == errors::SERVER_SHUTTING_DOWN) {
    report.error->code = errors::GENERIC_INTERNAL_ERROR;
  }
  if (parts_.plant == Plant::kUserErrorRetried && report.error && !report.error->retriable()) {
    report.error->code = errors::GENERIC_INTERNAL_ERROR;
  }
  return true;
}

class PlantedRuns::Pages final : public coordinator::ResultPages {
 public:
  using Given = std::vector<exchange::SpooledPage>;
  Pages(std::unique_ptr<coordinator::ResultPages> run, Given former, std::shared_ptr<Given> given)
      : run_(std::move(run)), former_(std::move(former)), given_(std::move(given)) {}

  exchange::ReadState Next(exchange::SpooledPage& page, const exchange::Wake& wake) override {
    if (!former_.empty()) {
      page = std::move(former_.back());
      former_.pop_back();
      return exchange::ReadState::kPage;
    }
    const exchange::ReadState found = run_->Next(page, wake);
    if (found == exchange::ReadState::kPage) given_->push_back(page);
    return found;
  }

 private:
  const std::unique_ptr<coordinator::ResultPages> run_;
  Given former_;
  const std::shared_ptr<Given> given_;
};

std::unique_ptr<coordinator::ResultPages> PlantedRuns::Pass(const QueryId& query,
                                                            std::unique_ptr<coordinator::ResultPages> run) {
  if (parts_.plant != Plant::kFormerRunGiven) return run;
  auto& given = given_[query];
  if (!given) given = std::make_shared<Pages::Given>();
  return std::make_unique<Pages>(std::move(run), *given, given);
}

void PlantedJournal::Append(const QueryId& query, coordinator::JournalRecord record) {
  const auto* report = std::get_if<protocol::TaskReport>(&record);
  const bool commit = report && report->state == protocol::TaskState::kFinished;
  if (parts_.plant == Plant::kCommitForgotten && commit && parts_.random.Below(4) == 0) return;
  real_.Append(query, std::move(record));
}

}  // namespace planaria::sim

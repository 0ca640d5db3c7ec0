#include "worker/worker_node.h"

#include <mutex>

#include "worker/worker_resource.h"

namespace planaria::worker {

namespace {
/// A restarted coordinator learns of its workers within this time.
constexpr auto kAnnouncementInterval = std::chrono::milliseconds(500);
}  // namespace

/// Beats until the node goes.
struct WorkerNode::Heart : std::enable_shared_from_this<Heart> {
  Executor& executor;
  ReportLog& reports;
  const Duration interval;
  std::mutex mutex;
  bool stopped = false;

  Heart(Executor& executor, ReportLog& reports, Duration interval)
      : executor(executor), reports(reports), interval(interval) {}

  void Beat() {
    const std::lock_guard lock(mutex);
    if (stopped) return;
    reports.Beat();
    executor.RunAfter(interval, [self = shared_from_this()] { self->Beat(); });
  }
};

WorkerNode::WorkerNode(Executor& executor, HttpClient& client, TaskRunner& runner,
                       protocol::NodeAnnouncement self, Duration heartbeat_interval)
    : executor_(executor),
      client_(client),
      heartbeat_interval_(heartbeat_interval),
      tasks_(runner, [this](protocol::TaskReport report) { reports_.Append(report.Serialize()); }),
      heart_(std::make_shared<Heart>(executor_, reports_, heartbeat_interval_)),
      self_(std::move(self)) {}

WorkerNode::~WorkerNode() {
  const std::lock_guard lock(heart_->mutex);
  heart_->stopped = true;
}

void WorkerNode::AddRoutes(HttpRoutes& server) {
  AddWorkerRoutes(server, self_.instance, tasks_, reports_);
  heart_->Beat();
}

void WorkerNode::Announce(const std::vector<std::string>& coordinator_uris) {
  const std::lock_guard lock(mutex_);
  announcer_ =
      std::make_unique<Announcer>(executor_, client_, coordinator_uris, self_, kAnnouncementInterval);
}

void WorkerNode::Drain(Duration grace, std::function<void()> done) {
  const std::lock_guard lock(mutex_);
  if (drain_) return;
  self_.draining = true;
  drain_ = std::make_unique<NodeDrain>(executor_, tasks_, reports_, grace, std::move(done));
  announcer_ ? announcer_->Change(self_, drain_->WhenKnown()) : drain_->WhenKnown()();
}

void WorkerNode::StopAnnouncing() {
  const std::lock_guard lock(mutex_);
  announcer_.reset();
}

}  // namespace planaria::worker

// Tells a run, line by line, with the times at which things happened.
#pragma once

#include <string>
#include <vector>

#include "env/clock.h"
#include "sim/history.h"

namespace planaria::sim {

class Timeline final : public Observer {
 public:
  const std::vector<std::string>& lines() const { return lines_; }

  void Begins(const Clock& clock) override { clock_ = &clock; }
  void QuerySubmitted(const ModelQuery& query) override;
  void TaskStarted(const TaskId& task, const NodeId& node) override;
  void TaskEnded(const protocol::TaskReport& report) override;
  void TaskReported(const protocol::TaskReport& report) override;
  void NodeJoined(const NodeId& node) override;
  void NodeLost(const NodeId& node) override;
  void QueryCancelled(const ModelQuery& query) override;
  void QueryFinished(const ModelQuery& query) override;
  void QueryFailed(const ModelQuery& query, const Error& error) override;
  void QueryUnknown(const ModelQuery& query) override;
  void ResultRead(const ModelQuery& query, const Rows& rows) override;
  void ResultLost(const ModelQuery& query, const Error& error) override;
  void Happened(const std::string& what) override;

 private:
  void Add(const std::string& line);
  const Clock* clock_ = nullptr;
  std::vector<std::string> lines_;
};

}  // namespace planaria::sim

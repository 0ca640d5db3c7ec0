#include "sim/timeline.h"

#include <fmt/format.h>

namespace planaria::sim {

namespace {

/// `00003.1.0.2`: the query's number is enough here.
std::string Short(const TaskId& task) { return task.ToString().substr(sizeof("20260101_000000_") - 1); }
std::string Result(const protocol::TaskReport& report) {
  if (!report.error) return "finished";
  std::string text = "failed: " + report.error->ToString();
  if (report.lost_producer) text += " (lost: " + Short(*report.lost_producer) + ")";
  return text;
}

}  // namespace

void Timeline::Add(const std::string& line) {
  lines_.push_back(fmt::format("{:10.4f}s  {}", std::chrono::duration<double>(clock_->Now()).count(), line));
}

void Timeline::QuerySubmitted(const ModelQuery& query) { Add("submitted: " + query.Describe()); }
void Timeline::TaskStarted(const TaskId& task, const NodeId& node) {
  Add(fmt::format("  {} -> {}", Short(task), node.value));
}
void Timeline::TaskEnded(const protocol::TaskReport& report) {
  Add(fmt::format("    {} {}", Short(report.task), Result(report)));
}
void Timeline::TaskReported(const protocol::TaskReport& report) {
  Add(fmt::format("  {} reported {}", Short(report.task), report.error ? "failure" : "success"));
}
void Timeline::NodeJoined(const NodeId& node) { Add(node.value + " joins"); }
void Timeline::NodeLost(const NodeId& node) { Add(node.value + " is lost"); }
void Timeline::QueryCancelled(const ModelQuery& query) { Add(query.id.value + " is canceled"); }
void Timeline::QueryFinished(const ModelQuery& query) { Add(query.id.value + " finished"); }
void Timeline::QueryFailed(const ModelQuery& query, const Error& error) {
  Add(query.id.value + " failed: " + error.ToString());
}
void Timeline::QueryUnknown(const ModelQuery& query) { Add(query.id.value + " is not known any more"); }
void Timeline::ResultRead(const ModelQuery& query, const Rows& rows) {
  Add(fmt::format("{} is read: {} rows", query.id.value, rows.size()));
}
void Timeline::ResultLost(const ModelQuery& query, const Error& error) {
  Add(query.id.value + " could not be read: " + error.ToString());
}
void Timeline::Happened(const std::string& what) { Add("* " + what); }

}  // namespace planaria::sim

#include "coordinator/task_adoption.h"

#include <spdlog/spdlog.h>

#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "base/error.h"

namespace planaria::coordinator {

namespace {

constexpr auto kTaskListDeadline = std::chrono::seconds(5);
constexpr int kTries = 5;
/// Longer than any request to a node is under way.
constexpr auto kAskAgainAfter = std::chrono::seconds(20);

void Sort(const std::string& list, const NodeId& node, const TaskAdoption& adoption) {
  std::istringstream lines(list);
  for (std::string line; std::getline(lines, line);) {
    try {
      const TaskId task = TaskId::Parse(line);
      if (adoption.runs(task.query)) {
        adoption.adopt(task);
      } else if (adoption.owns(task.query)) {
        adoption.cancel(task);
      }
    } catch (const TrinoException& exception) {
      spdlog::warn("node {} names a task that is none: {}", node.value, exception.what());
    }
  }
}

void Ask(HttpClient& client, const protocol::NodeAnnouncement& node,
         const std::shared_ptr<const TaskAdoption>& adoption, int tries) {
  ClientRequest request;
  request.url = node.internal_uri + "/v1/task";
  request.deadline = kTaskListDeadline;
  client.Send(std::move(request), [&client, node, adoption, tries](const HttpOutcome& outcome) {
    adoption->pass([&] {
      const auto* response = std::get_if<HttpResponse>(&outcome);
      if (response && response->status == 200) return Sort(response->body, node.node, *adoption);
      if (tries > 1) Ask(client, node, adoption, tries - 1);
    });
  });
}

}  // namespace

void AdoptTasks(HttpClient& client, Executor& executor, const protocol::NodeAnnouncement& node,
                TaskAdoption adoption) {
  const auto shared = std::make_shared<const TaskAdoption>(std::move(adoption));
  Ask(client, node, shared, kTries);
  executor.RunAfter(kAskAgainAfter,
                    [&client, node, shared] { shared->pass([&] { Ask(client, node, shared, kTries); }); });
}

}  // namespace planaria::coordinator

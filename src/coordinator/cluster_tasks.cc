#include "coordinator/cluster_tasks.h"

#include <fmt/format.h>

#include "worker/worker_resource.h"

namespace planaria::coordinator {

namespace {
/// A frozen node shows by missing heartbeats; a request to it must not wait longer than that.
constexpr auto kTaskRequestDeadline = std::chrono::seconds(10);
/// A connection that breaks says nothing about the next one.
constexpr int kCancelTries = 5;

void SendAgainIfReset(HttpClient& client, const ClientRequest& request, int tries) {
  client.Send(request, [&client, request, tries](const HttpOutcome& outcome) {
    const auto* error = std::get_if<HttpError>(&outcome);
    if (error && error->kind == HttpError::Kind::kReset && tries > 1)
      SendAgainIfReset(client, request, tries - 1);
  });
}
}  // namespace

ClusterTasks::ClusterTasks(HttpClient& client, const NodeDirectory& nodes, NodeId self,
                           worker::TaskPool& own_tasks, std::function<void(const QueryId&)> delete_here,
                           std::function<void()> must_be_active)
    : client_(client),
      nodes_(nodes),
      self_(std::move(self)),
      own_tasks_(own_tasks),
      delete_here_(std::move(delete_here)),
      must_be_active_(must_be_active ? std::move(must_be_active) : [] {}) {}

void ClusterTasks::Start(const NodeId& node, protocol::TaskDescriptor descriptor,
                         std::function<void(Error)> failed) {
  must_be_active_();
  for (auto& [id, input] : descriptor.inputs) {
    Locate(input.holders, node);
    for (protocol::StreamSourceMessage& source : input.streams) {
      if (source.node == node) continue;
      const auto uri = nodes_.UriOf(source.node);
      // Its loss is on its way, and the end of this run with it.
      if (!uri) return;
      source.node_uri = *uri;
    }
  }
  if (node == self_) return own_tasks_.Start(std::move(descriptor));
  // A node that is not active any more is reported lost by the directory; its tasks with it.
  const auto uri = nodes_.UriOf(node);
  if (!uri) return;
  Post(*uri + "/v1/task", descriptor.Serialize(),
       // Should the process be replaced meanwhile, the task is lost with it and must not run in the next one.
       {{worker::kAcknowledgeHeader, std::to_string(nodes_.LastSettledReport(node))},
        {worker::kInstanceHeader, nodes_.InstanceOf(node)}},
       descriptor.task, "could not be started", std::move(failed));
}

void ClusterTasks::AddInputs(const NodeId& node, protocol::AddInputsMessage message,
                             std::function<void(Error)> failed) {
  must_be_active_();
  Locate(message.holders, node);
  if (node == self_) return own_tasks_.AddInputs(std::move(message));
  const auto uri = nodes_.UriOf(node);
  if (!uri) return;
  Post(*uri + "/v1/task/" + message.task.ToString() + "/inputs", message.Serialize(), {}, message.task,
       "did not take its inputs", std::move(failed));
}

void ClusterTasks::Locate(std::vector<protocol::OutputHolderMessage>& holders, const NodeId& reader) const {
  std::erase_if(holders, [&](protocol::OutputHolderMessage& holder) {
    const auto uri = holder.node == reader ? std::nullopt : nodes_.UriOf(holder.node);
    if (uri) holder.node_uri = *uri;
    return !uri;
  });
}

void ClusterTasks::Post(const std::string& url, std::string body, HttpHeaders headers, const TaskId& task,
                        const char* what, std::function<void(Error)> failed) {
  ClientRequest request;
  request.method = "POST";
  request.url = url;
  request.body = std::move(body);
  request.headers = std::move(headers);
  request.deadline = kTaskRequestDeadline;
  // Both kinds of request are harmless when they come twice.
  request.idempotent = true;
  client_.Send(std::move(request), [task, what, failed = std::move(failed)](HttpOutcome outcome) {
    std::string reason;
    if (const auto* response = std::get_if<HttpResponse>(&outcome)) {
      if (response->status < 300) return;
      if (response->status == worker::kOtherInstance) {
        return failed(
            {errors::REMOTE_TASK_MISMATCH, "Node was restarted before task " + task.ToString(), {}, {}});
      }
      reason = fmt::format("HTTP status {}: {}", response->status, response->body);
    } else {
      reason = std::get<HttpError>(outcome).message;
    }
    failed({errors::REMOTE_TASK_ERROR, fmt::format("Task {} {}: {}", task.ToString(), what, reason), {}, {}});
  });
}

void ClusterTasks::Cancel(const NodeId& node, const TaskId& task) {
  must_be_active_();
  if (node == self_) return own_tasks_.Cancel(task);
  const auto uri = nodes_.UriOf(node);
  if (!uri) return;
  ClientRequest request;
  request.method = "DELETE";
  request.url = *uri + "/v1/task/" + task.ToString();
  request.deadline = kTaskRequestDeadline;
  SendAgainIfReset(client_, request, kCancelTries);
}

void ClusterTasks::DeleteOutputs(const QueryId& query) {
  must_be_active_();
  delete_here_(query);
  // Lost ones too: a node that was frozen goes on with what it had kept.
  for (const ClusterNode& node : nodes_.Nodes()) {
    if (node.announcement.node == self_) continue;
    ClientRequest request;
    request.method = "DELETE";
    request.url = node.announcement.internal_uri + "/v1/spool/" + query.value;
    SendAgainIfReset(client_, request, kCancelTries);
  }
}

}  // namespace planaria::coordinator

#include "worker/worker_resource.h"

#include <charconv>

#include "base/error.h"
#include "env/http_fault.h"
#include "protocol/task_messages.h"

namespace planaria::worker {

namespace {

uint64_t ParseSequence(std::optional<std::string_view> text) {
  uint64_t sequence = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), sequence);
  return sequence;
}

}  // namespace

void AddWorkerRoutes(HttpRoutes& server, const std::string& instance, TaskPool& tasks, ReportLog& reports) {
  server.Route("POST", "/v1/task", [&, instance](std::shared_ptr<HttpCall> call) {
    const auto meant = call->request().headers.Get(kInstanceHeader);
    if (meant && *meant != instance) {
      call->Respond(TextResponse(kOtherInstance, "This node was restarted"));
      return;
    }
    try {
      auto descriptor = protocol::TaskDescriptor::Parse(call->request().body);
      reports.Acknowledge(ParseSequence(call->request().headers.Get(kAcknowledgeHeader)));
      if (FaultTakesCall("task.accept", &descriptor.task, call)) return;
      tasks.Start(std::move(descriptor));
      call->Respond(TextResponse(202, "started"));
    } catch (const TrinoException& exception) {
      call->Respond(BadRequest(exception.what()));
    }
  });
  server.Route("POST", "/v1/task/{id}/inputs", [&](std::shared_ptr<HttpCall> call) {
    try {
      auto message = protocol::AddInputsMessage::Parse(call->request().body);
      if (message.task.ToString() != call->path_parameter("id")) {
        return call->Respond(BadRequest("The inputs are for task " + message.task.ToString()));
      }
      tasks.AddInputs(std::move(message));
      call->Respond({.status = 204, .headers = {}, .body = {}});
    } catch (const TrinoException& exception) {
      call->Respond(BadRequest(exception.what()));
    }
  });
  server.Route("GET", "/v1/task", [&](std::shared_ptr<HttpCall> call) {
    std::string ids;
    for (const TaskId& task : tasks.RunningTasks()) ids += task.ToString() + "\n";
    call->Respond(ContentResponse("text/plain", std::move(ids)));
  });
  server.Route("GET", "/v1/task/usage", [&](std::shared_ptr<HttpCall> call) {
    call->Respond(ContentResponse("application/octet-stream", tasks.Usage().Serialize()));
  });
  server.Route("DELETE", "/v1/task/{id}", [&](std::shared_ptr<HttpCall> call) {
    try {
      tasks.Cancel(TaskId::Parse(call->path_parameter("id")));
      call->Respond({.status = 204, .headers = {}, .body = {}});
    } catch (const TrinoException& exception) {
      call->Respond(BadRequest(exception.what()));
    }
  });
  server.Route("DELETE", "/v1/task/reports", [&, instance](std::shared_ptr<HttpCall> call) {
    // Numbers of reports begin anew with every process.
    const auto meant = call->request().query_parameter("instance");
    if (meant && *meant != instance) {
      call->Respond(TextResponse(kOtherInstance, "This node was restarted"));
      return;
    }
    reports.Acknowledge(ParseSequence(call->request().query_parameter("through")));
    call->Respond({.status = 204, .headers = {}, .body = {}});
  });
  server.Route("GET", "/v1/task/reports", [&, instance](std::shared_ptr<HttpCall> call) {
    const auto asked = call->request().query_parameter("instance");
    if (asked && *asked != instance) {
      call->Respond(TextResponse(kOtherInstance, "This node was restarted"));
      return;
    }
    call->StartStream(200, {{"Content-Type", "application/octet-stream"}});
    auto subscriber =
        std::make_shared<ReportLog::Subscriber>([call](const std::string& frame) { call->Write(frame); });
    // The call holds what keeps the subscription alive; both end with the connection.
    call->OnDisconnect([subscriber]() mutable { subscriber.reset(); });
    reports.Subscribe(ParseSequence(call->request().query_parameter("after")), subscriber);
  });
}

}  // namespace planaria::worker

#include "server/demo/task_attempts.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <tuple>

#include "base/error.h"
#include "base/ids.h"

namespace planaria::server {

std::string TaskAttempt::Name() const {
  return std::to_string(fragment) + "." + std::to_string(partition) + "." + std::to_string(attempt);
}

WallTime ParseUtc(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, fraction_start = 0, fraction_end = 0;
  long fraction = 0;
  if (std::sscanf(text.c_str(), "%d-%d-%d %d:%d:%d.%n%ld%n UTC", &year, &month, &day, &hour, &minute, &second,
                  &fraction_start, &fraction, &fraction_end) != 7 ||
      !text.ends_with(" UTC")) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "Not a time in UTC: " + text);
  }
  for (int digits = fraction_end - fraction_start; digits < 6; ++digits) fraction *= 10;
  const std::chrono::sys_days date{std::chrono::year(year) / month / day};
  return date + std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) +
         std::chrono::microseconds(fraction);
}

std::vector<TaskAttempt> AttemptsOf(const TrinoSession& session, const std::string& query_id) {
  const StatementResult result = session.Run(
      "SELECT task_id, node_id, state, start, \"end\" FROM system.runtime.tasks WHERE query_id = '" +
      query_id + "'");
  std::vector<TaskAttempt> attempts;
  for (const auto& row : result.rows) {
    const TaskId id = TaskId::Parse(row[0].get<std::string>());
    TaskAttempt attempt;
    attempt.fragment = static_cast<int>(id.fragment.value);
    attempt.partition = static_cast<int>(id.partition.value);
    attempt.attempt = static_cast<int>(id.attempt.value);
    attempt.node = row[1];
    attempt.state = row[2];
    attempt.start = ParseUtc(row[3]);
    if (!row[4].is_null()) attempt.end = ParseUtc(row[4]);
    attempts.push_back(std::move(attempt));
  }
  std::sort(attempts.begin(), attempts.end(), [](const TaskAttempt& a, const TaskAttempt& b) {
    return std::tie(a.start, a.fragment, a.partition, a.attempt) <
           std::tie(b.start, b.fragment, b.partition, b.attempt);
  });
  return attempts;
}

AttemptCounts CountTasks(const std::vector<TaskAttempt>& attempts) {
  std::map<std::pair<int, int>, int> by_task;
  for (const TaskAttempt& attempt : attempts) by_task[{attempt.fragment, attempt.partition}]++;
  AttemptCounts counts{by_task.size(), 0};
  for (const auto& [task, count] : by_task) counts.retried += count > 1;
  return counts;
}

bool WasReplaced(const TaskAttempt& attempt, const std::vector<TaskAttempt>& attempts) {
  return attempt.state == "FAILED" &&
         std::any_of(attempts.begin(), attempts.end(), [&attempt](const TaskAttempt& other) {
           return other.fragment == attempt.fragment && other.partition == attempt.partition &&
                  other.attempt > attempt.attempt && other.state == "FINISHED";
         });
}

}  // namespace planaria::server

#include "server/demo/demo_report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "server/demo/task_timeline.h"

namespace planaria::server {

namespace {

constexpr const char* kRed = "\033[31m";
constexpr const char* kGreen = "\033[32m";
constexpr const char* kBold = "\033[1m";
constexpr const char* kPlain = "\033[0m";

constexpr const char* kRow = "{:<8}{:>8}{:>8}{:>9}{:>9}  {}";

double Milliseconds(WallTime from, WallTime to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

std::string Plural(size_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace

std::string QueryName(int number) { return fmt::format("q{:02}", number); }

std::vector<TaskAttempt> QueryRun::Lost() const {
  std::vector<TaskAttempt> lost;
  for (const TaskAttempt& attempt : attempts) {
    if (kill && attempt.node == kill->worker && WasReplaced(attempt, attempts)) lost.push_back(attempt);
  }
  return lost;
}

void DemoReport::PrintLine(const std::string& line) const {
  if (silent_) return;
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

DemoReport::DemoReport() : colours_(isatty(STDOUT_FILENO)) {}

std::string DemoReport::Coloured(const char* colour, const std::string& text) const {
  return colours_ ? colour + text + kPlain : text;
}

double DemoReport::Seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
}

void DemoReport::Event(const std::string& text) const {
  PrintLine(fmt::format("[{:6.1f} s] {}", Seconds(), text));
}

void DemoReport::Problem(const std::string& text) const { Event(Coloured(kRed, text)); }

void DemoReport::Heading(const std::string& text) const { PrintLine("\n" + Coloured(kBold, text)); }

void DemoReport::TableHead() const {
  Heading(fmt::format(kRow, "query", "seconds", "tasks", "retried", "rows", "equal"));
}

void DemoReport::TableRow(const QueryRun& run) const {
  const AttemptCounts counts = CountTasks(run.attempts);
  PrintLine(fmt::format(kRow, QueryName(run.number), fmt::format("{:.2f}", run.seconds), counts.tasks,
                        counts.retried, run.rows,
                        run.problem ? Coloured(kRed, "NO: " + *run.problem) : Coloured(kGreen, "yes")));
}

void DemoReport::TableTotals(const std::vector<QueryRun>& runs) const {
  double seconds = 0;
  size_t tasks = 0, retried = 0, rows = 0, equal = 0;
  for (const QueryRun& run : runs) {
    const AttemptCounts counts = CountTasks(run.attempts);
    seconds += run.seconds;
    tasks += counts.tasks;
    retried += counts.retried;
    rows += run.rows;
    equal += !run.problem;
  }
  PrintLine(Coloured(kBold, fmt::format(kRow, "total", fmt::format("{:.2f}", seconds), tasks, retried, rows,
                                        fmt::format("{} of {}", equal, runs.size()))));
}

void DemoReport::Loss(const QueryRun& run) const {
  const std::vector<TaskAttempt> lost = run.Lost();
  if (lost.empty()) return;
  WallTime noticed = WallTime::max(), first_retry = WallTime::max(), last_retry = WallTime::min();
  std::set<std::string> nodes;
  for (const TaskAttempt& attempt : lost) noticed = std::min(noticed, attempt.end.value_or(noticed));
  for (const TaskAttempt& attempt : run.attempts) {
    if (attempt.attempt == 0 || attempt.state != "FINISHED") continue;
    first_retry = std::min(first_retry, attempt.start);
    last_retry = std::max(last_retry, attempt.end.value_or(attempt.start));
    nodes.insert(attempt.node);
  }
  std::string elsewhere;
  for (const std::string& node : nodes) elsewhere += (elsewhere.empty() ? "" : " and ") + node;
  Heading(fmt::format("How {} lost {} and grew back", QueryName(run.number), run.kill->worker));
  PrintLine(fmt::format(
      "killed with {} running; noticed {:.0f} ms later; retries on {} from {:.0f} ms to {:.0f} ms "
      "after the kill",
      Plural(lost.size(), "task"), Milliseconds(run.kill->time, noticed), elsewhere,
      Milliseconds(run.kill->time, first_retry), Milliseconds(run.kill->time, last_retry)));
  PrintLine(fmt::format("seconds of {}; = ran, x lost, # retry, | the kill\n", QueryName(run.number)));
  PrintLine(RenderTimeline(run.attempts, *run.kill, colours_));
}

}  // namespace planaria::server

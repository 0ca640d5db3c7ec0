#include "server/demo/task_timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace planaria::server {

namespace {

constexpr size_t kWidth = 64;
constexpr const char* kRed = "\033[31m";
constexpr const char* kGreen = "\033[32m";
constexpr const char* kPlain = "\033[0m";

double SecondsBetween(WallTime from, WallTime to) { return std::chrono::duration<double>(to - from).count(); }

/// Maps times onto columns.
class Scale {
 public:
  Scale(WallTime first, WallTime last)
      : first_(first), seconds_(std::max(SecondsBetween(first, last), 0.001)) {}

  size_t Column(WallTime time) const {
    const double share = std::clamp(SecondsBetween(first_, time) / seconds_, 0.0, 1.0);
    return std::min(kWidth - 1, static_cast<size_t>(share * kWidth));
  }
  double Seconds(WallTime time) const { return SecondsBetween(first_, time); }

 private:
  const WallTime first_;
  const double seconds_;
};

struct Style {
  char mark;
  const char* state;
  const char* colour;
};

Style StyleOf(const TaskAttempt& attempt, const std::string& killed) {
  if (attempt.state == "FAILED") return {'x', attempt.node == killed ? "lost" : "failed", kRed};
  if (attempt.state == "CANCELED") return {'-', "canceled", nullptr};
  if (attempt.attempt > 0) return {'#', "retry", kGreen};
  return {'=', "ok", nullptr};
}

WallTime EndOf(const TaskAttempt& attempt) { return attempt.end.value_or(attempt.start); }

}  // namespace

std::string RenderTimeline(const std::vector<TaskAttempt>& attempts, const Kill& kill, bool colours) {
  if (attempts.empty()) return "";
  WallTime first = WallTime::max(), last = WallTime::min();
  std::map<std::string, std::vector<const TaskAttempt*>> by_node;
  for (const TaskAttempt& attempt : attempts) {
    by_node[attempt.node].push_back(&attempt);
    first = std::min(first, attempt.start);
    last = std::max(last, EndOf(attempt));
  }
  const Scale scale(first, last);
  const size_t kill_column = scale.Column(kill.time);

  std::string text = fmt::format("  {:<10}{:>8}{:>8}  {:<9}{:>{}}\n", "task", "start", "end", "state", "kill",
                                 kill_column + 4 > kWidth ? kWidth : kill_column + 4);
  for (const auto& [node, of_node] : by_node) {
    text += node +
            (node == kill.worker ? fmt::format(" (killed at {:.3f} s)\n", scale.Seconds(kill.time)) : "\n");
    for (const TaskAttempt* attempt : of_node) {
      const Style style = StyleOf(*attempt, kill.worker);
      std::string bar(kWidth, ' ');
      const size_t from = scale.Column(attempt->start), to = scale.Column(EndOf(*attempt));
      bar.replace(from, to - from + 1, to - from + 1, style.mark);
      if (bar[kill_column] == ' ' || style.mark == 'x') bar[kill_column] = '|';
      bar.erase(bar.find_last_not_of(' ') + 1);
      const std::string line =
          fmt::format("  {:<10}{:>8.3f}{:>8.3f}  {:<9}{}", attempt->Name(), scale.Seconds(attempt->start),
                      scale.Seconds(EndOf(*attempt)), style.state, bar);
      text += colours && style.colour ? style.colour + line + kPlain : line;
      text += '\n';
    }
  }
  return text;
}

}  // namespace planaria::server

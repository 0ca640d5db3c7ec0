// What the demo prints: events, the table of queries, and how a loss went.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "server/demo/task_attempts.h"
#include "server/demo/worker_killer.h"

namespace planaria::server {

/// One query, run once.
struct QueryRun {
  int number = 0;
  double seconds = 0;
  std::vector<TaskAttempt> attempts;
  size_t rows = 0;
  /// Why the answer is not right; nothing when it is.
  std::optional<std::string> problem;
  /// The kill that happened during this query.
  std::optional<Kill> kill;

  /// Attempts that the killed worker took with it and that others replaced.
  std::vector<TaskAttempt> Lost() const;
};

/// `q09`.
std::string QueryName(int number);

/// Prints to standard output, in colours if it is a terminal. Every line is visible at once.
class DemoReport {
 public:
  DemoReport();

  /// Something that happened, with the seconds since the demo began.
  void Event(const std::string& text) const;
  void Problem(const std::string& text) const;
  void Heading(const std::string& text) const;

  /// The table comes line by line, events may stand in between.
  void TableHead() const;
  void TableRow(const QueryRun& run) const;
  void TableTotals(const std::vector<QueryRun>& runs) const;

  /// How the loss of a worker went: a summary and the timeline.
  void Loss(const QueryRun& run) const;

  /// Nothing more is printed. Any thread.
  void Silence() { silent_ = true; }

 private:
  void PrintLine(const std::string& line) const;
  /// Since the demo began.
  double Seconds() const;
  std::string Coloured(const char* colour, const std::string& text) const;

  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  const bool colours_;
  std::atomic<bool> silent_ = false;
};

}  // namespace planaria::server

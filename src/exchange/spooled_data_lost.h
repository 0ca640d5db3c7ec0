// A producer's output cannot be read any more; only running the producer again helps.
#pragma once

#include "base/error.h"
#include "base/ids.h"

namespace planaria::exchange {

class SpooledDataLost : public TrinoException {
 public:
  SpooledDataLost(TaskId producer, const std::string& message)
      : TrinoException(errors::CORRUPT_PAGE,
                       "Output of task " + producer.ToString() + " is lost: " + message),
        producer_(std::move(producer)) {}

  /// The attempt whose output is lost.
  const TaskId& producer() const { return producer_; }

 private:
  TaskId producer_;
};

}  // namespace planaria::exchange

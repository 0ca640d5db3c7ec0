// What ends a server process.
#pragma once

namespace planaria::server {

/// SIGTERM and SIGINT, taken instead of suffered, and what the process tells itself. Make it before any other
/// thread, so that no other one takes the signals.
class StopSignals {
 public:
  enum class Reason {
    kTerminate,  ///< SIGTERM
    kInterrupt,  ///< SIGINT
    kAsked,      ///< Ask()
    kFinished,   ///< Finish()
  };

  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Someone other than a signal wants the process to end. Any thread.
  void Ask();
  /// What was to be done before the end is done. Any thread.
  void Finish();

  /// Waits for the next one. One thread.
  Reason Next();

 private:
  int signals_;
  int asked_;
  int finished_;
};

}  // namespace planaria::server

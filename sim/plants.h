// Bugs put in on purpose, between the real parts: the proof that the invariants see.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace planaria::sim {

enum class Plant : uint8_t {
  kNone,
  kManifestForgotten,     ///< a task is started without one of its producers' outputs
  kManifestTwice,         ///< a task is given one output twice
  kSecondCommitReplaces,  ///< readers get whichever attempt finished last
  kFailedTaskCommits,     ///< a task that failed halfway is reported as finished with what it had
  kLostNodeForgotten,     ///< nobody tells the scheduler that a node is lost
  kLeaseKept,             ///< a cancelled task's slot is never given back
  kUserErrorRetried,      ///< user errors count as internal ones
  kSpoolKept,             ///< outputs of ended queries are not deleted
  kAllAttemptsVisible,    ///< a write commits what every attempt wrote
  kReportLost,            ///< a report is acknowledged and dropped
  kHandBackBlamed,        ///< tasks that a leaving node hands back count as failed
  kNumbersRepeated,       ///< a later start of the coordinator uses numbers of attempts again
  kCommitForgotten,       ///< the journal does not get to know some outputs
  kFormerRunGiven,        ///< what was held of a failed run is given out before the rows of the next
  kRowsNotHeld,           ///< rows are given out of a run that may be repeated
  kStaleInputs,           ///< a task that waits for inputs is given an attempt that was replaced
};
inline constexpr std::pair<Plant, std::string_view> kPlants[] = {
    {Plant::kManifestForgotten, "manifest-forgotten"},
    {Plant::kManifestTwice, "manifest-twice"},
    {Plant::kSecondCommitReplaces, "second-commit-replaces"},
    {Plant::kFailedTaskCommits, "failed-task-commits"},
    {Plant::kLostNodeForgotten, "lost-node-forgotten"},
    {Plant::kLeaseKept, "lease-kept"},
    {Plant::kUserErrorRetried, "user-error-retried"},
    {Plant::kSpoolKept, "spool-kept"},
    {Plant::kAllAttemptsVisible, "all-attempts-visible"},
    {Plant::kReportLost, "report-lost"},
    {Plant::kHandBackBlamed, "hand-back-blamed"},
    {Plant::kNumbersRepeated, "numbers-repeated"},
    {Plant::kCommitForgotten, "commit-forgotten"},
    {Plant::kFormerRunGiven, "former-run-given"},
    {Plant::kRowsNotHeld, "rows-not-held"},
    {Plant::kStaleInputs, "stale-inputs"},
};

inline std::optional<Plant> PlantNamed(std::string_view name) {
  for (const auto& [plant, known] : kPlants) {
    if (known == name) return plant;
  }
  return std::nullopt;
}

}  // namespace planaria::sim

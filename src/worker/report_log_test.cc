#include "worker/report_log.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace planaria::worker {
namespace {

/// What a coordinator sees of a log, as text: `3:payload`, `3:` for a heartbeat.
class Listener {
 public:
  std::shared_ptr<ReportLog::Subscriber> Make() {
    return std::make_shared<ReportLog::Subscriber>([this](const std::string& frame) {
      frames_.Feed(frame, [&](uint64_t sequence, std::string_view payload) {
        seen.push_back(std::to_string(sequence) + ":" + std::string(payload));
      });
    });
  }
  std::vector<std::string> seen;

 private:
  FrameReader frames_;
};

using Seen = std::vector<std::string>;

TEST(ReportLogTest, ABrokenStreamLosesNothing) {
  ReportLog log;
  log.Append("a");
  Listener first;
  auto subscription = first.Make();
  log.Subscribe(0, subscription);
  log.Append("b");
  log.Beat();
  EXPECT_EQ(first.seen, (Seen{"1:a", "2:b", "2:"}));
  subscription.reset();
  log.Append("c");
  EXPECT_EQ(first.seen.size(), 3u);
  Listener second;
  subscription = second.Make();
  log.Subscribe(1, subscription);
  EXPECT_EQ(second.seen, (Seen{"2:b", "3:c"}));
}

TEST(ReportLogTest, AcknowledgedReportsAreDropped) {
  ReportLog log;
  for (const char* report : {"a", "b", "c"}) log.Append(report);
  log.Acknowledge(2);
  Listener listener;
  const auto subscription = listener.Make();
  log.Subscribe(0, subscription);
  EXPECT_EQ(listener.seen, (Seen{"3:c"}));
}

TEST(ReportLogTest, TellsWhenEverythingIsAcknowledged) {
  ReportLog log;
  int told = 0;
  log.WhenAcknowledged([&] { told++; });
  EXPECT_EQ(told, 1);
  log.Append("a");
  log.Append("b");
  log.WhenAcknowledged([&] { told++; });
  log.Acknowledge(1);
  EXPECT_EQ(told, 1);
  log.Acknowledge(2);
  log.Acknowledge(2);
  EXPECT_EQ(told, 2);
}

TEST(FrameReaderTest, FramesMayArriveInPieces) {
  const std::string bytes =
      EncodeFrame(7, "report") + EncodeFrame(7, "") + EncodeFrame(8, std::string(1000, 'x'));
  for (const size_t piece : {1, 3, 11, 12, 13, 500}) {
    FrameReader reader;
    Seen seen;
    for (size_t at = 0; at < bytes.size(); at += piece) {
      reader.Feed(std::string_view(bytes).substr(at, piece),
                  [&](uint64_t sequence, std::string_view payload) {
                    seen.push_back(std::to_string(sequence) + ":" + std::to_string(payload.size()));
                  });
    }
    EXPECT_EQ(seen, (Seen{"7:6", "7:0", "8:1000"})) << piece;
  }
}

TEST(FrameReaderTest, ImpossibleLengthsAreRefused) {
  FrameReader reader;
  EXPECT_THROW(reader.Feed(std::string(12, '\xff'), [](uint64_t, std::string_view) {}), TrinoException);
}

}  // namespace
}  // namespace planaria::worker

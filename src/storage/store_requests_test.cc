#include "storage/store_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "storage/aws_signature.h"
#include "storage/digest.h"
#include "storage/xml.h"

namespace planaria::storage {
namespace {

using namespace std::chrono_literals;

/// Gives prepared answers; status 0 is none.
class ScriptedTransport final : public StoreTransport {
 public:
  StoreResponse Send(const StoreRequest&) override {
    sent++;
    StoreResponse response = answers.empty() ? Answer(200) : answers.front();
    if (!answers.empty()) answers.pop_front();
    if (response.status == 0) throw StoreUnreachable("GET to host failed: reset");
    return response;
  }
  static StoreResponse Answer(int status, const char* retry_after = nullptr) {
    StoreResponse response;
    response.status = status;
    if (retry_after != nullptr) response.headers.Add("Retry-After", retry_after);
    return response;
  }

  std::deque<StoreResponse> answers;
  int sent = 0;
};

class StoreRequestsTest : public testing::Test {
 protected:
  StoreRequests Make(RetryOptions options = {}) {
    options.sleep = [this](Duration pause) { pauses_.push_back(pause); };
    return {transport_, options};
  }
  StoreResponse Run(StoreRequests& requests) {
    return requests.Run(
        RequestKind::kGet, {}, [this](StoreRequest&) { signed_++; }, "s3://b/k");
  }

  std::shared_ptr<ScriptedTransport> transport_ = std::make_shared<ScriptedTransport>();
  std::vector<Duration> pauses_;
  int signed_ = 0;
};

TEST_F(StoreRequestsTest, PausesGrowAndEveryTryIsSigned) {
  auto requests = Make();
  for (int status : {500, 0, 503, 502}) transport_->answers.push_back(ScriptedTransport::Answer(status));
  EXPECT_EQ(Run(requests).status, 200);
  EXPECT_EQ(signed_, 5);
  ASSERT_EQ(pauses_.size(), 4u);
  for (size_t i = 0; i < pauses_.size(); i++) {
    EXPECT_GE(pauses_[i], 25ms * (1 << i));
    EXPECT_LE(pauses_[i], 50ms * (1 << i));
  }
  EXPECT_EQ(requests.counts().of(RequestKind::kGet), 5u);
  EXPECT_EQ(requests.counts().retries, 4u);
  EXPECT_EQ(requests.counts().throttled, 1u);
}

TEST_F(StoreRequestsTest, RetryAfterIsFollowedUpToAMinute) {
  auto requests = Make();
  transport_->answers = {ScriptedTransport::Answer(503, "7"), ScriptedTransport::Answer(429, "3600"),
                         ScriptedTransport::Answer(503, "soon")};
  EXPECT_EQ(Run(requests).status, 200);
  ASSERT_EQ(pauses_.size(), 3u);
  EXPECT_EQ(pauses_[0], 7s);
  EXPECT_EQ(pauses_[1], 60s);
  EXPECT_LT(pauses_[2], 1s);
}

TEST_F(StoreRequestsTest, OtherAnswersAreNotRepeated) {
  auto requests = Make();
  for (int status : {204, 400, 403, 404, 409, 412, 416, 501}) {
    transport_->answers = {ScriptedTransport::Answer(status)};
    EXPECT_EQ(Run(requests).status, status);
  }
  EXPECT_TRUE(pauses_.empty());
}

TEST_F(StoreRequestsTest, TheLastAnswerOrItsAbsenceIsTold) {
  auto requests = Make({.max_retries = 2});
  for (int i = 0; i < 3; i++) transport_->answers.push_back(ScriptedTransport::Answer(503));
  EXPECT_EQ(Run(requests).status, 503);
  EXPECT_EQ(transport_->sent, 3);
  for (int i = 0; i < 3; i++) transport_->answers.push_back(ScriptedTransport::Answer(0));
  try {
    Run(requests);
    FAIL();
  } catch (const TrinoException& failure) {
    EXPECT_STREQ(failure.what(), "s3://b/k: GET to host failed: reset (3 tries)");
  }
}

TEST_F(StoreRequestsTest, AllShareABudgetThatSuccessRefills) {
  auto requests = Make({.max_retries = 1000, .budget = 50});
  for (int i = 0; i < 11; i++) transport_->answers.push_back(ScriptedTransport::Answer(500));
  EXPECT_EQ(Run(requests).status, 500);
  EXPECT_EQ(transport_->sent, 11);
  transport_->answers = {ScriptedTransport::Answer(500)};
  EXPECT_EQ(Run(requests).status, 500);
  for (int i = 0; i < 5; i++) EXPECT_EQ(Run(requests).status, 200);
  transport_->answers = {ScriptedTransport::Answer(500)};
  EXPECT_EQ(Run(requests).status, 200);
}

/// The examples of "Signature Calculations for the Authorization Header" in Amazon's S3 reference.
class AwsSignatureTest : public testing::Test {
 protected:
  std::string SignatureOf(StoreRequest request) {
    request.origin = "http://examplebucket.s3.amazonaws.com";
    SignAws(request, {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", {}}, "us-east-1",
            std::chrono::system_clock::from_time_t(1369353600));
    const std::string header(request.headers.Get("Authorization").value());
    return header.substr(header.rfind('=') + 1);
  }
};

TEST_F(AwsSignatureTest, SignsTheReadOfARange) {
  StoreRequest request;
  request.path = "/test.txt";
  request.headers.Set("Range", "bytes=0-9");
  EXPECT_EQ(SignatureOf(request), "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST_F(AwsSignatureTest, SignsAnUpload) {
  StoreRequest request;
  request.method = "PUT";
  request.path = '/' + EncodePath("test$file.text");
  request.headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                     {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
  request.body = "Welcome to Amazon S3.";
  EXPECT_EQ(SignatureOf(request), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST_F(AwsSignatureTest, SignsAListing) {
  StoreRequest request;
  request.path = "/";
  request.query = {{"max-keys", "2"}, {"prefix", "J"}};
  EXPECT_EQ(SignatureOf(request), "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(XmlTest, ReadsATree) {
  const auto root = ParseXml("<?xml version=\"1.0\"?><a:R xmlns:a=\"u\"><K>x&amp;y</K><K>z</K><E/></a:R>");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->name, "R");
  EXPECT_EQ(root->Text("K"), "x&y");
  EXPECT_EQ(root->children.size(), 3u);
  EXPECT_EQ(root->Text("none"), "");
}

TEST(XmlTest, RefusesWhatIsNoPlainDocument) {
  std::string deep;
  for (int i = 0; i < 1000; i++) deep += "<a>";
  for (const std::string& text :
       {std::string(), std::string("<a>"), std::string("<a></b>"), std::string("text"),
        std::string("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>"), deep}) {
    EXPECT_FALSE(ParseXml(text)) << text.substr(0, 40);
  }
}

TEST(DigestTest, Base64GoesBothWays) {
  for (const std::string& bytes :
       {std::string("a"), std::string("ab"), std::string("abc"), std::string("\0\xff", 2)}) {
    EXPECT_EQ(FromBase64(Base64(bytes)), bytes);
  }
  EXPECT_EQ(Base64(Md5("hello")), "XUFAKrxLKna5cZ2REBfFkg==");
  EXPECT_EQ(FromBase64("not base64"), "");
}

}  // namespace
}  // namespace planaria::storage

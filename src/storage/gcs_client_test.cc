// Names that are taken, as Google answers: the emulator does not look at ifGenerationMatch.
#include "storage/gcs_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/blob_object_store.h"
#include "storage/identity/token_server_for_test.h"

namespace planaria::storage {
namespace {

using ::testing::HasSubstr;

/// One bucket that keeps of each object who wrote it, and loses some answers.
class FakeGoogle {
 public:
  FakeGoogle() : server_([this](const HttpRequest& request) { return Answer(request); }) {}

  std::unique_ptr<BlobObjectStore> Open() const {
    GcsOptions options;
    options.endpoint = server_.url();
    options.environment = Variables({});
    options.part_bytes = 256 << 10;
    options.retries.first_pause = std::chrono::milliseconds(1);
    return std::make_unique<BlobObjectStore>(MakeGcsClient("b", options), "");
  }

  /// Name to the mark of its writer.
  std::map<std::string, std::string> objects;
  /// Of requests that made an object.
  int answers_to_lose = 0;
  int lost = 0;
  int refused = 0;

 private:
  static std::string MarkIn(const std::string& body) {
    const std::string before = R"("writer":")";
    const size_t at = body.find(before) + before.size();
    return body.substr(at, body.find('"', at) - at);
  }

  HttpResponse Make(const std::string& name, const std::string& mark) {
    if (!objects.emplace(name, mark).second) {
      refused++;
      return {.status = 412};
    }
    if (answers_to_lose > 0) {
      answers_to_lose--;
      lost++;
      return {.status = 503};
    }
    return {.status = 200, .body = "{}"};
  }

  HttpResponse Answer(const HttpRequest& request) {
    const auto parameter = [&](const char* name) {
      return std::string(request.query_parameter(name).value_or(""));
    };
    const std::string folder = "/storage/v1/b/b/o/";
    if (request.method == "GET" && request.path.starts_with(folder)) {
      const auto found = objects.find(request.path.substr(folder.size()));
      if (found == objects.end()) return {.status = 404};
      return {.status = 200, .body = R"({"metadata":{"writer":")" + found->second + R"("}})"};
    }
    if (request.method == "POST" && parameter("uploadType") == "multipart") {
      EXPECT_EQ(parameter("ifGenerationMatch"), "0");
      return Make(parameter("name"), MarkIn(request.body));
    }
    if (request.method == "POST" && parameter("uploadType") == "resumable") {
      EXPECT_EQ(parameter("ifGenerationMatch"), "0");
      HttpResponse response;
      response.headers.Set(
          "Location", server_.url() + "/session?name=" + parameter("name") + "&mark=" + MarkIn(request.body));
      return response;
    }
    if (request.method == "PUT" && request.path == "/session") {
      const std::string range(request.headers.Get("Content-Range").value_or(""));
      if (!range.ends_with("/*")) return Make(parameter("name"), parameter("mark"));
      HttpResponse response{.status = 308};
      response.headers.Set(
          "Range", "bytes=0-" + range.substr(range.find('-') + 1, range.find('/') - range.find('-') - 1));
      return response;
    }
    return {.status = request.method == "DELETE" ? 204 : 400};
  }

  TokenServer server_;
};

TEST(GcsClient, ANameThatAnotherHasTakenIsRefused) {
  FakeGoogle google;
  const auto store = google.Open();
  EXPECT_TRUE(store->PutIfAbsent("a", "1"));
  EXPECT_FALSE(google.Open()->PutIfAbsent("a", "2"));
  EXPECT_EQ(google.refused, 1);
  EXPECT_FALSE(store->PutIfAbsent("a", "1"));
}

TEST(GcsClient, AnAnswerThatWasLostDoesNotMakeTheNameAnothers) {
  FakeGoogle google;
  google.answers_to_lose = 1;
  EXPECT_TRUE(google.Open()->PutIfAbsent("a", "1"));
  EXPECT_EQ(google.lost, 1);
  EXPECT_EQ(google.refused, 1);
}

TEST(GcsClient, LargeObjectsKeepToTheSame) {
  const std::string content(600 << 10, 'x');
  FakeGoogle google;
  const auto store = google.Open();
  const auto write = [&] {
    const auto writer = store->Create("large");
    writer->Write(content.data(), content.size());
    return writer->Finish();
  };
  google.answers_to_lose = 1;
  EXPECT_EQ(write(), content.size());
  EXPECT_EQ(google.lost, 1);
  EXPECT_EQ(google.refused, 1);
  try {
    write();
    FAIL() << "written twice";
  } catch (const TrinoException& taken) {
    EXPECT_THAT(taken.what(), HasSubstr("Object exists already: gs://b/large"));
  }
}

}  // namespace
}  // namespace planaria::storage

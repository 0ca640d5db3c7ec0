#include "config/import/platform_import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <regex>

#include "base/error.h"
#include "config/etc_config.h"
#include "config/import/etc_writer.h"
#include "config/import/properties_text.h"
#include "config/problems.h"

namespace planaria {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const char* const kSamples[] = {"emr-retry-policy.json", "emr-hdfs-default.json", "emr-hdfs.json",
                                "emr-s3.json", "hdinsight-abfs.json"};

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string Sample(const std::string& name) {
  const std::string text =
      ReadText(std::filesystem::path(PLANARIA_SOURCE_DIR) / "tests/data/platforms" / name);
  EXPECT_FALSE(text.empty()) << name;
  return text;
}

ImportOptions Options(bool coordinator = true) {
  ImportOptions options;
  options.source = "x.json";
  options.coordinator = coordinator;
  options.env = [](const std::string& name) -> std::optional<std::string> {
    if (name == "AWS_REGION") return "eu-west-1";
    return std::nullopt;
  };
  options.has_connector = [](const std::string& name) { return name == "tpch" || name == "memory"; };
  return options;
}

/// `path key=value` of everything.
std::vector<std::string> Lines(const PlatformImport& imported) {
  std::vector<std::string> lines;
  for (const EtcFile& file : imported.files) {
    for (const auto& [key, value] : file.properties) lines.push_back(file.path + ' ' + key + '=' + value);
  }
  return lines;
}

std::vector<std::string> Lines(const std::string& json, bool coordinator = true) {
  return Lines(ReadPlatformConfig(json, Options(coordinator)));
}

std::string Failure(const std::string& json) {
  try {
    ReadPlatformConfig(json, Options());
  } catch (const TrinoException& failure) {
    EXPECT_EQ(failure.error().code, errors::CONFIGURATION_INVALID);
    return failure.what();
  }
  return "";
}

TEST(PlatformImport, OneClassificationAlone) {
  const PlatformImport imported = ReadPlatformConfig(Sample("emr-retry-policy.json"), Options());
  EXPECT_THAT(Lines(imported), ElementsAre("config.properties retry-policy=QUERY"));
  EXPECT_THAT(imported.notes, IsEmpty());
}

TEST(PlatformImport, AnEmptyExchangeManagerIsTheClustersHdfs) {
  EXPECT_THAT(Lines(Sample("emr-hdfs-default.json")),
              ElementsAre("exchange-manager.properties exchange-manager.name=hdfs",
                          "exchange-manager.properties exchange.base-directories=/trino-exchange",
                          "exchange-manager.properties hdfs.config.resources="
                          "/etc/hadoop/conf/core-site.xml,/etc/hadoop/conf/hdfs-site.xml"));
}

TEST(PlatformImport, LocalHdfsTakesPathsAndItsConfiguration) {
  const PlatformImport imported = ReadPlatformConfig(Sample("emr-hdfs.json"), Options());
  EXPECT_THAT(Lines(imported), ElementsAre("config.properties fault-tolerant-execution-task-memory=5GB",
                                           "config.properties query.remote-task.max-error-duration=1m",
                                           "config.properties retry-policy=TASK",
                                           "exchange-manager.properties exchange-manager.name=hdfs",
                                           "exchange-manager.properties exchange.base-directories=/exchange",
                                           "exchange-manager.properties exchange.use-local-hdfs=true",
                                           "exchange-manager.properties hdfs.config.resources="
                                           "/etc/hadoop/conf/core-site.xml,/etc/hadoop/conf/hdfs-site.xml"));
  EXPECT_THAT(imported.notes,
              Contains("x.json: [0]: hdfs-site: not used: Hadoop's configuration is read from "
                       "/etc/hadoop/conf"));
  EXPECT_THAT(imported.notes,
              Contains("x.json: [1].Properties: graceful-shutdown-timeout: not used: the property is not "
                       "known here"));
  EXPECT_THAT(
      imported.notes,
      Contains("x.json: [1].Properties: fault-tolerant-execution-target-task-split-count: not used: "
               "Trino no longer takes it, 'fault-tolerant-execution-max-task-split-count' came in its "
               "place"));
  EXPECT_THAT(
      imported.notes,
      Contains(HasSubstr("[1].Properties: query.remote-task.max-error-duration: has no effect here")));
}

TEST(PlatformImport, OnS3TheRegionIsTheEnvironments) {
  const PlatformImport imported = ReadPlatformConfig(Sample("emr-s3.json"), Options());
  EXPECT_THAT(Lines(imported), ElementsAre("catalog/tpch.properties connector.name=tpch",
                                           "config.properties retry-policy=TASK",
                                           "exchange-manager.properties exchange-manager.name=filesystem",
                                           "exchange-manager.properties exchange.base-directories="
                                           "s3://exchange-spooling-bucket-1,s3://exchange-spooling-bucket-2",
                                           "exchange-manager.properties exchange.s3.region=eu-west-1"));
  EXPECT_THAT(imported.notes,
              Contains("x.json: [2].Properties: catalog/hive.properties: not used: there is no connector "
                       "'hive' here"));
  ImportOptions elsewhere = Options();
  elsewhere.env = [](const std::string&) { return std::nullopt; };
  EXPECT_THROW(ReadPlatformConfig(Sample("emr-s3.json"), elsewhere), TrinoException);
}

TEST(PlatformImport, ClustersOfHdinsight) {
  const PlatformImport imported = ReadPlatformConfig(Sample("hdinsight-abfs.json"), Options());
  EXPECT_THAT(
      Lines(imported),
      ElementsAre("catalog/memory.properties connector.name=memory",
                  "catalog/memory.properties memory.max-data-per-node=128MB",
                  "catalog/tpch.properties connector.name=tpch",
                  "config.properties query.max-execution-time=1d", "config.properties retry-policy=TASK",
                  "config.properties shutdown.grace-period=5m",
                  "exchange-manager.properties exchange-manager.name=filesystem",
                  "exchange-manager.properties exchange.azure.connection-string="
                  "DefaultEndpointsProtocol=https;AccountName=account_name;AccountKey=YWNjb3VudC1rZXk=;"
                  "EndpointSuffix=core.windows.net",
                  "exchange-manager.properties exchange.base-directories="
                  "abfs://container_name@account_name.dfs.core.windows.net"));
  const std::string configs = "x.json: properties.clusterProfile.serviceConfigsProfiles[0].configs";
  EXPECT_THAT(imported.notes, Contains(configs + "[2]: worker: not used: this node is a coordinator"));
  EXPECT_THAT(imported.notes, Contains(configs + "[3]: miscfiles: not used: nothing here reads its files"));
  EXPECT_THAT(imported.notes, Contains(configs + "[4].files[1].content: catalog/trinotestdb1.properties: not "
                                                 "used: there is no connector 'sqlserver' here"));
  EXPECT_THAT(imported.notes, Contains("x.json: properties.clusterProfile.trinoProfile: not used: only "
                                       "serviceConfigsProfiles configures Trino"));
  for (const std::string& note : imported.notes) EXPECT_THAT(note, Not(HasSubstr("YWNj")));

  const std::vector<std::string> worker = Lines(Sample("hdinsight-abfs.json"), false);
  EXPECT_THAT(worker, Contains("config.properties query.max-execution-time=5d"));
  EXPECT_THAT(worker, Contains("config.properties query.max-memory-per-node=50%"));
}

TEST(PlatformImport, FormsOfEmrsDocuments) {
  const std::string one = R"({"classification":"trino-config","properties":{"retry-policy":"TASK"}})";
  const auto expected = ElementsAre("config.properties retry-policy=TASK");
  EXPECT_THAT(Lines('[' + one + ']'), expected);
  EXPECT_THAT(Lines(R"({"Configurations":[)" + one + "]}"), expected);
  EXPECT_THAT(Lines(R"({"Cluster":{"Configurations":[)" + one + "]}}"), expected);
  EXPECT_THAT(Lines(R"([{"Classification":"trino-env","Configurations":[)" + one + "]}]"), expected);
  EXPECT_THAT(Lines(R"([{"Classification":"trino-config","Properties":{"query.max-history":7}}])"),
              ElementsAre("config.properties query.max-history=7"));
  EXPECT_THAT(Lines("[" + one + "," + one + "]"), expected);
  EXPECT_THAT(Lines(R"([{"Classification":"trino-exchange-manager","Properties":{
                        "exchange-manager.name":"filesystem","exchange.use-local-hdfs":true,
                        "exchange.base-directories":"a/, /b","hdfs.config.resources":"/c.xml"}}])"),
              ElementsAre("exchange-manager.properties exchange-manager.name=hdfs",
                          "exchange-manager.properties exchange.base-directories=/a/,/b",
                          "exchange-manager.properties exchange.use-local-hdfs=true",
                          "exchange-manager.properties hdfs.config.resources=/c.xml"));
}

TEST(PlatformImport, ErrorsNameThePlace) {
  EXPECT_EQ(Failure("{\"a\":\n  }"), "x.json: is not JSON: malformed at line 2, column 3");
  EXPECT_EQ(Failure(R"([{"classification":"a","properties":{"b":"1","b":"2"}}])"),
            "x.json: has member 'b' twice");
  EXPECT_EQ(Failure(R"([{"classification":"a","Classification":"b"}])"),
            "x.json: [0]: has member 'classification' twice, in different cases");
  EXPECT_THAT(Failure("{}"), HasSubstr("x.json: $: is no configuration of a platform"));
  EXPECT_EQ(Failure("[[]]"), "x.json: [0]: is array, expected an object");
  EXPECT_THAT(Failure("[{}]"), HasSubstr("x.json: [0]: has no classification"));
  EXPECT_EQ(Failure(R"([{"classification":"trino-config","properties":{"retry-policy":["TASK"]}}])"),
            "x.json: [0].properties[\"retry-policy\"]: is array, expected a string");
  EXPECT_EQ(
      Failure(R"([{"classification":"trino-config","properties":{"retry-policy":"ALL"}}])"),
      "x.json: [0].properties: retry-policy: invalid value 'ALL', expected one of NONE, QUERY, TASK, AUTO");
  EXPECT_EQ(Failure(R"([{"classification":"trino-config","properties":{"query.max-memory":"${ENV:NO}"}}])"),
            "x.json: [0].properties: query.max-memory: references unset environment variable 'NO'");
  EXPECT_EQ(
      Failure(R"([{"classification":"trino-config","properties":{"retry-policy":"TASK"}},
                        {"classification":"trino-config","properties":{"retry-policy":"QUERY"}}])"),
      "x.json: [1].properties: retry-policy: has another value at x.json: [0].properties, expected one");
  EXPECT_EQ(Failure(R"([{"classification":"trino-exchange-manager",
                         "properties":{"exchange.use-local-hdfs":"false"}}])"),
            "x.json: [0]: exchange.base-directories: is required, expected a comma list of directories");
  EXPECT_THAT(Failure(std::string(100, '[') + std::string(100, ']')), HasSubstr("nested deeper"));
  EXPECT_THAT(
      Failure(R"([{"classification":"trino-config","properties":{"http-server.https.enabled":"true"}}])"),
      HasSubstr("http-server.https.enabled"));
}

std::string Profile(const std::string& component, const std::string& file) {
  return R"({"serviceConfigsProfiles":[{"serviceName":"trino","configs":[{"component":")" + component +
         R"(","files":[)" + file + "]}]}]}";
}

TEST(PlatformImport, NamesOfFilesDoNotLeadOutOfTheFolder) {
  for (const char* const name : {"trino-connector-../../x", "trino-connector-", "trino-connector-a/b",
                                 "trino-connector-a.b", "trino-connector-system"}) {
    EXPECT_THAT(Failure(std::string(R"([{"classification":")") + name + R"("}])"), HasSubstr("x.json: [0]: "))
        << name;
  }
  for (const char* const name :
       {"../config.properties", "/etc/passwd", "..", "", "a\\\\b", ".hidden", "x/../config.properties"}) {
    const std::string json =
        Profile("common", std::string(R"({"fileName":")") + name + R"(","values":{"a":"b"}})");
    EXPECT_THAT(Failure(json), HasSubstr("files[0].fileName: is not the plain name of a file")) << name;
  }
  EXPECT_THAT(Failure(Profile("catalogs", R"({"fileName":"../a.properties","values":{}})")),
              HasSubstr("is not the name of a catalog"));
  EXPECT_THAT(
      Failure(Profile("common", R"({"fileName":"config.properties","values":{"a":"[variables('x')]"}})")),
      HasSubstr("values.a: is an expression of a template"));
  EXPECT_THAT(
      Failure(Profile("catalogs", R"({"fileName":"m.properties","content":"connector.name=memory\n=1"})")),
      HasSubstr("files[0].content:2: line without a key"));
}

TEST(PropertiesText, IsReadBackAsItWas) {
  for (const std::string value : {"", " a b ", "a\\b", "x\ny\r\t", "\t", "=:#!", "\xC3\xA9", "${x", "a\\"}) {
    ConfigProblems problems;
    const auto file = ParseProperties("f", RenderProperty("k", value), ProcessEnvironment(), problems);
    ASSERT_EQ(file.properties.size(), 1u) << value;
    EXPECT_EQ(file.properties[0].value, value);
  }
}

TEST(PropertiesText, MergingKeepsWhatIsTheNodes) {
  EXPECT_EQ(
      MergeProperties("f", "# mine\na=1\nb = one,\\\n   two\nc=${ENV:X}\n\nd=4",
                      {{"a", "1"}, {"b", "3"}, {"c", "${ENV:X}"}, {"e", "5"}}, {{"d", "0"}, {"f", "6"}}),
      "# mine\na=1\nb=3\nc=${ENV:X}\n\nd=4\ne=5\nf=6\n");
  EXPECT_THROW(MergeProperties("f", "a=1\na=2", {}, {}), TrinoException);
}

class EtcWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "etc_writer_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path directory_;
};

TEST_F(EtcWriterTest, ASecondImportChangesNothing) {
  const auto etc = directory_ / "etc";
  const PlatformImport imported = ReadPlatformConfig(Sample("hdinsight-abfs.json"), Options());
  for (const std::string& line : WriteEtc(etc, imported.files)) EXPECT_THAT(line, HasSubstr("written"));
  const auto mode = std::filesystem::status(etc / "exchange-manager.properties").permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  for (const std::string& line : WriteEtc(etc, imported.files)) EXPECT_THAT(line, HasSubstr("unchanged"));
  const EtcConfig config = LoadEtc(etc);
  EXPECT_EQ(config.node.environment, "production");
  EXPECT_EQ(config.server.query.retry.policy, RetryPolicy::kTask);
  EXPECT_THAT(config.exchange_manager->base_directories,
              ElementsAre("abfs://container_name@account_name.dfs.core.windows.net"));
}

TEST_F(EtcWriterTest, WhatIsTheNodesStays) {
  std::ofstream(directory_ / "config.properties")
      << "# this node\nhttp-server.http.port=7\nretry-policy=NONE\n";
  std::ofstream(directory_ / "node.properties") << "node.environment=mine\n";
  std::ofstream(directory_ / "exchange-manager.properties") << "exchange.s3.region=old\n";
  WriteEtc(directory_, ReadPlatformConfig(Sample("emr-hdfs-default.json"), Options()).files);
  WriteEtc(directory_, ReadPlatformConfig(Sample("emr-retry-policy.json"), Options()).files);
  EXPECT_EQ(ReadText(directory_ / "config.properties"),
            "# this node\nhttp-server.http.port=7\nretry-policy=QUERY\n");
  EXPECT_EQ(ReadText(directory_ / "node.properties"), "node.environment=mine\n");
  EXPECT_THAT(ReadText(directory_ / "exchange-manager.properties"), Not(HasSubstr("old")));
}

TEST_F(EtcWriterTest, NothingIsWrittenBesideAFileThatCannotBeRead) {
  std::filesystem::create_directory(directory_ / "node.properties");
  const auto files = ReadPlatformConfig(Sample("emr-retry-policy.json"), Options()).files;
  try {
    WriteEtc(directory_, files);
    FAIL();
  } catch (const TrinoException& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("node.properties: cannot be read"));
  }
  EXPECT_FALSE(std::filesystem::exists(directory_ / "config.properties"));
}

/// Whatever becomes of a document, the answer is files of etc/ that read back as they are, or a refusal.
TEST(PlatformImport, MutatedDocuments) {
  const std::regex path("(config|node|exchange-manager|catalog/[a-z0-9_-]+)\\.properties");
  const std::string pieces[] = {"\"",      "{",      "}",      "[",        "]",     ",",      ":",
                                "\\u0000", "null",   "..",     "/",        "\\",    "true",   "1e999",
                                "-",       "\xFF",   "${ENV:", "[[",       " ",     "\n",     "=",
                                "file",    "\"a\":", "system", "hdfs://x", "s3://", "content"};
  std::mt19937 random(4711);
  const auto below = [&](size_t limit) {
    return std::uniform_int_distribution<size_t>(0, limit - 1)(random);
  };
  int taken = 0;
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text = Sample(kSamples[below(std::size(kSamples))]);
    for (size_t changes = 1 + below(3); changes > 0; --changes) {
      const size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text.replace(at, 1 + below(4), pieces[below(std::size(pieces))]);
          break;
        case 1:
          text.insert(at, pieces[below(std::size(pieces))]);
          break;
        case 2:
          text[at] = static_cast<char>(below(256));
          break;
        default:
          text.insert(below(text.size()), text.substr(at, below(60)));
      }
    }
    try {
      const PlatformImport imported = ReadPlatformConfig(text, Options(round % 2 == 0));
      ++taken;
      for (const EtcFile& file : imported.files) {
        EXPECT_TRUE(std::regex_match(file.path, path)) << file.path << '\n' << text;
        std::string rendered;
        for (const auto& [key, value] : file.properties) rendered += RenderProperty(key, value);
        ConfigProblems problems;
        const EnvLookup keep = [](const std::string& name) { return "${ENV:" + name + '}'; };
        const auto read = ParseProperties("f", rendered, keep, problems).properties;
        ASSERT_EQ(read.size(), file.properties.size()) << text;
        for (size_t i = 0; i < read.size(); ++i) {
          EXPECT_EQ(read[i].key, file.properties[i].first) << text;
          EXPECT_EQ(read[i].value, file.properties[i].second) << text;
        }
      }
    } catch (const TrinoException& failure) {
      ++refused;
      EXPECT_EQ(failure.error().code, errors::CONFIGURATION_INVALID);
      EXPECT_THAT(failure.what(), HasSubstr("x.json: ")) << text;
    }
  }
  EXPECT_GT(taken, 100);
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace planaria

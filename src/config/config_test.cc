#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "base/error.h"
#include "config/etc_config.h"
#include "config/problems.h"
#include "config/property_map.h"
#include "config/session_properties.h"

namespace planaria {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

EnvLookup Env() {
  return [](const std::string& name) -> std::optional<std::string> {
    if (name == "SECRET") return "s3cr=t";
    return std::nullopt;
  };
}

std::vector<std::string> Parse(std::string_view text) {
  ConfigProblems problems;
  std::vector<std::string> out;
  for (const Property& p : ParseProperties("f", text, Env(), problems).properties) {
    out.push_back(std::to_string(p.line) + " " + p.key + "=" + p.value);
  }
  for (const std::string& error : problems.errors()) out.push_back("! " + error);
  return out;
}

TEST(Properties, SeparatorsCommentsAndBlanks) {
  EXPECT_THAT(Parse("# c\n! c\n\na=1\n b : 2 \nc 3\nd\ne=\nf = x = y\r\ng=1\rh=2"),
              ElementsAre("4 a=1", "5 b=2", "6 c=3", "7 d=", "8 e=", "9 f=x = y", "10 g=1", "11 h=2"));
}

TEST(Properties, EscapesAndContinuations) {
  EXPECT_THAT(Parse("a\\ b\\=c=1\\t2\\\\\nk=one,\\\n    two\nu=\\u00e9\\uD83D\\uDE00\nx=1"),
              ElementsAre("1 a b=c=1\t2\\", "2 k=one,two", "4 u=\xC3\xA9\xF0\x9F\x98\x80", "5 x=1"));
}

TEST(Properties, References) {
  EXPECT_THAT(Parse("a=x${ENV:SECRET}y${ENV:SECRET}\nb=${plain}${"),
              ElementsAre("1 a=xs3cr=tys3cr=t", "2 b=${plain}${"));
  EXPECT_THAT(Parse("a=${ENV:NO}\nb=${VAULT:x}"),
              ElementsAre("! f:1: a: references unset environment variable 'NO'",
                          "! f:2: b: no secret provider for '${VAULT:x}', expected ${ENV:NAME}"));
}

TEST(Properties, Problems) {
  EXPECT_THAT(Parse("a=1\na=2\n=3\nb=\\u12"),
              ElementsAre("1 a=1", "! f:2: a: duplicate configuration property, first set on line 1",
                          "! f:3: line without a key, expected key=value",
                          "! f:4: b: malformed \\u escape, expected four hexadecimal digits"));
}

TEST(Properties, NeverFailsOnMutatedText) {
  const std::string seed = "a=1\n# c\nk = one,\\\n two\nu=\\u00e9\\uD83D\\uDE00\ns=${ENV:SECRET}\nz:1 2\r\n";
  const std::string alphabet = "=:\\\n\r #!${}uENVD8 \tx";
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string text = seed;
    for (uint32_t i = random() % 8 + 1; i > 0; --i) {
      const size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = alphabet[random() % alphabet.size()];
          break;
        case 1:
          text.insert(at, 1, static_cast<char>(random()));
          break;
        default:
          text.erase(at, random() % 4);
      }
      if (text.empty()) text = "x";
    }
    Parse(text);
  }
}

class EtcTest : public ::testing::Test {
 protected:
  EtcTest() {
    char name[] = "/tmp/planaria_etc_XXXXXX";
    directory_ = mkdtemp(name);
    Write("node.properties", "node.environment=test\nnode.id=n1\n");
    Write("config.properties", "coordinator=true\n");
  }
  ~EtcTest() override { std::filesystem::remove_all(directory_); }

  void Write(const std::string& name, std::string_view text) {
    std::filesystem::create_directories((directory_ / name).parent_path());
    std::ofstream(directory_ / name) << text;
  }
  EtcConfig Load() { return LoadEtc(directory_, Env()); }
  std::string Failure() {
    try {
      Load();
    } catch (const TrinoException& e) {
      EXPECT_EQ(e.error().code, errors::CONFIGURATION_INVALID);
      return e.what();
    }
    return "";
  }

  std::filesystem::path directory_;
};

TEST_F(EtcTest, DefaultsAreTrinos) {
  const EtcConfig etc = Load();
  EXPECT_EQ(etc.node.id, "n1");
  EXPECT_EQ(etc.server.http_port, 8080);
  EXPECT_EQ(etc.server.query.retry.policy, RetryPolicy::kNone);
  EXPECT_EQ(etc.server.query.retry.initial_delay, std::chrono::seconds(10));
  EXPECT_EQ(etc.server.query.memory.task.ToString(), "5GB");
  EXPECT_FALSE(etc.exchange_manager.has_value());
  EXPECT_TRUE(etc.catalogs.empty());
  EXPECT_TRUE(etc.warnings.empty());
}

TEST_F(EtcTest, ReadsAnExchangeOnS3) {
  Write(
      "exchange-manager.properties",
      "exchange-manager.name=filesystem\nexchange.base-directories=s3://a/b,s3://c\n"
      "exchange.s3.aws-access-key=k\nexchange.s3.aws-secret-key=${ENV:SECRET}\nexchange.s3.region=eu-west-1\n"
      "exchange.source-concurrent-readers=9\n"
      "exchange.memory-tier.max-size=64MB\nexchange.disk-tier.max-size=0B\n"
      "exchange.s3.upload.part-size=8MB\nexchange.s3.sse.type=kms\nexchange.s3.sse.kms-key-id=id\n");
  const EtcConfig etc = Load();
  EXPECT_TRUE(etc.warnings.empty());
  EXPECT_EQ(etc.exchange_manager->source.concurrent_readers, 9);
  EXPECT_EQ(etc.exchange_manager->tiers.memory, MemorySize::Of({64u << 20}));
  EXPECT_EQ(etc.exchange_manager->tiers.disk.bytes, 0u);
  const S3ExchangeConfig& s3 = etc.exchange_manager->s3;
  EXPECT_EQ(s3.secret_key, "s3cr=t");
  EXPECT_EQ(s3.region, "eu-west-1");
  EXPECT_EQ(s3.max_error_retries, 10);
  EXPECT_EQ(s3.upload_part_size.bytes, 8u << 20);
  EXPECT_EQ(s3.encryption, S3ExchangeConfig::Encryption::kKms);
  EXPECT_EQ(s3.kms_key_id, "id");
}

TEST_F(EtcTest, ReadsAnExchangeOnAzure) {
  const std::string base =
      "exchange-manager.name=filesystem\nexchange.base-directories=abfs://c@a.dfs.core.windows.net/x\n";
  Write("exchange-manager.properties",
        base + "exchange.azure.connection-string=AccountName=a;AccountKey=${ENV:SECRET}\n");
  EXPECT_EQ(Load().exchange_manager->azure.connection_string, "AccountName=a;AccountKey=s3cr=t");
  EXPECT_EQ(Load().exchange_manager->azure.block_size.ToString(), "4MB");
  Write("exchange-manager.properties", base + "exchange.azure.endpoint=https://a.blob.core.windows.net\n");
  EXPECT_EQ(Load().exchange_manager->azure.endpoint, "https://a.blob.core.windows.net");
  Write("exchange-manager.properties", base);
  EXPECT_THAT(Failure(), HasSubstr("exchange.azure.connection-string: is required"));
  Write("exchange-manager.properties",
        base + "exchange.azure.endpoint=https://a\nexchange.azure.connection-string=AccountName=a\n");
  EXPECT_THAT(Failure(), HasSubstr("properties:3: exchange.azure.endpoint: and"));
}

TEST_F(EtcTest, ReadsAnExchangeOnGoogle) {
  const std::string base = "exchange-manager.name=filesystem\nexchange.base-directories=gs://b/x\n";
  Write("exchange-manager.properties", base + "exchange.gcs.json-key=${ENV:SECRET}\n");
  EXPECT_EQ(Load().exchange_manager->gcs.json_key, "s3cr=t");
  Write("exchange-manager.properties", base);
  EXPECT_EQ(Load().exchange_manager->gcs.json_key, "");
  Write("exchange-manager.properties",
        base + "exchange.s3.aws-access-key=a\nexchange.s3.aws-secret-key=${ENV:SECRET}\n");
  EXPECT_THAT(Load().warnings, Contains(HasSubstr("exchange.s3.aws-secret-key: has no effect here: gs: is")));
  Write("exchange-manager.properties",
        base + "exchange.gcs.json-key=${ENV:SECRET}\nexchange.gcs.json-key-file-path=/f\n");
  EXPECT_THAT(Failure(),
              HasSubstr("properties:3: exchange.gcs.json-key: and exchange.gcs.json-key-file-path"));
  EXPECT_EQ(Failure().find("s3cr=t"), std::string::npos);
}

TEST_F(EtcTest, EachExchangeManagerHasItsSchemes) {
  Write("exchange-manager.properties",
        "exchange-manager.name=hdfs\nexchange.base-directories=/exchange,hdfs://ns/x\n"
        "hdfs.config.resources=/etc/core-site.xml,/etc/hdfs-site.xml\nexchange.use-local-hdfs=true\n");
  EXPECT_THAT(Load().exchange_manager->base_directories, ElementsAre("hdfs:///exchange", "hdfs://ns/x"));
  EXPECT_THAT(Load().exchange_manager->hdfs.config_resources,
              ElementsAre("/etc/core-site.xml", "/etc/hdfs-site.xml"));
  Write("exchange-manager.properties", "exchange-manager.name=hdfs\nexchange.base-directories=file:///x\n");
  EXPECT_THAT(Failure(), HasSubstr("properties:2: exchange.base-directories: invalid value 'file:///x'"));
  Write("exchange-manager.properties",
        "exchange-manager.name=filesystem\nexchange.base-directories=hdfs://n/x\n");
  EXPECT_THAT(Failure(), HasSubstr("'hdfs://n/x' needs exchange-manager.name=hdfs"));
}

TEST_F(EtcTest, WrongExchangePropertiesAreNamedWithoutTheirSecrets) {
  Write("exchange-manager.properties",
        "exchange-manager.name=filesystem\nexchange.base-directories=s3://a\n"
        "exchange.s3.aws-secret-key=${ENV:SECRET}\nexchange.s3.external-id=r\n"
        "exchange.s3.upload.part-size=1MB\nexchange.s3.sse.kms-key-id=id\n");
  const std::string failure = Failure();
  EXPECT_THAT(failure, HasSubstr("properties:3: exchange.s3.aws-secret-key: expected"));
  EXPECT_THAT(failure, HasSubstr("exchange.s3.region: is required unless"));
  EXPECT_THAT(failure, HasSubstr("properties:4: exchange.s3.external-id: is for"));
  EXPECT_THAT(failure, HasSubstr("properties:5: exchange.s3.upload.part-size: invalid value '1MB'"));
  EXPECT_THAT(failure, HasSubstr("properties:6: exchange.s3.sse.kms-key-id: is for"));
  EXPECT_EQ(failure.find("s3cr=t"), std::string::npos);
}

TEST_F(EtcTest, ReadsAFaultTolerantCluster) {
  Write("config.properties",
        "coordinator=false\nhttp-server.http.port=0\ndiscovery.uri=http://c:8080\nretry-policy=task\n"
        "task-retry-attempts-per-task=6\nquery.max-memory-per-node=25%\nexchange.compression-codec=LZ4\n"
        "failure-detector.enabled=true\n");
  Write("exchange-manager.properties",
        "exchange-manager.name=filesystem\nexchange.base-directories=/a, /b\nexchange.s3.retry-mode=x\n");
  Write("catalog/TPCH.properties",
        "connector.name=tpch\ntpch.splits-per-node=4\ntpch.secret=${ENV:SECRET}\n");
  Write("catalog/readme.txt", "not a catalog");
  Write("jvm.config", "-server\n-Xmx8G\n");
  const EtcConfig etc = Load();
  EXPECT_EQ(etc.server.query.retry.policy, RetryPolicy::kTask);
  EXPECT_EQ(etc.server.query.retry.task_attempts_per_task, 6);
  EXPECT_EQ(etc.server.query.memory.query_per_node, MemorySize::Share(0.25));
  EXPECT_EQ(etc.server.query.exchange_compression, CompressionCodec::kLz4);
  ASSERT_TRUE(etc.exchange_manager);
  EXPECT_THAT(etc.exchange_manager->base_directories, ElementsAre("/a", "/b"));
  ASSERT_EQ(etc.catalogs.size(), 1u);
  EXPECT_EQ(etc.catalogs[0].name, "tpch");
  EXPECT_EQ(etc.catalogs[0].connector_name, "tpch");
  EXPECT_EQ(etc.catalogs[0].Values().at("tpch.secret"), "s3cr=t");
  EXPECT_THAT(etc.catalogs[0].Place("tpch.splits-per-node"), HasSubstr("TPCH.properties:2"));
  EXPECT_EQ(etc.heap, MemorySize::Of({uint64_t{8} << 30}));
  ASSERT_EQ(etc.warnings.size(), 2u);
  EXPECT_THAT(etc.warnings[0],
              HasSubstr("config.properties:8: failure-detector.enabled: has no effect here: "));
}

TEST_F(EtcTest, AllProblemsAreReportedTogether) {
  Write("node.properties", "node.id=a b\n");
  Write("config.properties",
        "coordinator=maybe\nretry-policy=SOME\nretry-policyy=TASK\nretry-attempts=3\nretry-initial-delay=10\n"
        "task-retry-attempts-per-task=127\nhttp-server.authentication.type=PASSWORD\n");
  Write("exchange-manager.properties", "exchange-manager.name=tape\n");
  Write("catalog/x.properties", "a=1\n");
  const std::string text = Failure();
  for (const char* part :
       {"node.properties: node.environment: is required, expected a lower-case name such as production",
        "node.properties:1: node.id: invalid value 'a b', expected letters, digits, _ and -",
        "config.properties:1: coordinator: invalid value 'maybe', expected true or false",
        "config.properties:2: retry-policy: invalid value 'SOME', expected one of NONE, QUERY, TASK, AUTO",
        "config.properties:3: retry-policyy: configuration property is not known",
        "config.properties:4: retry-attempts: defunct property cannot be configured, expected "
        "'query-retry-attempts' instead",
        "config.properties:5: retry-initial-delay: invalid value '10', expected a duration such as 30s",
        "config.properties:6: task-retry-attempts-per-task: invalid value '127', expected an integer from 0 "
        "to 126",
        "config.properties:7: http-server.authentication.type: authentication type PASSWORD is not served "
        "yet",
        "exchange-manager.properties:1: exchange-manager.name: invalid value 'tape', expected filesystem or "
        "hdfs",
        "exchange-manager.properties: exchange.base-directories: is required",
        "x.properties: connector.name: is required"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST_F(EtcTest, WorkersNeedTheCoordinator) {
  Write("config.properties", "coordinator=false\n");
  EXPECT_THAT(Failure(), HasSubstr("discovery.uri: is required on a worker"));
}

TEST_F(EtcTest, WorkersMayKnowSeveralCoordinators) {
  Write("config.properties", "coordinator=false\ndiscovery.uri=http://a:8080, http://b:8080/\n");
  EXPECT_THAT(Load().server.discovery_uris, ElementsAre("http://a:8080", "http://b:8080/"));
  Write("config.properties", "coordinator=false\ndiscovery.uri=http://a:8080,b:8080,https://c\n");
  EXPECT_THAT(Failure(), HasSubstr("config.properties:2: discovery.uri: invalid value 'b:8080', expected "
                                   "http://host:port"));
  EXPECT_THAT(Failure(), HasSubstr("https between nodes is not served yet"));
}

TEST_F(EtcTest, CoordinatorsThatWait) {
  EXPECT_FALSE(Load().server.standby);
  Write("config.properties", "coordinator.standby.enabled=true\ncoordinator.lease-duration=3s\n");
  EXPECT_THAT(Failure(),
              HasSubstr("config.properties: coordinator.standby.enabled: needs an exchange manager"));
  Write("exchange-manager.properties",
        "exchange-manager.name=filesystem\nexchange.base-directories=/tmp/x\n");
  EXPECT_THAT(Failure(),
              HasSubstr("coordinator.standby.enabled: needs internal-communication.shared-secret"));
  const std::string standby = "coordinator.standby.enabled=true\ncoordinator.lease-duration=3s\n";
  Write("config.properties", standby + "fault-tolerant-execution-exchange-encryption-enabled=false\n");
  EXPECT_TRUE(Load().server.standby);
  EXPECT_FALSE(Load().server.exchange_encryption);
  Write("config.properties", standby + "internal-communication.shared-secret=hush\n");
  EXPECT_TRUE(Load().server.standby);
  EXPECT_TRUE(Load().server.exchange_encryption);
  EXPECT_EQ(Load().server.shared_secret.bytes(), "hush");
  EXPECT_THAT(Load().warnings,
              ElementsAre(AllOf(HasSubstr("config.properties:3"), HasSubstr("nodes do not authenticate"),
                                Not(HasSubstr("hush")))));
  EXPECT_EQ(Load().server.lease_duration, std::chrono::seconds(3));
  EXPECT_TRUE(Load().server.lease_etcd_endpoints.empty());
  Write("config.properties", "coordinator.lease.etcd-endpoints=http://a:2379,http://b:2379\n");
  EXPECT_THAT(Load().server.lease_etcd_endpoints, ElementsAre("http://a:2379", "http://b:2379"));
  Write("config.properties", "coordinator.lease.etcd-endpoints=http://a:2379,https://b:2379\n");
  EXPECT_THAT(Failure(), HasSubstr("etcd-endpoints: invalid value 'https://b:2379', expected http://host"));
  Write("config.properties", "coordinator.lease-duration=1ms\n");
  EXPECT_THAT(Failure(), HasSubstr("config.properties:1: coordinator.lease-duration: invalid value '1ms'"));
  Write("config.properties",
        "coordinator=false\ndiscovery.uri=http://a:8080\ncoordinator.standby.enabled=true\n");
  EXPECT_THAT(Failure(),
              HasSubstr("config.properties:3: coordinator.standby.enabled: this node is a worker"));
}

TEST_F(EtcTest, MissingFolderSaysSo) {
  std::filesystem::remove_all(directory_);
  EXPECT_THAT(Failure(), HasSubstr("node.properties: cannot be read: No such file or directory"));
}

TEST_F(EtcTest, OldNamesAreWarnings) {
  Write("config.properties", "fault-tolerant-execution-partition-count=60\n");
  const EtcConfig etc = Load();
  EXPECT_EQ(etc.server.query.sizing.max_partitions, 60);
  ASSERT_EQ(etc.warnings.size(), 1u);
  EXPECT_THAT(etc.warnings[0],
              HasSubstr("has been replaced, use 'fault-tolerant-execution-max-partition-count'"));
}

std::string SessionFailure(const SessionProperties& properties, std::string_view name,
                           std::string_view value) {
  try {
    properties.Check(name, value);
  } catch (const TrinoException& e) {
    EXPECT_EQ(e.error().code, errors::INVALID_SESSION_PROPERTY);
    return e.what();
  }
  return "";
}

TEST(SessionProperties, OverridesApplyOverTheConfiguration) {
  ServerConfig config;
  config.query.retry.task_attempts_per_task = 7;
  const SessionProperties properties(config);
  const QuerySettings settings = properties.Resolve({{"retry_policy", "task"},
                                                     {"retry_initial_delay", "1s"},
                                                     {"query_max_run_time", "10s"},
                                                     {"query_max_scan_physical_bytes", "2kB"},
                                                     {"fault_tolerant_execution_max_partition_count", "20"},
                                                     {"redistribute_writes", "false"}});
  EXPECT_EQ(settings.retry.policy, RetryPolicy::kTask);
  EXPECT_EQ(settings.retry.initial_delay, std::chrono::seconds(1));
  EXPECT_EQ(settings.retry.task_attempts_per_task, 7);
  EXPECT_EQ(settings.limits.run_time, std::chrono::seconds(10));
  EXPECT_EQ(settings.limits.scan_physical_bytes, DataSize{2048});
  EXPECT_EQ(settings.sizing.max_partitions, 20);
}

TEST(SessionProperties, Refusals) {
  ServerConfig config;
  config.allowed_retry_policies = {RetryPolicy::kNone, RetryPolicy::kTask};
  const SessionProperties properties(config);
  EXPECT_EQ(SessionFailure(properties, "x", "1"), "Session property 'x' does not exist");
  EXPECT_EQ(SessionFailure(properties, "retry_policy", "ALL"),
            "retry_policy is invalid: ALL, expected one of NONE, QUERY, TASK, AUTO");
  EXPECT_EQ(SessionFailure(properties, "retry_policy", "QUERY"),
            "Retry policy QUERY not allowed. Must be one of [NONE, TASK]");
  EXPECT_EQ(SessionFailure(properties, "task_retry_attempts_per_task", "127"),
            "task_retry_attempts_per_task is invalid: 127, expected an integer from 0 to 126");
  EXPECT_EQ(SessionFailure(properties, "task_concurrency", "3"),
            "task.concurrency is 3, expected a power of two");
  EXPECT_EQ(SessionFailure(properties, "scale_writers", "1"),
            "scale_writers is invalid: 1, expected true or false");
  EXPECT_EQ(SessionFailure(properties, "fault_tolerant_execution_small_stage_estimation_threshold", "1GB"),
            "");
}

TEST(SessionProperties, ListedOnceAndSorted) {
  const SessionProperties properties{ServerConfig()};
  for (size_t i = 1; i < properties.All().size(); ++i) {
    EXPECT_LT(properties.All()[i - 1].name, properties.All()[i].name);
  }
  for (const SessionProperty& property : properties.All()) {
    const bool listed =
        property.name == "retry_policy" || property.name.starts_with("fault_tolerant_execution_");
    EXPECT_EQ(property.hidden, listed) << property.name;
    if (!property.default_value.empty()) properties.Check(property.name, property.default_value);
  }
}

/// Every property that the readers know stands in the document, with its default where it has one.
TEST(Documentation, NamesEveryProperty) {
  std::ifstream in(std::filesystem::path(__FILE__).parent_path() / "../../docs/configuration.md");
  const std::string document((std::istreambuf_iterator<char>(in)), {});
  ASSERT_FALSE(document.empty());
  ConfigProblems problems;
  PropertyMap node({"n", {}}, problems);
  ReadNodeConfig(node);
  PropertyMap server({"s", {}}, problems);
  ReadServerConfig(server);
  PropertyMap exchange({"e", {}}, problems);
  ReadExchangeManagerConfig(exchange);
  PropertyMap spooling({"m", {}}, problems);
  ReadSpoolingManagerConfig(spooling);
  for (const PropertyMap* map : {&node, &server, &exchange, &spooling}) {
    for (const auto& [key, value] : map->known()) {
      EXPECT_THAT(document, HasSubstr("`" + key + "`"));
    }
  }
}

}  // namespace
}  // namespace planaria

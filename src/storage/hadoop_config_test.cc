#include "storage/hadoop_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "base/error.h"

namespace planaria::storage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class HadoopConfigTest : public testing::Test {
 protected:
  ~HadoopConfigTest() override {
    for (const std::string& file : files_) std::remove(file.c_str());
  }
  std::string File(const std::string& text) {
    files_.push_back(testing::TempDir() + "hadoop_config_" + std::to_string(files_.size()) + ".xml");
    std::ofstream(files_.back()) << text;
    return files_.back();
  }
  static std::string Property(const std::string& name, const std::string& value) {
    return "<property><name>" + name + "</name>\n<value> " + value + " </value></property>";
  }

  std::vector<std::string> files_;
};

TEST_F(HadoopConfigTest, KnowsTheNameNodesOfANameservice) {
  const auto config = HadoopConfig::Read(
      {File("<?xml version=\"1.0\"?><configuration>" + Property("fs.defaultFS", "hdfs://mycluster/") +
            "</configuration>"),
       File("<configuration>" + Property("dfs.nameservices", "mycluster,other") +
            Property("dfs.ha.namenodes.mycluster", "nn1, nn2") +
            Property("dfs.namenode.http-address.mycluster.nn1", "a:9870") +
            Property("dfs.namenode.http-address.mycluster.nn2", "b:50070") + "</configuration>")});
  EXPECT_EQ(config.DefaultAuthority(), "mycluster");
  EXPECT_THAT(config.NameNodes("mycluster"), ElementsAre("http://a:9870", "http://b:50070"));
  EXPECT_THAT(config.NameNodes("host:8020"), ElementsAre("http://host:9870"));
  EXPECT_THROW(config.NameNodes("other"), TrinoException);
}

TEST_F(HadoopConfigTest, KnowsTheOneNameNode) {
  const std::string text = "<configuration>" + Property("fs.defaultFS", "hdfs://master:8020") +
                           Property("dfs.namenode.http-address", "master:1234") + "</configuration>";
  const auto config = HadoopConfig::Read({File(text)});
  EXPECT_THAT(config.NameNodes(config.DefaultAuthority()), ElementsAre("http://master:1234"));
  EXPECT_THAT(HadoopConfig::Read({}).NameNodes("h"), ElementsAre("http://h:9870"));
  EXPECT_EQ(HadoopConfig::Read({}).DefaultAuthority(), "");
}

TEST_F(HadoopConfigTest, KnowsWhetherNameNodesWantTickets) {
  const auto kerberos = [this](const std::string& authentication) {
    return HadoopConfig::Read(
               {File("<configuration>" + Property("hadoop.security.authentication", authentication) +
                     "</configuration>")})
        .kerberos();
  };
  EXPECT_TRUE(kerberos("kerberos"));
  EXPECT_TRUE(kerberos("KERBEROS"));
  EXPECT_FALSE(kerberos("simple"));
  EXPECT_FALSE(HadoopConfig::Read({}).kerberos());
}

TEST_F(HadoopConfigTest, RefusesWhatItCannotServe) {
  const auto refusal = [](const std::string& file) -> std::string {
    try {
      HadoopConfig::Read({file});
    } catch (const TrinoException& refused) {
      EXPECT_EQ(refused.error().code, errors::CONFIGURATION_INVALID);
      return refused.what();
    }
    return "accepted";
  };
  EXPECT_THAT(refusal("/nowhere/core-site.xml"), HasSubstr("/nowhere/core-site.xml"));
  EXPECT_THAT(refusal(File("<a/>")), HasSubstr("not a readable Hadoop configuration"));
  EXPECT_THAT(refusal(File("<configuration>" + Property("hadoop.security.authentication", "token") +
                           "</configuration>")),
              HasSubstr("hadoop.security.authentication=token, expected simple or kerberos"));
}

}  // namespace
}  // namespace planaria::storage

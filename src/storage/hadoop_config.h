// Hadoop's core-site.xml and hdfs-site.xml, as far as a client of WebHDFS needs them.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace planaria::storage {

class HadoopConfig {
 public:
  /// Later files override earlier ones. Throws TrinoException(CONFIGURATION_INVALID) naming a file that
  /// cannot be read or is no Hadoop configuration, or an authentication that is neither simple nor kerberos.
  static HadoopConfig Read(const std::vector<std::string>& paths);

  /// Whether name nodes want to see Kerberos tickets.
  bool kerberos() const;
  /// The authority of fs.defaultFS when that is an HDFS; empty otherwise.
  std::string DefaultAuthority() const;
  /// `http://host:port` of the name nodes that serve `hdfs://authority`: those of a nameservice, or of the
  /// one host, whose web port is 9870 unless the files say otherwise.
  std::vector<std::string> NameNodes(const std::string& authority) const;

 private:
  std::string Value(const std::string& name) const;
  /// In lower case; Hadoop does not mind.
  std::string Authentication() const;

  std::map<std::string, std::string> values_;
};

}  // namespace planaria::storage

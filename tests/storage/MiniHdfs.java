import java.io.File;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * A name node and a data node for the storage tests: MiniHdfs.java PORT-OF-WEBHDFS DIRECTORY [PROPERTY=VALUE...]. Runs
 * until killed.
 */
public class MiniHdfs {
  public static void main(String[] arguments) throws Exception {
    Configuration configuration = new Configuration();
    configuration.set("hadoop.proxyuser.root.hosts", "*");
    configuration.set("dfs.permissions.enabled", "false");
    configuration.set("dfs.namenode.fs-limits.min-block-size", "0");
    // A busy machine reports blocks a little late, and clients would wait 400 ms each time.
    configuration.set("dfs.client.block.write.locateFollowingBlock.initial.delay.ms", "10");
    for (String property : Arrays.asList(arguments).subList(2, arguments.length)) {
      String[] parts = property.split("=", 2);
      configuration.set(parts[0], parts[1]);
    }
    UserGroupInformation.setConfiguration(configuration);
    new MiniDFSCluster.Builder(configuration, new File(arguments[1]))
        .nameNodeHttpPort(Integer.parseInt(arguments[0]))
        .numDataNodes(1)
        .build()
        .waitClusterUp();
    System.out.println("ready");
    Thread.currentThread().join();
  }
}

#include <CLI/CLI.hpp>

#include "server/config_command.h"
#include "server/demo.h"
#include "server/server.h"
#include "sim/sim_command.h"

int main(int argc, char** argv) {
  CLI::App app{"Planaria: a fault-tolerant, distributed SQL engine that speaks Trino"};
  app.require_subcommand(1);

  std::string etc_directory = "etc";
  auto* server = app.add_subcommand("server", "Run a coordinator or worker, as etc/ says");
  server->add_option("--etc-dir", etc_directory, "Configuration folder in Trino's layout")
      ->capture_default_str();

  auto* config = app.add_subcommand("config", "Make or check a configuration folder");
  config->require_subcommand(1);
  planaria::server::ConfigImportOptions import_options;
  auto* import = config->add_subcommand(
      "import", "Turn JSON of Amazon EMR (classifications) or HDInsight on AKS (clusters) into etc/ files");
  import->add_option("FILE", import_options.file, "The JSON file")->required();
  import->add_option("--etc-dir", import_options.etc_directory, "Folder to write to")->capture_default_str();
  import->add_option("--role", import_options.role, "What the node of this folder is")
      ->check(CLI::IsMember({"coordinator", "worker"}))
      ->capture_default_str();
  import
      ->add_option("--hadoop-conf-dir", import_options.hadoop_conf_directory,
                   "Where core-site.xml and hdfs-site.xml of the cluster are")
      ->capture_default_str();
  std::string checked_directory = "etc";
  auto* check = config->add_subcommand("check", "Say what is wrong in a configuration folder");
  check->add_option("--etc-dir", checked_directory, "Folder to check")->capture_default_str();

  planaria::server::DemoOptions demo_options;
  auto* demo = app.add_subcommand("demo", "Run TPC-H on a cluster of local processes while a worker dies");
  demo->add_option("--workers", demo_options.workers, "Worker processes")->capture_default_str();
  demo->add_option("--schema", demo_options.schema, "TPC-H schema: tiny, sf1, ...")->capture_default_str();
  demo->add_option("--runs", demo_options.runs, "How often all queries are run")->capture_default_str();

  planaria::sim::SimOptions sim_options;
  auto* sim = app.add_subcommand("sim", "Run seeded worlds of faults on simulated time");
  sim->add_option("--seed", sim_options.seed, "Run one seed and tell what happens");
  sim->add_option("--seeds", sim_options.seeds, "Run so many seeds")->capture_default_str();
  sim->add_option("--first-seed", sim_options.first_seed, "Where --seeds begins")->capture_default_str();
  sim->add_option("--threads", sim_options.threads, "Seeds at once")->capture_default_str();
  sim->add_option("--without", sim_options.without, "With --seed: leave out queries and faults, q0,f3,...");
  sim->add_option("--workers", sim_options.workers, "With --seed: only the first workers");
  sim->add_option("--plant", sim_options.plant, "Put in a bug on purpose");
  sim->add_flag("--planted", sim_options.planted, "Put in every known bug, one after another, and find it");
  sim->add_flag("--check-determinism", sim_options.check_determinism,
                "Run every seed twice, not every 100th");

  CLI11_PARSE(app, argc, argv);
  if (*server) return planaria::server::RunServer(etc_directory);
  if (*import) return planaria::server::RunConfigImport(import_options);
  if (*check) return planaria::server::RunConfigCheck(checked_directory);
  if (*sim) return planaria::sim::RunSim(sim_options);
  return planaria::server::RunDemo(demo_options);
}

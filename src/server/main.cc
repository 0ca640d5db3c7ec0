#include <CLI/CLI.hpp>

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
  if (*sim) return planaria::sim::RunSim(sim_options);
  return planaria::server::RunDemo(demo_options);
}

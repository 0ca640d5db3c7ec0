#include <CLI/CLI.hpp>

#include "server/demo.h"
#include "server/server.h"

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

  CLI11_PARSE(app, argc, argv);
  if (*server) return planaria::server::RunServer(etc_directory);
  return planaria::server::RunDemo(demo_options);
}

#include <sstream>

#include "planner/distributed_plan.h"

namespace planaria::planner {

namespace {

const char* Name(ExchangeType type) {
  switch (type) {
    case ExchangeType::kRepartitionHash:
      return "HASH";
    case ExchangeType::kRepartitionRoundRobin:
      return "ROUND_ROBIN";
    case ExchangeType::kReplicate:
      return "BROADCAST";
    case ExchangeType::kGather:
      return "SINGLE";
  }
  return "";
}

}  // namespace

const char* DistributionName(Distribution distribution) {
  switch (distribution) {
    case Distribution::kSource:
      return "SOURCE";
    case Distribution::kHash:
      return "HASH";
    case Distribution::kSingle:
      return "SINGLE";
    case Distribution::kCoordinator:
      return "COORDINATOR_ONLY";
  }
  return "";
}

std::string ExplainFragmentHead(const DistributedPlan& plan, const Fragment& fragment) {
  std::ostringstream text;
  text << "Fragment " << fragment.id << " [" << DistributionName(fragment.distribution) << "]\n";
  text << "    Output partitioning: " << Name(fragment.output) << " [" << fragment.output_partition_count
       << "]\n";
  if (fragment.distribution == Distribution::kHash)
    text << "    Partitions: " << fragment.partition_count << "\n";
  for (const JoinChoice& choice : plan.choices) {
    if (fragment.id == choice.broadcast) {
      text << "    Runs instead of fragments " << choice.shuffle << " and " << choice.partitioned
           << " if fragment " << choice.decider << " gives at most " << choice.max_broadcast_bytes << "B\n";
    } else if (fragment.id == choice.shuffle || fragment.id == choice.partitioned) {
      text << "    Fragment " << choice.broadcast << " may run instead\n";
    }
  }
  if (fragment.merges) text << "    Merges the outputs of its producer, if that saves requests\n";
  text << "    Estimates: {rows: " << fragment.estimated_rows << " (" << fragment.estimated_bytes << "B)}\n";
  return text.str();
}

std::string ExplainFragmentBody(const Fragment& fragment) {
  std::ostringstream text;
  for (const FragmentScan& scan : fragment.scans) {
    text << "    Scan: " << scan.catalog << '.' << scan.schema << '.' << scan.table << " ("
         << scan.splits.size() << " splits)\n";
  }
  for (const FragmentInput& input : fragment.inputs) {
    text << "    Exchange source " << input.input_id << ": RemoteSource[sourceFragmentIds = ["
         << input.producer << "]] " << (input.partitioned ? "partitioned" : "whole") << "\n";
  }
  if (!fragment.gathered_because.empty())
    text << "    Not distributed: " << fragment.gathered_because << "\n";
  std::istringstream operators(fragment.text);
  for (std::string line; std::getline(operators, line);) text << "    " << line << '\n';
  text << '\n';
  return text.str();
}

std::string ExplainDistributed(const DistributedPlan& plan) {
  std::string text;
  for (auto fragment = plan.fragments.rbegin(); fragment != plan.fragments.rend(); ++fragment) {
    text += ExplainFragmentHead(plan, *fragment) + ExplainFragmentBody(*fragment);
  }
  return text;
}

}  // namespace planaria::planner

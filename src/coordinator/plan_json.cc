#include "coordinator/plan_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "planner/plan_operators.h"

namespace planaria::coordinator {

namespace {

using nlohmann::ordered_json;
using planner::DistributedPlan;
using planner::Fragment;
using planner::PlanOperator;

constexpr const char* kUnknown = "NaN";

const Fragment& FragmentOf(const DistributedPlan& plan, uint32_t id) {
  return *std::find_if(plan.fragments.begin(), plan.fragments.end(),
                       [&](const Fragment& fragment) { return fragment.id == id; });
}

/// What a client reads, over the root's operators.
PlanOperator OutputOf(const DistributedPlan& plan) {
  const PlanOperator& root = *plan.root().operators;
  PlanOperator output{"Output", {}, root.outputs, root.rows, root.bytes, {}, {}, {root}};
  output.details.emplace_back("columnNames", fmt::format("[{}]", fmt::join(plan.column_names, ", ")));
  for (size_t i = 0; i < output.outputs.size() && i < plan.column_names.size(); i++) {
    output.outputs[i].name = plan.column_names[i];
  }
  return output;
}

/// A fragment that merges outputs has no operators of its own.
PlanOperator OperatorsOf(const DistributedPlan& plan, const Fragment& fragment) {
  if (&fragment == &plan.root()) return OutputOf(plan);
  if (fragment.operators != nullptr) return *fragment.operators;
  PlanOperator merge{"Merge", {}, {}, fragment.estimated_rows, fragment.estimated_bytes, {}, {}, {}};
  if (!fragment.inputs.empty()) merge.producer = fragment.inputs[0].producer;
  return merge;
}

/// The operators with those of each producer below its reader.
PlanOperator Whole(const DistributedPlan& plan, PlanOperator op) {
  for (PlanOperator& child : op.children) child = Whole(plan, std::move(child));
  if (op.producer) {
    op.name = "RemoteExchange";
    op.children.push_back(Whole(plan, OperatorsOf(plan, FragmentOf(plan, *op.producer))));
    op.producer.reset();
  }
  return op;
}

std::vector<std::pair<std::string, std::string>> DescriptorOf(const PlanOperator& op) {
  std::vector<std::pair<std::string, std::string>> descriptor;
  if (!op.table.empty()) descriptor.emplace_back("table", fmt::format("{}", fmt::join(op.table, ":")));
  if (op.producer) descriptor.emplace_back("sourceFragmentIds", fmt::format("[{}]", *op.producer));
  descriptor.insert(descriptor.end(), op.details.begin(), op.details.end());
  return descriptor;
}

ordered_json NodeJson(const PlanOperator& op, size_t& next) {
  ordered_json node;
  node["id"] = std::to_string(next++);
  node["name"] = op.name;
  node["descriptor"] = ordered_json::object();
  for (const auto& [key, value] : DescriptorOf(op)) node["descriptor"][key] = value;
  node["outputs"] = ordered_json::array();
  for (const PlanOperator::Output& output : op.outputs) {
    node["outputs"].push_back({{"type", output.type}, {"name", output.name}});
  }
  node["details"] = ordered_json::array();
  node["estimates"] = ordered_json::array({{{"outputRowCount", static_cast<double>(op.rows)},
                                            {"outputSizeInBytes", static_cast<double>(op.bytes)},
                                            {"cpuCost", kUnknown},
                                            {"memoryCost", kUnknown},
                                            {"networkCost", kUnknown}}});
  node["children"] = ordered_json::array();
  for (const PlanOperator& child : op.children) node["children"].push_back(NodeJson(child, next));
  return node;
}

/// Bytes of a text of the kernel's that are no UTF-8 do not make the plan unreadable.
std::string Text(const ordered_json& json) {
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

ordered_json TableJson(const std::vector<std::string>& table) {
  return {{"catalog", table[0]}, {"schemaTable", {{"schema", table[1]}, {"table", table[2]}}}};
}

ordered_json IoEstimate(uint64_t rows, uint64_t bytes) {
  return {{"outputRowCount", static_cast<double>(rows)},
          {"outputSizeInBytes", static_cast<double>(bytes)},
          {"cpuCost", kUnknown},
          {"maxMemory", kUnknown},
          {"networkCost", kUnknown}};
}

void AddInputs(const PlanOperator& op, ordered_json& inputs, std::set<std::string>& known) {
  if (!op.table.empty()) {
    ordered_json input = {{"table", TableJson(op.table)},
                          {"constraint", {{"none", false}, {"columnConstraints", ordered_json::array()}}},
                          {"estimate", IoEstimate(op.rows, op.bytes)}};
    if (known.insert(Text(input)).second) inputs.push_back(std::move(input));
  }
  for (const PlanOperator& child : op.children) AddInputs(child, inputs, known);
}

const char* ColorOf(const std::string& name) {
  static const std::map<std::string, const char*> colors = {
      {"Aggregate", "chartreuse3"}, {"CrossJoin", "orange"},   {"Filter", "yellow"},
      {"FullJoin", "orange"},       {"InnerJoin", "orange"},   {"LeftJoin", "orange"},
      {"Limit", "gray83"},          {"Output", "white"},       {"Project", "bisque"},
      {"RemoteExchange", "gold"},   {"RemoteSource", "gold"},  {"RightJoin", "orange"},
      {"Sample", "goldenrod4"},     {"SemiJoin", "orange"},    {"Sort", "aliceblue"},
      {"TableScan", "deepskyblue"}, {"TopN", "darksalmon"},    {"Union", "turquoise4"},
      {"Unnest", "crimson"},        {"Values", "deepskyblue"}, {"Window", "darkolivegreen4"}};
  const auto found = colors.find(name);
  return found == colors.end() ? "cyan" : found->second;
}

/// Text in a record's label.
std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view("<>{}|\"\\").find(c) != std::string_view::npos) escaped += '\\';
    if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

/// Trees of nodes, a cluster each.
class Graph {
 public:
  explicit Graph(std::string_view name) : text_(fmt::format("digraph {} {{\n", name)) {}

  void Add(uint32_t cluster, std::string_view label, const PlanOperator& top) {
    text_ += fmt::format("subgraph cluster_{} {{\nlabel = \"{}\"\n", cluster, label);
    tops_[cluster] = Node(top);
    text_ += "}\n";
  }

  /// Edges after the nodes: those between clusters name nodes of both.
  std::string Text() const {
    std::string text = text_;
    for (const auto& [from, to] : edges_) text += fmt::format("plannode_{} -> plannode_{};\n", from, to);
    for (const auto& [from, fragment] : reads_) {
      text += fmt::format("plannode_{} -> plannode_{};\n", from, tops_.at(fragment));
    }
    return text + "}\n";
  }

 private:
  size_t Node(const PlanOperator& op) {
    const size_t id = ++nodes_;
    std::string details;
    for (const auto& [key, value] : DescriptorOf(op)) {
      details += (details.empty() ? "" : "\\n") + Escaped(key + " = " + value);
    }
    text_ += fmt::format(
        "plannode_{}[label=\"{{{}{}{}}}\", style=\"rounded, filled\", shape=record, fillcolor={}];\n", id,
        Escaped(op.name), details.empty() ? "" : "|", details, ColorOf(op.name));
    for (const PlanOperator& child : op.children) edges_.emplace_back(id, Node(child));
    if (op.producer) reads_.emplace_back(id, *op.producer);
    return id;
  }

  std::string text_;
  size_t nodes_ = 0;
  std::map<uint32_t, size_t> tops_;
  std::vector<std::pair<size_t, size_t>> edges_;
  std::vector<std::pair<size_t, uint32_t>> reads_;
};

}  // namespace

std::string DistributedPlanJson(const DistributedPlan& plan) {
  ordered_json fragments;
  size_t next = 0;
  for (auto fragment = plan.fragments.rbegin(); fragment != plan.fragments.rend(); ++fragment) {
    fragments[std::to_string(fragment->id)] = NodeJson(OperatorsOf(plan, *fragment), next);
  }
  return Text(fragments);
}

std::string LogicalPlanJson(const DistributedPlan& plan) {
  size_t next = 0;
  return Text(NodeJson(Whole(plan, OutputOf(plan)), next));
}

std::string IoPlanJson(const DistributedPlan& plan, const std::vector<std::string>& output_table) {
  ordered_json io;
  io["inputTableColumnInfos"] = ordered_json::array();
  std::set<std::string> known;
  for (const Fragment& fragment : plan.fragments) {
    if (fragment.operators != nullptr) AddInputs(*fragment.operators, io["inputTableColumnInfos"], known);
  }
  if (!output_table.empty()) io["outputTable"] = TableJson(output_table);
  const Fragment& root = plan.root();
  io["estimate"] = IoEstimate(root.estimated_rows, root.estimated_bytes);
  return Text(io);
}

std::string DistributedPlanGraph(const DistributedPlan& plan) {
  Graph graph("distributed_plan");
  for (auto fragment = plan.fragments.rbegin(); fragment != plan.fragments.rend(); ++fragment) {
    graph.Add(fragment->id, planner::DistributionName(fragment->distribution), OperatorsOf(plan, *fragment));
  }
  return graph.Text();
}

std::string LogicalPlanGraph(const DistributedPlan& plan) {
  Graph graph("logical_plan");
  graph.Add(plan.root().id, planner::DistributionName(plan.root().distribution), Whole(plan, OutputOf(plan)));
  return graph.Text();
}

}  // namespace planaria::coordinator

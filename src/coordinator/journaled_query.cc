#include "coordinator/journaled_query.h"

#include <map>
#include <vector>

#include "kernel/type_codec.h"
#include "protocol/wire.h"

namespace planaria::coordinator {

namespace {

using protocol::WireReader;
using protocol::WireWriter;

constexpr uint8_t kKind = 'Q';
constexpr uint8_t kVersion = 3;

/// The parts of a session that are kept, in the order of their bytes.
constexpr std::optional<std::string> protocol::SessionHeaders::*kTexts[] = {
    &protocol::SessionHeaders::original_user, &protocol::SessionHeaders::source,
    &protocol::SessionHeaders::catalog,       &protocol::SessionHeaders::schema,
    &protocol::SessionHeaders::path,          &protocol::SessionHeaders::time_zone,
    &protocol::SessionHeaders::language,      &protocol::SessionHeaders::trace_token,
    &protocol::SessionHeaders::client_info};

template <typename Texts>
void PutTexts(WireWriter& writer, const Texts& texts) {
  writer.Varint(texts.size());
  for (const std::string& text : texts) writer.Text(text);
}

std::vector<std::string> GetTexts(WireReader& reader, std::string_view field) {
  std::vector<std::string> texts;
  for (size_t left = reader.Count(field); left > 0; --left) texts.push_back(reader.Text(field));
  return texts;
}

void PutSession(WireWriter& writer, const protocol::SessionHeaders& session) {
  writer.Text(session.user);
  for (const auto text : kTexts) {
    writer.Bool((session.*text).has_value());
    if (session.*text) writer.Text(*(session.*text));
  }
  PutTexts(writer, session.client_tags);
  PutTexts(writer, session.client_capabilities);
  PutTexts(writer, session.query_data_encodings);
  writer.Varint(session.session_properties.size());
  for (const auto& [name, value] : session.session_properties) {
    writer.Text(name);
    writer.Text(value);
  }
}

protocol::SessionHeaders GetSession(WireReader& reader) {
  protocol::SessionHeaders session;
  session.user = reader.Text("user");
  for (const auto text : kTexts) {
    if (reader.Bool("session flag")) session.*text = reader.Text("session text");
  }
  session.client_tags = GetTexts(reader, "client tags");
  for (std::string& capability : GetTexts(reader, "client capabilities")) {
    session.client_capabilities.insert(std::move(capability));
  }
  session.query_data_encodings = GetTexts(reader, "query data encodings");
  for (size_t left = reader.Count("session properties", 2); left > 0; --left) {
    std::string name = reader.Text("property name");
    session.session_properties[std::move(name)] = reader.Text("property value");
  }
  return session;
}

void PutFragment(WireWriter& writer, const planner::Fragment& fragment) {
  writer.Varint(fragment.id);
  writer.Varint(static_cast<uint8_t>(fragment.distribution));
  writer.Varint(fragment.partition_count);
  writer.Text(fragment.plan);
  writer.Varint(fragment.inputs.size());
  for (const planner::FragmentInput& input : fragment.inputs) {
    writer.Varint(input.input_id);
    writer.Varint(input.producer);
    writer.Bool(input.partitioned);
    writer.Bool(input.splittable);
  }
  writer.Varint(fragment.scans.size());
  for (const planner::FragmentScan& scan : fragment.scans) {
    writer.Varint(scan.scan_id);
    for (const std::string* name : {&scan.catalog, &scan.schema, &scan.table}) writer.Text(*name);
    writer.Varint(scan.splits.size());
    for (const connector::Split& split : scan.splits) {
      writer.Text(split.payload);
      writer.Varint(split.rows);
      writer.Varint(split.bytes);
    }
  }
  writer.Varint(static_cast<uint8_t>(fragment.output));
  writer.Varint(fragment.output_partition_count);
  writer.Varint(fragment.estimated_rows);
  writer.Varint(fragment.estimated_bytes);
  writer.Bool(fragment.row_limit.has_value());
  if (fragment.row_limit) writer.Varint(*fragment.row_limit);
  writer.Bool(fragment.writes);
  writer.Bool(fragment.merges);
}

void PutChoice(WireWriter& writer, const planner::JoinChoice& choice) {
  writer.Varint(choice.decider);
  writer.Varint(choice.max_broadcast_bytes);
  writer.Varint(choice.broadcast);
  writer.Varint(choice.shuffle);
  writer.Varint(choice.partitioned);
  writer.Bool(choice.planned_broadcast);
}

planner::JoinChoice GetChoice(WireReader& reader) {
  planner::JoinChoice choice;
  choice.decider = reader.Varint32("decider");
  choice.max_broadcast_bytes = reader.Varint("largest broadcast");
  choice.broadcast = reader.Varint32("broadcast");
  choice.shuffle = reader.Varint32("shuffle");
  choice.partitioned = reader.Varint32("partitioned join");
  choice.planned_broadcast = reader.Bool("broadcast flag");
  return choice;
}

template <typename Enum>
Enum GetEnum(WireReader& reader, Enum last, std::string_view field) {
  const uint64_t value = reader.Varint(field);
  if (value > static_cast<uint64_t>(last)) reader.Refuse(field, "unknown value");
  return static_cast<Enum>(value);
}

planner::Fragment GetFragment(WireReader& reader) {
  planner::Fragment fragment;
  fragment.id = reader.Varint32("fragment id");
  fragment.distribution = GetEnum(reader, planner::Distribution::kCoordinator, "distribution");
  fragment.partition_count = reader.Varint32("partition count");
  fragment.plan = reader.Text("plan");
  for (size_t left = reader.Count("inputs", 3); left > 0; --left) {
    planner::FragmentInput& input = fragment.inputs.emplace_back();
    input.input_id = reader.Varint32("input id");
    input.producer = reader.Varint32("producer");
    input.partitioned = reader.Bool("partitioned flag");
    input.splittable = reader.Bool("splittable flag");
  }
  for (size_t left = reader.Count("scans", 5); left > 0; --left) {
    planner::FragmentScan& scan = fragment.scans.emplace_back();
    scan.scan_id = reader.Varint32("scan id");
    for (std::string* name : {&scan.catalog, &scan.schema, &scan.table}) *name = reader.Text("table name");
    for (size_t splits = reader.Count("splits", 3); splits > 0; --splits) {
      connector::Split& split = scan.splits.emplace_back();
      split.payload = reader.Text("split");
      split.rows = reader.Varint("split rows");
      split.bytes = reader.Varint("split bytes");
    }
  }
  fragment.output = GetEnum(reader, planner::ExchangeType::kGather, "exchange type");
  fragment.output_partition_count = reader.Varint32("output partitions");
  fragment.estimated_rows = reader.Varint("estimated rows");
  fragment.estimated_bytes = reader.Varint("estimated bytes");
  if (reader.Bool("row limit flag")) fragment.row_limit = reader.Varint("row limit");
  fragment.writes = reader.Bool("writes flag");
  fragment.merges = reader.Bool("merges flag");
  return fragment;
}

}  // namespace

std::string SerializeJournaledQuery(const JournaledQuery& query) {
  WireWriter writer(kKind, kVersion);
  writer.Text(query.sql);
  PutSession(writer, query.session);
  writer.Signed(query.created.time_since_epoch().count());
  writer.Varint(query.plan.column_names.size());
  for (const std::string& name : query.plan.column_names) writer.Text(name);
  writer.Text(kernel::SerializeTypes(query.plan.column_types));
  writer.Varint(query.plan.fragments.size());
  for (const planner::Fragment& fragment : query.plan.fragments) PutFragment(writer, fragment);
  writer.Varint(query.plan.choices.size());
  for (const planner::JoinChoice& choice : query.plan.choices) PutChoice(writer, choice);
  return writer.Take();
}

JournaledQuery ParseJournaledQuery(std::string_view bytes) {
  WireReader reader(bytes, "journaled query", kKind, kVersion);
  JournaledQuery query;
  query.sql = reader.Text("statement");
  query.session = GetSession(reader);
  query.created = std::chrono::sys_time<std::chrono::microseconds>(
      std::chrono::microseconds(reader.Signed("creation time")));
  for (size_t left = reader.Count("columns"); left > 0; --left)
    query.plan.column_names.push_back(reader.Text("column name"));
  query.plan.column_types = kernel::ParseTypes(reader.Text("column types"));
  if (query.plan.column_types.size() != query.plan.column_names.size())
    reader.Refuse("column types", "their number is not that of the names");
  for (size_t left = reader.Count("fragments", 8); left > 0; --left)
    query.plan.fragments.push_back(GetFragment(reader));
  if (query.plan.fragments.empty()) reader.Refuse("fragments", "there are none");
  for (size_t left = reader.Count("choices", 6); left > 0; --left)
    query.plan.choices.push_back(GetChoice(reader));
  reader.End();
  return query;
}

}  // namespace planaria::coordinator

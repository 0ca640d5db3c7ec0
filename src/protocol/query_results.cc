#include "protocol/query_results.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "protocol/json_text.h"

namespace planaria::protocol {

namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void Raw(Writer& writer, std::string_view json, rapidjson::Type type) {
  writer.RawValue(json.data(), json.size(), type);
}

void Text(Writer& writer, std::string_view text) {
  std::string json;
  AppendJsonString(text, &json);
  Raw(writer, json, rapidjson::kStringType);
}

void Field(Writer& writer, const char* name, std::string_view text) {
  writer.Key(name);
  Text(writer, text);
}
void Field(Writer& writer, const char* name, int64_t number) {
  writer.Key(name);
  writer.Int64(number);
}
void Flag(Writer& writer, const char* name, bool value) {
  writer.Key(name);
  writer.Bool(value);
}

void Write(Writer& writer, const Column& column) {
  writer.StartObject();
  Field(writer, "name", column.name);
  Field(writer, "type", column.type.DisplayText());
  writer.Key("typeSignature");
  Raw(writer, column.type.SignatureJson(), rapidjson::kObjectType);
  writer.EndObject();
}

void Write(Writer& writer, const Warning& warning) {
  writer.StartObject();
  writer.Key("warningCode");
  writer.StartObject();
  Field(writer, "code", warning.code);
  Field(writer, "name", warning.name);
  writer.EndObject();
  Field(writer, "message", warning.message);
  writer.EndObject();
}

template <typename Stats>
void WriteSplits(Writer& writer, const Stats& stats) {
  Field(writer, "nodes", stats.nodes);
  Field(writer, "totalSplits", stats.total_splits);
  Field(writer, "queuedSplits", stats.queued_splits);
  Field(writer, "runningSplits", stats.running_splits);
  Field(writer, "completedSplits", stats.completed_splits);
  Field(writer, "cpuTimeMillis", stats.cpu_time_millis);
  Field(writer, "wallTimeMillis", stats.wall_time_millis);
  Field(writer, "processedRows", stats.processed_rows);
  Field(writer, "processedBytes", stats.processed_bytes);
  Field(writer, "physicalInputBytes", stats.physical_input_bytes);
}

void Write(Writer& writer, const StageStats& stage) {
  writer.StartObject();
  Field(writer, "stageId", stage.stage_id);
  Field(writer, "state", stage.state);
  Flag(writer, "done", stage.done);
  WriteSplits(writer, stage);
  Field(writer, "failedTasks", stage.failed_tasks);
  Flag(writer, "coordinatorOnly", stage.coordinator_only);
  writer.Key("subStages");
  writer.StartArray();
  for (const StageStats& sub_stage : stage.sub_stages) Write(writer, sub_stage);
  writer.EndArray();
  writer.EndObject();
}

void Write(Writer& writer, const QueryStats& stats) {
  writer.StartObject();
  Field(writer, "state", stats.state);
  Flag(writer, "queued", stats.state == "QUEUED");
  Flag(writer, "scheduled", stats.scheduled);
  if (stats.progress_percentage) {
    writer.Key("progressPercentage");
    writer.Double(*stats.progress_percentage);
  }
  WriteSplits(writer, stats);
  Field(writer, "planningTimeMillis", stats.planning_time_millis);
  Field(writer, "analysisTimeMillis", stats.analysis_time_millis);
  Field(writer, "queuedTimeMillis", stats.queued_time_millis);
  Field(writer, "elapsedTimeMillis", stats.elapsed_time_millis);
  Field(writer, "finishingTimeMillis", stats.finishing_time_millis);
  Field(writer, "physicalInputTimeMillis", stats.physical_input_time_millis);
  Field(writer, "physicalWrittenBytes", stats.physical_written_bytes);
  Field(writer, "internalNetworkInputBytes", stats.internal_network_input_bytes);
  Field(writer, "peakMemoryBytes", stats.peak_memory_bytes);
  Field(writer, "spilledBytes", stats.spilled_bytes);
  if (stats.root_stage) {
    writer.Key("rootStage");
    Write(writer, *stats.root_stage);
  }
  writer.EndObject();
}

void WriteLocation(Writer& writer, const std::optional<ErrorLocation>& location) {
  if (!location) return;
  writer.Key("errorLocation");
  writer.StartObject();
  Field(writer, "lineNumber", location->line);
  Field(writer, "columnNumber", location->column);
  writer.EndObject();
}

void WriteFailure(Writer& writer, const Error& error) {
  writer.StartObject();
  Field(writer, "type",
        error.code == errors::SYNTAX_ERROR ? "io.trino.sql.parser.ParsingException"
                                           : "io.trino.spi.TrinoException");
  Field(writer, "message", error.message);
  writer.Key("suppressed");
  writer.StartArray();
  for (const Error& suppressed : error.suppressed) WriteFailure(writer, suppressed);
  writer.EndArray();
  writer.Key("stack");
  writer.StartArray();
  writer.EndArray();
  writer.Key("errorInfo");
  writer.StartObject();
  Field(writer, "code", error.code.code);
  Field(writer, "name", error.code.name);
  Field(writer, "type", ErrorTypeName(error.code.type));
  writer.EndObject();
  WriteLocation(writer, error.location);
  writer.EndObject();
}

void Write(Writer& writer, const Error& error) {
  writer.StartObject();
  Field(writer, "message", error.message);
  Field(writer, "errorCode", error.code.code);
  Field(writer, "errorName", error.code.name);
  Field(writer, "errorType", ErrorTypeName(error.code.type));
  WriteLocation(writer, error.location);
  writer.Key("failureInfo");
  WriteFailure(writer, error);
  writer.EndObject();
}

std::string TextOf(const rapidjson::StringBuffer& buffer) {
  return std::string(buffer.GetString(), buffer.GetSize());
}

}  // namespace

std::string WriteQueryResults(const QueryResults& results) {
  rapidjson::StringBuffer buffer(nullptr, results.rows.size() + results.segments.size() + 4096);
  Writer writer(buffer);
  writer.StartObject();
  Field(writer, "id", results.id);
  Field(writer, "infoUri", results.info_uri);
  if (results.partial_cancel_uri) Field(writer, "partialCancelUri", *results.partial_cancel_uri);
  if (results.next_uri) Field(writer, "nextUri", *results.next_uri);
  if (results.columns) {
    writer.Key("columns");
    writer.StartArray();
    for (const Column& column : *results.columns) Write(writer, column);
    writer.EndArray();
  }
  if (!results.rows.empty()) {
    writer.Key("data");
    writer.StartArray();
    Raw(writer, results.rows, rapidjson::kArrayType);
    writer.EndArray();
  } else if (!results.segments.empty()) {
    writer.Key("data");
    Raw(writer, results.segments, rapidjson::kObjectType);
  }
  writer.Key("stats");
  Write(writer, results.stats);
  if (results.error) {
    writer.Key("error");
    Write(writer, *results.error);
  }
  writer.Key("warnings");
  writer.StartArray();
  for (const Warning& warning : results.warnings) Write(writer, warning);
  writer.EndArray();
  if (results.update_type) Field(writer, "updateType", *results.update_type);
  if (results.update_count) Field(writer, "updateCount", *results.update_count);
  writer.EndObject();
  return TextOf(buffer);
}

std::string WriteQueryStats(const QueryStats& stats) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  Write(writer, stats);
  return TextOf(buffer);
}

std::string WriteFailureInfo(const Error& error) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  WriteFailure(writer, error);
  return TextOf(buffer);
}

}  // namespace planaria::protocol

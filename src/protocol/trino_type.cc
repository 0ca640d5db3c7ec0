#include "protocol/trino_type.h"

#include "protocol/json_text.h"

namespace planaria::protocol {

namespace {

bool IsDatetime(const TrinoType& type) { return type.raw.starts_with("time"); }

void AppendSignature(const TrinoType& type, std::string* out) {
  out->append("{\"rawType\":");
  AppendJsonString(type.raw, out);
  out->append(",\"arguments\":[");
  const char* separator = "";
  for (const int64_t number : type.numbers) {
    out->append(separator).append("{\"kind\":\"LONG\",\"value\":").append(std::to_string(number)).append("}");
    separator = ",";
  }
  for (size_t i = 0; i < type.types.size(); ++i) {
    out->append(separator);
    separator = ",";
    if (type.raw != "row") {
      out->append("{\"kind\":\"TYPE\",\"value\":");
      AppendSignature(type.types[i], out);
      out->append("}");
      continue;
    }
    out->append("{\"kind\":\"NAMED_TYPE\",\"value\":{");
    // A null field name crashes the Python client: anonymous means absent.
    if (i < type.field_names.size() && type.field_names[i]) {
      out->append("\"fieldName\":{\"name\":");
      AppendJsonString(*type.field_names[i], out);
      out->append("},");
    }
    out->append("\"typeSignature\":");
    AppendSignature(type.types[i], out);
    out->append("}}");
  }
  out->append("]}");
}

}  // namespace

TrinoType TrinoType::Array(TrinoType element) { return {"array", {}, {std::move(element)}, {}}; }

TrinoType TrinoType::Map(TrinoType key, TrinoType value) {
  return {"map", {}, {std::move(key), std::move(value)}, {}};
}

TrinoType TrinoType::Row(std::vector<std::pair<std::optional<std::string>, TrinoType>> fields) {
  TrinoType row = Of("row");
  for (auto& [name, type] : fields) {
    row.field_names.push_back(std::move(name));
    row.types.push_back(std::move(type));
  }
  return row;
}

std::string TrinoType::DisplayText() const {
  if (raw == "varchar" && numbers == std::vector<int64_t>{kUnboundedLength}) return raw;
  if (raw.starts_with("interval ")) {
    std::string words = raw;
    for (char& c : words) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return words;
  }
  if (numbers.empty() && types.empty()) return raw;
  std::string arguments;
  for (const int64_t number : numbers) {
    arguments.append(arguments.empty() ? "" : ", ").append(std::to_string(number));
  }
  for (size_t i = 0; i < types.size(); ++i) {
    arguments.append(arguments.empty() ? "" : ", ");
    if (i < field_names.size() && field_names[i]) arguments.append(*field_names[i]).append(" ");
    arguments.append(types[i].DisplayText());
  }
  const size_t zone = raw.find(" with time zone");
  const std::string tail = zone == std::string::npos ? "" : raw.substr(zone);
  return raw.substr(0, zone) + "(" + arguments + ")" + tail;
}

std::string TrinoType::SignatureJson() const {
  std::string out;
  AppendSignature(*this, &out);
  return out;
}

TrinoType TrinoType::WithoutDatetimePrecision() const {
  TrinoType plain = *this;
  if (IsDatetime(plain)) plain.numbers.clear();
  for (TrinoType& type : plain.types) type = type.WithoutDatetimePrecision();
  return plain;
}

}  // namespace planaria::protocol

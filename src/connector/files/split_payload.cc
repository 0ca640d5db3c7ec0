#include "connector/files/split_payload.h"

#include "base/error.h"
#include "duckdb/common/serializer/binary_deserializer.hpp"
#include "duckdb/common/serializer/binary_serializer.hpp"
#include "duckdb/common/serializer/memory_stream.hpp"

namespace planaria::connector::files {
namespace {

FileSplit Read(const std::string& payload) {
  // MemoryStream only reads from what it is given.
  duckdb::MemoryStream stream(reinterpret_cast<duckdb::data_ptr_t>(const_cast<char*>(payload.data())),
                              payload.size());
  duckdb::BinaryDeserializer in(stream);
  FileSplit split;
  in.Begin();
  split.file.name = in.ReadProperty<duckdb::string>(1, "name");
  split.file.size = in.ReadProperty<uint64_t>(2, "size");
  split.file.modified = in.ReadProperty<int64_t>(3, "modified");
  split.first_row_group = in.ReadProperty<uint32_t>(4, "first_row_group");
  split.row_group_count = in.ReadProperty<uint32_t>(5, "row_group_count");
  split.reader_arguments = in.ReadProperty<duckdb::string>(6, "reader_arguments");
  const auto names = in.ReadProperty<duckdb::vector<duckdb::string>>(7, "names");
  const auto types = in.ReadProperty<duckdb::vector<duckdb::LogicalType>>(8, "types");
  in.End();
  if (names.size() != types.size()) throw duckdb::SerializationException("names and types differ in number");
  for (size_t i = 0; i < names.size(); ++i) split.columns.emplace_back(names[i], types[i]);
  return split;
}

bool InsideBase(const std::string& name) {
  const std::filesystem::path path(name);
  if (name.empty() || path.is_absolute()) return false;
  for (const auto& part : path) {
    if (part == "..") return false;
  }
  return true;
}

}  // namespace

std::string Encode(const FileSplit& split) {
  duckdb::vector<duckdb::string> names;
  duckdb::vector<duckdb::LogicalType> types;
  for (const auto& [name, type] : split.columns) {
    names.push_back(name);
    types.push_back(type);
  }
  duckdb::MemoryStream stream;
  duckdb::BinarySerializer out(stream);
  out.Begin();
  out.WriteProperty<duckdb::string>(1, "name", split.file.name);
  out.WriteProperty(2, "size", split.file.size);
  out.WriteProperty(3, "modified", split.file.modified);
  out.WriteProperty(4, "first_row_group", split.first_row_group);
  out.WriteProperty(5, "row_group_count", split.row_group_count);
  out.WriteProperty<duckdb::string>(6, "reader_arguments", split.reader_arguments);
  out.WriteProperty(7, "names", names);
  out.WriteProperty(8, "types", types);
  out.End();
  return std::string(reinterpret_cast<const char*>(stream.GetData()), stream.GetPosition());
}

FileSplit DecodeFileSplit(const std::string& payload) {
  try {
    FileSplit split = Read(payload);
    if (!InsideBase(split.file.name)) throw duckdb::SerializationException("bad file name");
    return split;
  } catch (const std::exception& exception) {
    throw TrinoException(errors::SERIALIZATION_ERROR,
                         "Malformed split of a files table: " + duckdb::ErrorData(exception).RawMessage());
  }
}

}  // namespace planaria::connector::files

#include "kernel/type_codec.h"

#include "base/error.h"
#include "duckdb/common/serializer/binary_deserializer.hpp"
#include "duckdb/common/serializer/binary_serializer.hpp"
#include "duckdb/common/serializer/memory_stream.hpp"

namespace planaria::kernel {

std::string SerializeTypes(const duckdb::vector<duckdb::LogicalType>& types) {
  duckdb::MemoryStream stream;
  duckdb::BinarySerializer out(stream);
  out.Begin();
  out.WriteProperty(1, "types", types);
  out.End();
  return {reinterpret_cast<const char*>(stream.GetData()), stream.GetPosition()};
}

duckdb::vector<duckdb::LogicalType> ParseTypes(std::string_view bytes) {
  try {
    // MemoryStream only reads from what it is given.
    duckdb::MemoryStream stream(reinterpret_cast<duckdb::data_ptr_t>(const_cast<char*>(bytes.data())),
                                bytes.size());
    duckdb::BinaryDeserializer in(stream);
    in.Begin();
    auto types = in.ReadProperty<duckdb::vector<duckdb::LogicalType>>(1, "types");
    in.End();
    return types;
  } catch (const duckdb::Exception& exception) {
    throw TrinoException(errors::SERIALIZATION_ERROR,
                         std::string("Types cannot be read: ") + exception.what());
  }
}

}  // namespace planaria::kernel

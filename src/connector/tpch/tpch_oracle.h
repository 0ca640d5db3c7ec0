// Single-process DuckDB over TPC-H: the answers that a cluster's are compared with.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace planaria::connector {

/// A plain in-memory DuckDB with its optimizer, operators and storage as they come; only the rows of the
/// tables are ours. Used by one thread.
class TpchOracle {
 public:
  /// A database without tables yet.
  TpchOracle();
  ~TpchOracle();

  using TableLoaded = std::function<void(const std::string& table, uint64_t rows)>;
  /// Makes native tables of a schema of the tpch catalog, with its names under tpch.column-naming=STANDARD
  /// and its types under tpch.double-type-mapping=DECIMAL. Throws TrinoException(SCHEMA_NOT_FOUND).
  void Load(const std::string& schema, const TableLoaded& loaded);

  /// The rows of a query as clients of a server read them: a JSON array of arrays. Throws TrinoException.
  std::string Rows(const std::string& sql);

 private:
  struct Database;
  std::unique_ptr<Database> database_;
};

}  // namespace planaria::connector

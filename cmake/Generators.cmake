# The TPC data generators that come with DuckDB's sources: other people's code, compiled as it is, without warnings.
set(dbgen "${DUCKDB_SOURCE_DIR}/extension/tpch/dbgen")
add_library(planaria_dbgen STATIC
  ${dbgen}/bm_utils.cpp ${dbgen}/build.cpp ${dbgen}/dbgen_gunk.cpp ${dbgen}/permute.cpp ${dbgen}/rnd.cpp
  ${dbgen}/rng64.cpp ${dbgen}/speed_seed.cpp ${dbgen}/text.cpp)
target_include_directories(planaria_dbgen SYSTEM PUBLIC "${dbgen}/include")
target_compile_options(planaria_dbgen PRIVATE -w)

# The connector room reads from them; it is declared after this file.
cmake_language(DEFER CALL target_link_libraries planaria_connector PUBLIC planaria_dbgen)

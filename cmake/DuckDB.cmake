# The kernel: an installed DuckDB of the pinned version, else the fetched library and headers.
set(PLANARIA_DUCKDB_VERSION 1.5.5)
set(DUCKDB_SOURCE_DIR "${PLANARIA_DEPS_DIR}/duckdb/source")

find_package(DuckDB ${PLANARIA_DUCKDB_VERSION} EXACT QUIET)
if(DuckDB_FOUND)
  add_library(planaria_duckdb INTERFACE)
  target_link_libraries(planaria_duckdb INTERFACE duckdb)
else()
  set(duckdb_library "${PLANARIA_DEPS_DIR}/duckdb/lib/libduckdb.so")
  if(NOT EXISTS "${duckdb_library}")
    message(FATAL_ERROR "DuckDB ${PLANARIA_DUCKDB_VERSION} is neither installed nor fetched: run ./dev setup")
  endif()
  add_library(planaria_duckdb SHARED IMPORTED)
  set_target_properties(planaria_duckdb PROPERTIES IMPORTED_LOCATION "${duckdb_library}")
  target_include_directories(planaria_duckdb SYSTEM INTERFACE "${DUCKDB_SOURCE_DIR}/src/include")
endif()
# Parquet's reader is part of the library; its headers come with the sources.
target_include_directories(planaria_duckdb SYSTEM INTERFACE
  "${DUCKDB_SOURCE_DIR}/extension/parquet/include"
  "${DUCKDB_SOURCE_DIR}/third_party/parquet"
  "${DUCKDB_SOURCE_DIR}/third_party/thrift"
  "${DUCKDB_SOURCE_DIR}/third_party/fastpforlib"
  "${DUCKDB_SOURCE_DIR}/third_party/re2"
  "${DUCKDB_SOURCE_DIR}/third_party/utf8proc/include"
  "${DUCKDB_SOURCE_DIR}/third_party/yyjson/include")

include(cmake/Generators.cmake)

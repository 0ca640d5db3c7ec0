# RE2 out of DuckDB's sources: the library has it but shows only part of it. Hidden symbols keep the two apart.
set(re2 "${DUCKDB_SOURCE_DIR}/third_party/re2")
file(GLOB re2_sources "${re2}/re2/*.cc" "${re2}/util/*.cc")
add_library(planaria_re2 STATIC ${re2_sources})
target_include_directories(planaria_re2 SYSTEM PRIVATE "${re2}")
target_compile_options(planaria_re2 PRIVATE -w -fvisibility=hidden)
target_link_libraries(planaria_re2 PUBLIC Threads::Threads)

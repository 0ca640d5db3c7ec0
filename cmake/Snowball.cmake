# The stemmers out of DuckDB's sources, which its library leaves out.
set(snowball "${DUCKDB_SOURCE_DIR}/third_party/snowball")
file(GLOB snowball_sources "${snowball}/libstemmer/*.cpp" "${snowball}/runtime/*.cpp" "${snowball}/src_c/*.cpp")
add_library(planaria_snowball STATIC ${snowball_sources})
target_include_directories(planaria_snowball SYSTEM PRIVATE "${snowball}/runtime" "${snowball}/src_c" PUBLIC "${snowball}/libstemmer")
target_compile_options(planaria_snowball PRIVATE -w)

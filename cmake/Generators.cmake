# The TPC data generators that come with DuckDB's sources: other people's code, compiled as it is, without warnings.
set(dbgen "${DUCKDB_SOURCE_DIR}/extension/tpch/dbgen")
add_library(planaria_dbgen STATIC
  ${dbgen}/bm_utils.cpp ${dbgen}/build.cpp ${dbgen}/dbgen_gunk.cpp ${dbgen}/permute.cpp ${dbgen}/rnd.cpp
  ${dbgen}/rng64.cpp ${dbgen}/speed_seed.cpp ${dbgen}/text.cpp)
target_include_directories(planaria_dbgen SYSTEM PUBLIC "${dbgen}/include")
target_compile_options(planaria_dbgen PRIVATE -w)

# dsdgen lives on global variables: a shared object inside the executable, loaded once for every reader (see
# src/connector/tpcds/dsdgen). Hidden symbols keep it apart from the copy inside DuckDB.
set(dsdgen "${DUCKDB_SOURCE_DIR}/extension/tpcds/dsdgen")
file(GLOB dsdgen_sources "${dsdgen}/dsdgen-c/*.cpp")
# Zip codes are hashes of names of cities, and of 32 bits in TPC's generator (dsdgen_module.cpp).
set(address "${dsdgen}/dsdgen-c/address.cpp")
file(READ "${address}" address_text)
string(REPLACE "int city_hash(int nTable, char *name) {" "static int unused_city_hash(int nTable, char *name) {"
  own_address_text "${address_text}")
if(own_address_text STREQUAL address_text)
  message(FATAL_ERROR "${address}: city_hash is not where it was")
endif()
file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/dsdgen_address.cpp" CONTENT "${own_address_text}" @ONLY)
list(REMOVE_ITEM dsdgen_sources "${address}")
list(APPEND dsdgen_sources "${CMAKE_BINARY_DIR}/dsdgen_address.cpp")
set(dsdgen_module "${CMAKE_BINARY_DIR}/dsdgen_module.so")
add_library(planaria_dsdgen_module MODULE ${dsdgen_sources} src/connector/tpcds/dsdgen/dsdgen_module.cpp)
# Trino's generator counts the rows of small factors otherwise (dsdgen_module.cpp).
set_source_files_properties("${dsdgen}/dsdgen-c/scaling.cpp" PROPERTIES COMPILE_DEFINITIONS
  dist_weight=planaria_row_weight)
target_include_directories(planaria_dsdgen_module PRIVATE src)
target_include_directories(planaria_dsdgen_module SYSTEM PRIVATE "${dsdgen}/include" "${dsdgen}/include/dsdgen-c")
target_compile_options(planaria_dsdgen_module PRIVATE -w -fvisibility=hidden -fno-gnu-unique)
target_link_options(planaria_dsdgen_module PRIVATE -Wl,-Bsymbolic -Wl,--wrap=malloc -Wl,--wrap=realloc
  -Wl,--wrap=free -Wl,--wrap=exit -Wl,--strip-debug)
set_target_properties(planaria_dsdgen_module PROPERTIES PREFIX "" OUTPUT_NAME dsdgen_module
  LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")

configure_file(cmake/dsdgen_image.cc.in "${CMAKE_BINARY_DIR}/dsdgen_image.cc" @ONLY)
set_source_files_properties("${CMAKE_BINARY_DIR}/dsdgen_image.cc" PROPERTIES OBJECT_DEPENDS "${dsdgen_module}")
add_library(planaria_dsdgen STATIC "${CMAKE_BINARY_DIR}/dsdgen_image.cc")
target_include_directories(planaria_dsdgen SYSTEM PUBLIC "${dsdgen}/include")
add_dependencies(planaria_dsdgen planaria_dsdgen_module)
target_link_libraries(planaria_dsdgen PUBLIC ${CMAKE_DL_LIBS})

# The connector room reads from them; it is declared after this file.
cmake_language(DEFER CALL target_link_libraries planaria_connector PUBLIC planaria_dbgen planaria_dsdgen)

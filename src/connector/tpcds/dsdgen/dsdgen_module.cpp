// Our end of the shared object that dsdgen is built into: its append functions, and memory that goes with the
// copy.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <stdexcept>
#include <string>

// dsdgen's headers define its globals here.
#define DECLARER
#include "address.h"
#include "append_info.h"
#include "build_support.h"
#include "columns.h"
#include "config.h"
#include "connector/tpcds/dsdgen/dsdgen_image.h"
#include "date.h"
#include "dist.h"
#include "genrand.h"
#include "init.h"
#include "nulls.h"
#include "parallel.h"
#include "params.h"
#include "porting.h"
#include "scaling.h"
#include "tdef_functions.h"
#include "tdefs.h"

extern "C" {
void* __real_malloc(size_t size);
void* __real_realloc(void* block, size_t size);
void __real_free(void* block);
}

namespace {

// dsdgen frees next to nothing. The linker sends its allocations here, so that unloading the copy frees them.
struct Block {
  Block *previous, *next;
};
Block g_blocks = {&g_blocks, &g_blocks};

void Link(Block* block) {
  block->previous = &g_blocks;
  block->next = g_blocks.next;
  g_blocks.next->previous = block;
  g_blocks.next = block;
}

void Unlink(Block* block) {
  block->previous->next = block->next;
  block->next->previous = block->previous;
}

__attribute__((destructor)) void FreeAllBlocks() {
  while (g_blocks.next != &g_blocks) {
    Block* block = g_blocks.next;
    Unlink(block);
    __real_free(block);
  }
}

}  // namespace

extern "C" {

void* __wrap_malloc(size_t size) {
  auto* block = static_cast<Block*>(__real_malloc(size + sizeof(Block)));
  if (!block) throw std::bad_alloc();
  Link(block);
  return block + 1;
}

void __wrap_free(void* memory) {
  if (!memory) return;
  Block* block = static_cast<Block*>(memory) - 1;
  Unlink(block);
  __real_free(block);
}

void* __wrap_realloc(void* memory, size_t size) {
  if (!memory) return __wrap_malloc(size);
  Block* block = static_cast<Block*>(memory) - 1;
  Unlink(block);
  auto* moved = static_cast<Block*>(__real_realloc(block, size + sizeof(Block)));
  if (!moved) throw std::bad_alloc();
  Link(moved);
  return moved + 1;
}

[[noreturn]] void __wrap_exit(int) { throw std::runtime_error("the TPC-DS generator met an internal error"); }

}  // extern "C"

namespace {

using planaria::connector::tpcds::RowSink;

RowSink* g_sink;
/// Less than one, or one for every other.
double g_part;

/// Where a table's current row stands.
struct TableState {
  int table;
  int next_column;
};
TableState g_tables[MAX_TABLE];

/// Which of dsdgen's columns says whether one of a table's is NULL: some have no place in the table, and prices
/// come in another order.
int NullColumnOf(int table, int column) {
  const tdef* definition = getSimpleTdefsByNumber(table);
  switch (table) {
    case CATALOG_PAGE:
      return definition->nFirstColumn + column + (column > CP_END_DATE_ID - CP_CATALOG_PAGE_SK ? 1 : 0);
    case CATALOG_SALES: {
      constexpr int kFirst = CS_PRICING_COUPON_AMT - CS_SOLD_DATE_SK;
      constexpr int kColumns[] = {CS_PRICING_EXT_DISCOUNT_AMOUNT, CS_PRICING_EXT_SALES_PRICE,
                                  CS_PRICING_EXT_WHOLESALE_COST,  CS_PRICING_EXT_LIST_PRICE,
                                  CS_PRICING_EXT_TAX,             CS_PRICING_COUPON_AMT};
      const bool moved = column >= kFirst && column < kFirst + static_cast<int>(std::size(kColumns));
      return moved ? kColumns[column - kFirst] : definition->nFirstColumn + column;
    }
    case STORE_SALES: {
      // The coupon is there twice.
      constexpr int kAgain = SS_PRICING_NET_PAID - SS_SOLD_DATE_SK;
      if (column == kAgain) return SS_PRICING_COUPON_AMT;
      return definition->nFirstColumn + column - (column > kAgain ? 1 : 0);
    }
    default:
      return definition->nFirstColumn + column;
  }
}

/// True when the value at hand is NULL; steps to the next column.
bool TakeNull(append_info info) {
  auto* state = static_cast<TableState*>(info);
  return nullCheck(NullColumnOf(state->table, state->next_column++)) != 0;
}

void Open(double factor, RowSink* sink) {
  g_sink = sink;
  for (int table = 0; table < MAX_TABLE; table++) g_tables[table] = {table, 0};
  InitConstants::Reset();
  resetCountCount();
  g_part = std::min(factor, 1.0);
  std::string scale = std::to_string(std::max(factor, 1.0));
  set_str("SCALE", scale.c_str());
  init_rand();
}

int64_t Rows(int table) { return get_rowcount(table); }

void Make(int table, int64_t index) {
  // Small tables draw on a small set of places, counted anew for each table.
  if (index == 1 && (getSimpleTdefsByNumber(table)->flags & FL_SMALL)) resetCountCount();
  if (getTdefFunctionsByNumber(table)->builder(g_tables, index) != 0) {
    throw std::runtime_error("the TPC-DS generator refused row " + std::to_string(index));
  }
  // Every row takes as many random numbers as the longest: TPC's rows, which DuckDB's extension, that leaves
  // this out, does not make.
  row_stop(table);
}

}  // namespace

/// Replaces dist_weight where dsdgen counts rows (cmake/Generators.cmake), in thousands or what a table
/// counts in. Below factor one, tables have the part of those of factor one that Trino's generator gives
/// them: at least one such unit.
int planaria_row_weight(int* out, const char* distribution, int index, int set) {
  const int weight = dist_weight(out, distribution, index, set);
  if (g_part == 1) return weight;
  enum { kStatic = 1, kLinear = 2, kLogarithmic = 3 };
  const int scaling = dist_member(nullptr, const_cast<char*>(distribution), index, 3);
  if (scaling == kStatic) return weight;
  const double part = weight * g_part;
  return std::max(1, static_cast<int>(scaling == kLinear ? std::rint(part) : part));
}

/// Four digits of a name, with the overflow of 32 bits.
int city_hash(int, char* name) {
  uint32_t hash = 0;
  int digits = 0;
  for (const char* letter = name; *letter != '\0'; letter++) {
    hash = hash * 26 - 'A' + static_cast<uint32_t>(*letter);
    if (static_cast<int32_t>(hash) > 1000000) {
      digits += static_cast<int32_t>(hash) % 10000;
      hash = 0;
    }
  }
  return (digits + static_cast<int32_t>(hash) % 1000) % 10000;
}

extern "C" __attribute__((visibility("default")))
const planaria::connector::tpcds::DsdgenFunctions planaria_dsdgen = {Open, Rows, Make};

append_info* append_info_get(void* tables, int table) {
  return reinterpret_cast<append_info*>(static_cast<TableState*>(tables) + table);
}

void append_row_start(append_info info) {
  auto* state = static_cast<TableState*>(info);
  state->next_column = 0;
  g_sink->StartRow(state->table);
}

void append_row_end(append_info) { g_sink->EndRow(); }

void append_varchar(append_info info, const char* value) {
  // Trino's generator takes a text without letters for none.
  TakeNull(info) || *value == '\0' ? g_sink->Null() : g_sink->Text(value);
}

void append_key(append_info info, int64_t value) {
  TakeNull(info) || value < 0 ? g_sink->Null() : g_sink->Number(value);
}

void append_integer(append_info info, int32_t value) {
  TakeNull(info) ? g_sink->Null() : g_sink->Number(value);
}

void append_boolean(append_info info, int32_t value) { append_integer(info, value != 0); }

void append_integer_decimal(append_info info, int32_t value) {
  TakeNull(info) ? g_sink->Null() : g_sink->Number(static_cast<int64_t>(value) * 100);
}

void append_decimal(append_info info, decimal_t* value) {
  TakeNull(info) ? g_sink->Null() : g_sink->Number(value->number);
}

void append_date(append_info info, int64_t julian_day) {
  if (TakeNull(info) || julian_day < 0) return g_sink->Null();
  date_t date;
  jtodt(&date, static_cast<int>(julian_day));
  g_sink->Date(date.year, date.month, date.day);
}

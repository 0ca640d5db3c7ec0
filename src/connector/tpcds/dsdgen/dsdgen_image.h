// The edge between the engine and a private copy of the TPC-DS generator.
//
// dsdgen keeps its state in some seventy global variables. It is therefore built as a shared object that
// travels inside the executable, and every reader loads its own copy: readers run side by side without
// knowing of each other.
#pragma once

#include <cstddef>
#include <cstdint>

namespace planaria::connector::tpcds {

/// What a copy tells about rows, value by value. Called on the thread that asked for the row.
class RowSink {
 public:
  virtual void StartRow(int table) = 0;
  virtual void Null() = 0;
  /// Integers and keys; decimals in units of their last digit.
  virtual void Number(int64_t value) = 0;
  virtual void Date(int year, int month, int day) = 0;
  virtual void Text(const char* value) = 0;
  virtual void EndRow() = 0;

 protected:
  ~RowSink() = default;
};

/// Functions a copy exports. Tables are numbered in the order of their names. All may throw
/// std::runtime_error.
struct DsdgenFunctions {
  /// Once, before the others.
  void (*open)(double factor, RowSink* sink);
  /// Rows of a table; orders for the sales tables.
  int64_t (*rows)(int table);
  /// Makes row `index` (1, 2, ... in turn) of a table; of a sales table the order's lines and their returns.
  void (*make)(int table, int64_t index);
};

}  // namespace planaria::connector::tpcds

extern "C" {
/// The shared object; it exports one `const DsdgenFunctions planaria_dsdgen`.
extern const unsigned char planaria_dsdgen_image[];
extern const unsigned char planaria_dsdgen_image_end[];
}

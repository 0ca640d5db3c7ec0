// A private copy of the TPC-DS generator.
#pragma once

#include <cstdint>

#include "connector/tpcds/dsdgen/dsdgen_image.h"

namespace planaria::connector::tpcds {

/// Loads the shared object anew: about a millisecond and two megabytes, given back by the destructor. A copy
/// is used by one thread at a time; different copies are independent of each other.
class DsdgenCopy {
 public:
  /// `sink` is told about rows and must outlive the copy; nullptr when none are made. Throws
  /// TrinoException(GENERIC_INTERNAL_ERROR) when the system refuses to load the object.
  DsdgenCopy(double factor, RowSink* sink);
  ~DsdgenCopy();
  DsdgenCopy(const DsdgenCopy&) = delete;
  DsdgenCopy& operator=(const DsdgenCopy&) = delete;

  int64_t Rows(int table) { return functions_->rows(table); }
  void Make(int table, int64_t index) { functions_->make(table, index); }

 private:
  int file_ = -1;
  void* library_ = nullptr;
  const DsdgenFunctions* functions_ = nullptr;
};

}  // namespace planaria::connector::tpcds

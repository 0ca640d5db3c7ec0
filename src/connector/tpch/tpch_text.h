// The words of TPC-H: dbgen's value sets and its pool of pseudo text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connector/tpch/tpch_streams.h"
#include "duckdb/common/types/string_type.hpp"

namespace planaria::connector::tpch {

/// A set of strings with weights. The strings live as long as the process, so string_t may point at them.
class ValueSet {
 public:
  struct Member {
    std::string text;
    /// Sum of the weights up to and including this member (dbgen keeps region keys of nations here).
    int64_t cumulative_weight;
  };
  explicit ValueSet(const char* dbgen_name);

  const std::vector<Member>& members() const { return members_; }
  /// The member drawn by weight.
  duckdb::string_t Pick(uint64_t draw) const { return by_weight_[range_(draw)]; }

 private:
  std::vector<Member> members_;
  std::vector<duckdb::string_t> by_weight_;
  Uniform range_{0, 0};
};

/// All sets rows are drawn from. Loaded once a process, on first use; safe from any thread.
struct ValueSets {
  ValueSet containers{"p_cntr"}, colors{"colors"}, part_types{"p_types"}, nations{"nations"},
      regions{"regions"}, priorities{"o_oprio"}, ship_instructions{"instruct"}, ship_modes{"smode"},
      return_flags{"rflag"}, segments{"msegmnt"};
};
const ValueSets& Values();

/// Cuts comments of `average` length (0.4 to 1.6 times as long) from the pool: two draws each.
class Comments {
 public:
  /// The first instance of a process makes the pool of 10 MiB; safe from any thread.
  explicit Comments(int average_length);
  /// Points into the pool, which lives as long as the process.
  duckdb::string_t operator()(uint64_t offset_draw, uint64_t length_draw) const {
    return duckdb::string_t(pool_ + offset_(offset_draw), static_cast<uint32_t>(length_(length_draw)));
  }

 private:
  const char* pool_;
  Uniform length_, offset_;
};

}  // namespace planaria::connector::tpch

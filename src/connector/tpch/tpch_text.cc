#include "connector/tpch/tpch_text.h"

#include <memory>
#include <mutex>

// dbgen's headers declare its globals here, and redefine exit and printf: nothing else includes them.
#define DECLARER
#include "dbgen/dbgen_gunk.hpp"
#include "dbgen/dss.h"
#include "dbgen/dsstypes.h"

namespace planaria::connector::tpch {

namespace {

// DuckDB's size, not the 300 MB of the official tool: comments are those of DuckDB's generator.
constexpr long kPoolSize = 10 * 1024 * 1024;

/// dbgen parses its lists with strtok, which has one state for the whole process: one reader at a time.
std::mutex& Parsing() {
  static auto* mutex = new std::mutex;
  return *mutex;
}

std::string MakePool() {
  const std::lock_guard lock(Parsing());
  DBGenContext context;
  load_dists(kPoolSize, &context);
  std::string pool(kPoolSize, '\0');
  // One "comment" as long as the pool is the pool.
  seed_t seed{NONE, 1, 0, 0};
  dbg_text(pool.data(), kPoolSize, kPoolSize, &seed);
  cleanup_dists();
  return pool;
}

const char* Pool() {
  static const std::string* pool = new std::string(MakePool());
  return pool->data();
}

int Shortest(int average) { return static_cast<int>(average * V_STR_LOW); }
int Longest(int average) { return static_cast<int>(average * V_STR_HGH); }

}  // namespace

RowStream::RowStream(StreamId id, uint64_t first_row) {
  static const DBGenContext kSeeds;
  const seed_t& seed = kSeeds.Seed[static_cast<int>(id)];
  row_multiplier_ = LehmerPower(seed.boundary);
  // The period is 2^31 - 2: reducing the count keeps the product in range at any scale.
  uint64_t draws = first_row % (kLehmerModulus - 1) * static_cast<uint64_t>(seed.boundary);
  state_ = LehmerMultiply(seed.value, LehmerPower(draws));
}

ValueSet::ValueSet(const char* dbgen_name) {
  distribution set{};
  {
    const std::lock_guard lock(Parsing());
    read_dist("", dbgen_name, &set);
  }
  for (int i = 0; i < set.count; i++) {
    members_.push_back({set.list[i].text, set.list[i].weight});
    free(set.list[i].text);
  }
  free(set.list);
  const int64_t total = members_.back().cumulative_weight;
  if (total < 1) return;
  range_ = Uniform(1, total);
  by_weight_.resize(total + 1);
  size_t member = 0;
  for (int64_t weight = 1; weight <= total; weight++) {
    while (members_[member].cumulative_weight < weight) member++;
    const std::string& text = members_[member].text;
    by_weight_[weight] = duckdb::string_t(text.data(), static_cast<uint32_t>(text.size()));
  }
}

const ValueSets& Values() {
  static const ValueSets* values = new ValueSets;
  return *values;
}

Comments::Comments(int average_length)
    : pool_(Pool()),
      length_(Shortest(average_length), Longest(average_length)),
      offset_(0, kPoolSize - Longest(average_length)) {}

}  // namespace planaria::connector::tpch

#include "connector/tpch/tpch_scale.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "connector/tpch/tpch_streams.h"

namespace planaria::connector::tpch {

namespace {

constexpr int64_t kOrdersPerFactor = 1500000;

std::optional<double> FactorOf(const std::string& name) {
  if (name == "tiny") return 0.01;
  if (name.size() < 3 || name.compare(0, 2, "sf") != 0) return std::nullopt;
  double factor;
  auto [end, error] =
      std::from_chars(name.data() + 2, name.data() + name.size(), factor, std::chars_format::fixed);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  if (!(factor > 0 && factor < 30000)) return std::nullopt;
  return factor;
}

}  // namespace

std::optional<Scale> Scale::OfSchema(const std::string& name) {
  std::optional<double> factor = FactorOf(name);
  if (!factor) return std::nullopt;
  auto rows = [&](int64_t base) {
    if (*factor >= 1) return static_cast<int64_t>(std::floor(static_cast<double>(base) * *factor));
    return std::max<int64_t>(1, base * static_cast<int>(1000 * *factor) / 1000);
  };
  return Scale{rows(200000), rows(10000), rows(150000), rows(kOrdersPerFactor),
               std::max<int64_t>(1000, static_cast<int64_t>(1000 * *factor))};
}

std::vector<std::string> Scale::ListedSchemas() {
  return {"sf1", "sf10", "sf100", "sf1000", "sf10000", "sf300", "sf3000", "tiny"};
}

int64_t Scale::LineItems() const {
  switch (orders) {
    case kOrdersPerFactor:
      return 6001215;
    case kOrdersPerFactor * 10:
      return 59986052;
    case kOrdersPerFactor * 100:
      return 600037902;
    case kOrdersPerFactor * 300:
      return 1799989091;
    case kOrdersPerFactor * 1000:
      return 5999989709;
    case kOrdersPerFactor * 3000:
      return 18000048306;
    case kOrdersPerFactor * 10000:
      return 59999994267;
  }
  if (orders > 2 * kOrdersPerFactor) return orders * 4;
  int64_t lines = 0;
  RowStream counts(StreamId::kOrderLineCount, 0);
  for (int64_t i = 0; i < orders; i++, counts.NextRow()) lines += Uniform(1, 7)(counts.Draw());
  return lines;
}

}  // namespace planaria::connector::tpch

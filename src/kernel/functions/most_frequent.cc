#include "kernel/functions/most_frequent.h"

#include <algorithm>

#include "kernel/functions/sketch_bytes.h"

namespace planaria::kernel {

MostFrequent::MostFrequent(int64_t buckets, int64_t capacity) : buckets_(buckets), capacity_(capacity) {
  if (buckets < 2) {
    FailArgument("approx_most_frequent bucket count must be greater than one");
  }
  if (capacity < 1)
    FailArgument(fmt::format("approx_most_frequent capacity must be positive, input: {}", capacity));
}

MostFrequent MostFrequent::Of(std::string_view bytes) {
  SketchReader in(bytes, "list of frequent values");
  const auto buckets = in.Take<int64_t>();
  MostFrequent made(buckets, in.Take<int64_t>());
  while (in.left() > 0) {
    const auto count = in.Take<int64_t>();
    made.Add(in.Bytes(in.Take<uint32_t>()), count);
  }
  return made;
}

void MostFrequent::Add(std::string_view value, int64_t count) {
  const uint64_t since = additions_++;
  const auto found = places_.find(value);
  if (found != places_.end()) {
    Place& place = found->second;
    order_.erase({place.count, place.since, found->first});
    place = {place.count + count, since};
    order_.insert({place.count, since, found->first});
    return;
  }
  if (static_cast<int64_t>(places_.size()) >= capacity_) {
    const auto least = order_.begin();
    count += std::get<0>(*least);
    places_.erase(std::get<2>(*least));
    order_.erase(least);
  }
  places_.emplace(value, Place{count, since});
  order_.insert({count, since, std::string(value)});
}

void MostFrequent::Merge(const MostFrequent& other) {
  for (const auto& [count, since, value] : other.order_) Add(value, count);
}

std::vector<MostFrequent::Item> MostFrequent::Top() const {
  std::vector<Item> items;
  for (const auto& [count, since, value] : order_) items.push_back({value, count});
  std::stable_sort(items.begin(), items.end(),
                   [](const Item& left, const Item& right) { return left.count > right.count; });
  if (static_cast<int64_t>(items.size()) > buckets_) items.resize(static_cast<size_t>(buckets_));
  return items;
}

void MostFrequent::AppendTo(std::string* out) const {
  AppendBytes<int64_t>(buckets_, out);
  AppendBytes<int64_t>(capacity_, out);
  for (const auto& [count, since, value] : order_) {
    AppendBytes<int64_t>(count, out);
    AppendBytes<uint32_t>(static_cast<uint32_t>(value.size()), out);
    out->append(value);
  }
}

}  // namespace planaria::kernel

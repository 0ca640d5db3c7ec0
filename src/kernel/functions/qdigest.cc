#include "kernel/functions/qdigest.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "kernel/functions/sketch_bytes.h"

namespace planaria::kernel {

namespace {

constexpr uint8_t kFormat = 0;
constexpr uint64_t kSign = uint64_t{1} << 63;
/// How many nodes there may be over those that the accuracy needs.
constexpr double kSlack = 1.5;
constexpr double kMostNodes = 1e9;
constexpr uint8_t kHasLeft = 1;
constexpr uint8_t kHasRight = 2;
constexpr int kLevelShift = 2;

/// Numbers in their order as unsigned ones.
uint64_t BitsOf(int64_t value) { return static_cast<uint64_t>(value) ^ kSign; }
int64_t ValueOf(uint64_t bits) { return static_cast<int64_t>(bits ^ kSign); }

uint64_t LastBits(int level) { return level >= 64 ? ~uint64_t{0} : (uint64_t{1} << level) - 1; }

}  // namespace

bool QDigest::Holds(const Node& node, uint64_t bits) const {
  return ((node.bits ^ bits) & ~LastBits(node.level)) == 0;
}

int32_t QDigest::Made(const Node& node) {
  nodes_.push_back(node);
  return static_cast<int32_t>(nodes_.size() - 1);
}

int32_t& QDigest::Child(int32_t node, uint64_t bits) {
  Node& parent = nodes_[static_cast<size_t>(node)];
  return (bits >> (parent.level - 1) & 1) == 0 ? parent.left : parent.right;
}

int32_t QDigest::Joined(int32_t first, int32_t second) {
  const uint64_t bits = nodes_[static_cast<size_t>(first)].bits;
  const uint64_t other = nodes_[static_cast<size_t>(second)].bits;
  const int32_t parent = Made({bits, 64 - std::countl_zero(bits ^ other), 0, kNone, kNone});
  Child(parent, bits) = first;
  Child(parent, other) = second;
  return parent;
}

void QDigest::Add(int64_t value, double weight) {
  weight_ += weight;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
  root_ = Insert(root_, BitsOf(value), weight);
  if (nodes_.size() > enough_) Compress();
}

int32_t QDigest::Insert(int32_t root, uint64_t bits, double weight) {
  if (root == kNone) return Made({bits, 0, weight, kNone, kNone});
  if (!Holds(nodes_[static_cast<size_t>(root)], bits)) {
    return Joined(root, Made({bits, 0, weight, kNone, kNone}));
  }
  int32_t at = root;
  while (nodes_[static_cast<size_t>(at)].level > 0) {
    const int32_t child = Child(at, bits);
    if (child == kNone || !Holds(nodes_[static_cast<size_t>(child)], bits)) {
      const int32_t leaf = Made({bits, 0, weight, kNone, kNone});
      const int32_t placed = child == kNone ? leaf : Joined(child, leaf);
      Child(at, bits) = placed;
      return root;
    }
    at = child;
  }
  nodes_[static_cast<size_t>(at)].weight += weight;
  return root;
}

int32_t QDigest::Copied(const QDigest& other, int32_t node) {
  if (node == kNone) return kNone;
  Node copy = other.nodes_[static_cast<size_t>(node)];
  copy.left = Copied(other, copy.left);
  copy.right = Copied(other, copy.right);
  return Made(copy);
}

int32_t QDigest::Merged(int32_t mine, const QDigest& other, int32_t theirs) {
  if (theirs == kNone) return mine;
  if (mine == kNone) return Copied(other, theirs);
  const Node here = nodes_[static_cast<size_t>(mine)];
  const Node there = other.nodes_[static_cast<size_t>(theirs)];
  if (here.level >= there.level ? !Holds(here, there.bits) : !Holds(there, here.bits)) {
    return Joined(mine, Copied(other, theirs));
  }
  if (here.level > there.level) {
    const int32_t child = Merged(Child(mine, there.bits), other, theirs);
    Child(mine, there.bits) = child;
    return mine;
  }
  if (here.level < there.level) {
    const bool left = (here.bits >> (there.level - 1) & 1) == 0;
    const int32_t above = Made({there.bits, there.level, there.weight, kNone, kNone});
    const int32_t near = Merged(mine, other, left ? there.left : there.right);
    const int32_t far = Copied(other, left ? there.right : there.left);
    nodes_[static_cast<size_t>(above)].left = left ? near : far;
    nodes_[static_cast<size_t>(above)].right = left ? far : near;
    return above;
  }
  const int32_t left = Merged(here.left, other, there.left);
  const int32_t right = Merged(here.right, other, there.right);
  Node& merged = nodes_[static_cast<size_t>(mine)];
  merged.weight += there.weight;
  merged.left = left;
  merged.right = right;
  return mine;
}

void QDigest::Merge(const QDigest& other) {
  root_ = Merged(root_, other, other.root_);
  accuracy_ = std::max(accuracy_, other.accuracy_);
  weight_ += other.weight_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  if (nodes_.size() > enough_) Compress();
}

double QDigest::CompressionFactor() const {
  const int level = root_ == kNone ? 0 : nodes_[static_cast<size_t>(root_)].level;
  return std::max((level + 1) / accuracy_, 1.0);
}

int32_t QDigest::Compressed(int32_t at, double least) {
  if (at == kNone) return kNone;
  const auto index = static_cast<size_t>(at);
  nodes_[index].left = Compressed(nodes_[index].left, least);
  nodes_[index].right = Compressed(nodes_[index].right, least);
  Node& node = nodes_[index];
  if (node.level == 0) return at;
  const auto weight = [&](int32_t child) {
    return child == kNone ? 0 : nodes_[static_cast<size_t>(child)].weight;
  };
  const bool small = node.weight + weight(node.left) + weight(node.right) < least;
  // A node without a weight of its own stands for its only child; without any it stands for nothing.
  for (int32_t* child : {&node.left, &node.right}) {
    if (*child == kNone || !small) continue;
    Node& lower = nodes_[static_cast<size_t>(*child)];
    node.weight += lower.weight;
    lower.weight = 0;
    if (lower.left == kNone && lower.right == kNone) *child = kNone;
  }
  if (node.weight == 0 && (node.left == kNone || node.right == kNone)) {
    return node.left == kNone ? node.right : node.left;
  }
  return at;
}

void QDigest::Compress() {
  root_ = Compressed(root_, std::floor(weight_ / CompressionFactor()));
  Repack();
  // Twice what is left, so that compression costs the same for every value.
  enough_ =
      std::max(2 * nodes_.size(), static_cast<size_t>(std::min(kSlack * CompressionFactor(), kMostNodes)));
}

void QDigest::Repack() {
  QDigest packed(accuracy_);
  packed.root_ = packed.Copied(*this, root_);
  root_ = packed.root_;
  nodes_ = std::move(packed.nodes_);
}

template <typename Visit>
bool QDigest::Walk(int32_t at, const Visit& visit) const {
  if (at == kNone) return true;
  const Node& node = nodes_[static_cast<size_t>(at)];
  return Walk(node.left, visit) && Walk(node.right, visit) && visit(node);
}

std::optional<int64_t> QDigest::ValueAt(double quantile) const {
  if (!(quantile >= 0 && quantile <= 1)) FailArgument("quantile must be between [0,1]");
  if (root_ == kNone) return std::nullopt;
  const double rank = quantile * weight_;
  int64_t value = max_;
  double sum = 0;
  Walk(root_, [&](const Node& node) {
    sum += node.weight;
    if (sum <= rank) return true;
    value = std::clamp(ValueOf(node.bits | LastBits(node.level)), min_, max_);
    return false;
  });
  return value;
}

std::optional<double> QDigest::QuantileAt(int64_t value) const {
  if (root_ == kNone || value < min_ || value > max_) return std::nullopt;
  double sum = 0;
  Walk(root_, [&](const Node& node) {
    if (ValueOf(node.bits | LastBits(node.level)) >= value) return false;
    sum += node.weight;
    return true;
  });
  return sum / weight_;
}

size_t QDigest::Count(int32_t node) const {
  size_t count = 0;
  Walk(node, [&](const Node&) {
    ++count;
    return true;
  });
  return count;
}

void QDigest::AppendTo(std::string* out) const {
  QDigest digest = *this;
  digest.Compress();
  AppendBytes<uint8_t>(kFormat, out);
  AppendBytes<double>(accuracy_, out);
  // No decay: neither its factor nor when it began.
  AppendBytes<double>(0, out);
  AppendBytes<int64_t>(0, out);
  AppendBytes<int64_t>(min_, out);
  AppendBytes<int64_t>(max_, out);
  AppendBytes<uint32_t>(static_cast<uint32_t>(digest.Count(digest.root_)), out);
  digest.Walk(digest.root_, [&](const Node& node) {
    // 1 less where there are children: six bits are enough for 64 levels then.
    const int level = node.left == kNone && node.right == kNone ? node.level : node.level - 1;
    AppendBytes<uint8_t>(static_cast<uint8_t>(level << kLevelShift | (node.left == kNone ? 0 : kHasLeft) |
                                              (node.right == kNone ? 0 : kHasRight)),
                         out);
    AppendBytes<double>(node.weight, out);
    AppendBytes<uint64_t>(node.bits, out);
    return true;
  });
}

QDigest QDigest::Of(std::string_view bytes) {
  SketchReader in(bytes, "qdigest");
  in.Require(in.Take<uint8_t>() == kFormat);
  QDigest made(in.Take<double>());
  in.Require(made.accuracy_ > 0 && made.accuracy_ < 1);
  in.Require(in.Take<double>() == 0);
  in.Take<int64_t>();
  made.min_ = in.Take<int64_t>();
  made.max_ = in.Take<int64_t>();
  const auto count = in.Take<uint32_t>();
  std::vector<int32_t> open;
  const auto pop = [&] {
    in.Require(!open.empty());
    const int32_t last = open.back();
    open.pop_back();
    return last;
  };
  for (uint32_t i = 0; i < count; ++i) {
    const auto structure = in.Take<uint8_t>();
    Node node;
    node.weight = in.Take<double>();
    node.bits = in.Take<uint64_t>();
    const uint8_t children = structure & (kHasLeft | kHasRight);
    node.level = (structure >> kLevelShift) + (children != 0 ? 1 : 0);
    if (children & kHasRight) node.right = pop();
    if (children & kHasLeft) node.left = pop();
    for (const int32_t child : {node.left, node.right}) {
      in.Require(child == kNone || (made.nodes_[static_cast<size_t>(child)].level < node.level &&
                                    made.Holds(node, made.nodes_[static_cast<size_t>(child)].bits)));
    }
    in.Require(node.weight >= 0);
    made.weight_ += node.weight;
    open.push_back(made.Made(node));
  }
  if (count > 0) made.root_ = pop();
  in.Require(open.empty() && in.left() == 0);
  return made;
}

}  // namespace planaria::kernel

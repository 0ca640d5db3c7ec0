#include "config/session_properties.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"
#include "config/ignored_properties.h"

namespace planaria {

namespace {

using enum ValueKind;

/// Accepted so that profiles written for Trino keep working; the value is checked and changes nothing.
struct IgnoredSession {
  std::string_view name;
  ValueKind kind;
  std::string_view default_value;
  std::string_view description;
  bool hidden = false;
};

constexpr std::string_view kUnused = "Accepted for compatibility with Trino; has no effect";

constexpr IgnoredSession kIgnored[] = {
    {"distinct_aggregations_strategy", kText, "AUTOMATIC", kUnused},
    {"distributed_sort", kFlag, "true", kUnused},
    {"enable_dynamic_filtering", kFlag, "true", kUnused},
    {"execution_policy", kText, "phased", kUnused},
    {"ignore_downstream_preferences", kFlag, "false", kUnused},
    {"initial_splits_per_node", kInteger, "16", kUnused},
    {"join_reordering_strategy", kText, "AUTOMATIC", kUnused},
    {"legacy_catalog_roles", kFlag, "false", kUnused},
    {"max_hash_partition_count", kInteger, "100", kUnused},
    {"max_reordered_joins", kInteger, "8", kUnused},
    {"max_tasks_waiting_for_execution_per_query", kInteger, "10", kUnused},
    {"max_tasks_waiting_for_node_per_query", kInteger, "50", kUnused},
    {"min_hash_partition_count", kInteger, "4", kUnused},
    {"min_hash_partition_count_for_write", kInteger, "50", kUnused},
    {"optimize_metadata_queries", kFlag, "false", kUnused},
    {"prefer_partial_aggregation", kFlag, "true", kUnused},
    {"query_priority", kInteger, "1", kUnused},
    {"redistribute_writes", kFlag, "true", kUnused},
    {"required_workers_count", kInteger, "1", kUnused},
    {"required_workers_max_wait_time", kTime, "5m", kUnused},
    {"scale_writers", kFlag, "true", kUnused},
    {"spill_enabled", kFlag, "false", kUnused},
    {"spooling_enabled", kFlag, "true", kUnused},
    {"time_zone_id", kText, "", "Time zone id for the session"},
    {"use_preferred_write_partitioning", kFlag, "true", kUnused},
};

std::string_view TypeOf(ValueKind kind) {
  switch (kind) {
    case kFlag:
      return "boolean";
    case kInteger:
      return "integer";
    case kNumber:
      return "double";
    default:
      return "varchar";
  }
}

std::string SessionNameOf(std::string_view key) {
  std::string name(key);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

[[noreturn]] void ThrowInvalid(std::string_view name, std::string_view value, std::string_view expected) {
  throw TrinoException(errors::INVALID_SESSION_PROPERTY,
                       fmt::format("{} is invalid: {}, expected {}", name, value, expected));
}

/// Rows of SHOW SESSION, from the fields' present values.
class Lister : public SettingVisitor {
 public:
  explicit Lister(std::vector<SessionProperty>& rows) : rows_(rows) {}

  void Flag(const SettingName& name, bool& field) override { Add(name, "boolean", field ? "true" : "false"); }
  void Integer(const SettingName& name, int64_t& field, int64_t, int64_t) override {
    Add(name, "integer", fmt::format("{}", field));
  }
  void Number(const SettingName& name, double& field, double, double) override {
    Add(name, "double", ShowNumber(field));
  }
  void Size(const SettingName& name, DataSize& field) override { Add(name, "varchar", field.ToString()); }
  void OptionalSize(const SettingName& name, std::optional<DataSize>& field) override {
    Add(name, "varchar", field ? field->ToString() : "");
  }
  void Memory(const SettingName& name, MemorySize& field) override { Add(name, "varchar", field.ToString()); }
  void Time(const SettingName& name, Duration& field, Duration) override {
    Add(name, "varchar", ShowTime(field));
  }
  void Choice(const SettingName& name, int& field, std::span<const std::string_view> spellings) override {
    Add(name, "varchar", std::string(spellings[static_cast<size_t>(field)]));
  }

 private:
  void Add(const SettingName& name, std::string_view type, std::string value) {
    if (name.session.empty()) return;
    rows_.push_back({std::string(name.session), std::move(value), std::string(type),
                     std::string(name.description), name.hidden});
  }

  std::vector<SessionProperty>& rows_;
};

/// Puts one override into the field that it names.
class Override : public SettingVisitor {
 public:
  Override(std::string_view name, std::string_view value) : name_(name), value_(value) {}

  bool found() const { return found_; }

  void Flag(const SettingName& name, bool& field) override {
    const auto value = ReadFlag(value_);
    Put(name, value.has_value(), value.value_or(field), field, "true or false");
  }
  void Integer(const SettingName& name, int64_t& field, int64_t minimum, int64_t maximum) override {
    const auto value = ReadInteger(value_);
    const bool valid = value && *value >= minimum && *value <= maximum;
    Put(name, valid, value.value_or(0), field, fmt::format("an integer from {} to {}", minimum, maximum));
  }
  void Number(const SettingName& name, double& field, double minimum, double maximum) override {
    const auto value = ReadNumber(value_);
    const bool valid = value && *value >= minimum && *value <= maximum;
    Put(name, valid, value.value_or(0), field, fmt::format("a number from {} to {}", minimum, maximum));
  }
  void Size(const SettingName& name, DataSize& field) override {
    const auto value = ReadSize(value_);
    Put(name, value.has_value(), value.value_or(field), field, "a size such as 512MB");
  }
  void OptionalSize(const SettingName& name, std::optional<DataSize>& field) override {
    const auto value = ReadSize(value_);
    Put(name, value.has_value(), value, field, "a size such as 512MB");
  }
  void Memory(const SettingName& name, MemorySize& field) override {
    const auto value = ReadMemory(value_);
    Put(name, value.has_value(), value.value_or(field), field, "a size such as 4GB or a share such as 30%");
  }
  void Time(const SettingName& name, Duration& field, Duration minimum) override {
    const auto value = ReadTime(value_);
    Put(name, value && *value >= minimum, value.value_or(field), field, "a duration such as 30s");
  }
  void Choice(const SettingName& name, int& field, std::span<const std::string_view> spellings) override {
    int value = -1;
    for (size_t i = 0; i < spellings.size(); ++i) {
      if (SameChoice(spellings[i], value_)) value = static_cast<int>(i);
    }
    Put(name, value >= 0, value, field, fmt::format("one of {}", fmt::join(spellings, ", ")));
  }

 private:
  template <typename T>
  void Put(const SettingName& name, bool valid, const T& value, T& field, std::string_view expected) {
    if (name.session.empty() || name.session != name_) return;
    found_ = true;
    if (!valid) ThrowInvalid(name_, value_, expected);
    field = value;
  }

  std::string_view name_;
  std::string_view value_;
  bool found_ = false;
};

void CheckKind(std::string_view name, std::string_view value, ValueKind kind) {
  switch (kind) {
    case kText:
      return;
    case kFlag:
      if (!ReadFlag(value)) ThrowInvalid(name, value, "true or false");
      return;
    case kInteger:
      if (!ReadInteger(value)) ThrowInvalid(name, value, "an integer");
      return;
    case kNumber:
      if (!ReadNumber(value)) ThrowInvalid(name, value, "a number");
      return;
    case kSize:
      if (!ReadSize(value)) ThrowInvalid(name, value, "a size such as 512MB");
      return;
    case kMemory:
      if (!ReadMemory(value)) ThrowInvalid(name, value, "a size such as 4GB or a share such as 30%");
      return;
    case kTime:
      if (!ReadTime(value)) ThrowInvalid(name, value, "a duration such as 30s");
      return;
  }
}

/// The kind of an accepted property that has no field; nothing when there is none of that name.
std::optional<ValueKind> IgnoredKind(std::string_view name) {
  for (const IgnoredSession& property : kIgnored) {
    if (property.name == name) return property.kind;
  }
  if (name.starts_with("fault_tolerant_execution_")) {
    for (const IgnoredProperty& property : IgnoredServerProperties()) {
      if (SessionNameOf(property.key) == name) return property.kind;
    }
  }
  return std::nullopt;
}

void Apply(QuerySettings& settings, const std::set<RetryPolicy>& allowed, std::string_view name,
           std::string_view value) {
  Override visitor(name, value);
  VisitQuerySettings(settings, visitor);
  if (!visitor.found()) {
    const auto kind = IgnoredKind(name);
    if (!kind) {
      throw TrinoException(errors::INVALID_SESSION_PROPERTY,
                           fmt::format("Session property '{}' does not exist", name));
    }
    CheckKind(name, value, *kind);
    return;
  }
  if (const auto problem = CheckQuerySettings(settings)) {
    throw TrinoException(errors::INVALID_SESSION_PROPERTY, *problem);
  }
  if (name == "retry_policy" && !allowed.contains(settings.retry.policy)) {
    std::vector<std::string_view> names;
    for (const RetryPolicy policy : allowed) names.push_back(RetryPolicyName(policy));
    throw TrinoException(errors::INVALID_SESSION_PROPERTY,
                         fmt::format("Retry policy {} not allowed. Must be one of [{}]",
                                     RetryPolicyName(settings.retry.policy), fmt::join(names, ", ")));
  }
}

}  // namespace

SessionProperties::SessionProperties(const ServerConfig& config)
    : defaults_(config.query), allowed_policies_(config.allowed_retry_policies) {
  QuerySettings settings = defaults_;
  Lister lister(properties_);
  VisitQuerySettings(settings, lister);
  for (const IgnoredSession& property : kIgnored) {
    properties_.push_back({std::string(property.name), std::string(property.default_value),
                           std::string(TypeOf(property.kind)), std::string(property.description),
                           property.hidden});
  }
  for (const IgnoredProperty& property : IgnoredServerProperties()) {
    std::string name = SessionNameOf(property.key);
    if (!name.starts_with("fault_tolerant_execution_")) continue;
    properties_.push_back(
        {std::move(name), "", std::string(TypeOf(property.kind)), std::string(kUnused), true});
  }
  std::sort(properties_.begin(), properties_.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
}

void SessionProperties::Check(std::string_view name, std::string_view value) const {
  QuerySettings scratch = defaults_;
  Apply(scratch, allowed_policies_, name, value);
}

QuerySettings SessionProperties::Resolve(const std::map<std::string, std::string>& overrides) const {
  QuerySettings settings = defaults_;
  for (const auto& [name, value] : overrides) Apply(settings, allowed_policies_, name, value);
  return settings;
}

}  // namespace planaria

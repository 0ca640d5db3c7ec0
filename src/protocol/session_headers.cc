#include "protocol/session_headers.h"

#include <zstd.h>

#include <algorithm>

#include "base/error.h"
#include "base/units.h"
#include "protocol/url_text.h"

namespace planaria::protocol {

namespace {

constexpr std::string_view kPrefix = "X-Trino-";
constexpr std::string_view kCompressed = "$zstd:";
/// Statements are limited to 1,000,000 characters, of up to 4 bytes each.
constexpr size_t kMaxStatementBytes = 4'000'000;

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

class Reader {
 public:
  explicit Reader(const HeaderLines& lines) : lines_(lines) {}

  /// The first line; an empty one counts as absent.
  std::optional<std::string> Text(std::string_view name) const {
    const auto values = lines_(std::string(kPrefix) + std::string(name));
    if (values.empty()) return std::nullopt;
    const std::string_view text = Trim(values.front());
    if (text.empty()) return std::nullopt;
    return std::string(text);
  }

  std::vector<std::string> List(std::string_view name) const {
    std::vector<std::string> entries;
    for (const std::string& line : lines_(std::string(kPrefix) + std::string(name))) {
      std::string_view rest = line;
      while (!rest.empty()) {
        const size_t comma = rest.find(',');
        if (const std::string_view entry = Trim(rest.substr(0, comma)); !entry.empty()) {
          entries.emplace_back(entry);
        }
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
      }
    }
    return entries;
  }

  /// `name=value` entries; a later one of the same name wins.
  std::map<std::string, std::string> Properties(std::string_view name, bool encoded_names = false) const {
    std::map<std::string, std::string> properties;
    for (const std::string& entry : List(name)) {
      const size_t equals = entry.find('=');
      if (equals == std::string::npos || entry.find('=', equals + 1) != std::string::npos)
        Refuse(name, entry);
      std::string key(Trim(std::string_view(entry).substr(0, equals)));
      if (encoded_names) key = Decode(name, key);
      if (key.empty()) Refuse(name, entry);
      properties[std::move(key)] = Decode(name, Trim(std::string_view(entry).substr(equals + 1)));
    }
    return properties;
  }

  std::optional<std::string> Authorization() const {
    const auto values = lines_("Authorization");
    return values.empty() ? std::nullopt : std::optional(values.front());
  }

  [[noreturn]] static void Refuse(std::string_view name, std::string_view entry) {
    throw RefusedRequest(400, "Invalid " + std::string(kPrefix) + std::string(name) +
                                  " header: " + std::string(entry.substr(0, 200)));
  }

 private:
  static std::string Decode(std::string_view name, std::string_view value) {
    auto decoded = DecodeFormText(value);
    if (!decoded) Refuse(name, value);
    return *std::move(decoded);
  }

  const HeaderLines& lines_;
};

/// The name of `Authorization: Basic` credentials, as clients without a user setting send it.
std::optional<std::string> BasicUser(const std::optional<std::string>& authorization) {
  static constexpr std::string_view kBasic = "basic ";
  if (!authorization || Lower(authorization->substr(0, kBasic.size())) != kBasic) return std::nullopt;
  const auto credentials = DecodeBase64(Trim(std::string_view(*authorization).substr(kBasic.size())));
  const size_t colon = credentials ? credentials->find(':') : std::string::npos;
  if (colon == std::string::npos) throw RefusedRequest(401, "Malformed credentials: decoding failed");
  if (colon + 1 != credentials->size()) {
    throw RefusedRequest(401, "Password not allowed for insecure authentication");
  }
  return credentials->substr(0, colon);
}

bool IsRole(std::string_view text) {
  return text == "ALL" || text == "NONE" ||
         (text.starts_with("ROLE{") && text.ends_with("}") && text.size() > 6);
}

std::string Uncompressed(const std::string& name, const std::string& text) {
  if (!text.starts_with(kCompressed)) return text;
  const auto refuse = [&] [[noreturn]] () { Reader::Refuse("Prepared-Statement", name); };
  const auto bytes = DecodeBase64(std::string_view(text).substr(kCompressed.size()));
  if (!bytes) refuse();
  const auto size = ZSTD_getFrameContentSize(bytes->data(), bytes->size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kMaxStatementBytes)
    refuse();
  std::string sql(size, '\0');
  if (ZSTD_decompress(sql.data(), sql.size(), bytes->data(), bytes->size()) != size) refuse();
  return sql;
}

void CheckEstimates(const std::map<std::string, std::string>& estimates) {
  for (const auto& [name, value] : estimates) {
    try {
      if (name == "EXECUTION_TIME" || name == "CPU_TIME") {
        ParseDuration(value);
      } else if (name == "PEAK_MEMORY") {
        DataSize::Parse(value);
      } else {
        Reader::Refuse("Resource-Estimate", name);
      }
    } catch (const TrinoException&) {
      Reader::Refuse("Resource-Estimate", name + "=" + value);
    }
  }
}

}  // namespace

SessionHeaders ReadSessionHeaders(const HeaderLines& lines) {
  const Reader reader(lines);
  const auto lower = [&](std::string_view name) {
    auto text = reader.Text(name);
    if (text) text = Lower(*std::move(text));
    return text;
  };
  const auto set = [&](std::string_view name) {
    const auto entries = reader.List(name);
    return std::set<std::string>(entries.begin(), entries.end());
  };

  SessionHeaders session;
  const auto basic_user = BasicUser(reader.Authorization());
  session.original_user = reader.Text("Original-User");
  if (auto user = reader.Text("User")) {
    session.user = *std::move(user);
  } else {
    session.user = basic_user.value_or("");
  }
  if (session.user.empty()) throw RefusedRequest(401, "Basic authentication or X-Trino-User must be sent");

  session.source = reader.Text("Source");
  session.catalog = lower("Catalog");
  session.schema = lower("Schema");
  if (session.schema && !session.catalog) throw RefusedRequest(400, "Schema is set but catalog is not");
  session.path = reader.Text("Path");
  session.time_zone = reader.Text("Time-Zone");
  session.language = reader.Text("Language");
  session.trace_token = reader.Text("Trace-Token");
  session.client_info = reader.Text("Client-Info");
  for (std::string& tag : reader.List("Client-Tags")) {
    auto& tags = session.client_tags;
    if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(std::move(tag));
  }
  session.client_capabilities = set("Client-Capabilities");
  session.query_data_encodings = reader.List("Query-Data-Encoding");
  session.session_properties = reader.Properties("Session");
  session.roles = reader.Properties("Role");
  for (const auto& [catalog, role] : session.roles) {
    if (!IsRole(role)) Reader::Refuse("Role", catalog + "=" + role);
  }
  session.original_roles = reader.Text("Original-Roles");
  session.prepared_statements = reader.Properties("Prepared-Statement", true);
  for (auto& [name, sql] : session.prepared_statements) sql = Uncompressed(name, sql);
  session.resource_estimates = reader.Properties("Resource-Estimate");
  CheckEstimates(session.resource_estimates);
  session.extra_credentials = reader.Properties("Extra-Credential");
  for (const auto& [name, value] : session.extra_credentials) {
    if (name.starts_with("internal$")) Reader::Refuse("Extra-Credential", name);
  }
  session.transaction_id = reader.Text("Transaction-Id");
  session.understands_transactions = session.transaction_id.has_value();
  if (session.transaction_id && Lower(*session.transaction_id) == "none") session.transaction_id.reset();
  return session;
}

std::vector<std::pair<std::string, std::string>> WriteSessionChanges(const SessionChanges& changes) {
  std::vector<std::pair<std::string, std::string>> headers;
  const auto add = [&](std::string_view name, std::string value) {
    headers.emplace_back(std::string(kPrefix) + std::string(name), std::move(value));
  };
  const auto add_optional = [&](std::string_view name, const std::optional<std::string>& value) {
    if (value) add(name, *value);
  };
  add_optional("Set-Catalog", changes.catalog);
  add_optional("Set-Schema", changes.schema);
  add_optional("Set-Path", changes.path);
  for (const auto& [name, value] : changes.set_properties)
    add("Set-Session", name + "=" + EncodeFormText(value));
  for (const std::string& name : changes.cleared_properties) add("Clear-Session", name);
  for (const auto& [catalog, role] : changes.roles) add("Set-Role", catalog + "=" + EncodeFormText(role));
  add_optional("Set-Original-Roles", changes.original_roles);
  for (const auto& [name, sql] : changes.added_prepared) {
    add("Added-Prepare", EncodeFormText(name) + "=" + EncodeFormText(sql));
  }
  for (const std::string& name : changes.deallocated_prepared)
    add("Deallocated-Prepare", EncodeFormText(name));
  add_optional("Started-Transaction-Id", changes.started_transaction);
  if (changes.cleared_transaction) add("Clear-Transaction-Id", "true");
  add_optional("Set-Authorization-User", changes.authorization_user);
  if (changes.reset_authorization_user) add("Reset-Authorization-User", "true");
  return headers;
}

}  // namespace planaria::protocol

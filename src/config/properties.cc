#include "config/properties.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <unordered_map>

#include "config/problems.h"

namespace planaria {

namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

void AppendUtf8(uint32_t code, std::string& out) {
  const auto put = [&out](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

/// A logical line: physical lines joined where they end in an odd number of backslashes.
struct LogicalLine {
  std::string text;
  int line = 0;
};

std::vector<LogicalLine> JoinLines(std::string_view text) {
  std::vector<LogicalLine> lines;
  bool continues = false;
  int number = 0;
  while (!text.empty()) {
    const size_t end = text.find_first_of("\r\n");
    std::string_view line = text.substr(0, end);
    if (end == std::string_view::npos) {
      text = {};
    } else {
      const bool crlf = text.substr(end, 2) == "\r\n";
      text.remove_prefix(end + (crlf ? 2 : 1));
    }
    ++number;
    while (!line.empty() && IsBlank(line.front())) line.remove_prefix(1);
    if (!continues) {
      if (line.empty() || line.front() == '#' || line.front() == '!') continue;
      lines.push_back({{}, number});
    }
    size_t backslashes = 0;
    while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\') ++backslashes;
    continues = backslashes % 2 == 1;
    if (continues) line.remove_suffix(1);
    lines.back().text += line;
  }
  return lines;
}

/// Parser of one logical line; `problem` is set to what is wrong with its escapes.
class LineParser {
 public:
  explicit LineParser(std::string_view text) : text_(text) {}

  std::string Key() {
    std::string key;
    while (pos_ < text_.size() && text_[pos_] != '=' && text_[pos_] != ':' && !IsBlank(text_[pos_]))
      Take(key);
    while (pos_ < text_.size() && IsBlank(text_[pos_])) ++pos_;
    if (pos_ < text_.size() && (text_[pos_] == '=' || text_[pos_] == ':')) ++pos_;
    while (pos_ < text_.size() && IsBlank(text_[pos_])) ++pos_;
    return key;
  }

  std::string Value() {
    std::string value;
    size_t kept = 0;
    while (pos_ < text_.size()) {
      const bool blank = IsBlank(text_[pos_]);
      Take(value);
      if (!blank) kept = value.size();
    }
    value.resize(kept);
    return value;
  }

  const std::string& problem() const { return problem_; }

 private:
  void Take(std::string& out) {
    const char c = text_[pos_++];
    if (c != '\\') {
      out.push_back(c);
      return;
    }
    if (pos_ == text_.size()) return;
    const char escaped = text_[pos_++];
    switch (escaped) {
      case 't':
        out.push_back('\t');
        return;
      case 'n':
        out.push_back('\n');
        return;
      case 'r':
        out.push_back('\r');
        return;
      case 'f':
        out.push_back('\f');
        return;
      case 'u':
        TakeUnicode(out);
        return;
      default:
        out.push_back(escaped);
    }
  }

  void TakeUnicode(std::string& out) {
    auto code = Hex4();
    if (!code) return;
    if (*code >= 0xD800 && *code < 0xDC00 && text_.substr(pos_, 2) == "\\u") {
      pos_ += 2;
      const auto low = Hex4();
      if (!low) return;
      if (*low < 0xDC00 || *low > 0xDFFF) {
        problem_ = "\\u escapes do not form a character, expected a surrogate pair";
        return;
      }
      code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
    } else if (*code >= 0xD800 && *code <= 0xDFFF) {
      problem_ = "\\u escape is half of a character, expected a surrogate pair";
      return;
    }
    if (*code == 0) {
      problem_ = "\\u0000 is not allowed";
      return;
    }
    AppendUtf8(*code, out);
  }

  std::optional<uint32_t> Hex4() {
    const std::string_view digits = text_.substr(pos_, 4);
    uint32_t code = 0;
    bool valid = digits.size() == 4;
    for (const char c : digits) {
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      valid = valid && digit >= 0;
      code = code * 16 + static_cast<uint32_t>(digit & 15);
    }
    if (!valid) {
      problem_ = "malformed \\u escape, expected four hexadecimal digits";
      return std::nullopt;
    }
    pos_ += 4;
    return code;
  }

  std::string_view text_;
  size_t pos_ = 0;
  std::string problem_;
};

/// Puts values of ${PROVIDER:NAME} references in; gives what is wrong, empty when nothing is.
std::string ResolveReferences(std::string& value, const EnvLookup& env) {
  std::string out;
  size_t pos = 0;
  while (true) {
    const size_t start = value.find("${", pos);
    if (start == std::string::npos) break;
    const size_t end = value.find('}', start);
    const size_t colon = value.find(':', start);
    out.append(value, pos, start - pos);
    if (end == std::string::npos || colon == std::string::npos || colon > end) {
      out += "${";
      pos = start + 2;
      continue;
    }
    const std::string provider = value.substr(start + 2, colon - start - 2);
    const std::string name = value.substr(colon + 1, end - colon - 1);
    if (provider != "ENV") {
      return fmt::format("no secret provider for '${{{}:{}}}', expected ${{ENV:NAME}}", provider, name);
    }
    const auto found = env(name);
    if (!found) return fmt::format("references unset environment variable '{}'", name);
    out += *found;
    pos = end + 1;
  }
  out.append(value, pos);
  value = std::move(out);
  return {};
}

}  // namespace

EnvLookup ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

PropertiesFile ParseProperties(std::string path, std::string_view text, const EnvLookup& env,
                               ConfigProblems& problems) {
  PropertiesFile file{std::move(path), {}};
  if (text.find('\0') != std::string_view::npos) {
    problems.Error(file.path, 0, "", "is not a text file, expected key=value lines");
    return file;
  }
  std::unordered_map<std::string, int> first_line;
  for (const LogicalLine& line : JoinLines(text)) {
    LineParser parser(line.text);
    Property property;
    property.line = line.line;
    property.key = parser.Key();
    property.value = parser.Value();
    std::string problem = parser.problem();
    if (problem.empty()) problem = ResolveReferences(property.value, env);
    if (property.key.empty()) {
      problem = "line without a key, expected key=value";
    } else if (const auto [seen, fresh] = first_line.emplace(property.key, line.line); !fresh) {
      problem = fmt::format("duplicate configuration property, first set on line {}", seen->second);
    }
    if (!problem.empty()) {
      problems.Error(file.path, line.line, property.key, problem);
      continue;
    }
    file.properties.push_back(std::move(property));
  }
  return file;
}

PropertiesFile ReadPropertiesFile(const std::filesystem::path& path, const EnvLookup& env,
                                  ConfigProblems& problems) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    problems.Error(path.string(), 0, "", "cannot be read: is a directory");
    return {path.string(), {}};
  }
  std::ifstream in(path, std::ios::binary);
  std::string text;
  if (in) text.assign(std::istreambuf_iterator<char>(in), {});
  if (!in || in.bad()) {
    problems.Error(path.string(), 0, "", fmt::format("cannot be read: {}", std::strerror(errno)));
    return {path.string(), {}};
  }
  return ParseProperties(path.string(), text, env, problems);
}

}  // namespace planaria

#include "env/http.h"

#include <algorithm>

#include "base/error.h"

namespace planaria {

namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

void CheckLine(std::string_view text) {
  if (text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
    throw TrinoException(errors::INVALID_ARGUMENTS, "HTTP header line holds a line break or NUL");
}

}  // namespace

bool EqualsIgnoreCase(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return Lower(a) == Lower(b); });
}

HttpHeaders::HttpHeaders(std::initializer_list<std::pair<std::string, std::string>> lines) {
  for (const auto& [name, value] : lines) Add(name, value);
}

void HttpHeaders::Add(std::string name, std::string value) {
  CheckLine(name);
  CheckLine(value);
  lines_.emplace_back(std::move(name), std::move(value));
}

void HttpHeaders::Set(std::string name, std::string value) {
  Remove(name);
  Add(std::move(name), std::move(value));
}

void HttpHeaders::Remove(std::string_view name) {
  std::erase_if(lines_, [&](const auto& line) { return EqualsIgnoreCase(line.first, name); });
}

std::optional<std::string_view> HttpHeaders::Get(std::string_view name) const {
  for (const auto& [key, value] : lines_)
    if (EqualsIgnoreCase(key, name)) return value;
  return std::nullopt;
}

std::vector<std::string_view> HttpHeaders::GetAll(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : lines_)
    if (EqualsIgnoreCase(key, name)) values.push_back(value);
  return values;
}

bool HttpHeaders::HasToken(std::string_view name, std::string_view token) const {
  for (std::string_view list : GetAll(name)) {
    while (!list.empty()) {
      const size_t comma = std::min(list.find(','), list.size());
      if (EqualsIgnoreCase(Trim(list.substr(0, comma)), token)) return true;
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
  }
  return false;
}

std::optional<std::string_view> HttpRequest::query_parameter(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return std::nullopt;
}

HttpResponse TextResponse(int status, std::string message) {
  message += '\n';
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(message)};
}

HttpResponse BadRequest(std::string message) { return TextResponse(400, std::move(message)); }
HttpResponse NotFound(std::string message) { return TextResponse(404, std::move(message)); }

HttpResponse ContentResponse(std::string content_type, std::string body) {
  HttpResponse response;
  response.headers.Add("Content-Type", std::move(content_type));
  response.body = std::move(body);
  return response;
}

std::string_view HttpReason(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Unknown";
  }
}

}  // namespace planaria

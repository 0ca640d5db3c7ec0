#include "env/http_router.h"

#include <algorithm>

#include "base/error.h"
#include "env/url.h"

namespace planaria {

namespace {

// `/a/b` has the segments a and b, `/a/` has a and an empty one, `/` a single empty one.
std::vector<std::string_view> SplitPath(std::string_view path) {
  std::vector<std::string_view> segments;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const size_t end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

}  // namespace

std::vector<HttpRouter::Segment> HttpRouter::ParsePattern(const std::string& pattern) {
  const auto fail = [&](const std::string& why) {
    throw TrinoException(errors::INVALID_ARGUMENTS, "HTTP route " + pattern + ": " + why);
  };
  if (!pattern.starts_with('/')) fail("must start with /");
  std::vector<Segment> segments;
  for (const std::string_view part : SplitPath(pattern)) {
    if (!segments.empty() && segments.back().kind == Segment::Kind::kRest) fail("{name*} must be last");
    if (part.starts_with('{') && part.ends_with("*}") && part.size() > 3)
      segments.push_back({Segment::Kind::kRest, std::string(part.substr(1, part.size() - 3))});
    else if (part.starts_with('{') && part.ends_with('}') && part.size() > 2)
      segments.push_back({Segment::Kind::kParameter, std::string(part.substr(1, part.size() - 2))});
    else if (part.find_first_of("{}") != std::string_view::npos)
      fail("a segment is either a literal or {name}");
    else
      segments.push_back({Segment::Kind::kLiteral, std::string(part)});
  }
  return segments;
}

void HttpRouter::Add(const std::string& method, const std::string& pattern, HttpHandler handler) {
  Route route{method, ParsePattern(pattern), std::move(handler)};
  for (const Route& other : routes_)
    if (other.method == method && other.segments == route.segments)
      throw TrinoException(errors::INVALID_ARGUMENTS, "HTTP route " + method + " " + pattern + " is taken");
  routes_.push_back(std::move(route));
}

bool HttpRouter::Matches(const Route& route, const std::vector<std::string_view>& path) {
  for (size_t i = 0; i < route.segments.size(); ++i) {
    const Segment& segment = route.segments[i];
    if (segment.kind == Segment::Kind::kRest) return true;
    if (i >= path.size()) return false;
    if (segment.kind == Segment::Kind::kLiteral && segment.text != path[i]) return false;
    if (segment.kind == Segment::Kind::kParameter && path[i].empty()) return false;
  }
  return route.segments.size() == path.size();
}

bool HttpRouter::IsMoreSpecific(const Route& left, const Route& right) {
  return std::lexicographical_compare(left.segments.begin(), left.segments.end(), right.segments.begin(),
                                      right.segments.end(),
                                      [](const Segment& a, const Segment& b) { return a.kind < b.kind; });
}

std::optional<HttpRouter::Match> HttpRouter::Find(std::string_view method, std::string_view path) const {
  const auto segments = SplitPath(path);
  const Route* best = nullptr;
  // An explicit HEAD route is preferred to the GET route that would serve HEAD too.
  const auto serves = [&](const Route& route) {
    return route.method == method || (method == "HEAD" && route.method == "GET");
  };
  Match match;
  for (const Route& route : routes_) {
    if (!Matches(route, segments)) continue;
    if (!serves(route)) {
      if (match.allowed.find(route.method) == std::string::npos)
        match.allowed += (match.allowed.empty() ? "" : ", ") + route.method;
      continue;
    }
    const bool better = !best || IsMoreSpecific(route, *best) ||
                        (!IsMoreSpecific(*best, route) && route.method == method && best->method != method);
    if (better) best = &route;
  }
  if (!best) return match;

  match.handler = &best->handler;
  match.allowed.clear();
  for (size_t i = 0; i < best->segments.size(); ++i) {
    const Segment& segment = best->segments[i];
    if (segment.kind == Segment::Kind::kLiteral) continue;
    std::string raw;
    if (segment.kind == Segment::Kind::kParameter) {
      raw = segments[i];
    } else {
      for (size_t j = i; j < segments.size(); ++j) raw.append(j > i ? "/" : "").append(segments[j]);
    }
    auto decoded = PercentDecode(raw, false);
    if (!decoded) return std::nullopt;
    match.parameters[segment.text] = std::move(*decoded);
  }
  return match;
}

}  // namespace planaria

// Finds the handler for a method and path; patterns are described at HttpRoutes::Route.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "env/http_routes.h"

namespace planaria {

class HttpRouter {
 public:
  struct Match {
    /// Null when no route has this path, or none of its routes has this method.
    const HttpHandler* handler = nullptr;
    /// The methods of the path where only the method was wrong: `GET, POST`.
    std::string allowed;
    /// Percent-decoded.
    std::map<std::string, std::string, std::less<>> parameters;
  };

  /// Throws TrinoException(INVALID_ARGUMENTS).
  void Add(const std::string& method, const std::string& pattern, HttpHandler handler);
  /// `path` as sent, still percent-encoded. Nothing when an escape in it is malformed.
  std::optional<Match> Find(std::string_view method, std::string_view path) const;

 private:
  struct Segment {
    enum class Kind { kLiteral, kParameter, kRest };
    Kind kind;
    std::string text;
    bool operator==(const Segment&) const = default;
  };
  struct Route {
    std::string method;
    std::vector<Segment> segments;
    HttpHandler handler;
  };

  static std::vector<Segment> ParsePattern(const std::string& pattern);
  static bool Matches(const Route& route, const std::vector<std::string_view>& path);
  static bool IsMoreSpecific(const Route& left, const Route& right);

  std::vector<Route> routes_;
};

}  // namespace planaria

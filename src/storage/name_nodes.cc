#include "storage/name_nodes.h"

#include <pwd.h>
#include <rapidjson/document.h>
#include <unistd.h>

#include <cstdlib>

#include "storage/blob_client.h"

namespace planaria::storage {
namespace {

constexpr const char* kRoot = "/webhdfs/v1";

std::string UserName() {
  if (const char* const user = std::getenv("HADOOP_USER_NAME"); user != nullptr && *user != '\0') return user;
  const passwd* const entry = getpwuid(geteuid());
  return entry == nullptr ? "planaria" : entry->pw_name;
}

TransportOptions Negotiating(TransportOptions options) {
  options.negotiate = true;
  return options;
}

StoreRequest RequestFor(const char* method, const char* operation, const std::string& path,
                        std::map<std::string, std::string> query) {
  StoreRequest request;
  request.method = method;
  request.path = kRoot + EncodePath(path);
  request.query = std::move(query);
  request.query["op"] = operation;
  return request;
}

bool Says(const StoreResponse& response, std::string_view exception) {
  return response.body.find(exception) != std::string::npos;
}

bool OnStandby(const StoreResponse& response) { return Says(response, "StandbyException"); }

/// A name node on standby calls every token invalid.
bool RefusesToken(const StoreResponse& response) {
  return (response.status == 401 || response.status == 403) && Says(response, "InvalidToken") &&
         !OnStandby(response);
}

rapidjson::Document Parse(const StoreResponse& response) {
  rapidjson::Document document;
  if (response.ok()) document.Parse(response.body.c_str(), response.body.size());
  if (!response.ok() || document.HasParseError() || !document.IsObject()) document.SetObject();
  return document;
}

std::string TokenIn(const StoreResponse& response) {
  const auto document = Parse(response);
  const auto token = document.FindMember("Token");
  if (token == document.MemberEnd() || !token->value.IsObject()) return {};
  const auto text = token->value.FindMember("urlString");
  return text != token->value.MemberEnd() && text->value.IsString() ? text->value.GetString() : "";
}

}  // namespace

NameNodes::NameNodes(const std::string& authority, const HdfsOptions& options, StoreRequests& requests)
    : authority_(authority),
      origins_(options.config.NameNodes(authority)),
      user_(options.user.empty() ? UserName() : options.user),
      requests_(requests) {
  if (!options.config.kerberos()) return;
  negotiated_ =
      std::make_unique<StoreRequests>(MakeCurlTransport(Negotiating(options.transport)), options.retries);
  token_ = std::make_unique<Token>([this] { return FetchToken(); });
}

StoreResponse NameNodes::Ask(RequestKind kind, const char* method, const char* operation,
                             const std::string& path, std::map<std::string, std::string> query,
                             const std::string& object) {
  StoreRequest request = RequestFor(method, operation, path, std::move(query));
  if (!token_) {
    request.query["user.name"] = user_;
    return AskActive(requests_, kind, request, object);
  }
  for (bool again = false;; again = true) {
    const std::string token = token_->Get();
    request.query["delegation"] = token;
    StoreResponse response = AskActive(requests_, kind, request, object);
    // A name node that refuses a token has done nothing yet.
    if (again || !RefusesToken(response)) return response;
    token_->Drop(token);
  }
}

StoreResponse NameNodes::AskActive(StoreRequests& requests, RequestKind kind, const StoreRequest& request,
                                   const std::string& object) {
  for (size_t tries = 1;; tries++) {
    const size_t node = active_;
    try {
      StoreResponse response = requests.Run(
          kind, request, [&](StoreRequest& sent) { sent.origin = origins_[node]; }, object);
      if (!OnStandby(response) || tries >= origins_.size()) return response;
    } catch (const StoreNotAuthenticated&) {
      throw;
    } catch (const TrinoException&) {
      if (tries >= origins_.size()) throw;
    }
    size_t expected = node;
    active_.compare_exchange_strong(expected, (node + 1) % origins_.size());
  }
}

NameNodes::Token::Fetched NameNodes::FetchToken() {
  const std::string about = "a delegation token of hdfs://" + authority_;
  const StoreResponse granted =
      AskActive(*negotiated_, RequestKind::kGet, RequestFor("GET", "GETDELEGATIONTOKEN", "/", {}), about);
  std::string token = TokenIn(granted);
  if (token.empty()) ThrowRefused(granted, "get", about);
  // The only request that says when it ends; by default the renewer is the one who asked.
  const StoreResponse renewed =
      AskActive(*negotiated_, RequestKind::kPut,
                RequestFor("PUT", "RENEWDELEGATIONTOKEN", "/", {{"token", token}}), about);
  const auto document = Parse(renewed);
  const auto ends = document.FindMember("long");
  if (ends == document.MemberEnd() || !ends->value.IsInt64()) ThrowRefused(renewed, "renew", about);
  return {std::move(token), Token::Time(std::chrono::duration_cast<Token::Time::duration>(
                                std::chrono::milliseconds(ends->value.GetInt64())))};
}

}  // namespace planaria::storage

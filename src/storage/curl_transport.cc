#include <curl/curl.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <vector>

#include "storage/store_transport.h"

namespace planaria::storage {
namespace {

/// Listings have a thousand names a page; errors are short.
constexpr size_t kMaxTextBytes = 32 << 20;

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

void AddLine(HeaderList& list, const std::string& line) {
  curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  (void)list.release();
  list.reset(longer);
}

/// What the callbacks of one request fill.
struct Receiver {
  const StoreRequest& request;
  StoreResponse response;
  /// What GSS-API complains of; libcurl tells it nobody but the log.
  std::string gss_failure = {};

  static int OnLog(CURL*, curl_infotype type, char* data, size_t size, void* self) {
    const std::string_view line(data, size);
    if (type == CURLINFO_TEXT && line.starts_with("gss_")) {
      static_cast<Receiver*>(self)->gss_failure = line.substr(0, line.find_last_not_of(" \r\n") + 1);
    }
    return 0;
  }

  static size_t OnHeader(char* data, size_t, size_t size, void* self) {
    auto& response = static_cast<Receiver*>(self)->response;
    std::string_view line(data, size);
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
    if (line.starts_with("HTTP/")) {
      // An interim answer (100 Continue) may have come before.
      response.headers = {};
      const size_t blank = line.find(' ');
      response.status = blank == std::string_view::npos ? 0 : std::atoi(line.data() + blank + 1);
    } else if (const size_t colon = line.find(':'); colon != std::string_view::npos) {
      std::string_view value = line.substr(colon + 1);
      while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
      response.headers.Add(std::string(line.substr(0, colon)), std::string(value));
    }
    return size;
  }

  static size_t OnBody(char* data, size_t, size_t size, void* self) {
    const StoreRequest& request = static_cast<Receiver*>(self)->request;
    StoreResponse& response = static_cast<Receiver*>(self)->response;
    if (request.into != nullptr && response.ok()) {
      const size_t fits = std::min(size, request.into_size - std::min(request.into_size, response.received));
      if (fits > 0) std::memcpy(static_cast<char*>(request.into) + response.received, data, fits);
    } else if (response.body.size() + size > kMaxTextBytes) {
      return 0;
    } else {
      response.body.append(data, size);
    }
    response.received += size;
    return size;
  }
};

class CurlTransport final : public StoreTransport {
 public:
  explicit CurlTransport(TransportOptions options) : options_(std::move(options)) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (ready != CURLE_OK) {
      throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                           std::string("libcurl cannot start: ") + curl_easy_strerror(ready));
    }
    const curl_version_info_data* const library = curl_version_info(CURLVERSION_NOW);
    if (options_.negotiate && (library->features & CURL_VERSION_SPNEGO) == 0) {
      throw TrinoException(errors::CONFIGURATION_INVALID, std::string("libcurl ") + library->version +
                                                              " of this machine has no GSS-API, "
                                                              "which Kerberos needs");
    }
  }

  StoreResponse Send(const StoreRequest& request) override {
    Lease lease(*this, request);
    CURL* const easy = lease.easy.get();
    // Keeps the handle's connection.
    curl_easy_reset(easy);
    Receiver receiver{request, {}};
    char reason[CURL_ERROR_SIZE] = "";
    const HeaderList headers = Headers(request);
    const std::string url = request.Url();
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, reason);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Receiver::OnHeader);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &receiver);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Receiver::OnBody);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &receiver);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, Milliseconds(options_.connect_timeout));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, std::max(1L, Milliseconds(options_.stall_timeout) / 1000));
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, options_.verify_tls ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, options_.verify_tls ? 2L : 0L);
    if (!options_.use_proxy) curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    if (!options_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
    if (options_.negotiate) {
      curl_easy_setopt(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_NEGOTIATE));
      // Whoever the ticket is of; without a name libcurl does not begin.
      curl_easy_setopt(easy, CURLOPT_USERPWD, ":");
      curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
      curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, &Receiver::OnLog);
      curl_easy_setopt(easy, CURLOPT_DEBUGDATA, &receiver);
    }
    if (request.method == "HEAD") {
      curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (request.method != "GET" && (request.method != "DELETE" || !request.body.empty())) {
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data() == nullptr ? "" : request.body.data());
      curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    }
    if (request.method != "HEAD") curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    const CURLcode result = curl_easy_perform(easy);
    if (result != CURLE_OK) {
      throw StoreUnreachable(request.method + " to " + std::string(AuthorityOf(request.origin)) +
                             " failed: " + (reason[0] != '\0' ? reason : curl_easy_strerror(result)));
    }
    if (options_.negotiate && receiver.response.status == 401)
      ThrowNotAuthenticated(request, receiver.gss_failure);
    return std::move(receiver.response);
  }

 private:
  static long Milliseconds(Duration duration) {
    return static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
  }

  [[noreturn]] static void ThrowNotAuthenticated(const StoreRequest& request,
                                                 const std::string& gss_failure) {
    const std::string_view authority = AuthorityOf(request.origin);
    const std::string service = "HTTP/" + std::string(authority.substr(0, authority.rfind(':')));
    throw StoreNotAuthenticated(
        (gss_failure.empty() ? "The Kerberos ticket is refused by " + service
                             : "No Kerberos ticket for " + service + ": " + gss_failure) +
        " (tickets are those of KRB5CCNAME, or come by the keytab of KRB5_CLIENT_KTNAME)");
  }

  static HeaderList Headers(const StoreRequest& request) {
    HeaderList list;
    // curl would wait a second for servers that do not know this, and call every body a form.
    AddLine(list, "Expect:");
    if (!request.headers.Has("Content-Type")) AddLine(list, "Content-Type:");
    for (const auto& [name, value] : request.headers) {
      AddLine(list, value.empty() ? name + ';' : name + ": " + value);
    }
    return list;
  }

  /// One of the connections, for the time of a request.
  struct Lease {
    Lease(CurlTransport& transport, const StoreRequest& request) : transport(transport) {
      std::unique_lock lock(transport.mutex_);
      const bool free = transport.returned_.wait_for(lock, transport.options_.connection_wait, [&] {
        return transport.active_ < transport.options_.max_connections;
      });
      if (!free) {
        throw StoreUnreachable("No connection to " + std::string(AuthorityOf(request.origin)) +
                               " became free: " + std::to_string(transport.active_) + " are in use");
      }
      if (!transport.idle_.empty()) {
        easy = std::move(transport.idle_.back());
        transport.idle_.pop_back();
      } else {
        easy.reset(curl_easy_init());
        if (!easy) throw std::bad_alloc();
      }
      transport.active_++;
    }
    ~Lease() {
      {
        const std::lock_guard lock(transport.mutex_);
        transport.idle_.push_back(std::move(easy));
        transport.active_--;
      }
      transport.returned_.notify_one();
    }
    Lease(const Lease&) = delete;

    CurlTransport& transport;
    Easy easy;
  };

  const TransportOptions options_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<Easy> idle_;
  size_t active_ = 0;
};

}  // namespace

std::shared_ptr<StoreTransport> MakeCurlTransport(TransportOptions options) {
  return std::make_shared<CurlTransport>(std::move(options));
}

}  // namespace planaria::storage

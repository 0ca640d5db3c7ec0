#include "env/http_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <limits>

namespace planaria {

namespace http = boost::beast::http;
using boost::beast::error_code;

class HttpParser::Impl {
 public:
  explicit Impl(Options options) : options(std::move(options)) {}
  virtual ~Impl() = default;
  virtual size_t Put(std::string_view input, error_code& error) = 0;
  virtual void PutEnd(error_code& error) = 0;
  virtual bool IsStarted() const = 0;
  virtual bool IsHeadDone() const = 0;
  virtual bool IsDone() const = 0;
  virtual bool IsKeptAlive() const = 0;

  void Record(const error_code& error) {
    if (!error || error == http::error::need_more) return;
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
      failure = Failure::kHeaderTooLarge;
    else if (error == http::error::body_limit)
      failure = Failure::kBodyTooLarge;
    else if (error == http::error::partial_message || error == http::error::end_of_stream)
      failure = Failure::kTruncated;
    else
      failure = Failure::kMalformed;
    failure_message = error.message();
  }

  Options options;
  HttpMessage message;
  Failure failure = Failure::kNone;
  std::string failure_message;
};

template <bool is_request>
class HttpParser::BeastParser final : public HttpParser::Impl, private http::basic_parser<is_request> {
 public:
  explicit BeastParser(Options options) : Impl(std::move(options)) {
    using Limit = std::numeric_limits<uint32_t>;
    this->header_limit(static_cast<uint32_t>(std::min<size_t>(this->options.max_header_bytes, Limit::max())));
    this->body_limit(this->options.max_body_bytes);
    this->skip(this->options.head_only);
    this->eager(true);
  }

  size_t Put(std::string_view input, error_code& error) override {
    return this->put(boost::asio::const_buffer(input.data(), input.size()), error);
  }
  void PutEnd(error_code& error) override { this->put_eof(error); }
  bool IsStarted() const override { return this->got_some(); }
  bool IsHeadDone() const override { return this->is_header_done(); }
  bool IsDone() const override { return this->is_done(); }
  bool IsKeptAlive() const override { return this->keep_alive(); }

 private:
  using View = boost::beast::string_view;
  static std::string Text(View view) { return std::string(view.data(), view.size()); }

  void on_request_impl(http::verb, View method, View target, int version, error_code&) override {
    message.method = Text(method);
    message.target = Text(target);
    message.version = version;
  }
  void on_response_impl(int code, View, int version, error_code&) override {
    message.status = code;
    message.version = version;
  }
  void on_field_impl(http::field, View name, View value, error_code& error) override {
    if (value.find('\0') != View::npos) {
      error = http::error::bad_value;
      return;
    }
    message.headers.Add(Text(name), Text(value));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<uint64_t>& length, error_code&) override {
    // Trusting a large announced length would let a client reserve memory it never sends.
    constexpr uint64_t kReserveAtMost = uint64_t{64} << 20;
    if (length && !options.body_sink) message.body.reserve(std::min(*length, kReserveAtMost));
  }
  size_t on_body_impl(View bytes, error_code&) override { return Take(bytes); }
  void on_chunk_header_impl(uint64_t, View, error_code&) override {}
  size_t on_chunk_body_impl(uint64_t, View bytes, error_code&) override { return Take(bytes); }
  void on_finish_impl(error_code&) override {}

  size_t Take(View bytes) {
    if (options.body_sink)
      options.body_sink(std::string_view(bytes.data(), bytes.size()));
    else
      message.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
};

HttpParser::HttpParser(Options options) {
  if (options.request)
    impl_ = std::make_unique<BeastParser<true>>(std::move(options));
  else
    impl_ = std::make_unique<BeastParser<false>>(std::move(options));
}

HttpParser::~HttpParser() = default;

size_t HttpParser::Feed(std::string_view input) {
  size_t consumed = 0;
  // Beast stops after the header, and reports "need more" when the rest of the input is not a whole element.
  while (consumed < input.size() && !done() && failure() == Failure::kNone) {
    error_code error;
    const size_t taken = impl_->Put(input.substr(consumed), error);
    consumed += taken;
    impl_->Record(error);
    if (taken == 0) break;
  }
  return consumed;
}

void HttpParser::FeedEnd() {
  error_code error;
  impl_->PutEnd(error);
  impl_->Record(error);
}

bool HttpParser::started() const { return impl_->IsStarted(); }
bool HttpParser::head_done() const { return impl_->IsHeadDone(); }
bool HttpParser::done() const { return impl_->IsDone(); }
bool HttpParser::keep_alive() const { return impl_->IsKeptAlive(); }
HttpParser::Failure HttpParser::failure() const { return impl_->failure; }
const std::string& HttpParser::failure_message() const { return impl_->failure_message; }
HttpMessage& HttpParser::message() { return impl_->message; }

}  // namespace planaria

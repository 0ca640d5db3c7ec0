// word_stem: Snowball's stemmers.
#include <fmt/format.h>
#include <libstemmer.h>

#include <algorithm>
#include <memory>

#include "kernel/functions/families.h"
#include "kernel/functions/scalar.h"

namespace planaria::kernel {

namespace {

struct Language {
  std::string_view code;
  const char* stemmer;
};
/// Those that Trino has, but for Armenian (hy).
constexpr Language kLanguages[] = {
    {"ca", "catalan"},  {"da", "danish"},     {"de", "german"},  {"en", "english"},   {"es", "spanish"},
    {"eu", "basque"},   {"fi", "finnish"},    {"fr", "french"},  {"hu", "hungarian"}, {"ir", "irish"},
    {"it", "italian"},  {"lt", "lithuanian"}, {"nl", "dutch"},   {"no", "norwegian"}, {"pt", "portuguese"},
    {"ro", "romanian"}, {"ru", "russian"},    {"sv", "swedish"}, {"tr", "turkish"}};

struct Deleter {
  void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
};
using Stemmer = std::unique_ptr<sb_stemmer, Deleter>;

/// Keeps the stemmer of the last language, which is mostly the next one's.
class WordStem {
 public:
  void operator()(std::string_view word, std::string_view code, std::string& out) {
    if (!stemmer_ || code != code_) {
      const auto* const language = std::find_if(std::begin(kLanguages), std::end(kLanguages),
                                                [&](const Language& one) { return one.code == code; });
      if (language == std::end(kLanguages)) FailArgument(fmt::format("Unknown stemmer language: {}", code));
      stemmer_.reset(sb_stemmer_new(language->stemmer, nullptr));
      code_ = code;
    }
    if (!stemmer_) FailFunction(errors::NOT_SUPPORTED, fmt::format("No stemmer of language: {}", code));
    const sb_symbol* stem = sb_stemmer_stem(stemmer_.get(), reinterpret_cast<const sb_symbol*>(word.data()),
                                            static_cast<int>(word.size()));
    if (stem == nullptr) throw std::bad_alloc();
    out.assign(reinterpret_cast<const char*>(stem), static_cast<size_t>(sb_stemmer_length(stemmer_.get())));
  }

 private:
  Stemmer stemmer_;
  std::string code_;
};

}  // namespace

void AddWordStem(FunctionSet& functions) { functions.Add(ScalarOf<WordStem>("trino_word_stem")); }

}  // namespace planaria::kernel

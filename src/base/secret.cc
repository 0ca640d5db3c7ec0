#include "base/secret.h"

#include <string.h>

namespace planaria {

Secret::Secret(std::string_view bytes) {
  if (bytes.empty()) return;
  bytes_ = std::shared_ptr<const std::string>(new std::string(bytes), [](std::string* kept) {
    Wipe(*kept);
    delete kept;
  });
}

void Wipe(std::string& text) {
  explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace planaria

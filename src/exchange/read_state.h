// What a reader of pages answers.
#pragma once

#include <cstdint>
#include <functional>

namespace planaria::exchange {

enum class ReadState : uint8_t {
  kPage,   ///< here is one
  kLater,  ///< there is none yet
  kEnd,    ///< there will be none
};

/// Called once, from any thread but never inside the call that took it, when what was refused may work.
using Wake = std::function<void()>;

}  // namespace planaria::exchange

#include "server/demo.h"

namespace planaria::server {
int RunDemo(const DemoOptions&) { return 1; }
}  // namespace planaria::server

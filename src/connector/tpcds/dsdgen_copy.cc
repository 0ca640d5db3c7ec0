#include "connector/tpcds/dsdgen_copy.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "base/error.h"

namespace planaria::connector::tpcds {

namespace {

[[noreturn]] void Fail(const std::string& step, const std::string& reason) {
  throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "TPC-DS generator: " + step + ": " + reason);
}

}  // namespace

// Each copy is a file of its own in memory. It stays open as long as the copy lives: the loader takes files
// of the same name for the same library.
DsdgenCopy::DsdgenCopy(double factor, RowSink* sink) {
  file_ = memfd_create("dsdgen", MFD_CLOEXEC);
  if (file_ < 0) Fail("memfd_create", std::strerror(errno));
  const unsigned char* next = planaria_dsdgen_image;
  while (next < planaria_dsdgen_image_end) {
    const ssize_t written = write(file_, next, planaria_dsdgen_image_end - next);
    if (written < 0) {
      const std::string reason = std::strerror(errno);
      close(file_);
      Fail("write", reason);
    }
    next += written;
  }
  const std::string path = "/proc/self/fd/" + std::to_string(file_);
  library_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library_) {
    const std::string reason = dlerror();
    close(file_);
    Fail("dlopen", reason);
  }
  functions_ = static_cast<const DsdgenFunctions*>(dlsym(library_, "planaria_dsdgen"));
  functions_->open(factor, sink);
}

DsdgenCopy::~DsdgenCopy() {
  dlclose(library_);
  close(file_);
}

}  // namespace planaria::connector::tpcds

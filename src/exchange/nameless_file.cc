#include "exchange/nameless_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace planaria::exchange {

NamelessFile::NamelessFile(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  std::string pattern = directory + "/pages_XXXXXX";
  file_ = mkostemp(pattern.data(), O_CLOEXEC);
  if (file_ < 0) throw std::system_error(errno, std::generic_category());
  unlink(pattern.c_str());
}

NamelessFile::~NamelessFile() { close(file_); }

uint64_t NamelessFile::Append(const void* bytes, size_t size) {
  const uint64_t offset = end_.fetch_add(size);
  for (size_t done = 0; done < size;) {
    const ssize_t written =
        pwrite(file_, static_cast<const char*>(bytes) + done, size - done, static_cast<off_t>(offset + done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw std::system_error(written < 0 ? errno : ENOSPC, std::generic_category());
    done += static_cast<size_t>(written);
  }
  return offset;
}

void NamelessFile::Read(uint64_t offset, void* bytes, size_t size) const {
  for (size_t done = 0; done < size;) {
    const ssize_t got =
        pread(file_, static_cast<char*>(bytes) + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw std::system_error(errno, std::generic_category());
    if (got == 0) throw std::system_error(std::make_error_code(std::errc::io_error), "the file is cut short");
    done += static_cast<size_t>(got);
  }
}

}  // namespace planaria::exchange

#include "exchange/spill_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace planaria::exchange {

namespace {

[[noreturn]] void CannotWrite(const std::string& directory) {
  throw TrinoException(errors::OUT_OF_SPILL_SPACE, "Pages cannot be spilled to a file in " + directory +
                                                       ": " + std::generic_category().message(errno));
}

[[noreturn]] void CannotRead(const std::string& directory, const std::string& why) {
  throw TrinoException(errors::CORRUPT_PAGE,
                       "Pages cannot be read back from a file in " + directory + ": " + why);
}

}  // namespace

SpillFile::SpillFile(const std::string& directory) : directory_(directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  std::string pattern = directory + "/pages_XXXXXX";
  file_ = mkostemp(pattern.data(), O_CLOEXEC);
  if (file_ < 0) CannotWrite(directory_);
  unlink(pattern.c_str());
}

SpillFile::~SpillFile() { close(file_); }

uint64_t SpillFile::Write(const StreamPage& page) {
  const size_t size = page.block_bytes();
  const uint64_t offset = end_.fetch_add(size);
  for (size_t done = 0; done < size;) {
    const ssize_t written =
        pwrite(file_, page.block.get() + done, size - done, static_cast<off_t>(offset + done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) CannotWrite(directory_);
    done += static_cast<size_t>(written);
  }
  return offset;
}

StreamPage SpillFile::Read(uint64_t offset, const BlockHeader& header) const {
  const size_t size = BlockBytes(header.size);
  const std::shared_ptr<uint8_t[]> block(new uint8_t[size]);
  for (size_t done = 0; done < size;) {
    const ssize_t got = pread(file_, block.get() + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) CannotRead(directory_, std::generic_category().message(errno));
    if (got == 0) CannotRead(directory_, "the file is cut short");
    done += static_cast<size_t>(got);
  }
  BlockHeader found;
  if (!DecodeBlockHeader(block.get(), found) || !(found == header) ||
      BlockChecksum(found, block.get() + kBlockHeaderBytes) != header.checksum) {
    CannotRead(directory_, "checksum mismatch at offset " + std::to_string(offset));
  }
  return {header, block};
}

}  // namespace planaria::exchange

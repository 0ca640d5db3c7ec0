#include "exchange/spill_file.h"

#include <system_error>

namespace planaria::exchange {

namespace {

[[noreturn]] void CannotWrite(const std::string& directory, const std::system_error& why) {
  throw TrinoException(errors::OUT_OF_SPILL_SPACE,
                       "Pages cannot be spilled to a file in " + directory + ": " + why.what());
}

[[noreturn]] void CannotRead(const std::string& directory, const std::string& why) {
  throw TrinoException(errors::CORRUPT_PAGE,
                       "Pages cannot be read back from a file in " + directory + ": " + why);
}

}  // namespace

SpillFile::SpillFile(const std::string& directory) : directory_(directory) {
  try {
    file_ = std::make_unique<NamelessFile>(directory);
  } catch (const std::system_error& error) {
    CannotWrite(directory_, error);
  }
}

uint64_t SpillFile::Write(const StreamPage& page) {
  try {
    return file_->Append(page.block.get(), page.block_bytes());
  } catch (const std::system_error& error) {
    CannotWrite(directory_, error);
  }
}

StreamPage SpillFile::Read(uint64_t offset, const BlockHeader& header) const {
  const size_t size = BlockBytes(header.size);
  const std::shared_ptr<uint8_t[]> block(new uint8_t[size]);
  try {
    file_->Read(offset, block.get(), size);
  } catch (const std::system_error& error) {
    CannotRead(directory_, error.what());
  }
  BlockHeader found;
  if (!DecodeBlockHeader(block.get(), found) || !(found == header) ||
      BlockChecksum(found, block.get() + kBlockHeaderBytes) != header.checksum) {
    CannotRead(directory_, "checksum mismatch at offset " + std::to_string(offset));
  }
  return {header, block};
}

}  // namespace planaria::exchange

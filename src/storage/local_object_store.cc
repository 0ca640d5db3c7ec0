#include "storage/local_object_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>

#include "storage/object_key.h"

namespace planaria::storage {
namespace {

// PutIfAbsent writes under such a name first. A crash may leave one; it goes with its folder.
constexpr std::string_view kPartialPrefix = ".put-";

[[noreturn]] void ThrowIoError(int error, const std::string& doing, const std::string& path) {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  throw TrinoException(full ? errors::GENERIC_INSUFFICIENT_RESOURCES : errors::GENERIC_INTERNAL_ERROR,
                       "Cannot " + doing + ' ' + path + ": " + std::generic_category().message(error));
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  /// Closes now, for the error that only close reports (quota on network file systems).
  int Close() {
    const int result = close(fd_);
    fd_ = -1;
    return result;
  }

 private:
  int fd_;
};

void WriteAll(int fd, const void* data, size_t size, const std::string& path) {
  const char* position = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = write(fd, position, size);
    if (written < 0) {
      if (errno == EINTR) continue;
      ThrowIoError(errno, "write", path);
    }
    position += written;
    size -= static_cast<size_t>(written);
  }
}

/// Creates the folders of `path`; one that exists is fine. A deletion may undo it at any time: the caller
/// tries again.
void MakeFolders(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string folder = path.substr(0, slash);
    if (mkdir(folder.c_str(), 0750) != 0 && errno != EEXIST && errno != EISDIR) {
      // An existing parent on a read-only or foreign mount is no obstacle to what lies below it.
      const int error = errno;
      if (error == ENOENT) return;
      if (access(folder.c_str(), F_OK) != 0) ThrowIoError(error, "create folder", folder);
    }
  }
}

struct Entry {
  std::string name;
  struct stat status;
};

/// A folder's entries; a folder that is missing has none.
std::vector<Entry> EntriesOf(const std::string& folder) {
  std::vector<Entry> entries;
  DIR* const open_folder = opendir(folder.c_str());
  if (open_folder == nullptr) {
    if (errno == ENOENT || errno == ENOTDIR) return entries;
    ThrowIoError(errno, "list", folder);
  }
  const std::unique_ptr<DIR, int (*)(DIR*)> closer(open_folder, closedir);
  while (const dirent* const entry = readdir(open_folder)) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    struct stat status;
    if (fstatat(dirfd(open_folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
      // Another process may have deleted it since it was listed.
      if (errno == ENOENT) continue;
      ThrowIoError(errno, "list", folder + '/' + std::string(name));
    }
    entries.push_back({std::string(name), status});
  }
  return entries;
}

ObjectInfo InfoOf(std::string key, const struct stat& status) {
  const auto modified =
      std::chrono::seconds(status.st_mtim.tv_sec) + std::chrono::nanoseconds(status.st_mtim.tv_nsec);
  return {std::move(key), static_cast<uint64_t>(status.st_size),
          std::chrono::system_clock::time_point(
              std::chrono::duration_cast<std::chrono::system_clock::duration>(modified))};
}

void Collect(const std::string& folder, const std::string& key_prefix, std::vector<ObjectInfo>& found) {
  for (const auto& [name, status] : EntriesOf(folder)) {
    if (!IsObjectKey(name)) continue;
    if (S_ISDIR(status.st_mode)) Collect(folder + '/' + name, key_prefix + name + '/', found);
    if (S_ISREG(status.st_mode)) found.push_back(InfoOf(key_prefix + name, status));
  }
}

/// The number of files deleted: another process may have been faster.
size_t DeleteFile(const std::string& path) {
  if (unlink(path.c_str()) == 0) return 1;
  if (errno != ENOENT) ThrowIoError(errno, "delete", path);
  return 0;
}

/// Deletes the objects below a folder and the folders that become empty.
size_t DeleteBelow(const std::string& folder) {
  size_t deleted = 0;
  for (const auto& [name, status] : EntriesOf(folder)) {
    const std::string path = folder + '/' + name;
    if (S_ISREG(status.st_mode) && name.starts_with(kPartialPrefix)) {
      unlink(path.c_str());
    } else if (!IsObjectKey(name)) {
      continue;
    } else if (S_ISDIR(status.st_mode)) {
      deleted += DeleteBelow(path);
      rmdir(path.c_str());
    } else if (S_ISREG(status.st_mode)) {
      deleted += DeleteFile(path);
    }
  }
  return deleted;
}

std::string WithoutTrailingSlash(std::string directory) {
  while (directory.size() > 1 && directory.back() == '/') directory.pop_back();
  return directory;
}

}  // namespace

class LocalObjectStore::Writer : public ObjectWriter {
 public:
  Writer(LocalObjectStore& store, std::string path, int fd)
      : store_(store), path_(std::move(path)), file_(fd) {}

  ~Writer() override {
    if (finished_) return;
    unlink(path_.c_str());
    store_.RemoveEmptyFolders(path_);
  }

  void Write(const void* data, size_t size) override {
    WriteAll(file_.get(), data, size, path_);
    size_ += size;
  }

  uint64_t Finish() override {
    if (file_.Close() != 0) ThrowIoError(errno, "close", path_);
    finished_ = true;
    return size_;
  }

 private:
  LocalObjectStore& store_;
  const std::string path_;
  FileDescriptor file_;
  uint64_t size_ = 0;
  bool finished_ = false;
};

LocalObjectStore::LocalObjectStore(std::string directory)
    : directory_(WithoutTrailingSlash(std::move(directory))), base_("file://" + directory_) {
  if (!directory_.starts_with('/')) {
    throw TrinoException(errors::CONFIGURATION_INVALID,
                         "Directory of an object store must be absolute: " + directory_);
  }
}

int LocalObjectStore::OpenNew(const std::string& path) {
  // Between making the folder and the file, a deletion may take the empty folder away again.
  for (int attempt = 0;; attempt++) {
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd >= 0) return fd;
    if (errno != ENOENT || attempt == 100) ThrowIoError(errno, "create", path);
    MakeFolders(path);
  }
}

void LocalObjectStore::RemoveEmptyFolders(std::string path) {
  while (true) {
    path.resize(path.rfind('/'));
    if (path.size() <= directory_.size() || rmdir(path.c_str()) != 0) return;
  }
}

std::unique_ptr<ObjectWriter> LocalObjectStore::Create(std::string_view key) {
  CheckObjectKey(key);
  std::string path = Path(key);
  const int fd = OpenNew(path);
  return std::make_unique<Writer>(*this, std::move(path), fd);
}

bool LocalObjectStore::PutIfAbsent(std::string_view key, std::string_view content) {
  // In a container every start has the same process id: what a crash left must not be in the way.
  static const auto start = std::chrono::system_clock::now().time_since_epoch().count();
  static std::atomic<uint64_t> counter{0};
  CheckObjectKey(key);
  const std::string path = Path(key);
  const std::string partial = path.substr(0, path.rfind('/') + 1) + std::string(kPartialPrefix) +
                              std::to_string(getpid()) + '-' + std::to_string(start) + '-' +
                              std::to_string(counter++);
  Writer writer(*this, partial, OpenNew(partial));
  writer.Write(content.data(), content.size());
  // The link appears with its whole content or not at all; the writer's end removes the partial name.
  if (link(partial.c_str(), path.c_str()) == 0) return true;
  if (errno == EEXIST) return false;
  ThrowIoError(errno, "create", path);
}

void LocalObjectStore::Read(std::string_view key, uint64_t offset, size_t length, void* buffer) {
  CheckObjectKey(key);
  const std::string path = Path(key);
  // Without O_NONBLOCK, opening a pipe that lies in the way would wait for its writer.
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) throw ObjectLost("Object is missing: " + path);
    ThrowIoError(errno, "open", path);
  }
  char* position = static_cast<char*>(buffer);
  size_t done = 0;
  while (done < length) {
    const ssize_t got = pread(file.get(), position + done, length - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno != EIO && errno != EISDIR && errno != ESPIPE) ThrowIoError(errno, "read", path);
    if (got <= 0) {
      throw ObjectLost("Object " + path + (got == 0 ? " ends" : " cannot be read") + " at offset " +
                       std::to_string(offset + done) + "; wanted " + std::to_string(length) +
                       " bytes at offset " + std::to_string(offset));
    }
    done += static_cast<size_t>(got);
  }
}

std::vector<ObjectInfo> LocalObjectStore::ListPrefix(std::string_view prefix) {
  std::vector<ObjectInfo> found;
  if (prefix.empty()) {
    Collect(directory_, "", found);
  } else {
    CheckObjectKey(prefix);
    const std::string path = Path(prefix);
    struct stat status;
    if (lstat(path.c_str(), &status) != 0) return found;
    if (S_ISREG(status.st_mode)) found.push_back(InfoOf(std::string(prefix), status));
    if (S_ISDIR(status.st_mode)) Collect(path, std::string(prefix) + '/', found);
  }
  std::sort(found.begin(), found.end(),
            [](const ObjectInfo& left, const ObjectInfo& right) { return left.key < right.key; });
  return found;
}

std::vector<std::string> LocalObjectStore::ListFolders(std::string_view prefix) {
  if (!prefix.empty()) CheckObjectKey(prefix);
  std::vector<std::string> folders;
  for (const auto& [name, status] : EntriesOf(prefix.empty() ? directory_ : Path(prefix))) {
    if (S_ISDIR(status.st_mode) && IsObjectKey(name)) folders.push_back(name);
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

size_t LocalObjectStore::DeletePrefix(std::string_view prefix) {
  if (prefix.empty()) return DeleteBelow(directory_);
  CheckObjectKey(prefix);
  const std::string path = Path(prefix);
  struct stat status;
  if (lstat(path.c_str(), &status) != 0) return 0;
  size_t deleted = 0;
  if (S_ISREG(status.st_mode)) {
    deleted = DeleteFile(path);
  } else if (S_ISDIR(status.st_mode)) {
    deleted = DeleteBelow(path);
    rmdir(path.c_str());
  }
  RemoveEmptyFolders(path);
  return deleted;
}

}  // namespace planaria::storage

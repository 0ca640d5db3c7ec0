#include "config/import/etc_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/error.h"
#include "config/import/properties_text.h"

namespace planaria {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHeader = "# Made by planaria config import, which replaces the whole file.\n";
constexpr mode_t kPrivate = 0600;

[[noreturn]] void Fail(const fs::path& path, const char* what) {
  throw TrinoException(errors::CONFIGURATION_INVALID,
                       fmt::format("{}: {}: {}", path.string(), what, std::strerror(errno)));
}

/// Nothing when there is no such file.
std::optional<std::string> ReadText(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(fs::symlink_status(path, ignored))) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  std::string text;
  if (in && fs::is_regular_file(path, ignored)) text.assign(std::istreambuf_iterator<char>(in), {});
  if (!in || !fs::is_regular_file(path, ignored)) {
    if (errno == 0) errno = EINVAL;
    Fail(path, "cannot be read");
  }
  return text;
}

std::string NewText(const fs::path& path, const EtcFile& file, const std::optional<std::string>& old) {
  if (!file.whole) {
    return MergeProperties(path.string(), old.value_or(""), file.properties, file.defaults);
  }
  std::string text = kHeader;
  for (const auto& [key, value] : file.properties) text += RenderProperty(key, value);
  return text;
}

void Replace(const fs::path& path, const std::string& text) {
  struct stat status {};
  const bool there = stat(path.c_str(), &status) == 0;
  std::string pattern = path.string() + ".XXXXXX";
  const int fd = mkstemp(pattern.data());
  if (fd < 0) Fail(path, "cannot be written");
  bool good = fchmod(fd, there ? status.st_mode & 07777 : kPrivate) == 0;
  // Only root may give files away; others own what they can replace.
  if (there && geteuid() == 0) good = good && fchown(fd, status.st_uid, status.st_gid) == 0;
  for (size_t done = 0; good && done < text.size();) {
    const ssize_t wrote = write(fd, text.data() + done, text.size() - done);
    good = wrote > 0 || errno == EINTR;
    if (wrote > 0) done += static_cast<size_t>(wrote);
  }
  good = good && fsync(fd) == 0;
  good = close(fd) == 0 && good;
  if (good && std::rename(pattern.c_str(), path.c_str()) == 0) return;
  const int cause = errno;
  unlink(pattern.c_str());
  errno = cause;
  Fail(path, "cannot be written");
}

}  // namespace

std::vector<std::string> WriteEtc(const fs::path& directory, const std::vector<EtcFile>& files) {
  struct Change {
    fs::path path;
    std::string text;
    bool needed;
  };
  std::vector<Change> changes;
  std::vector<std::string> lines;
  for (const EtcFile& file : files) {
    const fs::path path = directory / file.path;
    errno = 0;
    const auto old = ReadText(path);
    std::string text = NewText(path, file, old);
    const bool needed = old != text;
    lines.push_back(fmt::format("{}: {}, {} imported properties", path.string(),
                                needed ? "written" : "unchanged", file.properties.size()));
    changes.push_back({path, std::move(text), needed});
  }
  for (const Change& change : changes) {
    std::error_code error;
    fs::create_directories(change.path.parent_path(), error);
    if (error) {
      errno = error.value();
      Fail(change.path.parent_path(), "cannot be made");
    }
    if (change.needed) Replace(change.path, change.text);
  }
  return lines;
}

}  // namespace planaria

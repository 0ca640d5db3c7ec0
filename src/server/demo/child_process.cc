#include "server/demo/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace planaria::server {

namespace {

constexpr int kCannotRun = 127;

/// The child's side of the fork: system calls only, because other threads' locks may have been copied taken.
[[noreturn]] void Become(char* const* arguments, int log, pid_t parent) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kCannotRun);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(nothing, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  close_range(STDERR_FILENO + 1, ~0U, 0);
  execv(arguments[0], arguments);
  const char* reason = strerrordesc_np(errno);
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, reason, strlen(reason));
  _exit(kCannotRun);
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& command, const std::filesystem::path& log) {
  std::vector<char*> arguments;
  for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  const int log_file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const pid_t parent = getpid();
  pid_ = log_file < 0 ? -1 : fork();
  if (pid_ == 0) Become(arguments.data(), log_file, parent);
  const int error = errno;
  if (log_file >= 0) close(log_file);
  if (pid_ < 0) {
    throw TrinoException(errors::GENERIC_INTERNAL_ERROR,
                         "Cannot start " + command[0] + ": " + std::strerror(error));
  }
}

bool ChildProcess::Running() {
  if (pid_ > 0 && waitpid(pid_, &status_, WNOHANG) != 0) pid_ = 0;
  return pid_ > 0;
}

std::string ChildProcess::HowItEnded() const {
  return WIFSIGNALED(status_) ? "signal " + std::to_string(WTERMSIG(status_))
                              : "exit code " + std::to_string(WEXITSTATUS(status_));
}

void ChildProcess::Kill() {
  if (!Running()) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
}

}  // namespace planaria::server

"""A program in a terminal of its own: statements typed, what it shows read back as plain text."""

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")
PROMPT = re.compile(r"^trino(:\S+)?> $", re.MULTILINE)


class Terminal:
    def __init__(self, command, environment, rows=60, columns=140):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(command[0], command, {**os.environ, "TERM": "dumb", "TRINO_PAGER": "", **environment})

    def read_until(self, pattern, seconds=120):
        """What the program shows up to the first match of `pattern`, or to its end if that comes first."""
        shown, deadline = b"", time.monotonic() + seconds
        while time.monotonic() < deadline:
            if select.select([self.fd], [], [], 0.2)[0]:
                try:
                    shown += os.read(self.fd, 65536)
                except OSError:  # the program has ended
                    break
            text = CONTROL.sub("", shown.decode(errors="replace"))
            if pattern.search(text):
                return text
        else:
            raise TimeoutError(f"no {pattern.pattern!r} within {seconds} s in {shown[-2000:]!r}")
        return CONTROL.sub("", shown.decode(errors="replace"))

    def type(self, text):
        os.write(self.fd, text.encode())

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)

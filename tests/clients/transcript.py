"""docs/clients.md: sessions as sections, without what differs from run to run."""

import re

VOLATILE = [
    (re.compile(r"\d{8}_\d{6}_\d{5}_[a-z0-9]{5}"), "<query id>"),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "http://coordinator:8080"),
    (re.compile(r"^[\d:.]+ \[(.*?) rows, (.*?)\] \[.*?\]$", re.MULTILINE), r"<time> [\1 rows, \2] [<rate>]"),
]


def stable(text):
    for pattern, replacement in VOLATILE:
        text = pattern.sub(replacement, text)
    return "\n".join(line.rstrip() for line in text.split("\n"))


class Transcript:
    def __init__(self, introduction):
        self.parts = [introduction]

    def section(self, title, text=""):
        self.parts.append(f"## {title}\n" + (f"\n{text}\n" if text else ""))

    def session(self, text, language=""):
        self.parts.append(f"```{language}\n{stable(text).strip(chr(10))}\n```\n")

    def write(self, path):
        path.write_text("\n".join(self.parts))

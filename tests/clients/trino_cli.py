"""The real trino-cli, from Maven, in a terminal."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import time

from terminal import PROMPT, Terminal

ARTIFACT = "io.trino:trino-cli:476:jar:executable"
INSTALL = "apt-get install --no-install-recommends maven default-jre-headless"

INTERACTIVE = [
    "SELECT nationkey, name, regionkey FROM nation WHERE nationkey < 4 ORDER BY nationkey;",
    "SELECT o.orderpriority, count(*) AS orders, sum(l.quantity) AS quantity, max(o.orderdate) AS last "
    "FROM orders o JOIN lineitem l ON o.orderkey = l.orderkey GROUP BY 1 ORDER BY 1;",
    "SELECT ARRAY[1, 2, 3] AS a, MAP(ARRAY['x', 'y'], ARRAY[1, 2]) AS m, "
    "CAST(ROW(1, 'one') AS ROW(id bigint, name varchar)) AS r, DATE '2026-11-22' AS d, "
    "TIMESTAMP '2026-11-22 20:15:00.123' AS t, DECIMAL '12.50' AS n, X'c0de' AS b, NULL AS nothing;",
    "SHOW CATALOGS;",
    "SHOW SCHEMAS FROM tpch LIKE 'sf1%';",
    "SHOW TABLES;",
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'tiny' AND table_name LIKE 'p%' ORDER BY 1;",
    "DESCRIBE orders;",
    "USE tpch.sf1;",
    "SELECT count(*) AS lines FROM lineitem;",
    "SET SESSION retry_policy = 'NONE';",
    "SET SESSION task_retry_attempts_per_task = 6;",
    "SHOW SESSION LIKE 'task_retry%';",
    "RESET SESSION retry_policy;",
    "PREPARE by_region FROM SELECT name FROM nation WHERE regionkey = ? AND name LIKE ? ORDER BY name;",
    "EXECUTE by_region USING 1, 'A%';",
    "DESCRIBE INPUT by_region;",
    "DEALLOCATE PREPARE by_region;",
    "EXECUTE IMMEDIATE 'SELECT name FROM region WHERE regionkey = ?' USING 3;",
    "EXPLAIN SELECT custkey, count(*) FROM orders GROUP BY custkey;",
    "SELECT node_id, coordinator, state FROM system.runtime.nodes ORDER BY node_id;",
]

ERRORS = [
    "SELECT name FROM nation WHERE nosuch = 1;",
    "SELECT * FROM missing;",
    "SELECT * FROM tpch.nosuch.nation;",
    "SELECT count(* FROM nation;",
    "SELECT name, count(*) FROM nation;",
    "SELECT CAST(name AS bigint) FROM nation;",
    "USE tpch.nosuch;",
    "SET SESSION nosuch = 1;",
    "CREATE TABLE t (a bigint);",
]

SLOW = ("SELECT count(*) FROM sf10.lineitem a JOIN sf10.lineitem b ON a.orderkey = b.orderkey "
        "AND a.comment < b.comment;")


def fetch(directory):
    """(path of the executable jar, None), or (None, why there is none)."""
    for tool in ("java", "mvn"):
        if shutil.which(tool) is None:
            return None, f"`{tool}` is not installed; `{INSTALL}` brings it"
    jar = pathlib.Path(directory) / "trino-cli-476-executable.jar"
    if not jar.exists():
        made = subprocess.run(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}",
                               f"-DoutputDirectory={jar.parent}"], capture_output=True, text=True)
        if made.returncode != 0 or not jar.exists():
            return None, f"Maven could not fetch {ARTIFACT}: {(made.stdout + made.stderr).strip()[-300:]}"
    return jar, None


def readable(shown):
    """Without the last prompt, and with room between statements."""
    spaced = PROMPT.sub("", shown).replace("\ntrino:", "\n\ntrino:")
    return re.sub(r"\n{3,}", "\n\n", spaced)


class Cli:
    def __init__(self, jar, uri, *options):
        self.home = tempfile.TemporaryDirectory(prefix="planaria-cli-")
        self.command = ["java", f"-Duser.home={self.home.name}", "-jar", str(jar), "--server", uri, "--user", "ada",
                        "--disable-auto-suggestion", "--history-file", f"{self.home.name}/history", *options]

    def interactive(self, statements):
        """What a terminal shows of a session with these statements."""
        terminal = Terminal(self.command, {"HOME": self.home.name})
        shown = terminal.read_until(PROMPT)
        for statement in statements:
            terminal.type(statement + "\n")
            # The echo of what was typed, then everything up to the next prompt.
            shown += terminal.read_until(PROMPT)
        terminal.type("quit\n")
        terminal.close()
        return readable(shown)

    def cancelled(self, statement, is_running):
        """A session whose only statement is interrupted with Ctrl-C once `is_running` says so."""
        terminal = Terminal(self.command, {"HOME": self.home.name})
        shown = terminal.read_until(PROMPT)
        terminal.type(statement + "\n")
        deadline = time.monotonic() + 60
        while not is_running():
            if time.monotonic() > deadline:
                raise TimeoutError("the statement does not run")
            time.sleep(0.1)
        terminal.type("\x03")
        shown += terminal.read_until(PROMPT)
        terminal.type("quit\n")
        terminal.close()
        return readable(shown)

    def batch(self, statement, *options):
        done = subprocess.run([*self.command, *options, "--execute", statement], capture_output=True, text=True,
                              env={"PATH": "/usr/bin:/bin", "TERM": "dumb"}, stdin=subprocess.DEVNULL)
        errors = [line for line in done.stderr.splitlines() if "jline" not in line and "dumb terminal" not in line]
        return done.stdout + "\n".join(errors), done.returncode

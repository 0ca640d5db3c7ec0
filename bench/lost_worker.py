"""What a lost worker costs: TPC-H over Parquet under TASK retries, three workers, one of them killed at a quarter, half
and three quarters of the time that the run without a fault took.

    lost_worker.py [--scale 10] [--data DIRECTORY] [--policy TASK]

The killed worker stays away. Prints seconds, the ratio to the fault-free run beside it, how long after the kill the
coordinator called the worker lost, and how much work was done again (attempts and their seconds)."""

import argparse
import os
import pathlib
import re
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
DEPS = pathlib.Path(os.environ.get("PLANARIA_DEPS_DIR", ROOT / "build" / "deps"))
if pathlib.Path(sys.prefix) != DEPS / "venv":
    python = DEPS / "venv" / "bin" / "python3"
    os.execv(python, [str(python), __file__, *sys.argv[1:]])
sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("harness", "tpch_tpcds")]
from cluster import Cluster  # noqa: E402
from run import query_texts  # noqa: E402


def query_text(number):
    return next(text for _, text in query_texts("tpch", {number}))


class Kill(threading.Thread):
    """Kills a worker `seconds` from now and watches for the coordinator to notice."""

    def __init__(self, cluster, seconds):
        super().__init__(daemon=True)
        self.cluster, self.seconds, self.noticed = cluster, seconds, None
        self.start()

    def run(self):
        time.sleep(self.seconds)
        victim = self.cluster.workers[-1]
        victim.kill()
        killed = time.monotonic()
        said = re.compile(rf"node {victim.name} is lost")
        while time.monotonic() < killed + 60:
            if said.search(self.cluster.coordinator.log_text()):
                self.noticed = time.monotonic() - killed
                return
            time.sleep(0.005)


def run(options, kill_after=None):
    """Seconds, row counts by query, the kill, and (attempts, seconds) of work that did not count."""
    catalogs = {"files": {"connector.name": "files", "files.base-directory": options.data}}
    redone, redone_seconds, counts = 0, 0.0, []
    with Cluster(workers=3, memory="5G", catalogs=catalogs, retry_policy=options.policy) as cluster:
        schema = f"sf{options.scale}"
        cluster.query("SELECT count(*) FROM lineitem", catalog="files", schema=schema)
        kill = Kill(cluster, kill_after) if kill_after else None
        total = 0.0
        for number in options.queries:
            started = time.monotonic()
            result = cluster.query(query_text(number), catalog="files", schema=schema)
            total += time.monotonic() - started
            counts.append(len(result.rows))
            if kill is None or redone:
                continue
            rows = cluster.query(
                'SELECT count(*), CAST(sum(date_diff(\'millisecond\', created, "end")) AS bigint) FROM system.runtime.tasks '
                f"WHERE query_id = '{result.query_id}' AND state = 'FAILED'").rows
            redone, redone_seconds = rows[0][0], (rows[0][1] or 0) / 1000
        if kill:
            kill.join()
    return total, counts, kill, (redone, redone_seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, default=10)
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "build" / "bench-data")
    parser.add_argument("--policy", default="TASK")
    parser.add_argument("--queries", type=int, nargs="+", default=list(range(1, 23)))
    options = parser.parse_args()
    options.data = options.data.resolve()
    whole, expected, _, _ = run(options)
    print(f"TPC-H sf{options.scale}, {options.policy}, 3 workers, without a fault: {whole:.1f} s", flush=True)
    for share in (0.25, 0.5, 0.75):
        seconds, counts, kill, (redone, redone_seconds) = run(options, whole * share)
        right = "all row counts as before" if counts == expected else "ROW COUNTS DIFFER"
        print(f"worker killed at {share:.0%}: {seconds:.1f} s, {seconds / whole:.2f} times; noticed after "
              f"{kill.noticed:.2f} s; {redone} tasks lost that had run {redone_seconds:.1f} s; {right}", flush=True)


if __name__ == "__main__":
    main()

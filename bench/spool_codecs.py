"""What compressing and sealing the spool cost and save: TPC-H under TASK with every codec, plain and sealed.

    spool_codecs.py [--schema sf1] [--only 3,9,18] [--rounds 3] [--store s3|azure|gcs|hdfs]

Prints for each combination the seconds of all queries (best round), the bytes that they stored, and their requests to
write and to read. The exchange is on the local disk, or on a test server of the kind that --store names."""

import argparse
import contextlib
import os
import pathlib
import re
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
DEPS = pathlib.Path(os.environ.get("PLANARIA_DEPS_DIR", ROOT / "build" / "deps"))
if pathlib.Path(sys.prefix) != DEPS / "venv":
    python = DEPS / "venv" / "bin" / "python3"
    os.execv(python, [str(python), __file__, *sys.argv[1:]])
sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("harness", "tpch_tpcds", "storage")]

from cluster import Cluster  # noqa: E402
from run import query_texts  # noqa: E402
from servers import STORES  # noqa: E402

SPOOLED = re.compile(r"query (\S+) spooled (\d+) bytes in (\d+) requests and read (\d+) bytes in (\d+)")


def measure(options, codec, sealed, server):
    config = {"exchange.compression-codec": codec,
              "fault-tolerant-execution-exchange-encryption-enabled": str(sealed).lower(),
              "fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-min": "64MB"}
    exchange = {"exchange": 1} if server is None else {"exchange": [server.base_directory(f"codecs/{codec}{sealed}")],
                                                       "exchange_properties": server.properties()}
    with Cluster(workers=3, config=config, **exchange) as cluster:
        best, ids = None, []
        for _ in range(options.rounds):
            started, ids = time.monotonic(), []
            for _, sql in query_texts("tpch", options.only):
                ids.append(cluster.query(sql, catalog="tpch", schema=options.schema).query_id)
            seconds = time.monotonic() - started
            best = min(best or seconds, seconds)
        # Of the last round; queries that had everything inline are not in the log.
        time.sleep(0.5)
        totals = [0, 0, 0, 0]
        for query, *numbers in SPOOLED.findall(cluster.coordinator.log_text()):
            if query in ids:
                totals = [total + int(number) for total, number in zip(totals, numbers)]
        return best, totals


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schema", default="sf1")
    parser.add_argument("--only")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--store", choices=sorted(STORES))
    options = parser.parse_args()
    options.only = [int(number) for number in options.only.split(",")] if options.only else None
    with tempfile.TemporaryDirectory(prefix="planaria-bench-") as folder, \
            STORES[options.store](folder) if options.store else contextlib.nullcontext() as server:
        print(f"{'codec':<6} {'sealed':<6} {'seconds':>8} {'MB stored':>10} {'writes':>7} {'MB read':>9} {'reads':>7}")
        for codec in ("NONE", "LZ4", "ZSTD"):
            for sealed in (False, True):
                seconds, (stored, writes, read, reads) = measure(options, codec, sealed, server)
                print(f"{codec:<6} {str(sealed).lower():<6} {seconds:>8.2f} {stored / 1e6:>10.1f} {writes:>7} "
                      f"{read / 1e6:>9.1f} {reads:>7}", flush=True)


if __name__ == "__main__":
    main()

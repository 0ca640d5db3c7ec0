"""A query whose intermediate data is many times the memory of its cluster, and a result that is: do they end, right, within
the memory that the nodes were given?

    large_exchange.py [--schema sf5] [--memory 256M] [--workers 2] [--store s3_gateway|...] [--kill]

Joins lineitem with orders and partsupp and carries every wide column through both exchanges; counts and sums are compared with those of the
tables alone. Then all rows of lineitem go to a client that throws them away. Prints the bytes that were spooled against the memory of all nodes, and
of every node the most resident memory against its limit (jvm.config's -Xmx)."""

import argparse
import contextlib
import json
import os
import pathlib
import re
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
DEPS = pathlib.Path(os.environ.get("PLANARIA_DEPS_DIR", ROOT / "build" / "deps"))
if pathlib.Path(sys.prefix) != DEPS / "venv":
    python = DEPS / "venv" / "bin" / "python3"
    os.execv(python, [str(python), __file__, *sys.argv[1:]])
sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("harness", "storage")]

from cluster import Cluster, wait_until  # noqa: E402
from servers import STORES  # noqa: E402

WIDE = """
SELECT count(*), sum(l_extendedprice), sum(o_totalprice), sum(ps_supplycost), max(length(wide))
FROM (SELECT l_extendedprice, o_totalprice, ps_supplycost,
             l_comment || o_comment || ps_comment || l_shipinstruct || o_clerk AS wide
      FROM lineitem JOIN orders ON l_orderkey = o_orderkey
                    JOIN partsupp ON l_partkey = ps_partkey AND l_suppkey = ps_suppkey)"""
ALONE = "SELECT count(*), sum(l_extendedprice) FROM lineitem"
ALL_ROWS = "SELECT * FROM lineitem"
SPOOLED = re.compile(r"query (\S+) spooled (\d+) bytes in \d+ requests and read (\d+) bytes")
UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def bytes_of(text):
    return int(float(text[:-1]) * UNITS[text[-1]])


def most_resident(node):
    status = pathlib.Path(f"/proc/{node.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) << 10


def show_memory(cluster, limit):
    for node in [cluster.coordinator, *cluster.workers]:
        most = most_resident(node)
        print(f"  {node.name:<12} at most {most / 1e6:>7.1f} MB resident, {most / limit:.2f} of its limit")


def kill_one(cluster):
    """Kills a worker in the middle of its tasks, and starts it again."""
    victim = cluster.workers[0]
    wait_until(lambda: cluster.query("SELECT count(*) FROM system.runtime.tasks WHERE state = 'FINISHED'").rows[0][0] > 20,
               600, "tasks have finished")
    victim.kill()
    victim.start()
    print("  a worker was killed and started again")


def run_wide(cluster, options):
    killer = threading.Thread(target=kill_one, args=(cluster,))
    if options.kill:
        killer.start()
    started = time.monotonic()
    result = cluster.query(WIDE, catalog="tpch", schema=options.schema)
    seconds = time.monotonic() - started
    if options.kill:
        killer.join()
    counted = []

    def was_counted():
        counted[:] = [(int(w), int(r)) for q, w, r in SPOOLED.findall(cluster.coordinator.log_text()) if q == result.query_id]
        return counted

    wait_until(was_counted, 60, "the coordinator has logged what was spooled")
    spooled, read = counted[0]
    memory = bytes_of(options.memory) * (1 + options.workers)
    print(f"join: {seconds:.1f} s, spooled {spooled / 1e9:.2f} GB = {spooled / memory:.1f} times the memory of all nodes "
          f"({memory / 1e9:.2f} GB), read {read / 1e9:.2f} GB")
    show_memory(cluster, bytes_of(options.memory))
    expected = cluster.query(ALONE, catalog="tpch", schema=options.schema).rows[0]
    if result.rows[0][:2] != expected:
        sys.exit(f"WRONG: {result.rows[0]} and not {expected}")
    return result.rows[0]


def run_all_rows(cluster, options):
    """The answer is not parsed but for where the next part is: it is as fast as a client can be."""
    request = urllib.request.Request(f"{cluster.uri}/v1/statement", data=ALL_ROWS.encode(), method="POST", headers={
        "X-Trino-User": "bench", "X-Trino-Catalog": "tpch", "X-Trino-Schema": options.schema})
    started, received, rows = time.monotonic(), 0, None
    next_uri = None
    while request:
        with urllib.request.urlopen(request) as response:
            body = response.read()
        received += len(body)
        if b'"error"' in body[-4000:]:
            sys.exit(json.loads(body)["error"]["message"])
        found = re.search(rb'"nextUri":"([^"]+)"', body)
        next_uri = found.group(1).decode() if found else None
        rows = re.findall(rb'"processedRows":(\d+)', body)[-1:] or rows
        request = urllib.request.Request(next_uri, headers={"X-Trino-User": "bench"}) if next_uri else None
    limit = bytes_of(options.memory)
    print(f"all rows: {time.monotonic() - started:.1f} s, {received / 1e9:.2f} GB of JSON = {received / limit:.1f} times the "
          "memory of the coordinator")
    show_memory(cluster, limit)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schema", default="sf5")
    parser.add_argument("--memory", default="256M", help="of every node")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--store", choices=sorted(STORES))
    parser.add_argument("--kill", action="store_true", help="kill a worker meanwhile")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="planaria-bench-") as folder, \
            STORES[options.store](folder) if options.store else contextlib.nullcontext() as server:
        exchange = {"exchange": 1} if server is None else {"exchange": [server.base_directory("large")],
                                                           "exchange_properties": server.properties()}
        with Cluster(workers=options.workers, memory=options.memory, **exchange) as cluster:
            run_wide(cluster, options)
        with Cluster(workers=options.workers, memory=options.memory, **exchange) as cluster:
            run_all_rows(cluster, options)


if __name__ == "__main__":
    main()

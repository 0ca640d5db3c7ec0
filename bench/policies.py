"""What durability costs: the same queries under NONE, QUERY, TASK and AUTO on one cluster, by session property, in turn, so
that all policies meet the same machine.

    policies.py [--scale 10] [--data DIRECTORY] [--repetitions 2] [--small 400] [--store s3_gateway|...]

Prints seconds of every query and policy, totals and their ratio to NONE, then p50 and p99 of a small query. The exchange is on a local
disk; with --store also TASK on a second cluster whose exchange is on that test server, which needs a part of the same machine."""

import argparse
import contextlib
import os
import pathlib
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
DEPS = pathlib.Path(os.environ.get("PLANARIA_DEPS_DIR", ROOT / "build" / "deps"))
if pathlib.Path(sys.prefix) != DEPS / "venv":
    python = DEPS / "venv" / "bin" / "python3"
    os.execv(python, [str(python), __file__, *sys.argv[1:]])
sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("harness", "storage", "tpch_tpcds")]
from cluster import Cluster  # noqa: E402
from run import query_texts  # noqa: E402
from servers import STORES  # noqa: E402

POLICIES = ["NONE", "QUERY", "TASK", "AUTO"]


def query_text(number):
    return next(text for _, text in query_texts("tpch", {number}))


def seconds_of(cluster, sql, policy, **options):
    started = time.perf_counter()
    result = cluster.query(sql, session={"retry_policy": policy}, **options)
    return time.perf_counter() - started, len(result.rows)


def large(runs, scale, queries, repetitions):
    """`runs`: cluster and policy by the name of the column."""
    print(f"TPC-H sf{scale}, Parquet, best of {repetitions}, seconds")
    print(f"{'query':>6}" + "".join(f"{name:>12}" for name in runs))
    totals = dict.fromkeys(runs, 0.0)
    for number in queries:
        best, rows = dict.fromkeys(runs, float("inf")), set()
        for _ in range(repetitions):
            for name, (cluster, policy) in runs.items():
                seconds, count = seconds_of(cluster, query_text(number), policy, catalog="files", schema=f"sf{scale}")
                best[name] = min(best[name], seconds)
                rows.add(count)
        for name in runs:
            totals[name] += best[name]
        note = "" if len(rows) == 1 else f"  ROW COUNTS DIFFER: {rows}"
        print(f"{'q' + str(number):>6}" + "".join(f"{best[name]:12.3f}" for name in runs) + note, flush=True)
    print(f"{'total':>6}" + "".join(f"{totals[name]:12.2f}" for name in runs))
    print(f"{'ratio':>6}" + "".join(f"{totals[name] / totals['NONE']:12.2f}" for name in runs))


def small(runs, count):
    sql = "SELECT count(*) FROM tpch.tiny.nation"
    samples = {name: [] for name in runs}
    for _ in range(count):
        for name, (cluster, policy) in runs.items():
            samples[name].append(seconds_of(cluster, sql, policy)[0] * 1000)
    print(f"\n{sql}: {count} times each, milliseconds")
    for name in runs:
        points = statistics.quantiles(samples[name], n=100)
        print(f"{name:>12}  p50 {statistics.median(samples[name]):6.1f}  p99 {points[98]:6.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, default=10)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--repetitions", type=int, default=2)
    parser.add_argument("--small", type=int, default=400)
    parser.add_argument("--queries", type=int, nargs="*", default=list(range(1, 23)))
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "build" / "bench-data")
    parser.add_argument("--store", choices=sorted(STORES))
    options = parser.parse_args()
    catalogs = {"files": {"connector.name": "files", "files.base-directory": options.data.resolve()},
                "tpch": {"connector.name": "tpch"}}
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(Cluster(workers=options.workers, memory="5G", catalogs=catalogs))
        runs = {policy: (cluster, policy) for policy in POLICIES}
        if options.store:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="planaria-bench-"))
            server = stack.enter_context(STORES[options.store](folder))
            remote = stack.enter_context(Cluster(workers=options.workers, memory="5G", catalogs=catalogs,
                                                 exchange=[server.base_directory("policies")], exchange_properties=server.properties()))
            runs[options.store] = (remote, "TASK")
        if options.queries:
            large(runs, options.scale, options.queries, options.repetitions)
        small(runs, options.small)


if __name__ == "__main__":
    main()

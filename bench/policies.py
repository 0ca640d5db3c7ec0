"""What durability costs: the same queries under NONE, QUERY, TASK and AUTO on one cluster, by session property, in turn, so
that all policies meet the same machine.

    policies.py [--scale 10] [--data DIRECTORY] [--repetitions 2] [--small 400]

Prints seconds of every query and policy, totals and their ratio to NONE, then p50 and p99 of a small query."""

import argparse
import os
import pathlib
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
DEPS = pathlib.Path(os.environ.get("PLANARIA_DEPS_DIR", ROOT / "build" / "deps"))
sys.path.insert(0, str(ROOT / "tests" / "harness"))
from cluster import Cluster  # noqa: E402

POLICIES = ["NONE", "QUERY", "TASK", "AUTO"]


def query_text(number):
    return (DEPS / f"duckdb/source/extension/tpch/dbgen/queries/q{number:02}.sql").read_text()


def seconds_of(cluster, sql, policy, **options):
    started = time.perf_counter()
    result = cluster.query(sql, session={"retry_policy": policy}, **options)
    return time.perf_counter() - started, len(result.rows)


def large(cluster, scale, queries, repetitions):
    print(f"TPC-H sf{scale}, Parquet, best of {repetitions}, seconds")
    print(f"{'query':>6}" + "".join(f"{policy:>9}" for policy in POLICIES))
    totals = dict.fromkeys(POLICIES, 0.0)
    for number in queries:
        best, rows = dict.fromkeys(POLICIES, float("inf")), set()
        for _ in range(repetitions):
            for policy in POLICIES:
                seconds, count = seconds_of(cluster, query_text(number), policy, catalog="files", schema=f"sf{scale}")
                best[policy] = min(best[policy], seconds)
                rows.add(count)
        for policy in POLICIES:
            totals[policy] += best[policy]
        note = "" if len(rows) == 1 else f"  ROW COUNTS DIFFER: {rows}"
        print(f"{'q' + str(number):>6}" + "".join(f"{best[policy]:9.3f}" for policy in POLICIES) + note, flush=True)
    print(f"{'total':>6}" + "".join(f"{totals[policy]:9.2f}" for policy in POLICIES))
    print(f"{'ratio':>6}" + "".join(f"{totals[policy] / totals['NONE']:9.2f}" for policy in POLICIES))


def small(cluster, count):
    sql = "SELECT count(*) FROM tpch.tiny.nation"
    samples = {policy: [] for policy in POLICIES}
    for _ in range(count):
        for policy in POLICIES:
            samples[policy].append(seconds_of(cluster, sql, policy)[0] * 1000)
    print(f"\n{sql}: {count} times each, milliseconds")
    for policy in POLICIES:
        points = statistics.quantiles(samples[policy], n=100)
        print(f"{policy:>6}  p50 {statistics.median(samples[policy]):6.1f}  p99 {points[98]:6.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, default=10)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--repetitions", type=int, default=2)
    parser.add_argument("--small", type=int, default=400)
    parser.add_argument("--queries", type=int, nargs="*", default=list(range(1, 23)))
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "build" / "bench-data")
    options = parser.parse_args()
    catalogs = {"files": {"connector.name": "files", "files.base-directory": options.data.resolve()},
                "tpch": {"connector.name": "tpch"}}
    with Cluster(workers=options.workers, memory="5G", catalogs=catalogs) as cluster:
        if options.queries:
            large(cluster, options.scale, options.queries, options.repetitions)
        small(cluster, options.small)


if __name__ == "__main__":
    main()

"""TPC-H over Parquet: a cluster of three workers under TASK retries against single-process DuckDB on the same files and
cores, query by query in turn, so that both meet the same machine. Run through `./dev bench`.

Prints seconds and ratio of every query, totals, their ratio and the peak memory of all processes of either side, then
the small latencies: SELECT 1, an empty stage boundary, server start to first answer."""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
DEPS = pathlib.Path(os.environ.get("PLANARIA_DEPS_DIR", ROOT / "build" / "deps"))
PYTHON = DEPS / "venv" / "bin" / "python3"
TABLES = ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"]

if pathlib.Path(sys.prefix) != DEPS / "venv":
    os.execv(PYTHON, [str(PYTHON), __file__, *sys.argv[1:]])

sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("harness", "tpch_tpcds")]
from cluster import Cluster  # noqa: E402
from run import query_texts  # noqa: E402


def make_data(directory, scale):
    """Parquet as DuckDB writes it from its own generator; once."""
    target = directory / f"sf{scale}"
    if (target / ".complete").exists():
        return
    import duckdb
    import duckdb_extension_tpch
    print(f"making TPC-H sf{scale} as Parquet in {target}", flush=True)
    extension = next(pathlib.Path(duckdb_extension_tpch.__file__).parent.rglob("*.duckdb_extension"))
    connection = duckdb.connect()
    connection.execute(f"LOAD '{extension}'")
    connection.execute(f"CALL dbgen(sf={scale})")
    for table in TABLES:
        (target / table).mkdir(parents=True, exist_ok=True)
        connection.execute(f"COPY {table} TO '{target / table / table}.parquet' (FORMAT parquet)")
    (target / ".complete").touch()


class DuckDbProcess:
    """Single-process DuckDB behind a pipe, so that its peak memory is its own."""

    def __init__(self, data, scale):
        self.process = subprocess.Popen([PYTHON, __file__, "--duckdb-child", str(data / f"sf{scale}")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, sql):
        self.process.stdin.write(json.dumps(sql) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def duckdb_child(directory):
    import duckdb
    connection = duckdb.connect()
    for table in TABLES:
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{directory}/{table}/*.parquet')")
    for line in sys.stdin:
        start = time.perf_counter()
        rows = connection.execute(json.loads(line)).fetchall()
        print(json.dumps([time.perf_counter() - start, len(rows)]), flush=True)


def peak_megabytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0


def start_cluster(data, workers):
    return Cluster(workers=workers, memory="5G",
                   catalogs={"files": {"connector.name": "files", "files.base-directory": data},
                             "tpch": {"connector.name": "tpch"}})


def compare(data, scale, workers, repetitions, queries):
    make_data(data, scale)
    duckdb = DuckDbProcess(data, scale)
    totals = [0.0, 0.0]
    print(f"\nTPC-H sf{scale}, Parquet, {workers} workers, TASK, best of {repetitions}")
    print(f"{'query':>5} {'DuckDB s':>9} {'cluster s':>10} {'ratio':>6} {'rows':>7}")
    with start_cluster(data, workers) as cluster:
        for number, sql in query_texts("tpch", set(queries)):
            best, rows = [float("inf")] * 2, [0, 0]
            for _ in range(repetitions):
                seconds, rows[0] = duckdb.run(sql)
                best[0] = min(best[0], seconds)
                start = time.perf_counter()
                rows[1] = len(cluster.query(sql, catalog="files", schema=f"sf{scale}").rows)
                best[1] = min(best[1], time.perf_counter() - start)
            totals = [total + seconds for total, seconds in zip(totals, best)]
            note = "" if rows[0] == rows[1] else f"  ROW COUNTS DIFFER: {rows}"
            print(f"{'q' + str(number):>5} {best[0]:9.3f} {best[1]:10.3f} {best[1] / best[0]:6.2f} {rows[1]:7}{note}", flush=True)
        nodes = [cluster.coordinator, *cluster.workers]
        cluster_memory = sum(peak_megabytes(node.process.pid) for node in nodes)
        duckdb_memory = peak_megabytes(duckdb.process.pid)
    duckdb.close()
    print(f"total {totals[0]:9.3f} {totals[1]:10.3f} {totals[1] / totals[0]:6.2f}")
    print(f"peak memory: DuckDB {duckdb_memory:.0f} MB, cluster {cluster_memory:.0f} MB in {len(nodes)} processes")


def latencies(data, workers):
    start = time.perf_counter()
    with start_cluster(data, workers) as cluster:
        all_nodes = time.perf_counter() - start

        def median_millis(sql, count=51, **options):
            samples = []
            for _ in range(count):
                began = time.perf_counter()
                cluster.query(sql, **options)
                samples.append((time.perf_counter() - began) * 1000)
            return statistics.median(samples)

        select_one = median_millis("SELECT 1")
        # Every level groups by another key, which takes another exchange; no row gets past the first filter.
        distribute = {"fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_min": "1kB"}

        def chain(levels):
            sql = "SELECT nationkey AS k, regionkey AS v FROM nation WHERE nationkey % 30 = 29"
            for level in range(levels):
                sql = f"SELECT k % {97 - level} AS k, sum(v) AS v FROM ({sql}) GROUP BY 1"
            return sql

        short, long = chain(1), chain(9)
        options = {"catalog": "tpch", "schema": "tiny", "session": distribute}
        stages = [len({row[0].rsplit(".", 2)[0] for row in cluster.tasks(cluster.query(sql, **options).query_id)})
                  for sql in (short, long)]
        times = [median_millis(sql, **options) for sql in (short, long)]
    print(f"\nSELECT 1 through the protocol: {select_one:.1f} ms (median of 51)")
    boundary = (times[1] - times[0]) / (stages[1] - stages[0])
    print(f"a stage boundary with an empty task: {boundary:.1f} ms ({stages[0]} against {stages[1]} stages)")
    start = time.perf_counter()
    with Cluster(workers=0, include_coordinator=True, exchange=1):
        print(f"server start to first answer: {time.perf_counter() - start:.2f} s "
              f"(with {workers} workers joined: {all_nodes:.2f} s)")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, nargs="+", default=[1, 10])
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--repetitions", type=int, default=2)
    parser.add_argument("--queries", type=int, nargs="+", default=list(range(1, 23)))
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "build" / "bench-data")
    parser.add_argument("--duckdb-child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.duckdb_child:
        return duckdb_child(options.duckdb_child)
    options.data.mkdir(parents=True, exist_ok=True)
    for scale in options.scale:
        compare(options.data.resolve(), scale, options.workers, options.repetitions, options.queries)
    latencies(options.data.resolve(), options.workers)


if __name__ == "__main__":
    main()

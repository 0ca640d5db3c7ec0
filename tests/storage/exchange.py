"""TPC-H under TASK with the exchange on object stores, while a worker is killed and while the network is bad.

    exchange.py --store s3|azure|gcs|hdfs [--schema tiny|sf1|...] [--only 7,21]

Every answer is compared with single-process DuckDB's. In the end nothing is left in the store but the journal of the
coordinator."""

import argparse
import json
import pathlib
import sys
import tempfile
import threading
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "harness"), str(HERE.parent / "tpch_tpcds")]

from answers import compare, from_duckdb, from_trino
from cluster import Cluster, wait_until
from fault_proxy import KINDS, FaultProxy
from run import CATALOGS, TINY_LIMITS, is_ordered, open_oracle, query_texts
from servers import BUCKET, STORES, Missing

# What ctest takes for "not run".
SKIPPED = 77
FAULTS = {"reset": 0.01, "lose": 0.01, "truncate": 0.01, "throttle": 0.01, "fail": 0.01, "delay": 0.01, "duplicate": 0.01}


def spooled(server, folders):
    return [key for folder in folders for key in server.objects(folder) if not key.startswith("journal/")]


class Killer(threading.Thread):
    """Kills a worker while a query's tasks run on it, and starts it again."""

    def __init__(self, cluster):
        super().__init__(daemon=True)
        self.cluster, self.killed_running, self.error = cluster, 0, None
        self.ask = threading.Event()

    def run(self):
        victim = self.cluster.workers[-1]
        try:
            wait_until(lambda: self._running(victim.name) > 0, 60, "a task runs on the victim")
            self.killed_running = self._running(victim.name)
            victim.kill()
            victim.start()
        except (OSError, TimeoutError) as error:
            self.error = error

    def _running(self, node):
        return self.cluster.query(
            f"SELECT count(*) FROM system.runtime.tasks WHERE node_id = '{node}' AND state = 'RUNNING'").rows[0][0]


def run_queries(cluster, oracle, schema, only, kill_before=None):
    failures, killer = [], None
    for number, sql in query_texts("tpch", only):
        if number == kill_before:
            killer = Killer(cluster)
            killer.start()
        cursor = oracle.execute(sql)
        expected = from_duckdb(cursor.description, cursor.fetchall())
        started = time.monotonic()
        result = cluster.query(sql, catalog="tpch", schema=schema)
        difference = compare(from_trino(result.columns, result.rows), expected, ordered=is_ordered(sql))
        attempts = cluster.tasks(result.query_id)
        repeated = sum(int(task.rsplit(".", 1)[1]) > 0 for task, *_ in attempts)
        print(f"{number:>6} {len(result.rows):>6} rows {len(attempts):>4} attempts {repeated:>3} repeated "
              f"{time.monotonic() - started:>6.2f} s  {difference or 'equal'}", flush=True)
        if difference:
            failures.append(f"q{number}: {difference}")
    if killer:
        killer.join()
        print(f"a worker was killed with {killer.killed_running} tasks running")
        if killer.error or killer.killed_running == 0:
            failures.append(f"no worker was killed in its tasks: {killer.error}")
    return failures


def check_start_refusal(server):
    """A bucket that is not there stops a start with its name and without the key."""
    wrong = server.base_directory("x").replace(BUCKET, "missing-bucket")
    properties = server.properties()
    secret = next(reversed(properties.values()))
    try:
        with Cluster(workers=0, exchange=[wrong], exchange_properties=properties):
            return ["a cluster started on a missing bucket"]
    except RuntimeError as refused:
        text = str(refused)
    if "missing-bucket" not in text or "404" not in text:
        return [f"the refusal does not name the bucket: {text}"]
    return ["the refusal shows a secret"] if len(secret) > 20 and secret in text else []


def ask_proxy(proxy, path, rates=None):
    request = urllib.request.Request(f"http://127.0.0.1:{proxy.port}/{path}", method="GET" if rates is None else "PUT",
                                     data=None if rates is None else json.dumps(rates).encode())
    with urllib.request.urlopen(request) as response:
        return json.loads(response.read())


def run_store(server, options):
    oracle = open_oracle("tpch", options.schema, None)
    config = {"retry-initial-delay": "100ms", **(TINY_LIMITS if options.schema == "tiny" else {})}
    catalogs = {"tpch": CATALOGS["tpch"]}
    failures = check_start_refusal(server) if BUCKET in server.base_directory("x") else []

    print(f"{server.base_directory('...')}: a worker is killed")
    folders = ["clean/a", "clean/b"]
    with Cluster(workers=3, config=config, catalogs=catalogs, exchange=[server.base_directory(f) for f in folders],
                 exchange_properties=server.properties()) as cluster:
        failures += run_queries(cluster, oracle, options.schema, options.only, kill_before=options.kill_before)
        failures += check_empty(server, folders)

    print("requests are counted")
    proxy = FaultProxy(0, server.port, seed=1).start()
    with Cluster(workers=3, config=config, catalogs=catalogs, exchange=[server.base_directory("counted")],
                 exchange_properties=server.properties(f"http://127.0.0.1:{proxy.port}")) as cluster:
        before = ask_proxy(proxy, "__requests")
        failures += run_queries(cluster, oracle, options.schema, options.only)
        failures += check_empty(server, ["counted"])
        requests = {kind: count - before[kind] for kind, count in ask_proxy(proxy, "__requests").items()}
        print(f"requests of all queries: {requests}")
        if requests["LIST"] > 0 or requests["PUT"] == 0:
            failures.append(f"queries list, or were not counted: {requests}")

    print("the network is bad")
    with Cluster(workers=3, config=config, catalogs=catalogs, exchange=[server.base_directory("faulty")],
                 exchange_properties=server.properties(f"http://127.0.0.1:{proxy.port}")) as cluster:
        ask_proxy(proxy, "__faults", FAULTS)
        failures += run_queries(cluster, oracle, options.schema, options.only)
        fired = ask_proxy(proxy, "__faults")
        print(f"faults: {fired}")
        failures += [f"fault did not happen: {kind}" for kind in KINDS if fired[kind] == 0]
        ask_proxy(proxy, "__faults", {})
        failures += check_empty(server, ["faulty"])
    return failures


def check_empty(server, folders):
    try:
        wait_until(lambda: not spooled(server, folders), 15, "empty base directories")
    except TimeoutError:
        return [f"objects are left: {spooled(server, folders)[:5]}"]
    return []


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", choices=STORES, required=True)
    parser.add_argument("--schema", default="tiny")
    parser.add_argument("--only", type=lambda text: {int(n) for n in text.split(",")}, default=None)
    parser.add_argument("--kill-before", type=int, default=9, help="the query during which a worker is killed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="planaria-store-", ignore_cleanup_errors=True) as directory:
        try:
            with STORES[options.store](directory) as server:
                failures = run_store(server, options)
        except Missing as missing:
            print("SKIPPED:", missing)
            return SKIPPED
    for failure in failures:
        print("FAILED:", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

"""TPC-H under TASK with the exchange on every kind of store, while a worker is killed and while the network is bad.

    exchange.py --store local|s3|s3_gateway|azure|gcs|hdfs|hdfs_kerberos [--store ...] [--schema tiny|sf1|...] [--only 7,21] [--faults 0.05]

Every answer is compared with single-process DuckDB's. In the end nothing is left in the store but the journal of the
coordinator. A table sums it up."""

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
from servers import BUCKET, STORES, Missing, SecureHdfs

# What ctest takes for "not run".
SKIPPED = 77
MOST_TURNS = 8
REQUESTS = ("PUT", "GET", "LIST", "DELETE")


def spooled(server, folders):
    return [key for folder in folders for key in server.objects(folder) if not key.startswith("journal/")]


class Killer(threading.Thread):
    """Kills a worker while a query's tasks run on it, and starts it again."""

    def __init__(self, cluster, victim):
        super().__init__(daemon=True)
        self.cluster, self.victim, self.killed_running, self.error = cluster, victim, 0, None

    def run(self):
        victim = self.victim
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


class Run:
    """What one pass over the queries came to: a line of the table."""

    def __init__(self, store, name):
        self.store, self.name = store, name
        self.queries = self.equal = self.attempts = self.repeated = self.killed = 0
        self.seconds, self.requests, self.faults, self.failures = 0.0, None, None, []

    def line(self):
        requests = "  ".join(f"{self.requests[kind]:>6}" for kind in REQUESTS) if self.requests else f"{'':>30}"
        faults = sum(self.faults.values()) if self.faults else ""
        return (f"{self.store:<11} {self.name:<22} {self.equal:>3} of {self.queries:<3} {self.attempts:>8} "
                f"{self.repeated:>8} {self.killed:>6} {self.seconds:>7.1f}  {requests}  {faults:>6}")

    HEAD = (f"{'store':<11} {'run':<22} {'equal':<9} {'attempts':>8} {'repeated':>8} {'killed':>6} {'s':>7}  "
            + "  ".join(f"{kind:>6}" for kind in REQUESTS) + f"  {'faults':>6}")


def run_queries(run, cluster, oracle, schema, only, kill_from=None):
    """Workers are killed from query `kill_from` on, one in each, until a kill cost an attempt."""
    killers = []
    for number, sql in query_texts("tpch", only):
        cursor = oracle.execute(sql)
        expected = from_duckdb(cursor.description, cursor.fetchall())
        killer = None
        if kill_from and number >= kill_from and (not killers or run.repeated == 0):
            killer = Killer(cluster, cluster.workers[len(killers) % len(cluster.workers)])
            killer.start()
            killers.append(killer)
        started = time.monotonic()
        result = cluster.query(sql, catalog="tpch", schema=schema)
        seconds = time.monotonic() - started
        difference = compare(from_trino(result.columns, result.rows), expected, ordered=is_ordered(sql))
        attempts = cluster.tasks(result.query_id)
        repeated = sum(int(task.rsplit(".", 1)[1]) > 0 for task, *_ in attempts)
        print(f"{number:>6} {len(result.rows):>6} rows {len(attempts):>4} attempts {repeated:>3} repeated "
              f"{seconds:>6.2f} s  {difference or 'equal'}", flush=True)
        run.queries += 1
        run.equal += not difference
        run.attempts += len(attempts)
        run.repeated += repeated
        run.seconds += seconds
        if difference:
            run.failures.append(f"q{number}: {difference}")
        if killer and killer.victim.alive():
            cluster.wait_for_nodes(len(cluster.workers) + 1)
    for killer in killers:
        killer.join()
        run.killed += killer.killed_running
    if killers:
        print(f"{len(killers)} workers were killed with {run.killed} tasks running")
        # Small tasks come and go between the count and the kill: what ran again tells.
        if run.repeated == 0:
            run.failures.append(f"no worker was killed in its tasks: {[str(k.error) for k in killers]}")


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


def check_ticket_refusal(server):
    """Who has no ticket does not start, and hears whom it is for."""
    try:
        with server.without_tickets(), Cluster(workers=0, exchange=[server.base_directory("x")],
                                               exchange_properties=server.properties()):
            return ["a cluster started without tickets"]
    except RuntimeError as refused:
        wanted = f"No Kerberos ticket for HTTP/{server.host}: gss_"
        return [] if wanted in str(refused) else [f"the refusal is not about tickets: {refused}"]


def ask_proxy(proxy, path, rates=None):
    request = urllib.request.Request(f"http://127.0.0.1:{proxy.port}/{path}", method="GET" if rates is None else "PUT",
                                     data=None if rates is None else json.dumps(rates).encode())
    with urllib.request.urlopen(request) as response:
        return json.loads(response.read())


def fault_rates(total):
    """`total` of all requests, in equal parts of every kind."""
    return dict.fromkeys(KINDS, total / len(KINDS))


def run_store(name, server, options):
    oracle = open_oracle("tpch", options.schema, None)
    config = {"retry-initial-delay": "100ms", **(TINY_LIMITS if options.schema == "tiny" else {})}
    runs = []

    def cluster_on(folders, endpoint=None):
        return Cluster(workers=3, config=config, catalogs={"tpch": CATALOGS["tpch"]},
                       exchange=[server.base_directory(f) for f in folders],
                       exchange_properties=server.properties(endpoint))

    def begin(title):
        print(f"{server.base_directory('...')}: {title}")
        runs.append(Run(name, title))
        return runs[-1]

    run = begin("worker killed")
    if BUCKET in server.base_directory("x"):
        run.failures += check_start_refusal(server)
    if isinstance(server, SecureHdfs):
        run.failures += check_ticket_refusal(server)
    folders = ["clean/a", "clean/b"]
    with cluster_on(folders) as cluster:
        run_queries(run, cluster, oracle, options.schema, options.only, kill_from=options.kill_from)
        run.failures += check_empty(server, folders)
    if not server.port:
        return runs

    run = begin("requests counted")
    proxy = FaultProxy(0, server.port, seed=1, watched=server.watched).start()
    endpoint = f"http://127.0.0.1:{proxy.port}"
    with cluster_on(["counted"], endpoint) as cluster:
        before = ask_proxy(proxy, "__requests")
        run_queries(run, cluster, oracle, options.schema, options.only)
        run.failures += check_empty(server, ["counted"])
        run.requests = {kind: count - before[kind] for kind, count in ask_proxy(proxy, "__requests").items()}
        print(f"requests of all queries: {run.requests}")
        if run.requests["LIST"] > 0 or run.requests["PUT"] == 0:
            run.failures.append(f"queries list, or were not counted: {run.requests}")
        if server.watched:
            # The queries may take less time than a token lives.
            deadline = time.monotonic() + 60
            while proxy.watched_requests <= 1 + len(cluster.workers) and time.monotonic() < deadline:
                time.sleep(1)
                cluster.query("SELECT r_name, count(*) FROM nation JOIN region ON n_regionkey = r_regionkey GROUP BY 1",
                              catalog="tpch", schema=options.schema)
            print(f"tokens asked for: {proxy.watched_requests}")
            if proxy.watched_requests <= 1 + len(cluster.workers):
                run.failures.append("no node has replaced its token")

    run = begin(f"{options.faults:.0%} faults, killed")
    with cluster_on(["faulty"], endpoint) as cluster:
        before = ask_proxy(proxy, "__requests")
        ask_proxy(proxy, "__faults", fault_rates(options.faults))
        # Few requests are made where little is spooled: again, until every kind of fault was there.
        for turn in range(MOST_TURNS):
            run_queries(run, cluster, oracle, options.schema, options.only, options.kill_from if turn == 0 else None)
            run.faults = ask_proxy(proxy, "__faults")
            if all(run.faults.values()):
                break
        run.requests = {kind: count - before[kind] for kind, count in ask_proxy(proxy, "__requests").items()}
        print(f"faults: {run.faults}")
        run.failures += [f"fault did not happen: {kind}" for kind in KINDS if run.faults[kind] == 0]
        ask_proxy(proxy, "__faults", {})
        run.failures += check_empty(server, ["faulty"])
    return runs


def check_empty(server, folders):
    try:
        wait_until(lambda: not spooled(server, folders), 15, "empty base directories")
    except TimeoutError:
        return [f"objects are left: {spooled(server, folders)[:5]}"]
    return []


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", choices=STORES, action="append", help="all without it")
    parser.add_argument("--schema", default="tiny")
    parser.add_argument("--only", type=lambda text: {int(n) for n in text.split(",")}, default=None)
    parser.add_argument("--kill-from", type=int, default=9, help="the query during which a worker is killed")
    parser.add_argument("--faults", type=float, default=0.05, help="share of requests that something happens to")
    options = parser.parse_args()
    runs, skipped = [], []
    for store in options.store or STORES:
        with tempfile.TemporaryDirectory(prefix="planaria-store-", ignore_cleanup_errors=True) as directory:
            try:
                with STORES[store](directory) as server:
                    runs += run_store(store, server, options)
            except Missing as missing:
                skipped.append(f"{store}: SKIPPED, {missing}")
    print("", Run.HEAD, *(run.line() for run in runs), *skipped, sep="\n")
    failures = [f"{run.store}, {run.name}: {failure}" for run in runs for failure in run.failures]
    for failure in failures:
        print("FAILED:", failure)
    return 1 if failures else 0 if runs else SKIPPED


if __name__ == "__main__":
    sys.exit(main())

"""Requests that TPC-H under TASK makes of an S3 server, query by query, counted between clients and server: PUT, GET, LIST
and DELETE as they are billed, and bytes either way. With --trino also those of a real Trino on the same server.

    store_requests.py [--schema sf1] [--workers 2] [--store s3_gateway|s3] [--slow] [--trino DIR --java-home DIR] [--json FILE]

DIR is an unpacked trino-server with plugin/tpch and plugin/exchange-filesystem. Both clusters have as many workers, a
coordinator that runs no scans, the same memory and default settings; the requests of a query are counted until its objects are deleted.
With --slow every answer of the store comes 300 ms late: small outputs of a stage meet and share objects. `journal` says
how many are of the coordinator's journal, which Trino does not have. Row counts of the two are compared. Counts hardly
depend on what else the machine does, seconds do."""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("storage", "harness", "tpch_tpcds")]

from cluster import Cluster, QueryError, free_port, wait_until  # noqa: E402
from fault_proxy import FaultProxy  # noqa: E402
from run import CATALOGS, query_texts  # noqa: E402
from servers import STORES  # noqa: E402
from session import Session  # noqa: E402

KINDS = ("PUT", "GET", "LIST", "DELETE")
# Deletions follow the end of a query.
QUIET_SECONDS, MOST_SECONDS = 2.0, 60.0


class Trino:
    """A coordinator and workers of a real Trino. Use as a context manager."""

    def __init__(self, home, java_home, workers, memory, exchange, properties):
        self.home, self.java_home = pathlib.Path(home), java_home
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="planaria-trino-"))
        self.port = free_port()
        self.processes = []
        self.memory, self.exchange = memory, {"exchange-manager.name": "filesystem", "exchange.base-directories": exchange,
                                              **properties}
        self.workers = workers

    @property
    def uri(self):
        return f"http://127.0.0.1:{self.port}"

    def _start(self, name, coordinator):
        etc = self.directory / name / "etc"
        (etc / "catalog").mkdir(parents=True)
        files = {
            "node.properties": {"node.environment": "test", "node.id": name, "node.data-dir": self.directory / name / "data",
                                "plugin.dir": self.home / "plugin"},
            "config.properties": {"coordinator": str(coordinator).lower(), "discovery.uri": self.uri,
                                  "http-server.http.port": self.port if coordinator else free_port(),
                                  "retry-policy": "TASK", "catalog.management": "static",
                                  **({"node-scheduler.include-coordinator": "false"} if coordinator else {})},
            "exchange-manager.properties": self.exchange,
            "catalog/tpch.properties": CATALOGS["tpch"],
        }
        for path, values in files.items():
            (etc / path).write_text("".join(f"{key}={value}\n" for key, value in values.items()))
        (etc / "jvm.config").write_text(f"-Xmx{self.memory}\n-XX:+ExitOnOutOfMemoryError\n-Djdk.attach.allowAttachSelf=true\n"
                                        "--sun-misc-unsafe-memory-access=allow\n")
        with open(self.directory / f"{name}.log", "wb") as log:
            self.processes.append(subprocess.Popen(
                [self.home / "bin" / "launcher", "--etc-dir", etc, "run"], stdout=log, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL, env={**os.environ, "JAVA_HOME": str(self.java_home)}))

    def __enter__(self):
        try:
            self._start("coordinator", True)
            for i in range(self.workers):
                self._start(f"worker{i + 1}", False)
            wait_until(self._ready, 300, "Trino's nodes are active")
        except BaseException as failure:
            self.__exit__(type(failure))
            raise
        return self

    def __exit__(self, kind, *_):
        if kind:
            for log in self.directory.glob("*.log"):
                print(f"---- {log.name}\n{log.read_text(errors='replace')[-2000:]}", file=sys.stderr)
        for process in self.processes:
            process.kill()
            process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _ready(self):
        if any(process.poll() is not None for process in self.processes):
            raise RuntimeError("a node of Trino ended")
        time.sleep(0.5)
        try:
            rows = Session(self.uri).query("SELECT count(*) FROM system.runtime.nodes WHERE state = 'active'").rows
            return rows[0][0] == self.workers + 1
        except (OSError, QueryError):
            return False


class Counts:
    """What the proxy has counted since the last look."""

    def __init__(self, proxy):
        self.proxy, self.before = proxy, {}
        self.take()

    def _now(self):
        with self.proxy.lock:
            return {**self.proxy.requests, **self.proxy.bytes, "journal": self.proxy.watched_requests}

    def settle(self):
        deadline = time.monotonic() + MOST_SECONDS
        seen, since = self._now(), time.monotonic()
        while time.monotonic() < deadline and time.monotonic() - since < QUIET_SECONDS:
            time.sleep(0.1)
            now = self._now()
            if now != seen:
                seen, since = now, time.monotonic()

    def take(self):
        now = self._now()
        difference = {key: value - self.before.get(key, 0) for key, value in now.items()}
        self.before = now
        return difference


def measure(name, uri, counts, options):
    results = {}
    for number, sql in query_texts("tpch", options.only):
        session = Session(uri, catalog="tpch", schema=options.schema)
        counts.settle()
        counts.take()
        started = time.monotonic()
        try:
            rows, error = len(session.query(sql).rows), None
        except QueryError as failure:
            rows, error = None, str(failure)
        seconds = time.monotonic() - started
        counts.settle()
        results[number] = {**counts.take(), "rows": rows, "seconds": round(seconds, 2), "error": error}
        shown = "  ".join(f"{kind} {results[number][kind]}" for kind in KINDS)
        print(f"{name:<9} q{number:<3} {shown}  journal {results[number]['journal']}  sent {results[number]['sent'] / 1e6:.1f} MB  received "
              f"{results[number]['received'] / 1e6:.1f} MB  {seconds:.1f} s  {error or ''}", flush=True)
    return results


def total(results):
    return {key: sum(query[key] for query in results.values()) for key in (*KINDS, "journal", "sent", "received")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schema", default="sf1")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory", default="3G")
    parser.add_argument("--store", choices=("s3_gateway", "s3"), default="s3_gateway")
    parser.add_argument("--only", type=lambda text: {int(n) for n in text.split(",")}, default=None)
    parser.add_argument("--trino", help="an unpacked trino-server")
    parser.add_argument("--java-home", default=os.environ.get("JAVA_HOME"), help="a Java that this Trino runs on")
    parser.add_argument("--slow", action="store_true", help="a store that takes 300 ms for each request")
    parser.add_argument("--json", help="file for all numbers")
    options = parser.parse_args()

    sides = {}
    with tempfile.TemporaryDirectory(prefix="planaria-requests-", ignore_cleanup_errors=True) as directory:
        with STORES[options.store](directory) as server:
            proxy = FaultProxy(0, server.port, seed=1, watched=b"/journal/").start()
            if options.slow:
                proxy.rates = {"delay": 1.0}
            properties = server.properties(f"http://127.0.0.1:{proxy.port}")
            counts = Counts(proxy)
            with Cluster(workers=options.workers, memory=options.memory, catalogs={"tpch": CATALOGS["tpch"]},
                         exchange=[server.base_directory("planaria")], exchange_properties=properties) as cluster:
                sides["planaria"] = measure("planaria", cluster.uri, counts, options)
            if options.trino:
                base = server.base_directory("trino").replace("s3a:", "s3:")
                with Trino(options.trino, options.java_home, options.workers, options.memory, base, properties) as trino:
                    sides["trino"] = measure("trino", trino.uri, counts, options)

    failed = [f"{name} q{number}: {query['error']}" for name, side in sides.items() for number, query in side.items()
              if query["error"]]
    for name, side in sides.items():
        sums = total(side)
        print(f"{name:<9} all   " + "  ".join(f"{kind} {sums[kind]}" for kind in KINDS) +
              f"  requests {sum(sums[kind] for kind in KINDS)}  journal {sums['journal']}  sent {sums['sent'] / 1e6:.1f} MB  "
              f"received {sums['received'] / 1e6:.1f} MB")
    if "trino" in sides:
        failed += [f"q{number}: {query['rows']} and {sides['trino'][number]['rows']} rows" for number, query in
                   sides["planaria"].items() if query["rows"] != sides["trino"][number]["rows"]]
        ours, theirs = (sum(total(sides[name])[kind] for kind in KINDS) for name in ("planaria", "trino"))
        print(f"requests of Trino to ours: {theirs / ours:.1f}")
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(sides, indent=1))
    for failure in failed:
        print("FAILED:", failure)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""A real cluster of processes on this machine: etc/ folders, a coordinator, workers, and a client that speaks the
statement protocol with nothing but the standard library."""

import base64
import collections
import fcntl
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
# How a process ends that nobody killed.
CRASHES = {-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGFPE, -signal.SIGILL}
# Characters of every node's log that a failed test shows.
LOG_SHOWN = 3000
# Locks on the ports that were given out last: more than servers live at once.
PORTS = collections.deque(maxlen=256)
BINARY = pathlib.Path(os.environ.get("PLANARIA_BINARY", ROOT / "build" / "planaria"))


class QueryError(Exception):
    def __init__(self, error):
        super().__init__(f"{error['errorName']}: {error['message']}")
        self.error = error
        self.name = error["errorName"]


class Result:
    def __init__(self, query_id, columns, rows, stats):
        self.query_id, self.columns, self.rows, self.stats = query_id, columns, rows, stats


def free_port():
    """A port that no other caller gets soon, in whatever process; not one of those that systems give
    to outgoing connections, any of which could take it before a server does."""
    folder = pathlib.Path(tempfile.gettempdir()) / f"planaria-test-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    while True:
        port = random.randrange(10000, 32768)
        lock = open(folder / str(port), "w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as s:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind(("127.0.0.1", port))
        except OSError:
            lock.close()
            continue
        PORTS.append(lock)
        return port


def wait_until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


class Node:
    def __init__(self, cluster, name, port, config):
        self.cluster, self.name, self.port, self.config = cluster, name, port, config
        self.process = None

    @property
    def log(self):
        return self.cluster.directory / f"{self.name}.log"

    def log_text(self):
        return self.log.read_text(errors="replace")

    def start(self):
        etc = self.cluster.directory / self.name / "etc"
        (etc / "catalog").mkdir(parents=True, exist_ok=True)
        (etc / "node.properties").write_text(
            f"node.environment=test\nnode.id={self.name}\nnode.data-dir={self.cluster.directory}/{self.name}/data\n")
        (etc / "config.properties").write_text("".join(f"{k}={v}\n" for k, v in self.config.items()))
        (etc / "jvm.config").write_text(f"-Xmx{self.cluster.memory}\n")
        if self.cluster.exchange:
            (etc / "exchange-manager.properties").write_text(
                f"exchange.base-directories={','.join(str(d) for d in self.cluster.exchange)}\n"
                + "".join(f"{k}={v}\n" for k, v in {"exchange-manager.name": "filesystem",
                                                    **self.cluster.exchange_properties}.items()))
        if self.cluster.spooling is not None:
            (etc / "spooling-manager.properties").write_text(
                f"spooling-manager.name=filesystem\nfs.location={self.cluster.segments}\n"
                + "".join(f"{k}={v}\n" for k, v in self.cluster.spooling.items()))
        for catalog, properties in self.cluster.catalogs.items():
            (etc / "catalog" / f"{catalog}.properties").write_text("".join(f"{k}={v}\n" for k, v in properties.items()))
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([BINARY, "server", "--etc-dir", etc], stdout=log,
                                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def kill(self, sig=signal.SIGKILL):
        self.process.send_signal(sig)
        if sig == signal.SIGKILL:
            self.process.wait()

    def alive(self):
        return self.process is not None and self.process.poll() is None


class Cluster:
    """Use as a context manager. `exchange`: number of base directories, or a list of paths or URIs; 0 for none.
    `exchange_properties`: what else goes into exchange-manager.properties. `spooling`: the same of
    spooling-manager.properties, {} for nothing else; with it clients may have their rows as segments."""

    def __init__(self, workers=3, retry_policy="TASK", exchange=2, catalogs=None, config=None, memory="3G",
                 include_coordinator=False, exchange_properties=None, spooling=None):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="planaria-test-"))
        self.memory = memory
        self.catalogs = catalogs or {
            "tpch": {"connector.name": "tpch", "tpch.column-naming": "STANDARD", "tpch.double-type-mapping": "DECIMAL"},
            "tpcds": {"connector.name": "tpcds"},
        }
        if isinstance(exchange, int):
            exchange = [self.directory / f"exchange{i}" for i in range(exchange)]
        self.exchange = exchange
        self.exchange_properties = exchange_properties or {}
        self.spooling, self.segments = spooling, self.directory / "segments"
        if spooling is not None:
            config = {"protocol.spooling.enabled": "true",
                      "protocol.spooling.shared-secret-key": base64.b64encode(random.randbytes(32)).decode(), **(config or {})}
        port = free_port()
        self.uri = f"http://127.0.0.1:{port}"
        shared = {"discovery.uri": self.uri, "retry-policy": retry_policy, **(config or {})}
        self.coordinator = Node(self, "coordinator", port, {
            "coordinator": "true", "node-scheduler.include-coordinator": str(include_coordinator).lower(),
            "http-server.http.port": port, **shared})
        self.workers = []
        for i in range(workers):
            worker_port = free_port()
            self.workers.append(Node(self, f"worker{i + 1}", worker_port, {
                "coordinator": "false", "http-server.http.port": worker_port, **shared}))

    def __enter__(self):
        try:
            self.coordinator.start()
            for worker in self.workers:
                worker.start()
            self.wait_for_nodes(len(self.workers) + 1)
        except BaseException as failure:
            self.__exit__(type(failure))
            raise
        return self

    def __exit__(self, kind, *_):
        nodes = [self.coordinator, *self.workers]
        crashed = [node for node in nodes if node.process and node.process.poll() in CRASHES]
        if kind is not None or crashed:
            for node in nodes:
                print(f"---- {node.name}, exit code {node.process and node.process.poll()}, end of its log\n"
                      f"{node.log_text()[-LOG_SHOWN:]}", file=sys.stderr)
        for node in nodes:
            if node.alive():
                node.process.send_signal(signal.SIGCONT)
                node.process.kill()
                node.process.wait()
        if kind is not None and os.environ.get("PLANARIA_KEEP"):
            print("kept", self.directory)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)
        if crashed and kind is None:
            raise AssertionError("crashed: " + ", ".join(f"{n.name} ({n.process.returncode})" for n in crashed))

    def wait_for_nodes(self, count, seconds=20):
        def there():
            try:
                rows = self.query("SELECT count(*) FROM system.runtime.nodes WHERE state = 'active'").rows
                return rows[0][0] == count
            except (OSError, QueryError):
                if not self.coordinator.alive():
                    raise RuntimeError("coordinator ended: " + self.coordinator.log_text()[-2000:])
                return False

        wait_until(there, seconds, f"{count} active nodes")

    def request(self, method, url, body=None, headers=None, timeout=60):
        request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return json.loads(response.read() or b"null")

    def start(self, sql, catalog=None, schema=None, session=None):
        headers = {"X-Trino-User": "test", "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME"}
        if catalog:
            headers["X-Trino-Catalog"] = catalog
        if schema:
            headers["X-Trino-Schema"] = schema
        if session:
            headers["X-Trino-Session"] = ",".join(f"{k}={v}" for k, v in session.items())
        return self.request("POST", f"{self.uri}/v1/statement", sql.encode(), headers)

    def finish(self, page):
        columns, rows = None, []
        while True:
            columns = page.get("columns", columns)
            rows.extend(page.get("data", []))
            if "error" in page:
                raise QueryError(page["error"])
            if "nextUri" not in page:
                return Result(page["id"], columns, rows, page["stats"])
            page = self.request("GET", page["nextUri"])

    def query(self, sql, **options):
        return self.finish(self.start(sql, **options))

    def tasks(self, query_id):
        """(task id, node, state, started, ended) of every attempt of a query."""
        return self.query(
            'SELECT task_id, node_id, state, CAST(created AS VARCHAR), CAST("end" AS VARCHAR) FROM system.runtime.tasks '
            f"WHERE query_id = '{query_id}' ORDER BY created").rows

    def spooled_files(self):
        # Not rglob: folders may go while they are walked. What the journal keeps is not spooled.
        return [pathlib.Path(folder, name) for d in self.exchange for folder, _, names in os.walk(d) for name in names
                if pathlib.Path(folder).relative_to(d).parts[:1] != ("journal",)]

    def spooled_files_after_queries(self, seconds=10):
        """What is left in the base directories once deletions, which follow the end of a query, had their time."""
        try:
            wait_until(lambda: not self.spooled_files(), seconds, "empty base directories")
        except TimeoutError:
            pass
        return self.spooled_files()

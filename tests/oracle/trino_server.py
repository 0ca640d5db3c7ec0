"""A real Trino on this machine, and the protocol by which any server of statements is asked."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "harness"))

from cluster import free_port, wait_until

ARTIFACT = "io.trino:trino-server:476:tar.gz"
FOLDER = "trino-server-476"
PLUGINS = {"blackhole", "memory", "tpcds", "tpch"}
CATALOGS = {"blackhole": {"connector.name": "blackhole"}, "memory": {"connector.name": "memory"},
            "tpch": {"connector.name": "tpch", "tpch.column-naming": "STANDARD", "tpch.double-type-mapping": "DECIMAL"}}
MINUTES_TO_START = 5
SECONDS_FOR_A_STATEMENT = 240


class Answer:
    """What a server said to a statement: columns as (name, type), rows, or the error's name and message. `partial`: only
    the rows that matter."""

    def __init__(self, columns=None, rows=None, update=None, error=None, message=None, partial=False):
        self.columns, self.rows, self.update, self.error, self.message = columns, rows, update, error, message
        self.partial = partial

    def to_json(self):
        if self.error:
            return {"error": self.error, "message": self.message}
        result = {"columns": self.columns, "rows": self.rows}
        if self.partial:
            result["partial"] = True
        return {**result, "update": self.update} if self.update else result

    @staticmethod
    def from_json(value):
        return Answer(**value)


def ask(uri, sql, catalog="memory", schema="default"):
    headers = {"X-Trino-User": "oracle", "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME",
               "X-Trino-Time-Zone": "UTC", "X-Trino-Catalog": catalog, "X-Trino-Schema": schema}

    def request(method, url, body=None):
        made = urllib.request.Request(url, data=body, method=method, headers=headers)
        with urllib.request.urlopen(made, timeout=120) as response:
            return json.loads(response.read())

    deadline = time.monotonic() + SECONDS_FOR_A_STATEMENT
    page = request("POST", f"{uri}/v1/statement", sql.encode())
    columns, rows = [], []
    while True:
        if time.monotonic() > deadline:
            return Answer(error="NO_ANSWER", message=f"not within {SECONDS_FOR_A_STATEMENT} s")
        columns = page.get("columns", columns)
        rows.extend(page.get("data", []))
        if "error" in page:
            return Answer(error=page["error"]["errorName"], message=page["error"]["message"])
        if "nextUri" not in page:
            update = [page["updateType"], page.get("updateCount")] if "updateType" in page else None
            return Answer([[column["name"], column["type"]] for column in columns], rows, update)
        page = request("GET", page["nextUri"])


class TrinoServer:
    """Use as a context manager. `tarball`: of the server; fetched with Maven when None. Unpacked once into `cache`."""

    def __init__(self, cache, tarball=None, catalogs=CATALOGS):
        self.cache, self.tarball, self.catalogs = pathlib.Path(cache), tarball, catalogs
        self.process = self.uri = None

    def _unpack(self):
        home = self.cache / FOLDER
        if (home / ".complete").exists():
            return home
        self.cache.mkdir(parents=True, exist_ok=True)
        tarball = self.tarball
        if tarball is None:
            subprocess.run(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}",
                            f"-DoutputDirectory={self.cache}"], check=True)
            tarball = self.cache / f"{FOLDER}.tar.gz"
        subprocess.run(["tar", "xzf", tarball, "-C", self.cache], check=True)
        # Plugins share files by hard links across folders, so all of it is unpacked and then made small.
        for plugin in (home / "plugin").iterdir():
            if plugin.name not in PLUGINS:
                shutil.rmtree(plugin)
        (home / ".complete").touch()
        return home

    def __enter__(self):
        home = self._unpack()
        run = self.cache / "run"
        shutil.rmtree(run, ignore_errors=True)
        (run / "etc" / "catalog").mkdir(parents=True)
        port = free_port()
        self.uri = f"http://127.0.0.1:{port}"
        (run / "etc" / "config.properties").write_text(
            "coordinator=true\nnode-scheduler.include-coordinator=true\n"
            f"http-server.http.port={port}\ndiscovery.uri={self.uri}\n")
        for name, properties in self.catalogs.items():
            (run / "etc" / "catalog" / f"{name}.properties").write_text(
                "".join(f"{key}={value}\n" for key, value in properties.items()))
        java = pathlib.Path(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
        with open(run / "server.log", "wb") as log:
            self.process = subprocess.Popen(
                [java, "-Xmx2G", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Duser.timezone=UTC",
                 "-Djdk.attach.allowAttachSelf=true", "--add-modules", "jdk.incubator.vector",
                 "-Dnode.environment=oracle", "-Dnode.id=oracle", f"-Dnode.data-dir={run}/data",
                 f"-Dplugin.dir={home}/plugin", "-Dconfig=etc/config.properties", "-cp", f"{home}/lib/*",
                 "io.trino.server.TrinoServer"],
                cwd=run, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

        def answers():
            if self.process.poll() is not None:
                raise RuntimeError("Trino ended: " + (run / "server.log").read_text(errors="replace")[-2000:])
            try:
                return ask(self.uri, "SELECT 1").error is None
            except OSError:
                return False

        wait_until(answers, 60 * MINUTES_TO_START, "an answer of Trino")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

"""The configuration samples of managed platforms, imported with `planaria config import` and started.

    platform_imports.py

Each sample of tests/data/platforms becomes an etc/ folder as it is. Where it names a store, the store's endpoint and keys
are then replaced by those of a server on loopback, imported again, and a server is started that runs a query under TASK
over it. A sample whose server is not there is skipped, and the line says how to get it."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "harness")]

from cluster import BINARY, QueryError, free_port, wait_until
from servers import Azurite, MiniHdfs, Missing, Moto
from session import Session

SAMPLES = HERE.parent / "data" / "platforms"
QUERY = "SELECT count(*), sum(o.totalprice) FROM tpch.tiny.orders o JOIN tpch.tiny.lineitem l ON o.orderkey = l.orderkey"
ROWS = 60175


def run_import(file, etc, *options):
    environment = {**os.environ, "AWS_REGION": "us-east-1"}
    return subprocess.run([BINARY, "config", "import", file, "--etc-dir", etc, *options], capture_output=True, text=True,
                          env=environment)


def folder_of(etc):
    return {path.relative_to(etc): path.read_text() for path in sorted(etc.rglob("*")) if path.is_file()}


def check_sample(name, etc):
    """The sample as published: imported twice, the second time nothing changes, and the folder can be read."""
    failures = []
    first = run_import(SAMPLES / name, etc)
    if first.returncode != 0:
        return [f"{name} is refused: {first.stderr}"]
    before = folder_of(etc)
    second = run_import(SAMPLES / name, etc)
    if folder_of(etc) != before or "written" in second.stdout:
        failures.append(f"{name}: the second import changes something: {second.stdout}")
    check = subprocess.run([BINARY, "config", "check", "--etc-dir", etc], capture_output=True, text=True)
    if check.returncode != 0:
        failures.append(f"{name}: {check.stderr}")
    return failures


def check_refusals(directory):
    """What is wrong is named with its place, nothing is written; a folder that is wrong does not pass the check."""
    failures = []
    file, etc = directory / "wrong.json", directory / "etc"
    file.write_text('[{"Classification": "trino-config", "Properties": {"retry-policy": "ALWAYS"}}]')
    refused = run_import(file, etc)
    if refused.returncode != 1 or "wrong.json: [0].Properties: retry-policy" not in refused.stderr or etc.exists():
        failures.append(f"a wrong value is not refused: {refused}")
    etc.mkdir()
    (etc / "node.properties").write_text("node.environment=test\n")
    (etc / "config.properties").write_text("retry-polici=TASK\n")
    check = subprocess.run([BINARY, "config", "check", "--etc-dir", etc], capture_output=True, text=True)
    if check.returncode != 1 or "config.properties:1: retry-polici" not in check.stderr:
        failures.append(f"a wrong folder passes the check: {check}")
    return failures


def with_classification(sample, classification, properties):
    """The sample with more properties in one of its classifications."""
    document = json.loads((SAMPLES / sample).read_text())
    entries = document if isinstance(document, list) else [document]
    for entry in entries:
        if entry.get("Classification", entry.get("classification")) == classification:
            key = "properties" if "properties" in entry else "Properties"
            entry.setdefault(key, {}).update(properties)
    return document


def on_s3(sample, server):
    return with_classification(sample, "trino-exchange-manager", {
        **server.properties(), "exchange.base-directories": server.base_directory("a") + "," + server.base_directory("b")})


def on_azure(sample, server):
    text = (SAMPLES / sample).read_text()
    text = text.replace("container_name@account_name.dfs.core.windows.net",
                        server.base_directory("").removeprefix("abfs://").rstrip("/"))
    return json.loads(re.sub(r'(?<="exchange.azure.connection-string": ")[^"]*',
                             server.properties()["exchange.azure.connection-string"], text))


def as_published(sample, _):
    return json.loads((SAMPLES / sample).read_text())


def hadoop_conf(server, directory):
    """core-site.xml and hdfs-site.xml as a cluster has them, with the addresses of the test's own."""
    conf = directory / "hadoop-conf"
    conf.mkdir()
    (conf / "core-site.xml").write_text("<configuration><property><name>fs.defaultFS</name><value>hdfs://test</value>"
                                        "</property></configuration>")
    shutil.copy(server.properties()["hdfs.config.resources"], conf / "hdfs-site.xml")
    return conf


class Started:
    """A server of one node on an imported folder; what a node adds of its own is its port and its data."""

    def __init__(self, etc, directory):
        self.log = directory / "server.log"
        self.port = free_port()
        for name, lines in (("config.properties", [f"http-server.http.port={self.port}"]),
                            ("node.properties", [f"node.data-dir={directory}/data"])):
            with open(etc / name, "a") as file:
                file.write("".join(line + "\n" for line in lines))
        (etc / "catalog").mkdir(exist_ok=True)
        (etc / "catalog" / "tpch.properties").write_text("connector.name=tpch\n")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([BINARY, "server", "--etc-dir", etc], stdout=log, stderr=subprocess.STDOUT,
                                            stdin=subprocess.DEVNULL)

    def __enter__(self):
        wait_until(self._answers, 30, "the server answers")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def _answers(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the server ended: {self.log.read_text()[-2000:]}")
        try:
            return self.query("SELECT 1").rows == [[1]]
        except (OSError, QueryError):
            return False

    def query(self, sql, **properties):
        return Session(f"http://127.0.0.1:{self.port}", properties=properties).query(sql)


# Sample, server, what replaces its endpoints, folder of the store that has to be used.
CASES = [
    ("emr-s3.json", Moto, on_s3, ""),
    ("hdinsight-abfs.json", Azurite, on_azure, ""),
    ("emr-hdfs-default.json", MiniHdfs, as_published, "trino-exchange"),
    ("emr-hdfs.json", MiniHdfs, as_published, "exchange"),
]


def start_sample(case, directory):
    sample, make_server, adapt, folder = case
    with make_server(directory) as server:
        etc = directory / "etc"
        file = directory / sample
        file.write_text(json.dumps(adapt(sample, server)))
        options = ["--hadoop-conf-dir", hadoop_conf(server, directory)] if make_server is MiniHdfs else []
        imported = run_import(file, etc, *options)
        if imported.returncode != 0:
            return [f"{sample} with loopback endpoints is refused: {imported.stderr}"]
        with Started(etc, directory) as started:
            rows = started.query(QUERY, retry_policy="TASK").rows
            kept = server.objects(folder)
            print(f"{sample}: started on {server.endpoint}, {len(kept)} objects in the store while it runs")
            failures = []
            if rows[0][0] != ROWS:
                failures.append(f"{sample}: wrong rows {rows}")
            # The coordinator's journal at least, which lies beside the spool.
            if not kept:
                failures.append(f"{sample}: nothing is in the store")
            return failures


def main():
    failures = []
    with tempfile.TemporaryDirectory(prefix="planaria-imports-", ignore_cleanup_errors=True) as folder:
        root = pathlib.Path(folder)
        for sample in sorted(path.name for path in SAMPLES.glob("*.json")):
            failures += check_sample(sample, root / sample / "etc")
            print(f"{sample}: imported")
        failures += check_refusals(root)
        for number, case in enumerate(CASES):
            directory = root / str(number)
            directory.mkdir()
            try:
                failures += start_sample(case, directory)
            except Missing as missing:
                print(f"{case[0]}: SKIPPED, {missing}")
    for failure in failures:
        print("FAILED:", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

"""Unchanged clients against a cluster of this engine: what each of them asks by itself.

    compatibility.py [--only SUITE] [--install] [--python-client REPOSITORY]

Prints how many checks of each suite pass and what is wrong with the others; ends with 1 if one that is not expected to
fails, and with 77 when every suite was skipped. A client that is not there is skipped with the command that brings it;
--install brings those from PyPI and Maven."""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "harness"))

import clients_venv
import trino_cli
from cluster import Cluster

ROOT = HERE.parents[1]
DEPS = pathlib.Path(os.environ.get("PLANARIA_DEPS_DIR", ROOT / "build" / "deps"))
JDBC = "io.trino:trino-jdbc:484"
CATALOGS = {name: {"connector.name": name} for name in ("memory", "tpch", "tpcds")}
PYTHON_CLIENT = "https://github.com/trinodb/trino-python-client"
PYTHON_CLIENT_COMMIT = "c4b2c57"
LOG_SHOWN = 3000


class Skipped(Exception):
    pass


class Suite:
    """Names of checks, each with nothing or what is wrong."""

    def __init__(self, name):
        self.name, self.outcomes = name, {}

    def add(self, check, problem=None):
        self.outcomes[check] = problem

    def report(self):
        failed = {check: problem for check, problem in self.outcomes.items() if problem}
        print(f"{self.name}: {len(self.outcomes) - len(failed)} of {len(self.outcomes)}", flush=True)
        for check, problem in failed.items():
            print(f"  {check}: {problem.strip()[:400]}", flush=True)
        return len(failed)


def host_and_port(uri):
    return uri.removeprefix("http://").split(":")


def json_outcomes(suite, command, **options):
    """Of a program that prints a JSON list of [check, nothing or problem] as its last line."""
    ran = subprocess.run(command, capture_output=True, text=True, timeout=600, **options)
    lines = ran.stdout.strip().splitlines()
    if not lines or not lines[-1].startswith("["):
        suite.add("run", f"exit code {ran.returncode}: {(ran.stdout + ran.stderr)[-LOG_SHOWN:]}")
        return
    for check, problem in json.loads(lines[-1]):
        suite.add(check, problem)


def sqlalchemy(suite, uri, options):
    python, reason = clients_venv.python("trino", "sqlalchemy", install=options.install)
    if python is None:
        raise Skipped(reason)
    json_outcomes(suite, [python, HERE / "sqlalchemy_inspection.py", *host_and_port(uri)])


def dbt(suite, uri, options):
    python, reason = clients_venv.python("dbt.cli.main", "dbt.adapters.trino", install=options.install)
    if python is None:
        raise Skipped(reason)
    host, port = host_and_port(uri)
    with tempfile.TemporaryDirectory(prefix="planaria-dbt-") as folder:
        project = pathlib.Path(folder) / "project"
        shutil.copytree(HERE / "dbt_project", project)
        (project / "profiles.yml").write_text(json.dumps({"planaria": {"target": "memory", "outputs": {"memory": {
            "type": "trino", "method": "none", "user": "dbt", "host": host, "port": int(port), "http_scheme": "http",
            "database": "memory", "schema": "dbt", "threads": 1}}}}))
        environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"}
        for step in ("debug", "seed", "run", "test", "run", "docs generate"):
            ran = subprocess.run([python, "-c", "import sys; from dbt.cli.main import cli; cli()", *step.split(), "--no-use-colors",
                                  *([] if step == "debug" else ["--no-version-check"])],
                                 capture_output=True, text=True, timeout=300, cwd=project, env=environment)
            again = " again" if f"dbt {step}" in suite.outcomes else ""
            errors = [line for line in ran.stdout.splitlines() if re.search(r"rror|FAIL", line)]
            suite.add(f"dbt {step}{again}", None if ran.returncode == 0 else
                      "; ".join(errors) or (ran.stdout + ran.stderr)[-LOG_SHOWN:])


def jdbc(suite, uri, options):
    if shutil.which("java") is None or shutil.which("mvn") is None:
        raise Skipped("no JDK or Maven: `apt-get install --no-install-recommends maven default-jdk-headless`")
    jar = DEPS / f"trino-jdbc-{JDBC.rpartition(':')[2]}.jar"
    fetch = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={JDBC}", f"-DoutputDirectory={DEPS}"]
    if not jar.exists() and options.install:
        subprocess.run(fetch, check=True)
    if not jar.exists():
        raise Skipped(f"no JDBC driver: `{' '.join(fetch)}`")
    json_outcomes(suite, ["java", "-cp", jar, HERE / "JdbcMetadata.java", uri.removeprefix("http://")])


def cli(suite, uri, _):
    jar, reason = trino_cli.fetch(DEPS)
    if jar is None:
        raise Skipped(reason)
    shell = trino_cli.Cli(jar, uri, "--catalog", "tpch", "--schema", "tiny")
    # The names that it asks for to complete words with, before the first statement and after USE.
    shown = shell.interactive(["USE memory.default;", "CREATE TABLE completed (a bigint);", "SHOW TABLES;",
                               "SELECT orderkey FROM tpch.tiny.orders ORDER BY 1 LIMIT 500;", "DROP TABLE completed;"])
    suite.add("completion", None if "failed" not in shown else shown)
    suite.add("paging", None if "(500 rows)" in shown else shown[-LOG_SHOWN:])
    for name, statement in {"statements": "SHOW SESSION LIKE 'task%'; SHOW FUNCTIONS LIKE 'ab%'; DESCRIBE nation; SHOW STATS FOR nation",
                            "views": "CREATE VIEW memory.default.cli AS SELECT 1 AS one; SHOW CREATE VIEW memory.default.cli; "
                                     "SELECT * FROM memory.default.cli; DROP VIEW memory.default.cli"}.items():
        shown, code = shell.batch(statement)
        suite.add(name, None if code == 0 else shown)


def python_client(suite, uri, options):
    python, reason = clients_venv.python("trino", "sqlalchemy", "pytest", "testcontainers", install=options.install)
    if python is None:
        raise Skipped(reason)
    with tempfile.TemporaryDirectory(prefix="planaria-python-client-") as folder:
        cloned = subprocess.run(["git", "clone", "-q", options.python_client, folder], capture_output=True, text=True)
        if cloned.returncode == 0:
            cloned = subprocess.run(["git", "-C", folder, "checkout", "-q", PYTHON_CLIENT_COMMIT], capture_output=True, text=True)
        if cloned.returncode != 0:
            raise Skipped(f"no checkout of {options.python_client} (--python-client): {cloned.stderr.strip()}")
        host, port = host_and_port(uri)
        report = pathlib.Path(folder) / "report.xml"
        ran = subprocess.run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", "tests/integration"],
                             cwd=folder, capture_output=True, text=True, timeout=1500,
                             env={**os.environ, "TRINO_RUNNING_HOST": host, "TRINO_RUNNING_PORT": port})
        if not report.exists():
            suite.add("run", (ran.stdout + ran.stderr)[-LOG_SHOWN:])
            return
        for case in pytest_cases(report):
            suite.add(*case)


def pytest_cases(report):
    import xml.etree.ElementTree as tree
    for case in tree.parse(report).iter("testcase"):
        name = f"{case.get('classname').rpartition('.')[2]}::{case.get('name')}"
        if case.find("skipped") is not None:
            continue
        wrong = case.find("failure") if case.find("failure") is not None else case.find("error")
        yield name, None if wrong is None else wrong.get("message", "")


SUITES = {"sqlalchemy": sqlalchemy, "dbt": dbt, "jdbc": jdbc, "trino-cli": cli, "python client's own tests": python_client}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=SUITES, default=None)
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--python-client", default=PYTHON_CLIENT, metavar="REPOSITORY")
    options = parser.parse_args()
    failed, ran = 0, 0
    for name, run in SUITES.items():
        if options.only not in (None, name):
            continue
        suite = Suite(name)
        try:
            with Cluster(workers=1, retry_policy="TASK", catalogs=CATALOGS, spooling={}) as cluster:
                run(suite, cluster.uri, options)
        except Skipped as why:
            print(f"SKIPPED {name}: {why}", flush=True)
            continue
        ran += 1
        failed += suite.report()
    return 77 if ran == 0 else 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

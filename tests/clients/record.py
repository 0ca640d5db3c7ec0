"""Runs the real trino-cli and the Python client `trino` against a cluster; what they show becomes docs/clients.md."""

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPS = pathlib.Path(os.environ.get("PLANARIA_DEPS_DIR", ROOT / "build" / "deps"))
VENV_PYTHON = DEPS / "venv" / "bin" / "python"
if VENV_PYTHON.exists() and pathlib.Path(sys.prefix).resolve() != (DEPS / "venv").resolve():
    os.execv(VENV_PYTHON, [VENV_PYTHON, *sys.argv])

sys.path.insert(0, str(ROOT / "tests" / "harness"))

import trino

import python_client
import trino_cli
from cluster import Cluster
from transcript import Transcript

INTRODUCTION = f"""# Real clients

Sessions of `trino-cli` 476 and of the Python client `trino` {trino.__version__} with a cluster of one coordinator and
two workers under `retry-policy=TASK`, as `./dev clients` recorded them. What differs from run to run (query ids, ports,
times) is replaced.

JDBC, SQLAlchemy, dbt and the Python client's own tests run against it too: [metadata](metadata.md).
"""


def record_cli(transcript, cluster):
    jar, reason = trino_cli.fetch(DEPS)
    if jar is None:
        transcript.section("trino-cli", f"SKIPPED: {reason}")
        print("SKIPPED trino-cli:", reason)
        return
    cli = trino_cli.Cli(jar, cluster.uri, "--catalog", "tpch", "--schema", "tiny")
    transcript.section("trino-cli in a terminal", "`trino --server http://coordinator:8080 --catalog tpch --schema tiny`")
    transcript.session(cli.interactive(trino_cli.INTERACTIVE))
    transcript.section("Errors in trino-cli")
    transcript.session(cli.interactive(trino_cli.ERRORS))

    def running():
        return cluster.query("SELECT count(*) FROM system.runtime.queries WHERE state = 'RUNNING' "
                             f"AND query = '{trino_cli.SLOW.rstrip(';')}'").rows[0][0] > 0

    transcript.section("Ctrl-C in trino-cli")
    transcript.session(cli.cancelled(trino_cli.SLOW, running))
    transcript.section("trino-cli in scripts", "`trino ... --output-format CSV_HEADER --execute STATEMENT`")
    statement = "SELECT nationkey, name FROM nation WHERE nationkey < 2"
    shown, code = cli.batch(statement, "--output-format", "CSV_HEADER")
    transcript.session(f"{shown}exit code {code}")
    shown, code = cli.batch("SELECT nosuch FROM nation")
    transcript.session(f"{shown}\nexit code {code}")


def record_python(transcript, cluster):
    transcript.section("The Python client", "Every session begins with `connection = trino.dbapi.connect(host=..., "
                       'port=..., user="ada", catalog="tpch", schema="tiny")`.')
    for session in python_client.SESSIONS:
        transcript.parts.append(f"### {session.__name__.replace('_', ' ').capitalize()}\n")
        transcript.session(python_client.source(session), "python")
        transcript.session(python_client.run(session, cluster.uri))


def main():
    transcript = Transcript(INTRODUCTION)
    with Cluster(workers=2, catalogs={"tpch": {"connector.name": "tpch"}}) as cluster:
        record_cli(transcript, cluster)
        record_python(transcript, cluster)
    target = ROOT / "docs" / "clients.md"
    transcript.write(target)
    print("wrote", target)


if __name__ == "__main__":
    main()

"""Runs the cases of tests/sql/cases on clusters of several shapes.

    run.py [--only FILE[:LINE]] [--shape NAME] [--record]

A case file is a list of cases, each a query and what it gives; one session lasts for a file:

    -- what the case is about
    SELECT ...
    -- columns: name type, name type      (optional)
    -- rows                               or `rows in order`, or `error: NAME at LINE:COLUMN`
    1 | text | NULL

Values are written as JSON except texts, which stand bare unless they could be taken for something else. `rows` may come
in any order. --record prints the file's cases with what the cluster gives, for review."""

import argparse
import itertools
import json
import pathlib
import re
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "harness"))

from cluster import Cluster, QueryError
from session import Session

TINY_LIMITS = {
    "fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-min": "1kB",
    "fault-tolerant-execution-hash-distribution-compute-task-target-size": "1kB",
    "fault-tolerant-execution-standard-split-size": "1kB",
    "fault-tolerant-execution-min-partition-count": "7",
}
CATALOGS = {"tpch": {"connector.name": "tpch", "tpch.column-naming": "STANDARD",
                     "tpch.double-type-mapping": "DECIMAL"},
            "memory": {"connector.name": "memory"}, "blackhole": {"connector.name": "blackhole"}}
# QUERY and AUTO stream as NONE does: what is their own shows with several workers.
SHAPES = {f"{policy}, {workers} worker{'s' * (workers > 1)}, {limits} limits": (policy, workers, limits)
          for policy, workers, limits in [*itertools.product(("NONE", "TASK"), (1, 3), ("default", "tiny")),
                                          ("QUERY", 3, "tiny"), ("AUTO", 3, "tiny")]}
OUTCOME = re.compile(r"-- (columns: .*|rows|rows in order|error: .*)$")


class Case:
    def __init__(self, line):
        self.line, self.title, self.sql = line, [], []
        self.columns, self.outcome, self.rows = None, None, []


def read_cases(path):
    cases, case = [], None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        outcome = OUTCOME.match(line)
        if case is not None and case.outcome is not None and (not line.strip()):
            case = None
        elif not line.strip():
            continue
        elif outcome and case is not None:
            if outcome[1].startswith("columns: "):
                case.columns = outcome[1].removeprefix("columns: ")
            else:
                case.outcome = outcome[1]
        elif case is not None and case.outcome is not None:
            case.rows.append(line)
        else:
            if case is None:
                case = Case(number)
                cases.append(case)
            (case.title if line.startswith("--") and not case.sql else case.sql).append(line)
    return cases


def write_value(value):
    if not isinstance(value, str):
        return "NULL" if value is None else json.dumps(value, ensure_ascii=False)
    plain = value and value == value.strip() and "|" not in value and value.isprintable() and value != "NULL"
    return value if plain else json.dumps(value, ensure_ascii=False)


def write_row(row):
    return " | ".join(write_value(value) for value in row)


def write_columns(columns):
    return ", ".join(f"{column['name']} {column['type']}" for column in columns or [])


def run_case(session, case):
    """The outcome as it would be written in the file: (columns, outcome, rows)."""
    try:
        result = session.query("\n".join(case.sql))
    except QueryError as error:
        location = error.error.get("errorLocation")
        at = f" at {location['lineNumber']}:{location['columnNumber']}" if location else ""
        return None, f"error: {error.name}{at}", []
    rows = [write_row(row) for row in result.rows]
    return write_columns(result.columns), case.outcome if "rows" in (case.outcome or "") else "rows", rows


def difference(case, actual):
    columns, outcome, rows = actual
    if outcome != case.outcome:
        return f"{outcome} instead of {case.outcome}"
    if case.columns is not None and columns != case.columns:
        return f"columns {columns} instead of {case.columns}"
    expected = case.rows
    if case.outcome == "rows":
        rows, expected = sorted(rows), sorted(expected)
    if rows != expected:
        missing = [row for row in expected if row not in rows]
        extra = [row for row in rows if row not in expected]
        return f"{len(rows)} rows instead of {len(expected)}; missing {missing[:3]}, unexpected {extra[:3]}"
    return None


def record(case, actual):
    columns, outcome, rows = actual
    lines = [*case.title, *case.sql]
    if case.columns is not None:
        lines.append(f"-- columns: {columns}")
    print("\n".join([*lines, f"-- {outcome}", *rows]) + "\n")


def run_shape(name, files, only_line, recording):
    policy, workers, limits = SHAPES[name]
    failures = count = 0
    started = time.monotonic()
    with Cluster(workers=workers, retry_policy=policy, catalogs=CATALOGS, exchange=0 if policy == "QUERY" else 2,
                 config=TINY_LIMITS if limits == "tiny" else {}) as cluster:
        for file in files:
            session = Session(cluster.uri, "tpch", "tiny")
            for case in read_cases(file):
                if only_line and case.line != only_line:
                    continue
                actual = run_case(session, case)
                count += 1
                if recording:
                    record(case, actual)
                elif problem := difference(case, actual):
                    failures += 1
                    print(f"{file.name}:{case.line}: [{name}] {problem}")
        left = cluster.spooled_files_after_queries()
        if left:
            failures += 1
            print(f"[{name}] {len(left)} files stay in the exchange directories, such as {left[0]}")
    if not recording:
        print(f"{name}: {count - failures} of {count} cases in {time.monotonic() - started:.1f} s", flush=True)
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="FILE[:LINE]")
    parser.add_argument("--shape", choices=SHAPES, default=None)
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    file_name, _, line = options.only.partition(":")
    files = [file for file in sorted((HERE / "cases").glob("*.test")) if not file_name or file.stem in file_name]
    shapes = [options.shape] if options.shape else list(SHAPES)
    if options.record:
        shapes = shapes[:1]
    return 1 if sum(run_shape(shape, files, int(line or 0), options.record) for shape in shapes) else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Asks a real Trino 476 and a Planaria the same statements, and says where they differ.

    oracle.py [--tarball FILE | --uri URI] [--record] [FILE.sql ...]     the files of tests/oracle/statements
    oracle.py --trino-tests [--only CLASS] [--sample N]   the assertions in Trino's own tests; answers stay under build/oracle
    oracle.py --product-tests [--only FOLDER]     the queries of Trino's product tests (product_tests.py); likewise
    oracle.py --replay [--update]                 what was recorded, without Trino; with --trino-tests or --product-tests,
                                                  what the last run of these left there

Rows, names and types of columns, update counts and names of errors are compared. --record writes Trino's answers to
tests/oracle/recorded/NAME.jsonl, one statement a line. Beside them NAME.differences says which statements differ, and in
what: --replay fails when one differs that is not there, and when one is there that does not differ; --update writes it.

Trino is unpacked under build/oracle; its JVM is JAVA_HOME's, which must be 24 or newer."""
import argparse
import contextlib
import json
import math
import pathlib
import re
import sys
import urllib.error

import product_tests
import statements
from trino_server import CATALOGS, HERE, Answer, TrinoServer, ask

from answers import is_ordered
from cluster import Cluster

ROOT = HERE.parents[1]
CACHE = ROOT / "build" / "oracle"
RECORDED = HERE / "recorded"
RELATIVE_ERROR = 1e-12
SHOWN = 300
SESSION = ("memory", "default")


def same_value(left, right):
    if isinstance(left, float) and isinstance(right, float):
        return left == right or math.isclose(left, right, rel_tol=RELATIVE_ERROR)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same_value, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same_value(left[key], right[key]) for key in left)
    return type(left) is type(right) and left == right


def is_ordered(sql):
    """Whether ORDER BY stands outside of all parentheses, strings, names and comments."""
    outside, depth = [], 0
    for token in re.finditer(r"""'[^']*'|"[^"]*"|--[^\n]*|[()]|[^'"()-]+|.""", sql, re.DOTALL):
        if token[0] in "()":
            depth += 1 if token[0] == "(" else -1
        elif depth == 0 and token[0][0] not in "'\"" and not token[0].startswith("--"):
            outside.append(token[0])
    return re.search(r"\border\s+by\b", "".join(outside), re.IGNORECASE) is not None


def difference(sql, trino, planaria):
    """The kind of the difference and what it is, or None. A `partial` answer has only rows that must be there."""
    if trino.error and planaria.error:
        return None if trino.error == planaria.error else ("error", f"{planaria.error}: {planaria.message}", f"{trino.error}: {trino.message}")
    if planaria.error:
        return "refused", f"{planaria.error}: {planaria.message}", "an answer"
    if trino.error:
        return "accepted", "an answer", f"{trino.error}: {trino.message}"
    left, right = planaria.rows, trino.rows
    if not is_ordered(sql):
        left, right = (sorted(rows, key=lambda row: json.dumps(row, sort_keys=True)) for rows in (left, right))
    if trino.partial:
        left = [row for row in left if row in right]
    if not same_value(left, right):
        return "rows", json.dumps(left, ensure_ascii=False), json.dumps(right, ensure_ascii=False)
    if trino.partial:
        # Lengths of the columns' types are those of the longest texts in all rows.
        return None
    if planaria.update != trino.update:
        return "update", planaria.update, trino.update
    for kind, index in (("types", 1), ("names", 0)):
        ours, theirs = ([column[index] for column in answer.columns] for answer in (planaria, trino))
        if ours != theirs:
            return kind, ours, theirs
    return None


def ask_planaria(cluster, sql, session):
    try:
        return ask(cluster.uri, sql, *session)
    except (OSError, urllib.error.HTTPError, ValueError) as failure:
        if not cluster.coordinator.alive():
            raise
        return Answer(error="TRANSPORT", message=str(failure))


def compare(name, asked, planaria, session, quiet=False):
    """`asked`: (statement, Trino's answer). Returns the kind of each statement that differs."""
    differences = {}
    for sql, answer in asked:
        found = difference(sql, answer, ask_planaria(planaria, sql, session))
        if found:
            differences[sql] = found[0]
            if not quiet:
                kind, ours, theirs = found
                print(f"{name}: {kind}: {sql}\n    is  {str(ours)[:SHOWN]}\n    not {str(theirs)[:SHOWN]}")
    return differences


def score(name, total, differences):
    kinds = {}
    for kind in differences.values():
        kinds[kind] = kinds.get(kind, 0) + 1
    equal = total - len(differences)
    details = ", ".join(f"{count} differ in {kind}" if kind in ("rows", "types", "names", "update", "error") else f"{count} {kind}"
                        for kind, count in sorted(kinds.items()))
    print(f"{name}: {equal} of {total} equal ({100 * equal / max(total, 1):.1f} %){'; ' + details if details else ''}", flush=True)


def read_recorded(path):
    # Not splitlines(): texts may hold other ends of lines.
    lines = [json.loads(line) for line in path.read_text().split("\n") if line]
    return [(line.pop("sql"), Answer.from_json(line)) for line in lines]


def write_recorded(path, asked):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps({"sql": sql, **answer.to_json()}, ensure_ascii=False, separators=(",", ":")) + "\n"
                            for sql, answer in asked))


def read_differences(path):
    if not path.exists():
        return {}
    lines = (line.split("\t", 1) for line in path.read_text().split("\n") if line and not line.startswith("#"))
    return {json.loads(sql): kind for kind, sql in lines}


def write_differences(path, differences):
    path.write_text("".join(f"{kind}\t{json.dumps(sql, ensure_ascii=False)}\n" for sql, kind in differences.items()))


def replay(planaria, folder, only, update, quiet, sessions):
    failures = total = different = 0
    for path in sorted(folder.glob("*.jsonl")):
        if only not in path.stem:
            continue
        asked = read_recorded(path)
        found = compare(path.stem, asked, planaria, sessions.get(path.stem, SESSION), quiet)
        score(path.stem, len(asked), found)
        total, different = total + len(asked), different + len(found)
        known = read_differences(path.with_suffix(".differences"))
        if update:
            write_differences(path.with_suffix(".differences"), found)
            continue
        for sql in {**found, **known}:
            if found.get(sql) != known.get(sql):
                failures += 1
                print(f"{path.stem}: {sql}\n    differs in {found.get(sql, 'nothing')}, expected is {known.get(sql, 'nothing')}")
    print(f"all: {total - different} of {total} equal ({100 * (total - different) / max(total, 1):.1f} %)")
    if failures:
        print(f"{failures} statements are not as {folder.relative_to(ROOT)} says: oracle.py --replay --update")
    return failures


def prepare(uri, given):
    for sql in given:
        answer = ask(uri, sql)
        if answer.error:
            raise RuntimeError(f"{uri}: {sql[:SHOWN]}: {answer.error}: {answer.message}")


def partial(answer, listed):
    if listed and not answer.error:
        answer.rows = [row for row in answer.rows if product_tests.is_listed(row, listed)]
        answer.partial = True
    return answer


def record_all(trino, planaria, sources, keep, record, listed):
    total = different = 0
    for name, given, session in sources:
        asked = [(sql, partial(ask(trino, sql, *session), listed.get((name, sql)))) for sql in given]
        found = compare(name, asked, planaria, session)
        score(name, len(asked), found)
        total, different = total + len(asked), different + len(found)
        if record:
            write_recorded(keep / f"{name}.jsonl", asked)
            write_differences(keep / f"{name}.differences", found)
    print(f"all: {total - different} of {total} equal ({100 * (total - different) / max(total, 1):.1f} %)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tarball", type=pathlib.Path, help="trino-server-476.tar.gz; fetched with Maven when absent")
    parser.add_argument("--uri", help="a Trino that runs already, with the catalogs of trino_server.py")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--trino-tests", action="store_true")
    parser.add_argument("--product-tests", action="store_true")
    parser.add_argument("--only", help="files, test classes or folders whose names contain this")
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="every Nth statement")
    parser.add_argument("--replay", action="store_true")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    catalogs = product_tests.CATALOGS if options.product_tests else CATALOGS
    sessions = product_tests.SESSIONS if options.product_tests else {}
    tests = product_tests.ProductTests(CACHE) if options.product_tests else None
    keep = CACHE / ("trino-tests" if options.trino_tests else "product-tests") if options.trino_tests or tests else RECORDED
    with Cluster(workers=0, retry_policy="NONE", exchange=0, catalogs=catalogs, include_coordinator=True) as planaria:
        if tests:
            prepare(planaria.uri, tests.set_up)
        if options.replay:
            return 1 if replay(planaria, keep, options.only or "", options.update, keep == RECORDED, sessions) else 0
        record = options.record or keep != RECORDED
        if tests:
            sources = [one for one in tests.folders if (options.only or "") in one[0]]
        elif options.trino_tests:
            CACHE.mkdir(parents=True, exist_ok=True)
            sources = [(name, found[::options.sample], SESSION) for name, found in statements.of_trino_tests(CACHE)
                       if (options.only or "") in name]
        else:
            sources = [(name, found, SESSION) for name, found in statements.of_files(options.files)]
        with contextlib.ExitStack() as stack:
            trino = options.uri or stack.enter_context(TrinoServer(CACHE, options.tarball, catalogs)).uri
            if tests:
                prepare(trino, tests.set_up_with(lambda sql: ask(planaria.uri, sql)))
            record_all(trino, planaria, sources, keep, record, tests.listed if tests else {})
        if tests:
            for need, count in tests.elsewhere.items():
                print(f"not asked: {count} queries of {need}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

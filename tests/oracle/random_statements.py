#!/usr/bin/env python3
"""Asks a real Trino 476 and a Planaria random statements, and makes those small in which they differ.

    random_statements.py [--tarball FILE | --uri URI] [--seed N] [--count N] [--trials N]
    random_statements.py --alone [--seed N] [--count N]      Planaria alone: no crash, no GENERIC_INTERNAL_ERROR

The seed decides the statements. Of each kind and shape of difference the smallest statement is printed."""
import argparse
import contextlib
import pathlib
import random
import re
import sys
import time

import oracle
from random_queries import Queries, set_up
from random_tree import minimised
from trino_server import CATALOGS, TrinoServer, ask

from cluster import Cluster

# Whether they come up depends on what is computed first, or at all.
OF_VALUES = {"DIVISION_BY_ZERO", "NUMERIC_VALUE_OUT_OF_RANGE", "INVALID_CAST_ARGUMENT", "INVALID_FUNCTION_ARGUMENT", "SUBQUERY_MULTIPLE_ROWS"}
BROKEN = {"GENERIC_INTERNAL_ERROR", "TRANSPORT", "NO_ANSWER"}
# Sums of doubles depend on the order of their rows.
oracle.RELATIVE_ERROR = 1e-9


def difference(sql, trino, planaria):
    """As oracle.difference; of errors that depend on the order of computation, only that it answered what is an error
    there counts for nothing."""
    if OF_VALUES & {trino.error, planaria.error} and {trino.error, planaria.error} <= OF_VALUES | {None}:
        return None
    return oracle.difference(sql, trino, planaria)


def shape(found):
    """What differences of the same cause have in common: the kind and the messages without names, numbers and places."""
    kind, ours, theirs = found
    if kind not in ("refused", "error", "accepted"):
        return kind, ""
    return kind, re.sub(r"line \d+:\d+|\d+|'[^']*'|\"[^\"]*\"|\(.*", "", f"{ours} | {theirs}")[:120]


def compare(trino, planaria, seed, count, trials, session=oracle.SESSION):
    """`trino`, `planaria`: answer a text. Yields (shape, number of statements, the smallest, its difference)."""
    draw = random.Random(seed)
    queries, shapes, equal, refused = Queries(draw), {}, 0, 0
    for number in range(count):
        tree = queries.statement()
        sql = str(tree)
        theirs = trino(sql)
        if theirs.error in BROKEN or theirs.error == "COMPILER_ERROR":
            # Its own mistakes say nothing.
            continue
        refused += theirs.error is not None
        found = difference(sql, theirs, planaria(sql))
        if not found:
            equal += 1
            continue
        cause = shape(found)
        before = shapes.setdefault(cause, [0, None, None])
        before[0] += 1
        if before[0] > 3 and cause[1] or before[0] > 25:
            continue

        def still(text):
            again = difference(text, trino(text), planaria(text))
            return again is not None and shape(again) == cause

        small = str(minimised(tree, still, trials))
        found = difference(small, trino(small), planaria(small)) or found
        print(f"{number}: {found[0]}: {small}\n    is  {str(found[1])[:oracle.SHOWN]}\n    not {str(found[2])[:oracle.SHOWN]}", flush=True)
        if before[1] is None or len(small) < len(before[1]):
            before[1], before[2] = small, found
    print(f"{equal} of {count} equal; Trino refused {refused}")
    return shapes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tarball", type=pathlib.Path)
    parser.add_argument("--uri", help="a Trino that runs already, with the catalogs of trino_server.py")
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--trials", type=int, default=150, help="statements to make a difference smaller by")
    options = parser.parse_args()
    tables = list(set_up(random.Random(options.seed)))
    with Cluster(workers=0, retry_policy="NONE", exchange=0, catalogs=CATALOGS, include_coordinator=True) as cluster:
        def planaria(sql):
            return oracle.ask_planaria(cluster, sql, oracle.SESSION)

        oracle.prepare(cluster.uri, tables)
        if options.alone:
            return alone(planaria, options.seed, options.count)
        with contextlib.ExitStack() as stack:
            uri = options.uri or stack.enter_context(TrinoServer(oracle.CACHE, options.tarball)).uri
            oracle.prepare(uri, tables)
            shapes = compare(lambda sql: ask(uri, sql, *oracle.SESSION), planaria, options.seed, options.count, options.trials)
            for (kind, text), (count, sql, _) in sorted(shapes.items(), key=lambda one: -one[1][0]):
                print(f"{count:5} {kind} {text}\n      {sql}")
    return 0


def alone(planaria, seed, count):
    queries, failures, answered, start = Queries(random.Random(seed)), 0, 0, time.monotonic()
    for _ in range(count):
        sql = str(queries.statement())
        answer = planaria(sql)
        answered += answer.error is None
        if answer.error in BROKEN:
            failures += 1
            print(f"{answer.error}: {answer.message}\n    {sql}")
    print(f"{answered} of {count} answered, {failures} broken, {time.monotonic() - start:.0f} s")
    # A grammar whose statements are all refused would try nothing.
    return 1 if failures or answered < count / 2 else 0


if __name__ == "__main__":
    sys.exit(main())

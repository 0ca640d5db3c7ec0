#!/usr/bin/env python3
"""Records Trino's values of the expressions in tests/oracle/functions, which src/kernel/functions/functions_test.cc
holds the kernel's functions to.

A line is four fields between tabs: the expression in Trino's SQL, the same in the kernel's SQL (`-`: with `trino_` before
it), and the value: its type and its JSON, or `!` and `NAME: message`. The first two are written by hand.

    tests/oracle/record_functions.py [--tarball FILE] [--uri URI]
"""
import argparse
import json
import pathlib
import sys

from trino_server import HERE, TrinoServer, ask

ROOT = HERE.parents[1]


def value_of(uri, expression):
    answer = ask(uri, f"SELECT {expression}")
    if answer.error:
        return f"!\t{answer.error}: {answer.message}"
    return f"{answer.columns[0][1]}\t{json.dumps(answer.rows[0][0], ensure_ascii=False)}"


def record(uri):
    for path in sorted((HERE / "functions").glob("*.txt")):
        lines = []
        for line in path.read_text().split("\n"):
            if line and not line.startswith("#"):
                expression, kernel = line.split("\t")[:2]
                line = f"{expression}\t{kernel}\t{value_of(uri, expression)}"
            lines.append(line)
        path.write_text("\n".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tarball", type=pathlib.Path, help="trino-server-476.tar.gz; fetched with Maven when absent")
    parser.add_argument("--uri", help="a Trino that runs already")
    options = parser.parse_args()
    if options.uri:
        record(options.uri)
    else:
        with TrinoServer(ROOT / "build" / "oracle", options.tarball) as server:
            record(server.uri)
    return 0


if __name__ == "__main__":
    sys.exit(main())

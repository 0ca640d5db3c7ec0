#!/usr/bin/env python3
"""Writes src/sql/functions/function_list.inc: what a real Trino 476 answers to SHOW FUNCTIONS.

    record_function_list.py [--tarball FILE]      as oracle.py"""
import argparse
import json
import pathlib

from trino_server import HERE, TrinoServer, ask

ROOT = HERE.parents[1]
HEAD = """// LISTED(name, return type, argument types, kind, deterministic, description)
//
// What Trino 476 answers to SHOW FUNCTIONS without plugins, in its order: tests/oracle/record_function_list.py makes this file.

"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tarball", type=pathlib.Path)
    options = parser.parse_args()
    with TrinoServer(ROOT / "build" / "oracle", options.tarball) as trino:
        rows = ask(trino.uri, "SHOW FUNCTIONS").rows
    # Strings of JSON are strings of C++ as long as they are ASCII.
    lines = (f"LISTED({', '.join(json.dumps(value) for value in row)})\n" for row in rows)
    (ROOT / "src" / "sql" / "functions" / "function_list.inc").write_text(HEAD + "".join(lines))


if __name__ == "__main__":
    main()

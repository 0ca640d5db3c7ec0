#!/usr/bin/env python3
"""Records what others' TPC generators make: tests/data/{tpch,tpcds}_checksums.tsv, DuckDB's of TPC-H, Trino's of TPC-DS.

One line a table and slice: schema, table, first key, last key (both inclusive, 0 0 for all rows), rows, a checksum
for each column, a checksum of whole rows. A checksum is the sum of the lower halves of the MD5 sums of the values as
text (a row: its values joined by '|'; NULL counts as the empty text), so order does not matter. Blanks at the end of a
char do not count.

Needs the Python packages duckdb, duckdb-extension-tpch and duckdb-extension-tpcds of the kernel's version:
    tests/oracle/record_generators.py tpch tests/data/tpch_checksums.tsv
    tests/oracle/record_generators.py tpcds tests/data/tpcds_checksums.tsv [tarball of Trino, as for oracle.py]
"""
import glob
import importlib.util
import os
import pathlib
import sys

import duckdb

from trino_server import HERE, TrinoServer, ask

sys.path.insert(0, str(HERE.parent / "harness"))

from duckdb_rows import fill

ORDER_KEY = lambda number: (number >> 3) << 5 | number & 7

# (schema, scale factor, {table: slices by key}); None is the whole table.
TPCH_KEYS = {"customer": "c_custkey", "lineitem": "l_orderkey", "nation": "n_nationkey", "orders": "o_orderkey",
             "part": "p_partkey", "partsupp": "ps_partkey", "region": "r_regionkey", "supplier": "s_suppkey"}
TPCH_SLICES = {"customer": [(70001, 71000), (149001, 150000)],
               "lineitem": [(ORDER_KEY(700001), ORDER_KEY(701000)), (ORDER_KEY(1499001), ORDER_KEY(1500000))],
               "orders": [(ORDER_KEY(700001), ORDER_KEY(701000)), (ORDER_KEY(1499001), ORDER_KEY(1500000))],
               "part": [(100001, 101000), (199001, 200000)], "partsupp": [(100001, 101000), (199001, 200000)],
               "supplier": [(1, 10000)], "nation": [], "region": []}
# All tables but customer_demographics, two million rows that do not depend on the factor, and the small ones.
ROWS_OF_TINY = 500000
ROWS_OF_SF1 = 30000


def connect(generator):
    package = importlib.util.find_spec(f"duckdb_extension_{generator}").submodule_search_locations[0]
    [path] = glob.glob(os.path.join(package, "extensions", "*", f"{generator}.duckdb_extension"))
    connection = duckdb.connect()
    connection.execute(f"LOAD '{path}'")
    return connection


def lines(connection, schema, table, key, slices):
    columns = [row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall()]
    texts = [f"coalesce(CAST({column} AS VARCHAR), '')" for column in columns]
    sums = [f"sum(md5_number_lower({text}))" for text in texts]
    sums.append(f"sum(md5_number_lower(concat_ws('|', {', '.join(texts)})))")
    for first, last in slices:
        where = f"WHERE {key} BETWEEN {first} AND {last}" if last else ""
        row = connection.execute(f"SELECT count(*), {', '.join(sums)} FROM {table} {where}").fetchone()
        yield "\t".join([schema, table, str(first), str(last)] + [str(int(value)) for value in row])


def tpch():
    for schema, factor in [("tiny", 0.01), ("sf1", 1)]:
        connection = connect("tpch")
        connection.execute(f"CALL dbgen(sf={factor})")
        for table in sorted(TPCH_KEYS):
            yield from lines(connection, schema, table, TPCH_KEYS[table], [(0, 0)] if schema == "tiny" else TPCH_SLICES[table])


def tpcds(tarball):
    connection = connect("tpcds")
    connection.execute("CALL dsdgen(sf=0)")
    tables = [table for (table,) in connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()]
    with TrinoServer(HERE.parents[1] / "build" / "oracle", tarball, {"tpcds": {"connector.name": "tpcds"}}) as trino:
        for schema, most in [("tiny", ROWS_OF_TINY), ("sf1", ROWS_OF_SF1)]:
            for table in tables:
                (count,), = ask(trino.uri, f"SELECT count(*) FROM tpcds.{schema}.{table}").rows
                if count > most:
                    continue
                answer = ask(trino.uri, f"SELECT * FROM tpcds.{schema}.{table}")
                connection.execute(f"TRUNCATE {table}")
                fill(connection, table, [{"type": kind} for _, kind in answer.columns], answer.rows)
                yield from lines(connection, schema, table, None, [(0, 0)])


def main():
    generator, path, *tarball = sys.argv[1:]
    with open(path, "w") as out:
        for line in tpch() if generator == "tpch" else tpcds(pathlib.Path(tarball[0]) if tarball else None):
            print(line, file=out)


if __name__ == "__main__":
    main()

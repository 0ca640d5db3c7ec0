#!/usr/bin/env python3
"""Records what DuckDB's own TPC generators make: tests/data/{tpch,tpcds}_checksums.tsv.

One line a table and slice: schema, table, first key, last key (both inclusive, 0 0 for all rows), rows, a checksum
for each column, a checksum of whole rows. A checksum is the sum of the lower halves of the MD5 sums of the values as
text (a row: its values joined by '|'; NULL counts as the empty text), so order does not matter. TPC-DS's column
cc_mkt_class, a char in Trino, has blanks at the end of its texts: they do not count.

Needs the Python packages duckdb, duckdb-extension-tpch and duckdb-extension-tpcds of the kernel's version:
    tests/oracle/record_generators.py tpch tests/data/tpch_checksums.tsv
    tests/oracle/record_generators.py tpcds tests/data/tpcds_checksums.tsv
"""
import glob
import importlib.util
import os
import sys

import duckdb

ORDER_KEY = lambda number: (number >> 3) << 5 | number & 7

# (schema, scale factor, {table: slices by key}); None is the whole table.
TPCH_KEYS = {"customer": "c_custkey", "lineitem": "l_orderkey", "nation": "n_nationkey", "orders": "o_orderkey",
             "part": "p_partkey", "partsupp": "ps_partkey", "region": "r_regionkey", "supplier": "s_suppkey"}
TPCH_SLICES = {"customer": [(70001, 71000), (149001, 150000)],
               "lineitem": [(ORDER_KEY(700001), ORDER_KEY(701000)), (ORDER_KEY(1499001), ORDER_KEY(1500000))],
               "orders": [(ORDER_KEY(700001), ORDER_KEY(701000)), (ORDER_KEY(1499001), ORDER_KEY(1500000))],
               "part": [(100001, 101000), (199001, 200000)], "partsupp": [(100001, 101000), (199001, 200000)],
               "supplier": [(1, 10000)], "nation": [], "region": []}


def connect(generator):
    package = importlib.util.find_spec(f"duckdb_extension_{generator}").submodule_search_locations[0]
    [path] = glob.glob(os.path.join(package, "extensions", "*", f"{generator}.duckdb_extension"))
    connection = duckdb.connect()
    connection.execute(f"LOAD '{path}'")
    return connection


def lines(connection, schema, table, key, slices):
    columns = [row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall()]
    values = [f"rtrim({column}, ' ')" if column == "cc_mkt_class" else column for column in columns]
    texts = [f"coalesce(CAST({value} AS VARCHAR), '')" for value in values]
    sums = [f"sum(md5_number_lower({text}))" for text in texts]
    sums.append(f"sum(md5_number_lower(concat_ws('|', {', '.join(texts)})))")
    for first, last in slices:
        where = f"WHERE {key} BETWEEN {first} AND {last}" if last else ""
        row = connection.execute(f"SELECT count(*), {', '.join(sums)} FROM {table} {where}").fetchone()
        yield "\t".join([schema, table, str(first), str(last)] + [str(int(value)) for value in row])


def main():
    generator, path = sys.argv[1:]
    with open(path, "w") as out:
        for schema, factor in [("tiny", 0.01), ("sf1", 1)]:
            connection = connect(generator)
            connection.execute(f"CALL {'dbgen' if generator == 'tpch' else 'dsdgen'}(sf={factor})")
            for (table,) in connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall():
                whole = schema == "tiny" or generator == "tpcds"
                key = TPCH_KEYS[table] if generator == "tpch" else None
                slices = [(0, 0)] if whole else TPCH_SLICES[table]
                for line in lines(connection, schema, table, key, slices):
                    print(line, file=out)


if __name__ == "__main__":
    main()

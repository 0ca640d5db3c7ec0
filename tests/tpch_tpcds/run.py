"""TPC-H and TPC-DS on a cluster, every answer compared with single-process DuckDB over the same rows.

    run.py [--suite tpch|tpcds|both] [--schema tiny|sf1|...] [--policy TASK|NONE|QUERY|AUTO] [--workers N] [--only 7,21]
           [--data DIR] [--parquet] [--texts duckdb|trino|product-tests]

The query texts are those that come with DuckDB's sources, or those of Trino: of its benchmarks, or of its product tests,
which Maven fetches. DuckDB answers them too, but for those that it does not take: there its own text's rows are
compared. DuckDB's rows of TPC-H are its own generator's, those of TPC-DS the cluster's: its extension leaves out a step
of TPC's generator, and so makes other rows. They are kept as a database file under --data for the larger schemas. The
cluster generates the rows itself, or reads DuckDB's own from Parquet files with --parquet."""

import argparse
import importlib.resources
import os
import pathlib
import re
import subprocess
import sys
import time
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))

import duckdb

from answers import compare, from_duckdb, from_trino, is_ordered
from cluster import ROOT, Cluster, QueryError
from duckdb_rows import fill

DEPS = pathlib.Path(os.environ.get("PLANARIA_DEPS_DIR", ROOT / "build" / "deps"))
QUERIES = {"tpch": "extension/tpch/dbgen/queries", "tpcds": "extension/tpcds/dsdgen/queries"}
GENERATORS = {"tpch": "dbgen", "tpcds": "dsdgen"}
CATALOGS = {"tpch": {"connector.name": "tpch", "tpch.column-naming": "STANDARD",
                     "tpch.double-type-mapping": "DECIMAL"},
            "tpch_plain": {"connector.name": "tpch", "tpch.double-type-mapping": "DECIMAL"},
            "tpcds": {"connector.name": "tpcds"}}
# Small tables would otherwise run in one task each.
TINY_LIMITS = {
    "fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-min": "1MB",
    "fault-tolerant-execution-hash-distribution-compute-task-target-size": "1MB",
    "fault-tolerant-execution-standard-split-size": "1MB",
}


# Two million rows that nothing is drawn for: every combination of the other columns.
CUSTOMER_DEMOGRAPHICS = """INSERT INTO customer_demographics
SELECT n + 1, ['M', 'F'][n % 2 + 1], ['M', 'S', 'D', 'W', 'U'][n // 2 % 5 + 1],
       ['Primary', 'Secondary', 'College', '2 yr Degree', '4 yr Degree', 'Advanced Degree', 'Unknown'][n // 10 % 7 + 1],
       (n // 70 % 20 + 1) * 500, ['Good', 'Low Risk', 'High Risk', 'Unknown'][n // 1400 % 4 + 1],
       n // 5600 % 7, n // 39200 % 7, n // 274400 % 7
FROM range(1920800) numbers(n)"""

# DuckDB's texts say some things that are no Trino SQL: what stands there instead, by pattern. It is SQL of both.
DAY = r"'(\d{4}-\d\d-\d\d)'"
IN_TRINO = {
    ("tpch", 15): [(r"GROUP BY\s+supplier_no", "GROUP BY l_suppkey")],
    # A division by zero is NULL in DuckDB.
    ("tpcds", 12): [(r"(sum\(sum\(ws_ext_sales_price\)\) OVER \(PARTITION BY i_class\))", r"nullif(\1, 0)")],
    ("tpcds", 16): [(rf"BETWEEN {DAY}", r"BETWEEN DATE '\1'")],
    ("tpcds", 32): [(rf"BETWEEN {DAY}", r"BETWEEN DATE '\1'")],
    ("tpcds", 58): [(rf"d_date = {DAY}", r"d_date = DATE '\1'")],
    # Trino rounds quotients and averages of decimals, DuckDB's are doubles.
    ("tpcds", 61): [(r"AS decimal\(15,4\)", "AS double")],
    # Trino rounds each quotient of decimals to two digits, DuckDB adds up doubles.
    ("tpcds", 66): [(r"_sales/w_warehouse_sq_ft", "_sales/CAST(w_warehouse_sq_ft AS double)")],
    ("tpcds", 72): [(r"d1.d_date \+ 5", "d1.d_date + INTERVAL '5' DAY")],
    ("tpcds", 75): [(r"AS DECIMAL\(17,2\)", "AS double")],
    ("tpcds", 83): [(rf"{DAY}", r"DATE '\1'")],
    # Names are chars, which keep their blanks in a concatenation.
    ("tpcds", 84): [(r"coalesce\((c_last_name|c_first_name),", r"coalesce(rtrim(CAST(\1 AS varchar)),")],
    ("tpcds", 89): [(r"avg\(sum\(ss_sales_price\)\)", "avg(CAST(sum(ss_sales_price) AS double))")],
    ("tpcds", 92): [(rf"BETWEEN {DAY}", r"BETWEEN DATE '\1'")],
    ("tpcds", 94): [(rf"BETWEEN {DAY}", r"BETWEEN DATE '\1'")],
    ("tpcds", 95): [(rf"BETWEEN {DAY}", r"BETWEEN DATE '\1'")],
}

TRINO_TEXTS = {"trino": ("io.trino:trino-benchto-benchmarks:368", {"tpch": "sql/presto/tpch/", "tpcds": "sql/presto/tpcds/"}),
               "product-tests": ("io.trino:trino-product-tests:368", {"tpcds": "sql-tests/testcases/tpcds/"})}


# What both engines are asked instead where Trino's text means something else to DuckDB, by query and pattern.
IN_BOTH = {
    ("tpcds", 12): [(r'("sum"\("sum"\("ws_ext_sales_price"\)\) OVER \(PARTITION BY "i_class"\))', r"NULLIF(\1, 0)")],
    ("tpcds", 61): [(r"AS DECIMAL\(15,4\)", "AS double")],
    ("tpcds", 75): [(r"AS DECIMAL\(17,2\)", "AS double")],
    ("tpcds", 89): [(r'"avg"\("sum"\("ss_sales_price"\)\)', '"avg"(CAST("sum"("ss_sales_price") AS double))')],
    # Quotients and averages of decimals are doubles there.
    ("tpcds", 36): [(r'\("sum"\("ss_net_profit"\) /', '(CAST("sum"("ss_net_profit") AS double) /')],
    ("tpcds", 47): [(r'"avg"\("sum"\("ss_sales_price"\)\)', '"avg"(CAST("sum"("ss_sales_price") AS double))')],
    ("tpcds", 66): [(r'/ "w_warehouse_sq_ft"', '/ CAST("w_warehouse_sq_ft" AS double)')],
    # There are no chars.
    ("tpcds", 84): [(r'"(c_last_name|c_first_name)"(?=[,)])', r'rtrim(CAST("\1" AS varchar))')],
    # A division by zero is NULL.
    ("tpcds", 90): [(r'CAST\("pmc" AS DECIMAL\(15,4\)\)', 'NULLIF(CAST("pmc" AS DECIMAL(15,4)), 0)')],
}


def in_both(suite, query, text):
    for pattern, replacement in IN_BOTH.get((suite, int(re.search(r"\d+", query)[0])), []):
        text, count = re.subn(pattern, replacement, text)
        assert count, f"{suite} {query} has no {pattern}"
    return text


def in_trino(suite, number, sql):
    for pattern, replacement in IN_TRINO.get((suite, number), []):
        sql, count = re.subn(pattern, replacement, sql, flags=re.IGNORECASE)
        assert count, f"{suite} {number} has no {pattern}"
    return sql


def scale_factor(schema):
    return 0.01 if schema == "tiny" else float(schema.removeprefix("sf"))


def open_oracle(suite, schema, data, cluster=None):
    """A DuckDB with the tables of `suite`, with the rows of `cluster` when there is one."""
    file = ":memory:"
    if data:
        data.mkdir(parents=True, exist_ok=True)
        file = data / f"{suite}_{schema}{'_rows' if cluster else ''}.duckdb"
    fresh = file == ":memory:" or not file.exists()
    connection = duckdb.connect(str(file))
    package = importlib.resources.files(f"duckdb_extension_{suite}")
    connection.load_extension(str(package / f"extensions/v{duckdb.__version__}/{suite}.duckdb_extension"))
    if fresh:
        connection.execute(f"CALL {GENERATORS[suite]}(sf={scale_factor(schema)})")
    if fresh and cluster:
        for (table,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            connection.execute(f"TRUNCATE {table}")
            if table == "customer_demographics":
                connection.execute(CUSTOMER_DEMOGRAPHICS)
            else:
                made = cluster.query(f"SELECT * FROM {table}", catalog=suite, schema=schema)
                fill(connection, table, made.columns, made.rows)
    return connection


def export_parquet(oracle, directory):
    """The oracle's tables as a schema of a `files` catalog."""
    for (table,) in oracle.execute("SELECT table_name FROM duckdb_tables()").fetchall():
        folder = directory / table
        if not folder.exists():
            folder.mkdir(parents=True)
            oracle.execute(f"COPY {table} TO '{folder}/data.parquet'")


def trino_texts(source, suite, schema, only, cache):
    """Names and texts as they are, but for the templates' variables."""
    artifact, folders = TRINO_TEXTS[source]
    cache.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={cache}"], check=True)
    _, name, version = artifact.split(":")
    with zipfile.ZipFile(cache / f"{name}-{version}.jar") as jar:
        for entry in sorted(jar.namelist()):
            if not entry.startswith(folders[suite]) or not entry.endswith(".sql"):
                continue
            query = pathlib.PurePosixPath(entry).stem
            if only and int(re.search(r"\d+", query)[0]) not in only:
                continue
            lines = [line for line in jar.read(entry).decode().split("\n") if not line.startswith("--")]
            text = "\n".join(lines).strip().rstrip(";")
            for place in ('"${database}"."${schema}".', "${database}.${schema}.", "${prefix}"):
                text = text.replace(place, "")
            yield query, in_both(suite, query, text.replace("${scale}", str(scale_factor(schema))))


def rows_of_duckdb(oracle, suite, query, text):
    """What DuckDB answers, and whether to its own text of the query, of the same number."""
    try:
        cursor = oracle.execute(text)
        own = False
    except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException):
        ((_, text),) = query_texts(suite, {int(re.search(r"\d+", query)[0])})
        cursor = oracle.execute(text)
        own = True
    return from_duckdb(cursor.description, cursor.fetchall()), own


def show_without_prefixes(oracle):
    """Trino's texts of TPC-H name columns without the tables' prefixes."""
    oracle.execute("CREATE SCHEMA IF NOT EXISTS plain")
    for (table,) in oracle.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'").fetchall():
        columns = [row[0] for row in oracle.execute(f"DESCRIBE main.{table}").fetchall()]
        renamed = ", ".join(f"{column} AS {column.partition('_')[2]}" for column in columns)
        oracle.execute(f"CREATE OR REPLACE VIEW plain.{table} AS SELECT {renamed} FROM main.{table}")
    oracle.execute("SET search_path = 'plain,main'")


def query_texts(suite, only):
    """Numbers and texts, which DuckDB takes as well as Trino."""
    for file in sorted((DEPS / "duckdb" / "source" / QUERIES[suite]).glob("*.sql")):
        number = int(re.sub(r"\D", "", file.stem))
        if not only or number in only:
            yield number, in_trino(suite, number, file.read_text().strip().rstrip(";"))


def run_suite(cluster, suite, options):
    own_rows = suite == "tpch" or options.parquet
    oracle = open_oracle(suite, options.schema, options.data, None if own_rows else cluster)
    catalog, schema = suite, options.schema
    if options.parquet:
        catalog, schema = "files", f"{suite}_{options.schema}"
        export_parquet(oracle, options.data / "parquet" / schema)
    texts = query_texts(suite, options.only)
    if options.texts != "duckdb":
        texts = trino_texts(options.texts, suite, options.schema, options.only, ROOT / "build" / "oracle")
    if options.texts == "trino" and suite == "tpch":
        show_without_prefixes(oracle)
        catalog = "tpch_plain"
    failures = []
    print(f"{suite} {options.schema}, {options.policy}, {options.workers} workers")
    print(f"{'query':>6} {'rows':>7} {'tasks':>6} {'seconds':>8} {'DuckDB':>8}  answer")
    for number, sql in texts:
        started = time.monotonic()
        expected, own = rows_of_duckdb(oracle, suite, str(number), sql)
        oracle_seconds = time.monotonic() - started
        started = time.monotonic()
        rows, tasks = 0, 0
        try:
            result = cluster.query(sql, catalog=catalog, schema=schema)
            difference = compare(from_trino(result.columns, result.rows), expected, ordered=is_ordered(sql))
            rows, tasks = len(result.rows), len(cluster.tasks(result.query_id))
        except QueryError as error:
            difference = str(error)
        seconds = time.monotonic() - started
        print(f"{number:>6} {rows:>7} {tasks:>6} {seconds:>8.2f} {oracle_seconds:>8.2f}  {difference or 'equal'}"
              + (" (its own text)" if own else ""), flush=True)
        if difference:
            failures.append(number)
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", choices=["tpch", "tpcds", "both"], default="both")
    parser.add_argument("--schema", default="tiny")
    parser.add_argument("--policy", choices=["TASK", "NONE", "QUERY", "AUTO"], default="TASK")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--only", type=lambda text: {int(n) for n in text.split(",")}, default=None)
    parser.add_argument("--data", type=pathlib.Path, default=None, help="folder that keeps DuckDB's tables")
    parser.add_argument("--texts", choices=["duckdb", *TRINO_TEXTS], default="duckdb")
    parser.add_argument("--parquet", action="store_true", help="let the cluster read Parquet files under --data")
    options = parser.parse_args()
    if options.parquet and not options.data:
        parser.error("--parquet needs --data")
    if options.texts == "product-tests" and options.suite != "tpcds":
        parser.error("--texts product-tests is for --suite tpcds; tests/oracle/oracle.py asks those of TPC-H")
    suites = ["tpch", "tpcds"] if options.suite == "both" else [options.suite]
    config = TINY_LIMITS if options.schema == "tiny" else {}
    catalogs = {**CATALOGS}
    if options.parquet:
        (options.data / "parquet").mkdir(parents=True, exist_ok=True)
        catalogs["files"] = {"connector.name": "files", "files.base-directory": options.data.resolve() / "parquet"}
    failures = {}
    with Cluster(workers=options.workers, retry_policy=options.policy, config=config, catalogs=catalogs) as cluster:
        for suite in suites:
            failures[suite] = run_suite(cluster, suite, options)
    for suite, numbers in failures.items():
        print(f"{suite}: {'all equal' if not numbers else 'FAILED ' + ', '.join(map(str, numbers))}")
    return 1 if any(failures.values()) else 0


if __name__ == "__main__":
    sys.exit(main())

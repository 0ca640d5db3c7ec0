"""The queries of Trino's product tests (sql-tests/), out of their jar, and the tables that they read.

They were written for Hive: tables of TPC-H and small files of rows there are tables of the catalog `memory` here,
filled from `tpch_standard.tiny`. TPC-DS's queries read that connector's `tiny`. Trino's generator of TPC-H makes other
free texts than ours (comments, addresses), so its tables that queries read these from are filled with our rows."""

import pathlib
import re
import subprocess
import zipfile

ARTIFACT = "io.trino:trino-product-tests:368"
CASES = "sql-tests/testcases/"
DATASETS = "sql-tests/datasets/"
# What needs a server or a format of files that neither side has here.
OTHER_SYSTEMS = {"connectors": "MySQL, PostgreSQL or SQL Server", "ml_functions": "the plugin of machine learning",
                 "orc": "a table of Hive in ORC", "hive files": "tables of Hive over text files with headers"}
SESSIONS = {"tpcds": ("tpcds", "tiny")}
CATALOGS = {"memory": {"connector.name": "memory"}, "tpch": {"connector.name": "tpch"}, "tpcds": {"connector.name": "tpcds"},
            "tpch_standard": {"connector.name": "tpch", "tpch.column-naming": "STANDARD",
                              "tpch.double-type-mapping": "DECIMAL"}}
TPCH_TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")
WITH_FREE_TEXTS = ("customer", "nation", "orders", "region", "supplier")
HIVE_TYPES = {"string": "varchar", "int": "integer", "timestamp": "timestamp(3)"}
# The tests of INSERT write into a table that is made for each of them.
MUTABLE_TABLE = re.compile(r"\$\{mutableTables\.hive\.\w+\}")
# Name, types and kind of a function; less where rows have less.
LISTED_CELLS = 4
# Trino's own limit for one statement's rows is far higher.
ROWS_OF_AN_INSERT = 500


class ProductTests:
    """`folders`: (folder, its statements, the session's catalog and schema). `set_up`: statements that make the
    tables. `listed`: by folder and statement, the first cells of the only rows that count, where there may be
    others besides them. `elsewhere`: queries that were left out, counted by what they need."""

    def __init__(self, cache):
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={cache}"], check=True)
        _, name, version = ARTIFACT.split(":")
        with zipfile.ZipFile(cache / f"{name}-{version}.jar") as jar:
            texts = {entry: jar.read(entry).decode("utf-8", "replace") for entry in sorted(jar.namelist())
                     if entry.startswith((CASES, DATASETS)) and not entry.endswith("/")}
        self.listed = {}
        self.elsewhere, folders, written = {}, {}, []
        for entry, text in texts.items():
            if not entry.startswith(CASES) or not entry.endswith(".sql"):
                continue
            folder = entry.removeprefix(CASES).rpartition("/")[0].split("/")[0] or "hive files"
            found = list(queries(text))
            if folder in OTHER_SYSTEMS:
                need = OTHER_SYSTEMS[folder]
                self.elsewhere[need] = self.elsewhere.get(need, 0) + len(found)
                continue
            if MUTABLE_TABLE.search(text):
                table = f"written_by_{pathlib.PurePosixPath(entry).stem.lower()}"
                found = [one.strip() for sql in found for one in MUTABLE_TABLE.sub(table, sql).split(";") if one.strip()]
                written.append(f"CREATE TABLE {table} AS SELECT * FROM datatype WHERE {str('datatype|loaded' in text).lower()}")
            folders.setdefault(folder, []).extend(found)
            expected = texts.get(entry.removesuffix(".sql") + ".result", "")
            if re.search(r"ignoreExcessRows:\s*true", expected):
                self.listed[folder, found[0]] = {tuple(cells(line)) for line in expected.split("\n")[1:] if line.strip()}
        self.folders = [(folder, list(dict.fromkeys(found)), SESSIONS.get(folder, ("memory", "default")))
                        for folder, found in folders.items()]
        self.set_up = [f"CREATE TABLE {table} AS SELECT * FROM tpch_standard.tiny.{table}" for table in TPCH_TABLES]
        for name in ("datatype", "workers", "empty"):
            self.set_up += table_of(name, texts[f"{DATASETS}{name}.ddl"], texts[f"{DATASETS}{name}.data"])
        self.set_up += written
        # A server that was asked before has them already.
        tables = [found[1] for sql in self.set_up if (found := re.match(r"CREATE TABLE (\w+)", sql))]
        self.set_up = [f"DROP TABLE IF EXISTS {table}" for table in tables] + self.set_up


    def set_up_with(self, answer_of):
        """`set_up` for a server whose free texts are to be those of another, which `answer_of` asks."""
        for sql in self.set_up:
            table = next((one for one in WITH_FREE_TEXTS if sql.startswith(f"CREATE TABLE {one} AS")), None)
            yield f"{sql} WHERE false" if table else sql
            if table:
                answer = answer_of(f"SELECT * FROM {table}")
                yield from inserts(table, answer.rows, [kind for _, kind in answer.columns])


def queries(text):
    """The statements of a file: all of it, or, where it holds several or its results, those between its marks."""
    parts = re.split(r"^--!.*\n?", text, flags=re.MULTILINE)
    # After the first mark queries and results take turns.
    for part in parts[1::2] if len(parts) > 1 else parts:
        lines = [line for line in part.split("\n") if not line.lstrip().startswith("--")]
        sql = "\n".join(lines).strip().rstrip(";").strip()
        if sql:
            yield sql


def cells(line):
    return [cell.strip().lower() for cell in line.strip().rstrip("|").split("|")]


def is_listed(row, listed):
    """Whether a row of an answer is one that a file lists; the descriptions of functions have changed since."""
    texts = [str(cell).lower().replace(", ", ",") for cell in row]
    return any(all(text == cell.replace(", ", ",") for text, cell in zip(texts[:LISTED_CELLS], one)) for one in listed)


def table_of(name, ddl, data):
    columns = re.findall(r"^\s*(\w+)\s+([\w]+(?:\([\d, ]+\))?),?\s*$", ddl, re.MULTILINE)
    types = [HIVE_TYPES.get(kind.lower(), kind.lower()) for _, kind in columns]
    yield f"CREATE TABLE {name} ({', '.join(f'{column} {kind}' for (column, _), kind in zip(columns, types))})"
    rows = [[None if value == "\\N" else value for value in line.split("|")] for line in data.split("\n") if line]
    yield from inserts(name, rows, types)


def inserts(table, rows, types):
    for at in range(0, len(rows), ROWS_OF_AN_INSERT):
        values = (", ".join(literal(value, kind) for value, kind in zip(row, types)) for row in rows[at:at + ROWS_OF_AN_INSERT])
        yield f"INSERT INTO {table} VALUES {', '.join(f'({row})' for row in values)}"


def literal(value, kind):
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    quoted = "'" + value.replace("'", "''") + "'"
    return quoted if kind.startswith("varchar") else f"CAST({quoted} AS {kind})"

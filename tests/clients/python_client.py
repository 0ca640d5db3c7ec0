"""Sessions of the Python client `trino`: each a name, what it shows, and the code that is run and recorded."""

import contextlib
import inspect
import io
import textwrap
import threading
import time
import traceback

import trino


def connect(uri, **options):
    host, port = uri.removeprefix("http://").split(":")
    return trino.dbapi.connect(host=host, port=int(port), user="ada", catalog="tpch", schema="tiny", **options)


def rows_and_columns(connection):
    cursor = connection.cursor()
    cursor.execute("SELECT nationkey, name FROM nation WHERE regionkey = 3 ORDER BY nationkey")
    for column in cursor.description:
        print(column.name, column.type_code)
    print(cursor.fetchall())


def types(connection):
    cursor = connection.cursor()
    cursor.execute("""
        SELECT true AS flag, SMALLINT '7' AS small, 9007199254740993 AS big, 1.5e0 AS floating, DECIMAL '12.50' AS exact,
               'Grüße' AS text, X'c0de' AS bytes, DATE '2026-11-22' AS day,
               TIMESTAMP '2026-11-22 20:15:00.123456' AS moment, TIMESTAMP '2026-11-22 20:15:00 UTC' AS instant,
               ARRAY[1, 2, NULL] AS list, MAP(ARRAY['x', 'y'], ARRAY[1, 2]) AS map,
               CAST(ROW(1, 'one') AS ROW(id bigint, name varchar)) AS record, NULL AS nothing""")
    row = cursor.fetchone()
    for column, value in zip(cursor.description, row):
        print(f"{column.name:9} {column.type_code:27} {value!r}")


def parameters(connection):
    cursor = connection.cursor()
    cursor.execute("SELECT name FROM nation WHERE regionkey = ? AND name LIKE ? ORDER BY 1", (1, "A%"))
    print(cursor.fetchall())


def statistics(connection):
    cursor = connection.cursor()
    cursor.execute("SELECT count(*) FROM lineitem")
    print(cursor.fetchall())
    print("state:", cursor.stats["state"], "on one node or more:", cursor.stats["nodes"] > 0)
    print("all splits completed:", cursor.stats["completedSplits"] == cursor.stats["totalSplits"] > 0)
    print("rows:", cursor.stats["processedRows"])


def many_pages(connection):
    cursor = connection.cursor()
    cursor.execute("SELECT orderkey, linenumber, comment FROM lineitem")
    seen = {(row[0], row[1]) for row in cursor}
    print(len(seen))


def session(connection):
    cursor = connection.cursor()
    for statement in ["USE tpch.sf1", "SET SESSION retry_policy = 'NONE'", "SELECT current_catalog, current_schema"]:
        cursor.execute(statement)
        print(statement, "->", cursor.fetchall())


def metadata(connection):
    cursor = connection.cursor()
    for statement in ["SHOW CATALOGS", "SHOW SCHEMAS LIKE 't%'", "SHOW TABLES LIKE '%part%'", "DESCRIBE region",
                      "SELECT table_name FROM information_schema.tables WHERE table_schema = 'tiny' ORDER BY 1 LIMIT 2"]:
        cursor.execute(statement)
        print(statement, "->", cursor.fetchall())


def errors(connection):
    cursor = connection.cursor()
    for statement in ["SELECT nosuch FROM nation", "SELECT *\nFROM missing", "SELECT 1 +", "SELECT CAST('x' AS bigint)",
                      "SELECT * FROM nosuch.tiny.nation", "SET SESSION nosuch = 1", "INSERT INTO nation SELECT 1"]:
        try:
            cursor.execute(statement)
            cursor.fetchall()
        except trino.exceptions.TrinoQueryError as error:
            print(f"{error.error_type} {error.error_code} {error.error_name}: {error.message}")


def cancel(connection):
    cursor, outcome = connection.cursor(), []

    def run():
        try:
            cursor.execute("SELECT count(*) FROM sf10.lineitem a JOIN sf10.lineitem b ON a.orderkey = b.orderkey")
            outcome.append(cursor.fetchall())
        except trino.exceptions.TrinoQueryError as error:
            outcome.append(error.error_name)

    thread = threading.Thread(target=run)
    thread.start()
    while cursor.query_id is None:
        time.sleep(0.01)
    cursor.cancel()
    thread.join()
    watcher = connection.cursor()
    watcher.execute("SELECT state, error_code FROM system.runtime.queries WHERE query_id = ?", (cursor.query_id,))
    print("the client:", outcome)
    print("the server:", watcher.fetchall())


SESSIONS = [rows_and_columns, types, parameters, statistics, many_pages, session, metadata, errors, cancel]


def source(function):
    return textwrap.dedent(inspect.getsource(function))


def run(function, uri):
    """What the session prints; a client or server that fails unexpectedly shows with its traceback."""
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        try:
            with contextlib.closing(connect(uri)) as connection:
                function(connection)
        except Exception:  # the transcript shows it
            traceback.print_exc(file=shown)
    return shown.getvalue()

"""Tables of DuckDB filled with the rows that a server of statements gave."""

import csv
import os
import tempfile

from answers import from_trino

NULL = r"\N"


def fill(connection, table, columns, rows):
    """Adds `rows`, as the protocol has them, with its `columns`, to a table with as many columns."""
    descriptor, file = tempfile.mkstemp(suffix=".csv")
    try:
        with os.fdopen(descriptor, "w", newline="") as out:
            writer = csv.writer(out)
            for row in from_trino(columns, rows):
                writer.writerow([NULL if value is None else value for value in row])
        connection.execute(f"COPY {table} FROM '{file}' (FORMAT csv, HEADER false, DELIMITER ',', QUOTE '\"', NULLSTR '{NULL}')")
    finally:
        os.unlink(file)

"""Rows of two engines made comparable, and compared."""

import datetime
import decimal
import math
import re

# Sums of doubles depend on the order in which tasks added them.
RELATIVE_ERROR = 1e-9


def _plain(value):
    if isinstance(value, float):
        return value
    if isinstance(value, decimal.Decimal):
        return value
    if isinstance(value, (datetime.date, datetime.datetime, datetime.time)):
        return str(value)
    return value


def from_duckdb(description, rows):
    return [[_plain(value) for value in row] for row in rows]


def from_trino(columns, rows):
    """Protocol values as Python ones: decimals are texts there, and so are special doubles. A char loses its blanks, which
    DuckDB's texts do not have."""
    converters = []
    for column in columns:
        kind = column["type"].split("(")[0]
        converters.append({"decimal": decimal.Decimal, "double": float, "real": float, "char": str.rstrip}.get(kind))
    return [[value if value is None or convert is None else convert(value) for value, convert in zip(row, converters)]
            for row in rows]


def _same(left, right):
    if left is None or right is None:
        return left is right
    numbers = (int, float, decimal.Decimal)
    if isinstance(left, numbers) and isinstance(right, numbers) and not isinstance(left, bool):
        if isinstance(left, decimal.Decimal) and isinstance(right, float):
            # An average or quotient of decimals: Trino rounds it to its scale, half away from zero.
            step = 10.0 ** left.as_tuple().exponent
            return abs(float(left) - right) <= step * 0.5 + abs(right) * RELATIVE_ERROR
        if isinstance(left, float) or isinstance(right, float):
            left, right = float(left), float(right)
            return (math.isnan(left) and math.isnan(right)) or math.isclose(left, right, rel_tol=RELATIVE_ERROR)
        return left == right
    return left == right


def _sort_key(row, doubles):
    """Columns with doubles are left for last and rounded, so that rows of two engines sort alike."""
    exact, rounded = [], []
    for column, value in enumerate(row):
        if value is None:
            exact.append((0, ""))
        elif column in doubles:
            rounded.append(f"{float(value):.6e}")
        elif isinstance(value, (int, decimal.Decimal)):
            exact.append((1, f"{decimal.Decimal(value).normalize():f}"))
        else:
            exact.append((1, str(value)))
    return exact, rounded


def compare(actual, expected, ordered):
    """What differs first, or None."""
    if len(actual) != len(expected):
        return f"{len(actual)} rows instead of {len(expected)}"
    if not ordered:
        doubles = {column for row in (*actual, *expected) for column, value in enumerate(row) if isinstance(value, float)}
        actual, expected = (sorted(rows, key=lambda row: _sort_key(row, doubles)) for rows in (actual, expected))
    for number, (left, right) in enumerate(zip(actual, expected), 1):
        if len(left) != len(right):
            return f"{len(left)} columns instead of {len(right)}"
        if not all(_same(a, b) for a, b in zip(left, right)):
            return f"row {number} is {left} instead of {right}"
    return None


def is_ordered(sql):
    """Whether the outermost query orders its rows: an ORDER BY outside all parentheses."""
    depth, outside = 0, []
    for character in sql:
        depth += (character == "(") - (character == ")")
        if depth == 0:
            outside.append(character)
    return re.search(r"\border\s+by\b", "".join(outside), re.IGNORECASE) is not None

"""sqlalchemy_inspection.py HOST PORT: what SQLAlchemy's inspector and its own SQL ask, against the catalog `memory`.

Prints a list of [check, nothing or what is wrong] as its last line."""

import datetime
import decimal
import json
import sys
import traceback

import sqlalchemy as sa
from sqlalchemy import inspect, text
from trino.transaction import IsolationLevel

HOST, PORT = sys.argv[1:3]
ENGINE = sa.create_engine(f"trino://inspector@{HOST}:{PORT}/memory/default")
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def execute(*statements):
    with ENGINE.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


def equal(actual, expected):
    assert actual == expected, f"{actual!r} instead of {expected!r}"


@check
def version():
    with ENGINE.connect() as connection:
        assert connection.execute(text("SELECT version()")).scalar_one()


@check
def catalogs_and_schemas():
    from trino.sqlalchemy.dialect import TrinoDialect
    with ENGINE.connect() as connection:
        equal(TrinoDialect().get_catalog_names(connection), ["memory", "system", "tpcds", "tpch"])
    equal(sorted(inspect(ENGINE).get_schema_names()), ["default", "information_schema"])


@check
def create_and_inspect_a_table():
    metadata = sa.MetaData()
    sa.Table("inspected", metadata, sa.Column("id", sa.BigInteger, nullable=False), sa.Column("name", sa.String(10)),
             sa.Column("price", sa.DECIMAL(10, 2)), sa.Column("made", sa.DATE))
    metadata.create_all(ENGINE)
    # The dialect leaves comments out of CREATE TABLE.
    execute("COMMENT ON TABLE inspected IS 'what is inspected'")
    execute("COMMENT ON COLUMN inspected.id IS 'the key'")
    inspector = inspect(ENGINE)
    assert inspector.has_table("inspected") and not inspector.has_table("nosuch")
    assert "inspected" in inspector.get_table_names()
    columns = {column["name"]: column for column in inspector.get_columns("inspected")}
    equal(list(columns), ["id", "name", "price", "made"])
    equal([str(column["type"]) for column in columns.values()], ["BIGINT", "VARCHAR(10)", "DECIMAL(10, 2)", "DATE"])
    equal([column["nullable"] for column in columns.values()], [False, True, True, True])
    equal(columns["id"]["comment"], "the key")
    equal(inspector.get_table_comment("inspected"), {"text": "what is inspected"})


@check
def no_keys_and_indexes():
    inspector = inspect(ENGINE)
    equal(inspector.get_pk_constraint("inspected"), {"name": None, "constrained_columns": []})
    equal(inspector.get_foreign_keys("inspected"), [])
    equal(inspector.get_indexes("inspected"), [])


@check
def insert_select_update_delete():
    table = sa.Table("inspected", sa.MetaData(), autoload_with=ENGINE)
    with ENGINE.begin() as connection:
        connection.execute(sa.insert(table), [{"id": 1, "name": "one", "price": decimal.Decimal("1.50"), "made": datetime.date(2026, 1, 2)},
                                              {"id": 2, "name": None, "price": None, "made": None}])
        connection.execute(sa.update(table).where(table.c.id == 2).values(name="two"))
        rows = connection.execute(sa.select(table).order_by(table.c.id)).fetchall()
        equal([tuple(row) for row in rows], [(1, "one", decimal.Decimal("1.50"), datetime.date(2026, 1, 2)), (2, "two", None, None)])
        equal(connection.execute(sa.select(table.c.name).order_by(table.c.id).limit(1).offset(1)).scalar_one(), "two")
        connection.execute(sa.delete(table).where(table.c.id == 1))
        equal(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one(), 1)


@check
def views():
    execute("CREATE OR REPLACE VIEW inspected_view AS SELECT id, upper(name) AS shouted FROM inspected")
    inspector = inspect(ENGINE)
    equal(inspector.get_view_names(), ["inspected_view"])
    assert "upper(name)" in inspector.get_view_definition("inspected_view")
    equal([column["name"] for column in inspector.get_columns("inspected_view")], ["id", "shouted"])
    assert "inspected_view" not in inspector.get_table_names()
    execute("DROP VIEW inspected_view")


@check
def nested_types():
    execute("CREATE TABLE nested (a array(integer), m map(varchar, double), r row(x bigint, y varchar), t timestamp(3))")
    columns = inspect(ENGINE).get_columns("nested")
    array, mapping, row, moment = [column["type"] for column in columns]
    assert isinstance(array.item_type, sa.Integer), array
    assert isinstance(mapping.key_type, sa.String) and isinstance(mapping.value_type, sa.Float), mapping
    equal([name for name, _ in row.attr_types], ["x", "y"])
    equal(moment.precision, 3)
    execute("DROP TABLE nested")


@check
def another_catalog():
    inspector = inspect(sa.create_engine(f"trino://inspector@{HOST}:{PORT}/tpch"))
    assert "nation" in inspector.get_table_names(schema="tiny")
    equal([column["name"] for column in inspector.get_columns("region", schema="tiny")], ["regionkey", "name", "comment"])


@check
def errors():
    for statement, name in (("SELECT * FROM nosuch", "TABLE_NOT_FOUND"), ("SELECT nosuch FROM inspected", "COLUMN_NOT_FOUND")):
        try:
            execute(statement)
        except sa.exc.DBAPIError as error:
            equal(error.orig.error_name, name)
        else:
            raise AssertionError(f"no error from {statement}")
    try:
        inspect(ENGINE).get_columns("nosuch")
    except sa.exc.NoSuchTableError:
        return
    raise AssertionError("columns of a table that is not there")


@check
def transactions():
    # By its own name the dialect does not find a level with SQLAlchemy 2.1.
    engine = sa.create_engine(f"trino://inspector@{HOST}:{PORT}/memory/default",
                              connect_args={"isolation_level": IsolationLevel.READ_COMMITTED})
    with engine.begin() as connection:
        equal(connection.execute(text("SELECT 1")).scalar_one(), 1)
        equal(connection.execute(text("SELECT count(*) FROM inspected")).scalar_one(), 1)


@check
def drop():
    sa.Table("inspected", sa.MetaData(), autoload_with=ENGINE).drop(ENGINE)
    assert not inspect(ENGINE).has_table("inspected")


outcomes = []
for one in CHECKS:
    try:
        one()
        outcomes.append([one.__name__, None])
    except Exception as error:  # the report shows it
        outcomes.append([one.__name__, f"{type(error).__name__}: {error} {traceback.format_exc()[-200:]}"])
print(json.dumps(outcomes))

"""The Python client against a real cluster, under both retry policies, down to the Python values."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))

import python_client as sessions
from cluster import Cluster

CATALOGS = {"tpch": {"connector.name": "tpch"}}

EXPECTED = {
    "rows_and_columns": ["nationkey bigint", "name varchar", "[6, 'FRANCE'], [7, 'GERMANY']"],
    "types": ["big       bigint                      9007199254740993", "Decimal('12.50')", "'Grüße'", r"b'\xc0\xde'",
              "datetime.date(2026, 11, 22)", "datetime.datetime(2026, 11, 22, 20, 15, 0, 123456)", "[1, 2, None]",
              "{'x': 1, 'y': 2}", "(id: 1, name: 'one')"],
    "parameters": ["[['ARGENTINA']]"],
    "statistics": ["[[60175]]", "state: FINISHED on one node or more: True", "all splits completed: True", "rows: 60175"],
    "many_pages": ["60175"],
    "session": ["[['tpch', 'sf1']]"],
    "metadata": ["[['system'], ['tpch']]", "[['part'], ['partsupp']]", "['regionkey', 'bigint', '', '']",
                 "[['customer'], ['lineitem']]"],
    "errors": ["USER_ERROR 47 COLUMN_NOT_FOUND: line 1:8:", "USER_ERROR 46 TABLE_NOT_FOUND: line 2:6:",
               "USER_ERROR 1 SYNTAX_ERROR: line 1:11:", "USER_ERROR 9 INVALID_CAST_ARGUMENT:",
               "USER_ERROR 44 CATALOG_NOT_FOUND:", "USER_ERROR 14 INVALID_SESSION_PROPERTY:",
               "USER_ERROR 58 TYPE_MISMATCH: line 1:1: Insert query has mismatched"],
    "cancel": ["the client: ['USER_CANCELED']", "the server: [['FAILED', 'USER_CANCELED']]"],
}


class PythonClient(unittest.TestCase):
    def check(self, retry_policy, exchange):
        with Cluster(workers=2, retry_policy=retry_policy, exchange=exchange, catalogs=CATALOGS) as cluster:
            for session in sessions.SESSIONS:
                with self.subTest(session=session.__name__, retry_policy=retry_policy):
                    shown = sessions.run(session, cluster.uri)
                    for part in EXPECTED[session.__name__]:
                        self.assertIn(part, shown)

    def test_task_retries(self):
        self.check("TASK", 2)

    def test_no_retries(self):
        self.check("NONE", 0)


if __name__ == "__main__":
    unittest.main()

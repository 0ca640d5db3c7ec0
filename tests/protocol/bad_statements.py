"""Statement requests that are wrong in other ways than their SQL, and clients that are slow or gone."""

import json
import unittest
import urllib.request

from support import ProtocolTest, wait_until

USER = {"X-Trino-User": "test"}


class BadStatements(ProtocolTest):
    def post(self, body, headers=USER):
        return self.send(self.cluster.coordinator.port, "POST", "/v1/statement", body, headers)

    def answer(self, body, headers=USER):
        """The error of a statement that becomes a query."""
        status, text = self.post(body, headers)
        self.assertEqual(status, 200, text)
        page = json.loads(text)
        while "nextUri" in page and "error" not in page:
            page = self.cluster.request("GET", page["nextUri"])
        return page.get("error")

    def test_empty(self):
        self.assertEqual(self.post(b"")[0], 400)
        self.assertEqual(self.post(b" \n ")[0], 400)

    def test_without_user(self):
        self.assertEqual(self.post(b"SELECT 1", {})[0], 401)

    def test_malformed_headers(self):
        for name, value in (("X-Trino-Session", "no_equals_sign"), ("X-Trino-Session", "a=b=c,=d"),
                            ("X-Trino-Prepared-Statement", "p"), ("X-Trino-Session", "a=%zz"),
                            ("X-Trino-Role", "nonsense"), ("X-Trino-Resource-Estimate", "x"),
                            ("X-Trino-Extra-Credential", "=")):
            with self.subTest(name=name, value=value):
                status, text = self.post(b"SELECT 1", {**USER, name: value})
                if status == 200:
                    page = json.loads(text)
                    while "nextUri" in page:
                        page = self.cluster.request("GET", page["nextUri"])
                    self.assertTrue("error" in page or name != "X-Trino-Session", page)
                else:
                    self.assertEqual(status, 400, text)

    def test_bad_session_values(self):
        error = self.answer(b"SELECT 1", {**USER, "X-Trino-Session": "no_such_property=1"})
        self.assertEqual((error["errorName"], error["errorType"]), ("INVALID_SESSION_PROPERTY", "USER_ERROR"))
        error = self.answer(b"SELECT now()", {**USER, "X-Trino-Time-Zone": "Mars/Olympus_Mons"})
        self.assertEqual(error["errorType"], "USER_ERROR")

    def test_too_long(self):
        error = self.answer(b"SELECT '" + b"x" * 1_000_001 + b"'")
        self.assertEqual((error["errorName"], error["errorType"]), ("QUERY_TEXT_TOO_LARGE", "USER_ERROR"))

    def test_long_but_allowed(self):
        text = "x" * 900_000
        self.assertEqual(self.cluster.query(f"SELECT length('{text}')").rows, [[900_000]])

    def test_deeply_nested(self):
        for sql in ("SELECT " + "(" * 20_000 + "1" + ")" * 20_000, "SELECT " + "- " * 20_000 + "1",
                    "SELECT " + "NOT " * 50_000 + "true", "SELECT 1" + " + 1" * 50_000,
                    "SELECT * FROM " + "(SELECT * FROM " * 5_000 + "tpch.tiny.nation" + ")" * 5_000,
                    "SELECT 1" + " UNION ALL SELECT 1" * 5_000):
            with self.subTest(sql=sql[:30]):
                error = self.answer(sql.encode())
                self.assertTrue(error is None or error["errorType"] in ("USER_ERROR", "INSUFFICIENT_RESOURCES"), error)

    def test_not_utf8(self):
        error = self.answer(b"SELECT '\xff\xfe\x80'")
        self.assertEqual(error["errorType"], "USER_ERROR")

    def test_zero_bytes(self):
        error = self.answer(b"SELECT 1 \x00 + 1")
        self.assertEqual(error["errorType"], "USER_ERROR")

    def test_unknown_tokens(self):
        page = self.cluster.start("SELECT n_name FROM tpch.tiny.nation")
        uri = page["nextUri"]
        path = uri.removeprefix(self.cluster.uri)
        head, _, token = path.rpartition("/")
        for wrong in (f"{head}/{int(token) + 7}", f"{head}/-1", f"{head}/abc", f"{head}/99999999999999999999",
                      head.rpartition("/")[0] + f"/yforged/{token}",
                      path.replace(page["id"], "20200101_000000_00000_aaaaa"), path + "/more"):
            status, _ = self.send(self.cluster.coordinator.port, "GET", wrong)
            self.assertIn(status, (404, 410), wrong)
        self.assertEqual(len(self.cluster.finish(page).rows), 25)

    def test_a_page_may_be_asked_for_twice(self):
        page = self.cluster.start("SELECT l_orderkey, l_comment FROM tpch.tiny.lineitem ORDER BY 1, 2")
        rows = []
        while "nextUri" in page:
            page, again = (self.cluster.request("GET", page["nextUri"]) for _ in range(2))
            self.assertEqual(page.get("data"), again.get("data"))
            rows.extend(page.get("data", []))
        self.assertEqual(len(rows), 60175)
        self.assertEqual(rows, sorted(rows))


class SlowClients(ProtocolTest):
    def resident_bytes(self, node):
        with open(f"/proc/{node.process.pid}/status") as status:
            return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmRSS"))

    def test_waiting_client_holds_back_its_query_only(self):
        """Two hundred MB of rows that nobody fetches: the server keeps pages, not the answer."""
        page = self.cluster.start("SELECT * FROM tpch.sf1.orders o, (VALUES (1), (2)) v", catalog="tpch")
        while "data" not in page:
            page = self.cluster.request("GET", page["nextUri"])
        before = self.resident_bytes(self.cluster.coordinator)
        for _ in range(20):
            self.assertEqual(self.cluster.query("SELECT count(*) FROM tpch.tiny.nation").rows, [[25]])
        self.assertLess(self.resident_bytes(self.cluster.coordinator), before + (100 << 20))
        rows = len(page["data"])
        while "nextUri" in page:
            page = self.cluster.request("GET", page["nextUri"])
            rows += len(page.get("data", []))
        self.assertNotIn("error", page)
        self.assertEqual(rows, 3_000_000)

    def test_client_that_goes_away_between_pages(self):
        page = self.cluster.start("SELECT * FROM tpch.sf1.orders", catalog="tpch")
        while "data" not in page:
            page = self.cluster.request("GET", page["nextUri"])
        request = urllib.request.Request(page["nextUri"], method="DELETE")
        urllib.request.urlopen(request).close()

        def ended():
            return self.cluster.query("SELECT state FROM system.runtime.queries "
                                      f"WHERE query_id = '{page['id']}'").rows in ([["FAILED"]], [["FINISHED"]])

        wait_until(ended, 30, "the end of the canceled query")
        self.assertEqual(self.cluster.spooled_files_after_queries(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)

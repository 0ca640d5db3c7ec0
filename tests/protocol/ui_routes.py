"""What scripts ask of Trino's web UI: to log in, and for queries."""

import http.client
import json
import unittest
import urllib.parse

from support import ProtocolTest


class UiRoutes(ProtocolTest):
    def ask(self, method, path, body=None, kind="application/json"):
        connection = http.client.HTTPConnection("127.0.0.1", self.cluster.coordinator.port, timeout=20)
        connection.request(method, path, body, {"Content-Type": kind, "X-Trino-User": "test"})
        self.addCleanup(connection.close)
        response = connection.getresponse()
        return response, response.read()

    def log_in_by_form(self, target, password=""):
        fields = {"username": "test", "password": password, "redirectPath": target}
        response, _ = self.ask("POST", "/ui/login", urllib.parse.urlencode(fields), "application/x-www-form-urlencoded")
        self.assertEqual(response.status, 303)
        return response.getheader("Location")

    def test_logging_in(self):
        for given, status in (({"username": "test", "password": ""}, 204), ({"username": "test", "password": "x"}, 401),
                              ({"username": "", "password": ""}, 401), ([], 400)):
            with self.subTest(given=given):
                self.assertEqual(self.ask("POST", "/ui/auth/login", json.dumps(given))[0].status, status)

    def test_a_login_leads_to_no_other_server(self):
        self.assertEqual(self.log_in_by_form("/ui/query.html?a"), "/ui/query.html?a")
        for elsewhere in ("//example.org", "/\\example.org", "http://example.org/", "example.org", ""):
            with self.subTest(target=elsewhere):
                self.assertEqual(self.log_in_by_form(elsewhere), "/ui/")
        self.assertEqual(self.log_in_by_form("/ui/", password="x"), "/ui/login.html")

    def test_queries(self):
        query = self.cluster.query("SELECT 1").query_id
        listed = json.loads(self.ask("GET", "/ui/api/query")[1])
        self.assertIn(query, [entry["queryId"] for entry in listed])
        self.assertEqual(json.loads(self.ask("GET", f"/ui/api/query/{query}")[1])["queryId"], query)
        self.assertGreaterEqual(json.loads(self.ask("GET", "/ui/api/stats")[1])["queuedQueries"], 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""What the protocol tests share: a cluster per class, raw connections, and the question whether it still lives."""

import pathlib
import socket
import sys
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))

from cluster import Cluster, QueryError, wait_until


class ProtocolTest(unittest.TestCase):
    """After each test every process of the cluster still answers."""

    maxDiff = None
    options = {}

    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(Cluster(workers=2, **cls.options))

    def tearDown(self):
        for node in [self.cluster.coordinator, *self.cluster.workers]:
            self.assertTrue(node.alive(), f"{node.name} ended:\n{node.log_text()[-2000:]}")
            self.assertEqual(self.send(node.port, "GET", "/v1/info")[0], 200)
        self.assertEqual(self.cluster.query("SELECT 1").rows, [[1]])
        rows = self.cluster.query("SELECT count(*) FROM (SELECT DISTINCT o_custkey FROM tpch.tiny.orders)").rows
        self.assertEqual(rows, [[1000]])

    def send(self, port, method, path, body=None, headers=None):
        """(status, text) whatever the status is."""
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body, method=method,
                                         headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, response.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")

    def exchange_bytes(self, port, sent, patience=30):
        """What a server says to raw bytes before it closes or falls silent after an answer."""
        with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
            received = b""
            try:
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)
                while chunk := connection.recv(1 << 16):
                    received += chunk
            except (ConnectionResetError, BrokenPipeError):
                pass
            return received

    def query_error(self, sql, **options):
        with self.assertRaises(QueryError) as caught:
            self.cluster.query(sql, **options)
        return caught.exception.error

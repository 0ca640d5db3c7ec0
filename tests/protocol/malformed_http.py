"""Bytes that are no HTTP, or too much of it, at the ports of a coordinator and a worker."""

import random
import socket
import unittest

from support import ProtocolTest


class MalformedHttp(ProtocolTest):
    def each_port(self):
        return [self.cluster.coordinator.port, self.cluster.workers[0].port]

    def assert_refused(self, sent, statuses):
        for port in self.each_port():
            answer = self.exchange_bytes(port, sent)
            if answer:
                self.assertIn(int(answer.split()[1]), statuses, answer[:200])

    def test_no_http_at_all(self):
        self.assert_refused(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(200)) + b"\r\n\r\n", {400})
        self.assert_refused(b"HELO example.org\r\n\r\n", {400})
        self.assert_refused(b"\r\n\r\n\r\n", {400})

    def test_bad_request_lines(self):
        for line in (b"GET\r\n\r\n", b"GET /v1/info\r\n\r\n", b"GET /v1/info HTTP/9.9\r\n\r\n",
                     b"GET  /v1/info HTTP/1.1\r\n\r\n", b"G\x00T / HTTP/1.1\r\n\r\n"):
            self.assert_refused(line, {400, 404, 405, 501, 505})

    def test_bad_headers(self):
        for header in (b"no colon here", b": no name", b"Content-Length: many", b"Content-Length: -5",
                       b"Content-Length: 99999999999999999999", b"Transfer-Encoding: something",
                       b"Content-Length: 5\r\nContent-Length: 6", b"X: \x00\x01"):
            with self.subTest(header=header):
                self.assert_refused(b"POST /v1/statement HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\nSELECT",
                                    {400, 401, 411, 413, 501, 404})

    def test_endless_headers(self):
        self.assert_refused(b"GET /v1/info HTTP/1.1\r\nHost: x\r\n" + b"X-Filler: " + b"y" * (1 << 20) + b"\r\n\r\n",
                            {431, 400})
        self.assert_refused(b"GET /v1/info HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(50000)) + b"\r\n",
                            {431, 400})
        self.assert_refused(b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1\r\nHost: x\r\n\r\n", {431, 414, 400})

    def test_bad_chunks(self):
        for chunk in (b"zz\r\nabc\r\n0\r\n\r\n", b"ffffffffffffffffff\r\nabc", b"-1\r\nabc\r\n", b"3\r\nabcdef\r\n0\r\n\r\n"):
            self.assert_refused(b"POST /v1/statement HTTP/1.1\r\nHost: x\r\nX-Trino-User: u\r\n"
                                b"Transfer-Encoding: chunked\r\n\r\n" + chunk, {400, 413, 404})

    def test_unfinished_requests(self):
        for port in self.each_port():
            for part in (b"", b"P", b"POST /v1/statement HTT", b"POST /v1/statement HTTP/1.1\r\nContent-Length: 100\r\n\r\nSEL"):
                with socket.create_connection(("127.0.0.1", port)) as connection:
                    connection.sendall(part)

    def test_random_bytes(self):
        dice = random.Random(3)
        for port in self.each_port():
            for _ in range(200):
                self.exchange_bytes(port, dice.randbytes(dice.randrange(1, 300)) + b"\r\n\r\n")

    def test_random_damage_to_a_request(self):
        good = (b"POST /v1/statement HTTP/1.1\r\nHost: localhost\r\nX-Trino-User: test\r\nX-Trino-Catalog: tpch\r\n"
                b"Content-Length: 8\r\nConnection: close\r\n\r\nSELECT 1")
        dice = random.Random(5)
        for _ in range(300):
            bad = bytearray(good)
            for _ in range(dice.randrange(1, 4)):
                bad[dice.randrange(len(bad))] = dice.randrange(256)
            self.exchange_bytes(self.cluster.coordinator.port, bytes(bad))

    def test_many_idle_connections(self):
        connections = [socket.create_connection(("127.0.0.1", self.cluster.coordinator.port)) for _ in range(300)]
        self.assertEqual(self.cluster.query("SELECT 2").rows, [[2]])
        for connection in connections:
            connection.close()

    def test_unknown_paths_and_methods(self):
        for port in self.each_port():
            self.assertEqual(self.send(port, "GET", "/nowhere")[0], 404)
            self.assertEqual(self.send(port, "GET", "/v1/statement/../../etc/passwd")[0], 404)
            self.assertIn(self.send(port, "PATCH", "/v1/info", b"x")[0], (404, 405))


if __name__ == "__main__":
    unittest.main(verbosity=2)

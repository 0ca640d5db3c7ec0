"""Garbage and damaged messages at the endpoints between nodes: plans, announcements, reports, spooled objects."""

import random
import unittest

from support import ProtocolTest
from tcp_tap import TcpTap


class GarbageMessages(ProtocolTest):
    def assert_refused(self, port, method, path, body=None, statuses=(400, 404, 410)):
        status, text = self.send(port, method, path, body)
        self.assertIn(status, statuses, text)

    def test_task(self):
        worker = self.cluster.workers[0].port
        dice = random.Random(1)
        for body in (b"", b"{}", b"null", b"\x01", b"\xff" * 1000, b"SELECT 1", *(dice.randbytes(n) for n in range(1, 200))):
            self.assert_refused(worker, "POST", "/v1/task", body)

    def test_huge_lengths(self):
        for byte in range(256):
            self.assert_refused(self.cluster.workers[0].port, "POST", "/v1/task", bytes([byte, 2]) + b"\xff" * 20)

    def test_cancel_of_unknown_tasks(self):
        for name in ("x", "1.2.3", "20200101_000000_00000_aaaaa.0.0.0", "..%2f..", "20200101_000000_00000_aaaaa.0.0.-1"):
            self.assert_refused(self.cluster.workers[0].port, "DELETE", f"/v1/task/{name}", statuses=(204, 400, 404))

    def test_reports_of_another_start(self):
        self.assert_refused(self.cluster.workers[0].port, "GET", "/v1/task/reports?instance=nobody&after=0")

    def test_announcement(self):
        coordinator = self.cluster.coordinator.port
        dice = random.Random(2)
        for body in (b"", b"{}", b"\xff" * 100, *(dice.randbytes(n) for n in range(1, 200))):
            self.assert_refused(coordinator, "PUT", "/v1/announcement/worker9", body)
        rows = self.cluster.query("SELECT count(*) FROM system.runtime.nodes").rows
        self.assertEqual(rows, [[3]])

    def test_spooled_objects(self):
        worker = self.cluster.workers[0].port
        for key in ("", "x", "../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd",
                    "20200101_000000_00000_aaaaa/0.0.0"):
            self.assert_refused(worker, "GET", f"/v1/spool/{key}?offset=0&length=100", statuses=(400, 404, 416))
        self.assert_refused(worker, "GET", "/v1/spool/a/b?offset=many&length=-1", statuses=(400, 404, 416))
        for query in ("x", "20200101_000000_00000_aaaaa"):
            self.assert_refused(worker, "DELETE", f"/v1/spool/{query}", statuses=(204, 400, 404))


class DamagedTasks(ProtocolTest):
    """Real tasks, caught between a coordinator and a worker: cut, lengthened, changed, of another version."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.to_worker = cls.enterClassContext(TcpTap())
        worker = cls.cluster.workers[0]
        cls.to_worker.target_port = worker.port

        def name_the_tap(sent):
            return sent.replace(f"127.0.0.1:{worker.port}".encode(), f"127.0.0.1:{cls.to_worker.port}".encode())

        cls.to_coordinator = cls.enterClassContext(TcpTap(cls.cluster.coordinator.port, name_the_tap))
        worker.kill()
        cls.cluster.wait_for_nodes(2)
        worker.config["discovery.uri"] = f"http://127.0.0.1:{cls.to_coordinator.port}"
        worker.start()
        cls.cluster.wait_for_nodes(3)
        cls.cluster.query("SELECT count(*), max(c) FROM (SELECT o_orderpriority, count(*) c FROM tpch.sf1.orders "
                          "JOIN tpch.sf1.lineitem ON o_orderkey = l_orderkey GROUP BY 1)")
        cls.tasks = cls.to_worker.bodies(b"POST /v1/task")
        assert cls.tasks, "no task went through the tap"

    def post_task(self, body):
        return self.send(self.cluster.workers[0].port, "POST", "/v1/task", body)

    def test_task_of_another_version(self):
        for task in self.tasks:
            for position in (0, 1):
                other = bytearray(task)
                other[position] += 1
                self.assertEqual(self.post_task(bytes(other))[0], 400)

    def test_short_task(self):
        for task in self.tasks[:3]:
            for length in range(0, len(task), 7):
                self.assertEqual(self.post_task(task[:length])[0], 400, length)

    def test_task_with_more_behind(self):
        for task in self.tasks[:3]:
            self.assertEqual(self.post_task(task + b"more")[0], 400)

    def test_damaged_task(self):
        """Accepted or refused: what was accepted fails in its own report, which nobody waits for."""
        for number, task in enumerate(self.tasks):
            dice = random.Random(number)
            for _ in range(40):
                bad = bytearray(task)
                for _ in range(dice.randrange(1, 5)):
                    bad[dice.randrange(len(bad))] = dice.randrange(256)
                self.assertIn(self.post_task(bytes(bad))[0], (202, 400))


if __name__ == "__main__":
    unittest.main(verbosity=2)

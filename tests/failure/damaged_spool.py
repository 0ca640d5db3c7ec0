"""Spooled outputs that rot or vanish, and disks that are full."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from support import JOIN, FailureTest, QueryError, RunningQuery, wait_for_committed_output

TINY_DISK = 6 << 20


def flip_bytes(path):
    """In the middle of the object: the payload of some block."""
    middle = path.stat().st_size // 2
    with open(path, "r+b") as file:
        file.seek(middle)
        bytes_there = file.read(64)
        file.seek(middle)
        file.write(bytes(byte ^ 0xFF for byte in bytes_there))


def cut_in_half(path):
    os.truncate(path, path.stat().st_size // 2)


class DamagedOutputs(FailureTest):
    def check(self, damage):
        cluster = self.start_cluster()
        query = RunningQuery(cluster, JOIN)
        attempt, path = wait_for_committed_output(query, cluster)
        damage(path)
        self.assert_join_rows(query.rows())
        producer = [a for a in query.attempts()
                    if (a.fragment, a.partition) == (attempt.fragment, attempt.partition)]
        self.assertGreater(len(producer), 1, "the producer of the damaged output did not run again")
        self.assert_nothing_spooled(cluster)
        self.assert_alive(cluster)

    def test_flipped_bytes(self):
        self.check(flip_bytes)

    def test_short_object(self):
        self.check(cut_in_half)

    def test_deleted_object(self):
        self.check(os.unlink)

    def test_object_of_another_version(self):
        def change_version(path):
            with open(path, "r+b") as file:
                file.seek(8)
                file.write(bytes([99]))
        self.check(change_version)

    def test_output_that_rots_every_time(self):
        """A bounded number of attempts, then a clear error instead of a loop."""
        cluster = self.start_cluster(config={"task-retry-attempts-per-task": "1"})
        query = RunningQuery(cluster, JOIN)
        damaged = set()
        while not query.done:
            for path in cluster.spooled_files():
                try:
                    if path not in damaged and path.stat().st_size > 0 and path.name.startswith("0."):
                        os.unlink(path)
                        damaged.add(path)
                except FileNotFoundError:
                    pass
        with self.assertRaises(QueryError) as caught:
            query.rows()
        self.assertNotEqual(caught.exception.error["errorType"], "USER_ERROR", caught.exception)
        self.assertGreater(len(damaged), 1)
        self.assertTrue(query.repeated())
        self.assert_nothing_spooled(cluster)
        self.assert_alive(cluster)


class FullDisks(FailureTest):
    def tiny_disk(self):
        directory = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="planaria-full-")))
        if os.geteuid() != 0:
            self.skipTest("a small file system needs root to be mounted")
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={TINY_DISK}", "tmpfs", directory],
                                 capture_output=True, text=True)
        if mounted.returncode != 0:
            self.skipTest("no file system can be mounted here: " + mounted.stderr.strip())
        self.addCleanup(subprocess.run, ["umount", "--lazy", directory], check=True)
        return directory

    def test_the_only_directory_is_full(self):
        cluster = self.start_cluster(exchange=[self.tiny_disk()])
        query = RunningQuery(cluster, JOIN)
        with self.assertRaises(QueryError) as caught:
            query.rows()
        error = caught.exception.error
        self.assertEqual(error["errorType"], "INSUFFICIENT_RESOURCES", error["message"])
        self.assertIn("No space left on device", error["message"])
        self.assert_nothing_spooled(cluster)
        self.assert_alive(cluster)
        small = cluster.query("SELECT count(*) FROM (SELECT DISTINCT l_suppkey FROM lineitem)", catalog="tpch",
                              schema="tiny")
        self.assertEqual(small.rows, [[100]])

    def test_one_of_two_directories_is_full(self):
        """Attempts take turns over the directories: the second one finds the roomy one."""
        roomy = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="planaria-roomy-")))
        cluster = self.start_cluster(exchange=[self.tiny_disk(), roomy],
                                     config={"task-retry-attempts-per-task": "1", "retry-initial-delay": "10ms"})
        query = RunningQuery(cluster, JOIN)
        self.assert_join_rows(query.rows())
        self.assertTrue(query.repeated(), "the small directory was never full")
        self.assert_nothing_spooled(cluster)
        self.assert_alive(cluster)


if __name__ == "__main__":
    unittest.main(verbosity=2)

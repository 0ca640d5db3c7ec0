"""Tasks and nodes that run out of memory."""

import os
import pathlib
import shutil
import time
import unittest

from support import JOIN, FailureTest, QueryError, RunningQuery, wait_until

# The state of each group is a list that cannot be spilled: about 160 MB for a third of the comments.
LISTS = "SELECT l_suppkey % 3, array_agg(l_comment)[1] FROM lineitem GROUP BY 1"
# The same, long enough for its memory to be seen: nodes are asked twice a second.
SLOW_LISTS = ("SELECT l_suppkey % 3, array_agg(l_comment)[1] FROM lineitem "
              "WHERE regexp_replace(l_comment, '[aeiou]', 'x') <> l_shipmode GROUP BY 1")
# Sorts every row: more than the nodes of these tests may hold.
SORT = ("SELECT count(*), max(p) FROM (SELECT row_number() OVER (ORDER BY l_comment, l_orderkey) AS p, l_comment "
        "FROM lineitem)")
DESCRIPTORS = "fault-tolerant-execution-task-descriptor-storage-"


# The same in four groups, together 480 MB, or for one row in `part`.
SOME_LISTS = ("SELECT l_suppkey % 4, count(*), array_agg(l_comment)[1] IS NOT NULL FROM lineitem "
              "WHERE l_orderkey % {part} = 0 GROUP BY 1")


class Memory(FailureTest):
    workers = 2

    def assert_some_lists(self, cluster, part, rows):
        self.assertEqual(len(rows), 4)
        self.assertTrue(all(there for _, _, there in rows))
        expected = cluster.query(f"SELECT count(*) FROM lineitem WHERE l_orderkey % {part} = 0", catalog="tpch", schema="sf1")
        self.assertEqual([[sum(count for _, count, _ in rows)]], expected.rows)

    def test_a_query_has_limits_of_memory(self):
        cluster = self.start_cluster()
        for policy in ("NONE", "QUERY"):
            for limit, code, text in (
                    ("query_max_memory", "EXCEEDED_GLOBAL_MEMORY_LIMIT",
                     r"Query exceeded distributed user memory limit of 30MB$"),
                    ("query_max_total_memory", "EXCEEDED_GLOBAL_MEMORY_LIMIT",
                     r"Query exceeded distributed total memory limit of 30MB$"),
                    ("query_max_memory_per_node", "EXCEEDED_LOCAL_MEMORY_LIMIT",
                     r"Query exceeded per-node memory limit of 30MB \[Allocated: [\d.]+MB, Node: worker\d\]")):
                with self.subTest(policy=policy, limit=limit):
                    with self.assertRaises(QueryError) as caught:
                        RunningQuery(cluster, SLOW_LISTS,
                                     session={"retry_policy": policy, limit: "30MB"}).rows()
                    self.assertEqual(caught.exception.name, code)
                    self.assertRegex(caught.exception.error["message"], text)
        session = {"query_max_memory": "30MB", "query_max_memory_per_node": "30MB"}
        query = RunningQuery(cluster, LISTS, session=session)
        self.assertEqual(len(query.rows()), 3, "under TASK the limits do not hold")
        self.assertGreater(query.result.stats["peakMemoryBytes"], 30 << 20)

    def test_a_task_is_killed_where_two_do_not_fit(self):
        # Two tasks of 120 MB each, and a pool of 210 MB: one may end before the other is large, but not every time.
        for policy in ("total-reservation-on-blocked-nodes", "least-waste"):
            cluster = self.start_cluster(workers=1, memory="300M", config={
                "task.low-memory-killer.policy": policy, "fault-tolerant-execution-task-memory": "1MB"})
            for _ in range(10):
                query = RunningQuery(cluster, SOME_LISTS.format(part=2))
                self.assert_some_lists(cluster, 2, query.rows())
                killed = "kills task " + query.id in cluster.coordinator.log_text()
                if killed:
                    break
            self.assertTrue(killed, "no task was killed")
            self.assertTrue(query.repeated(), "a killed task runs again")
            self.assert_nothing_spooled(cluster)

    def test_a_query_is_killed_where_two_do_not_fit(self):
        # Two of 240 MB, and a pool of 315 MB: one may end before the other is large, but not every time.
        cluster = self.start_cluster(workers=1, memory="450M", retry_policy="NONE", config={
            "query.max-memory-per-node": "1GB"})
        killed = 0
        for _ in range(10):
            queries = [RunningQuery(cluster, SOME_LISTS.format(part=2)) for _ in range(2)]
            for query in queries:
                try:
                    self.assert_some_lists(cluster, 2, query.rows())
                except QueryError as error:
                    killed += 1
                    self.assertEqual(str(error), "CLUSTER_OUT_OF_MEMORY: Query killed because the cluster is out of "
                                                 "memory. Please try again in a few minutes.")
                    self.assertIn("kills query " + query.id, cluster.coordinator.log_text())
            if killed > 0:
                break
        self.assertEqual(killed, 1)
        self.assert_alive(cluster)

    def test_operators_spill_first(self):
        cluster = self.start_cluster(memory="300M")
        query = RunningQuery(cluster, SORT)
        spilled = 0
        while not query.done:
            for worker in cluster.workers:
                for folder, _, files in os.walk(cluster.directory / worker.name / "data" / "spill"):
                    spilled += len(files)
            time.sleep(0.02)
        self.assertEqual(query.rows(), [[6001215, 6001215]])
        self.assertGreater(spilled, 0, "nothing was spilled: the test needs more rows or less memory")
        self.assertEqual(query.repeated(), [])

    def test_a_task_that_fits_nowhere_ends_the_query(self):
        cluster = self.start_cluster(memory="120M")
        query = RunningQuery(cluster, LISTS)
        with self.assertRaises(QueryError) as failure:
            query.rows()
        # The first refusal is what is told: alone on its node, or with another task beside it.
        self.assertIn(failure.exception.name, ("EXCEEDED_LOCAL_MEMORY_LIMIT", "CLUSTER_OUT_OF_MEMORY"))
        self.assertEqual(failure.exception.error["errorType"], "INSUFFICIENT_RESOURCES")
        self.assertTrue(all(worker.alive() for worker in cluster.workers), "a node must not die of a task")
        self.assert_alive(cluster)
        self.assert_nothing_spooled(cluster)

    def nameless_files(self, node):
        """Sizes of the deleted files in a node's spill directory that it has open."""
        sizes = []
        for descriptor in pathlib.Path(f"/proc/{node.process.pid}/fd").iterdir():
            try:
                target = os.readlink(descriptor)
                if "/data/spill/" in target and target.endswith(" (deleted)"):
                    sizes.append(descriptor.stat().st_size)
            except FileNotFoundError:
                pass
        return sizes

    def test_task_descriptors_go_to_disk(self):
        cluster = self.start_cluster(config={DESCRIPTORS + "max-memory": "1GB", DESCRIPTORS + "high-water-mark": "100B",
                                             DESCRIPTORS + "low-water-mark": "10B"})
        query = RunningQuery(cluster, JOIN)
        largest = 0
        while not query.done:
            largest = max([largest, *self.nameless_files(cluster.coordinator)])
            time.sleep(0.02)
        self.assert_join_rows(query.rows())
        self.assertGreater(largest, 1000, "nothing went to disk")
        wait_until(lambda: not self.nameless_files(cluster.coordinator), 10, "the file goes with its query")
        self.assertEqual(query.repeated(), [])

    def test_task_descriptors_that_fit_nowhere_end_the_query(self):
        cluster = self.start_cluster(config={DESCRIPTORS + "max-memory": "100B"})
        spill = cluster.directory / "coordinator" / "data" / "spill"
        shutil.rmtree(spill)
        spill.write_text("in the way")
        with self.assertRaises(QueryError) as failure:
            RunningQuery(cluster, JOIN).rows()
        self.assertEqual(failure.exception.name, "EXCEEDED_TASK_DESCRIPTOR_STORAGE_CAPACITY")
        self.assertRegex(str(failure.exception), r"Task descriptor storage capacity has been exceeded: 100B > \S+B")
        self.assert_alive(cluster)
        self.assert_nothing_spooled(cluster)


if __name__ == "__main__":
    unittest.main(verbosity=2)

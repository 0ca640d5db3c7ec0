"""Tasks and nodes that run out of memory."""

import os
import time
import unittest

from support import FailureTest, QueryError, RunningQuery

# The state of each group is a list that cannot be spilled: about 160 MB for a third of the comments.
LISTS = "SELECT l_suppkey % 3, array_agg(l_comment)[1] FROM lineitem GROUP BY 1"
# Sorts every row: more than the nodes of these tests may hold.
SORT = ("SELECT count(*), max(p) FROM (SELECT row_number() OVER (ORDER BY l_comment, l_orderkey) AS p, l_comment "
        "FROM lineitem)")


class Memory(FailureTest):
    workers = 2

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


if __name__ == "__main__":
    unittest.main(verbosity=2)

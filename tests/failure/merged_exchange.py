"""Exchanges so wide that their outputs are merged before they are read."""

import json
import unittest

from coordinator_restart import PatientClient, restart
from support import CONFIG, FailureTest, RunningQuery, wait_until, worker_of

# Ten thousand groups of each of the producers.
SQL = ("SELECT count(*), sum(rows), sum(quantity), min(price) FROM (SELECT l_suppkey, count(*) AS rows, sum(l_quantity) "
       "AS quantity, min(l_extendedprice) AS price FROM lineitem GROUP BY l_suppkey)")
WIDE = {
    **CONFIG,
    "fault-injection.enabled": "true",
    "fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-min": "2MB",
    "fault-tolerant-execution-standard-split-size": "2MB",
    "fault-tolerant-execution-hash-distribution-compute-task-target-size": "32kB",
    "fault-tolerant-execution-max-partition-count": "24",
    "fault-tolerant-execution-min-partition-count": "24",
    "fault-tolerant-execution-merge-min-requests": "50",
}
ROWS = []


class MergedExchange(FailureTest):
    def setUp(self):
        self.cluster = self.start_cluster(config=WIDE)
        if not ROWS:
            never = {"fault_tolerant_execution_merge_min_requests": "1000000"}
            ROWS.extend(self.cluster.query(SQL, catalog="tpch", schema="sf1", session=never).rows)
        text = "\n".join(row[0] for row in self.cluster.query(
            "EXPLAIN (TYPE DISTRIBUTED) " + SQL, catalog="tpch", schema="sf1").rows)
        fragments = text.split("Fragment ")[1:]
        merging = [fragment for fragment in fragments if "Merges the outputs" in fragment]
        self.assertEqual(len(merging), 1, text)
        self.merge = int(merging[0].split()[0])

    def check(self, query):
        self.assertEqual(query.rows(), ROWS)
        merges = [a for a in query.attempts() if a.fragment == self.merge and a.state == "FINISHED"]
        producers = [a for a in query.attempts() if a.fragment == self.merge - 1 and a.state == "FINISHED"]
        self.assertTrue(1 < len(merges) < len(producers), (merges, producers))
        self.assert_nothing_spooled(self.cluster)

    def test_rows_are_the_same(self):
        self.check(RunningQuery(self.cluster, SQL))

    def set_rule(self, **rule):
        """At the start of the first merging task."""
        rule = {"point": "task.start", "fragment": self.merge, "partition": 0, "last_attempt": 0, **rule}
        for worker in self.cluster.workers:
            self.cluster.request("PUT", f"http://127.0.0.1:{worker.port}/v1/fault", json.dumps([rule]).encode())

    def test_a_worker_is_lost_that_merges(self):
        self.set_rule(action="kill")
        query = RunningQuery(self.cluster, SQL)
        self.check(query)
        self.assertEqual(sum(not worker.alive() for worker in self.cluster.workers), 1)
        self.assertTrue([a for a in query.attempts() if a.fragment == self.merge and a.state == "FAILED"])

    def test_the_coordinator_is_lost_while_it_merges(self):
        self.set_rule(action="delay", delay="3s")
        client = PatientClient(self.cluster, SQL, schema="sf1")

        def merges():
            return client.done or [t for t in self.cluster.tasks(client.id) if int(t[0].split(".")[1]) == self.merge]

        wait_until(merges, 60, "a merge begins")
        self.assertFalse(client.done, client.error)
        restart(self.cluster)
        self.assertEqual(client.result(), ROWS)
        self.assertIn("takes up query " + client.id, self.cluster.coordinator.log_text())
        self.assertTrue([t for t in self.cluster.tasks(client.id) if int(t[0].split(".")[1]) == self.merge])
        self.assert_nothing_spooled(self.cluster)


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""Writes whose tasks and workers fail: a table has exactly the rows once, or is not there at all."""

import json
import unittest

from support import FailureTest, QueryError, RunningQuery, worker_of

CATALOGS = {
    "tpch": {"connector.name": "tpch", "tpch.column-naming": "STANDARD", "tpch.double-type-mapping": "DECIMAL"},
    "memory": {"connector.name": "memory"},
    "blackhole": {"connector.name": "blackhole"},
}
CONFIG = {
    "fault-injection.enabled": "true",
    "fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-min": "1MB",
    "fault-tolerant-execution-standard-split-size": "1MB",
    "retry-initial-delay": "10ms",
}
SUMS = "count(*), sum(o_orderkey), count(DISTINCT o_orderkey), sum(length(o_comment))"
ORDERS = f"SELECT {SUMS} FROM tpch.sf1.orders"
TABLE = f"SELECT {SUMS} FROM memory.default.t"
CREATE = "CREATE TABLE memory.default.t AS SELECT * FROM tpch.sf1.orders"
FAILURES = ("GENERIC_INTERNAL_ERROR", "REMOTE_HOST_GONE", "REMOTE_TASK_ERROR", "PAGE_TRANSPORT_ERROR")


class Writes(FailureTest):
    def start(self, **options):
        config = {**CONFIG, **options.pop("config", {})}
        return self.start_cluster(catalogs=CATALOGS, config=config, **options)

    def set_rules(self, cluster, *rules):
        for node in [cluster.coordinator, *cluster.workers]:
            if node.alive():
                cluster.request("PUT", f"http://127.0.0.1:{node.port}/v1/fault", json.dumps(rules).encode())

    def fired(self, cluster):
        return sum(sum(cluster.request("GET", f"http://127.0.0.1:{node.port}/v1/fault") or [0])
                   for node in [cluster.coordinator, *cluster.workers] if node.alive())

    def tables(self, cluster):
        return [row[0] for row in cluster.query("SHOW TABLES FROM memory.default").rows]

    def assert_whole(self, cluster):
        self.assertEqual(cluster.query(TABLE).rows, cluster.query(ORDERS).rows)

    def kill_a_writer(self, cluster, query):
        attempt = query.wait_for_attempt(lambda a: a.running and a.node != "coordinator", "a writer runs")
        worker = worker_of(cluster, attempt.node)
        worker.kill()
        return attempt

    def test_worker_killed_while_creating(self):
        cluster = self.start(retry_policy="TASK")
        query = RunningQuery(cluster, CREATE)
        self.kill_a_writer(cluster, query)
        self.assertEqual(query.rows(), [[1500000]])
        self.assertTrue(query.repeated(), "nothing ran twice")
        self.assert_whole(cluster)
        self.assert_nothing_spooled(cluster)

    def test_worker_killed_while_inserting_deleting_and_updating(self):
        cluster = self.start(retry_policy="TASK")
        cluster.query("CREATE TABLE memory.default.t AS SELECT * FROM tpch.sf1.orders WITH NO DATA")
        query = RunningQuery(cluster, "INSERT INTO memory.default.t SELECT * FROM tpch.sf1.orders")
        attempt = self.kill_a_writer(cluster, query)
        self.assertEqual(query.rows(), [[1500000]])
        self.assertTrue(query.repeated(), "nothing ran twice")
        self.assert_whole(cluster)
        worker_of(cluster, attempt.node).start()
        cluster.wait_for_nodes(4)
        for statement, rows in (("DELETE FROM memory.default.t WHERE o_orderkey % 8 = 0", "o_orderkey % 8 = 0"),
                                ("UPDATE memory.default.t SET o_comment = 'x' WHERE o_orderkey % 4 = 1",
                                 "o_orderkey % 4 = 1")):
            with self.subTest(statement=statement):
                expected = cluster.query(f"SELECT count(*) FROM tpch.sf1.orders WHERE {rows}").rows
                self.set_rules(cluster, {"point": "task.finish", "action": "kill", "fragment": 0, "partition": 0,
                                         "last_attempt": 0, "times": 1})
                self.assertEqual(cluster.query(statement).rows, expected)
                dead = [worker for worker in cluster.workers if not worker.alive()]
                self.assertEqual(len(dead), 1, "the fault did not fire")
                # The coordinator has the rule as well, and must not meet it in the queries that follow.
                self.set_rules(cluster)
                dead[0].start()
                cluster.wait_for_nodes(4)
        left = cluster.query("SELECT count(*), CAST(count_if(o_comment = 'x') AS bigint), count(DISTINCT o_orderkey) "
                             "FROM memory.default.t").rows[0]
        expected = cluster.query("SELECT CAST(count_if(o_orderkey % 8 <> 0) AS bigint), "
                                 "CAST(count_if(o_orderkey % 4 = 1) AS bigint), "
                                 "CAST(count_if(o_orderkey % 8 <> 0) AS bigint) FROM tpch.sf1.orders").rows[0]
        self.assertEqual(left, expected)

    def test_tasks_that_fail(self):
        """At their start and after their work, writers and the last step: the rows are there once."""
        cluster = self.start(retry_policy="TASK")
        for point in ("task.start", "task.finish", "output.write"):
            for fragment in (0, 1):
                with self.subTest(point=point, fragment=fragment):
                    self.set_rules(cluster, {"point": point, "action": "fail", "error": "GENERIC_INTERNAL_ERROR",
                                             "fragment": fragment, "partition": 0, "last_attempt": 0, "times": 1})
                    self.assertEqual(cluster.query(CREATE).rows, [[1500000]])
                    self.assertEqual(self.fired(cluster), 1)
                    self.set_rules(cluster)
                    self.assert_whole(cluster)
                    cluster.query("DROP TABLE memory.default.t")

    def test_failed_write_leaves_nothing(self):
        for policy in ("NONE", "TASK"):
            with self.subTest(policy=policy):
                cluster = self.start(retry_policy=policy, config={"task-retry-attempts-per-task": "1"})
                for fragment, point in ((0, "task.finish"), (1, "task.start"), (1, "task.finish")):
                    self.set_rules(cluster, {"point": point, "action": "fail", "error": "GENERIC_INTERNAL_ERROR",
                                             "fragment": fragment, "partition": 0})
                    with self.assertRaises(QueryError) as failure:
                        cluster.query(CREATE)
                    self.assertIn(failure.exception.name, FAILURES)
                    self.assertGreater(self.fired(cluster), 0)
                    self.set_rules(cluster)
                    self.assertEqual(self.tables(cluster), [])
                cluster.query(CREATE)
                self.set_rules(cluster, {"point": "task.finish", "action": "fail", "error": "GENERIC_INTERNAL_ERROR",
                                         "fragment": 0, "partition": 0})
                for statement in ("INSERT INTO memory.default.t SELECT * FROM tpch.sf1.orders",
                                  "DELETE FROM memory.default.t", "UPDATE memory.default.t SET o_orderkey = 1"):
                    with self.assertRaises(QueryError):
                        cluster.query(statement)
                self.set_rules(cluster)
                self.assert_whole(cluster)

    def test_cancelled_write_leaves_nothing(self):
        cluster = self.start(retry_policy="TASK")
        cluster.query("CREATE TABLE blackhole.default.slow (a bigint) WITH (split_count = 100, pages_per_split = 10, "
                      "rows_per_page = 10, page_processing_delay = '1s')")
        page = cluster.start("CREATE TABLE memory.default.t AS SELECT a FROM blackhole.default.slow")
        query = RunningQuery.__new__(RunningQuery)
        query.cluster, query.id, query.error = cluster, page["id"], None
        while not any(attempt.running for attempt in query.attempts()):
            page = cluster.request("GET", page["nextUri"])
        cluster.request("DELETE", page["nextUri"])
        self.assertEqual(self.tables(cluster), [])
        cluster.query("CREATE TABLE memory.default.t (a bigint)")
        self.assertEqual(cluster.query("SELECT count(*) FROM memory.default.t").rows, [[0]])

    def test_limit_of_memory_tables(self):
        cluster = self.start(retry_policy="NONE", workers=1)
        cluster.coordinator.kill()
        cluster.catalogs = {**CATALOGS, "memory": {"connector.name": "memory", "memory.max-data-per-node": "1MB"}}
        cluster.coordinator.start()
        cluster.wait_for_nodes(2)
        with self.assertRaises(QueryError) as failure:
            cluster.query(CREATE)
        self.assertEqual(failure.exception.error["message"], "Memory limit [1048576] for memory connector exceeded")
        self.assertEqual(failure.exception.name, "MEMORY_LIMIT_EXCEEDED")
        self.assertEqual(self.tables(cluster), [])

    def test_connector_without_writes(self):
        cluster = self.start(retry_policy="TASK", workers=1)
        for statement, text in (("CREATE TABLE tpch.tiny.t AS SELECT 1 x", "creating tables with data"),
                                ("INSERT INTO tpch.tiny.region SELECT * FROM tpch.tiny.region", "inserts"),
                                ("DELETE FROM tpch.tiny.region", "modifying table rows"),
                                ("CREATE TABLE tpch.tiny.t (a bigint)", "creating tables"),
                                ("DROP TABLE tpch.tiny.region", "dropping tables")):
            with self.assertRaises(QueryError) as failure:
                cluster.query(statement)
            self.assertEqual(failure.exception.name, "NOT_SUPPORTED")
            self.assertEqual(failure.exception.error["message"], f"This connector does not support {text}")


if __name__ == "__main__":
    unittest.main(verbosity=2)

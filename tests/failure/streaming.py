"""Faults under the policies that stream: NONE ends at once, QUERY and AUTO repeat without giving a row twice."""

import collections
import pathlib
import time
import unittest

from support import JOIN, PATIENCE, FailureTest, QueryError, RunningQuery, wait_until, worker_of

# Every row once, about 60 MB of them: more than is held in memory.
MANY_ROWS = "SELECT l_orderkey, l_linenumber, l_comment FROM lineitem"
MANY_ROWS_COUNT = 6_001_215
NO_EXCHANGE = {"exchange": 0}


def resident_megabytes(node):
    for line in pathlib.Path(f"/proc/{node.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"no memory of {node.name}")


class Streaming(FailureTest):
    def kill_a_runner(self, cluster, query):
        task = query.wait_for_attempt(lambda a: a.running and a.node != "coordinator", "a task runs")
        victim = worker_of(cluster, task.node)
        victim.kill()
        return victim

    def test_none_ends_with_the_lost_worker(self):
        cluster = self.start_cluster(retry_policy="NONE", **NO_EXCHANGE)
        query = RunningQuery(cluster, JOIN)
        self.kill_a_runner(cluster, query)
        with self.assertRaises(QueryError) as caught:
            query.rows()
        self.assertEqual(caught.exception.name, "REMOTE_HOST_GONE", caught.exception)
        self.assertEqual(query.repeated(), [])
        self.assert_alive(cluster)
        self.assert_join_rows(RunningQuery(cluster, JOIN).rows())

    def assert_repeated_whole(self, retry_policy, **options):
        cluster = self.start_cluster(retry_policy=retry_policy, **options)
        query = RunningQuery(cluster, JOIN)
        victim = self.kill_a_runner(cluster, query)
        self.assert_join_rows(query.rows())
        self.assertTrue(query.repeated(), "nothing ran twice")
        self.assertTrue(any(a.node == victim.name and a.number == 0 for a in query.attempts()))
        self.assert_alive(cluster)

    def test_query_runs_again_without_an_exchange_manager(self):
        self.assert_repeated_whole("QUERY", **NO_EXCHANGE)

    def test_auto_goes_on_with_task_retries(self):
        self.assert_repeated_whole("AUTO")

    def test_no_row_of_a_failed_run_is_given_out(self):
        """The result is far larger than what is held in memory, and its first run dies when much of it is there."""
        cluster = self.start_cluster(retry_policy="QUERY", **NO_EXCHANGE,
                                     config={"exchange.deduplication-buffer-size": "1MB"})
        query = RunningQuery(cluster, MANY_ROWS)
        held = cluster.directory / "coordinator" / "data" / "spool"
        wait_until(lambda: query.done or any(file.stat().st_size > 4 << 20 for file in held.rglob("*") if file.is_file()),
                   PATIENCE, "held rows on disk")
        self.assertFalse(query.done, "the query ended before its rows were held")
        self.kill_a_runner(cluster, query)
        rows = query.rows()
        self.assertTrue(query.repeated(), "nothing ran twice")
        self.assertEqual(len(rows), MANY_ROWS_COUNT)
        doubled = [key for key, count in collections.Counter((row[0], row[1]) for row in rows).items() if count > 1]
        self.assertEqual(doubled, [])
        wait_until(lambda: not [file for file in held.rglob("*") if file.is_file()], PATIENCE, "an empty node store")

    def test_a_client_that_does_not_read_holds_the_query_back(self):
        cluster = self.start_cluster(retry_policy="NONE", workers=2, **NO_EXCHANGE, config={
            "sink.max-buffer-size": "1MB", "exchange.max-buffer-size": "1MB", "exchange.max-response-size": "512kB"})
        nodes = [cluster.coordinator, *cluster.workers]
        page = cluster.start("SELECT * FROM lineitem", catalog="tpch", schema="sf10")
        while "data" not in page:
            page = cluster.request("GET", page["nextUri"])
        time.sleep(1)
        before = [resident_megabytes(node) for node in nodes]
        time.sleep(5)
        after = [resident_megabytes(node) for node in nodes]
        for node, first, second in zip(nodes, before, after):
            self.assertLess(second - first, 64, f"{node.name} grew from {first:.0f} to {second:.0f} MB")
        running = [row for row in cluster.tasks(page["id"]) if row[2] == "RUNNING"]
        self.assertTrue(running, "the query ended although nobody read its rows")
        next_page = cluster.request("GET", page["nextUri"])
        self.assertIn("data", next_page)
        cluster.request("DELETE", next_page["nextUri"])
        self.assert_alive(cluster)

    def test_a_limit_does_not_wait_for_the_whole_table(self):
        cluster = self.start_cluster(retry_policy="NONE", workers=2, **NO_EXCHANGE)
        rows = cluster.query("SELECT l_orderkey FROM lineitem LIMIT 10", catalog="tpch", schema="sf100").rows
        self.assertEqual(len(rows), 10)
        wait_until(lambda: not cluster.query("SELECT * FROM system.runtime.tasks WHERE state = 'RUNNING' "
                                             "AND node_id <> 'coordinator'").rows,
                   PATIENCE, "no task that still scans")


if __name__ == "__main__":
    unittest.main(verbosity=2)

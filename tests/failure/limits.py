"""Queries that pass their limits of time, CPU, bytes and stages."""

import pathlib
import tempfile
import unittest
import urllib.request

from support import JOIN, FailureTest, QueryError, RunningQuery, wait_until

# Never ends by itself, on one worker or many.
ENDLESS = "SELECT sum(a.l_orderkey * b.l_partkey % 7) FROM lineitem a CROSS JOIN lineitem b"

ENDLESS_LAKE = "SELECT sum(a.n * b.n % 7 + c.n) FROM lake.s.numbers a, lake.s.numbers b, lake.s.numbers c"


class Limits(FailureTest):
    workers = 2

    def ended_by_limit(self, cluster, sql, **session):
        """The error; all tasks of the query end too."""
        query = RunningQuery(cluster, sql, session=session)
        with self.assertRaises(QueryError) as caught:
            query.rows()
        wait_until(lambda: not any(attempt.running for attempt in query.attempts()), 30, "the end of all tasks")
        error = caught.exception.error
        return error["errorName"], error["errorType"], error["message"]

    def test_time_and_cpu_under_every_policy(self):
        cluster = self.start_cluster()
        for policy in ("NONE", "QUERY", "TASK"):
            with self.subTest(policy=policy):
                self.assertEqual(
                    self.ended_by_limit(cluster, ENDLESS, retry_policy=policy, query_max_run_time="1s"),
                    ("EXCEEDED_TIME_LIMIT", "INSUFFICIENT_RESOURCES", "Query exceeded maximum time limit of 1.00s"))
                self.assertEqual(
                    self.ended_by_limit(cluster, ENDLESS, retry_policy=policy, query_max_execution_time="900ms"),
                    ("EXCEEDED_TIME_LIMIT", "INSUFFICIENT_RESOURCES",
                     "Query exceeded the maximum execution time limit of 900.00ms"))
                self.assertEqual(
                    self.ended_by_limit(cluster, ENDLESS, retry_policy=policy, query_max_cpu_time="1500ms"),
                    ("EXCEEDED_CPU_LIMIT", "INSUFFICIENT_RESOURCES", "Exceeded CPU limit of 1500.00ms"))
        self.assert_alive(cluster)
        self.assert_nothing_spooled(cluster)

    def test_a_routine_s_loop_without_an_end_ends_with_its_query(self):
        cluster = self.start_cluster()
        routine = "WITH FUNCTION forever(x bigint) RETURNS bigint BEGIN WHILE x = x DO SET x = x; END WHILE; RETURN x; END "
        for sql in (routine + "SELECT forever(1)", routine + "SELECT sum(forever(n_nationkey)) FROM nation"):
            with self.subTest(sql=sql):
                self.assertEqual(self.ended_by_limit(cluster, sql, query_max_run_time="1s")[0], "EXCEEDED_TIME_LIMIT")
        self.assert_alive(cluster)

    def start_with_lake(self, **config):
        """The catalog `lake` has the table s.numbers of 20,000 rows."""
        lake = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (lake / "s" / "numbers").mkdir(parents=True)
        (lake / "s" / "numbers" / "1.csv").write_text("n\n" + "".join(f"{i}\n" for i in range(20_000)))
        return self.start_cluster(config=config, catalogs={
            "tpch": {"connector.name": "tpch", "tpch.column-naming": "STANDARD"},
            "lake": {"connector.name": "files", "files.base-directory": lake}})

    def test_a_session_cannot_lift_the_server_s_limit_of_cpu(self):
        cluster = self.start_cluster(config={"query.max-cpu-time": "1s"})
        self.assertEqual(self.ended_by_limit(cluster, ENDLESS, query_max_cpu_time="1h"),
                         ("EXCEEDED_CPU_LIMIT", "INSUFFICIENT_RESOURCES", "Exceeded CPU limit of 1.00s"))

    def test_a_session_cannot_lift_the_server_s_limit_of_scanned_bytes(self):
        cluster = self.start_with_lake(**{"query.max-scan-physical-bytes": "20kB"})
        for session in ({}, {"query_max_scan_physical_bytes": "1GB"}):
            self.assertEqual(self.ended_by_limit(cluster, ENDLESS_LAKE, **session),
                             ("EXCEEDED_SCAN_LIMIT", "INSUFFICIENT_RESOURCES", "Exceeded scan limit of 20kB"))
        self.assertEqual(self.ended_by_limit(cluster, ENDLESS_LAKE, query_max_scan_physical_bytes="1kB"),
                         ("EXCEEDED_SCAN_LIMIT", "INSUFFICIENT_RESOURCES", "Exceeded scan limit of 1kB"))

    def test_cpu_time_and_scanned_bytes_are_shown_while_the_query_runs(self):
        cluster = self.start_with_lake()
        page = cluster.start(ENDLESS_LAKE, session={"query_max_run_time": "30s"})

        def shown():
            nonlocal page
            page = cluster.request("GET", page["nextUri"])
            return page["stats"]["cpuTimeMillis"] > 500 and page["stats"]["physicalInputBytes"] > 0

        wait_until(shown, 25, "CPU time and scanned bytes")
        cluster.request("DELETE", page["nextUri"])
        rows = cluster.query(JOIN, catalog="tpch", schema="sf1")
        self.assertGreater(rows.stats["cpuTimeMillis"], 100)

    def test_stages(self):
        cluster = self.start_cluster(config={"query.stage-count-warning-threshold": "2"})
        with self.assertRaises(QueryError) as caught:
            RunningQuery(cluster, JOIN, session={"query_max_stage_count": "3"}).rows()
        self.assertEqual(caught.exception.name, "QUERY_HAS_TOO_MANY_STAGES")
        self.assertRegex(str(caught.exception),
                         r"Number of stages in the query \(\d\) exceeds the allowed maximum \(3\)\. If the query")
        page = cluster.start(JOIN, catalog="tpch", schema="tiny")
        while "nextUri" in page:
            page = cluster.request("GET", page["nextUri"])
        self.assertNotIn("error", page)
        warning = page["warnings"][0]
        self.assertEqual(warning["warningCode"], {"code": 1, "name": "TOO_MANY_STAGES"})
        self.assertRegex(warning["message"], r"exceeds the soft limit \(2\)")

    def state_of(self, cluster, query_id):
        return cluster.request("GET", f"{cluster.uri}/v1/query/{query_id}")["state"]

    def cancel(self, cluster, query):
        request = urllib.request.Request(f"{cluster.uri}/v1/query/{query.id}", method="DELETE")
        urllib.request.urlopen(request).close()

    def test_queries_wait_for_others(self):
        cluster = self.start_cluster(config={"query.max-concurrent-queries": "1", "query.max-queued-queries": "2"})
        first = RunningQuery(cluster, ENDLESS)
        wait_until(lambda: self.state_of(cluster, first.id) == "RUNNING", 30, "the first query runs")
        late = RunningQuery(cluster, "SELECT 1", session={"query_max_run_time": "1s"})
        second = RunningQuery(cluster, "SELECT 2")
        with self.assertRaises(QueryError) as caught:
            cluster.query("SELECT 3")
        self.assertEqual(str(caught.exception), 'QUERY_QUEUE_FULL: Too many queued queries for "global"')
        with self.assertRaises(QueryError) as caught:
            late.rows()
        self.assertEqual(caught.exception.name, "EXCEEDED_TIME_LIMIT")
        self.assertEqual(self.state_of(cluster, second.id), "QUEUED")
        page = cluster.start("SELECT 4")
        page = cluster.request("GET", page["nextUri"])
        self.assertEqual((page["stats"]["state"], page["stats"]["queued"]), ("QUEUED", True))
        cluster.request("DELETE", page["nextUri"])
        self.cancel(cluster, first)
        self.assertEqual(second.rows(), [[2]])
        self.assertRaises(QueryError, first.rows)
        self.assertEqual(self.state_of(cluster, second.id), "FINISHED")
        self.assert_alive(cluster)


if __name__ == "__main__":
    unittest.main(verbosity=2)

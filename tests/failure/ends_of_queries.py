"""However a query ends, its spool goes; and what must not be retried is not."""

import unittest
import urllib.request

from support import JOIN, FailureTest, QueryError, RunningQuery, wait_until


class EndsOfQueries(FailureTest):
    def spooling_query(self, cluster, sql=JOIN):
        query = RunningQuery(cluster, sql)
        wait_until(lambda: query.done or cluster.spooled_files(), 60, "spooled files")
        self.assertFalse(query.done, f"the query ended without spooling: {query.error}")
        return query

    def test_success(self):
        cluster = self.start_cluster()
        query = self.spooling_query(cluster)
        self.assert_join_rows(query.rows())
        self.assertEqual(query.repeated(), [])
        self.assert_nothing_spooled(cluster)

    def test_canceled(self):
        cluster = self.start_cluster()
        query = self.spooling_query(cluster)
        request = urllib.request.Request(f"{cluster.uri}/v1/query/{query.id}", method="DELETE")
        urllib.request.urlopen(request).close()
        with self.assertRaises(QueryError) as caught:
            query.rows()
        self.assertEqual(caught.exception.name, "USER_CANCELED")
        wait_until(lambda: not any(a.running for a in query.attempts()), 30, "the end of all tasks")
        self.assert_nothing_spooled(cluster)
        # By the end of another query a task that was late to stop would have brought its object back.
        self.assert_join_rows(RunningQuery(cluster, JOIN).rows())
        self.assert_nothing_spooled(cluster)

    def test_user_errors_are_not_retried(self):
        cluster = self.start_cluster()
        query = self.spooling_query(cluster, """
            SELECT count(*), sum(CAST(CASE WHEN l_orderkey = 5999972 AND o_orderdate IS NOT NULL THEN l_comment ELSE '1' END
                                     AS INTEGER)), max(l_comment)
            FROM orders JOIN lineitem ON o_orderkey = l_orderkey""")
        with self.assertRaises(QueryError) as caught:
            query.rows()
        self.assertEqual(caught.exception.error["errorType"], "USER_ERROR", caught.exception)
        self.assertEqual(caught.exception.name, "INVALID_CAST_ARGUMENT")
        self.assertEqual(query.repeated(), [])
        self.assertTrue(any(a.state == "FAILED" for a in query.attempts()), query.attempts())
        self.assert_nothing_spooled(cluster)
        self.assert_alive(cluster)

    def test_abandoned_by_its_client(self):
        cluster = self.start_cluster(config={"query.client.timeout": "1s"})
        page = cluster.start(JOIN, catalog="tpch", schema="sf1")
        wait_until(cluster.spooled_files, 60, "spooled files")

        def failed():
            rows = cluster.query("SELECT state, error_code FROM system.runtime.queries "
                                 f"WHERE query_id = '{page['id']}'").rows
            return rows == [["FAILED", "ABANDONED_QUERY"]]

        wait_until(failed, 60, "ABANDONED_QUERY")
        self.assert_nothing_spooled(cluster)

    def test_many_at_once(self):
        cluster = self.start_cluster()
        queries = [RunningQuery(cluster, JOIN, schema="tiny") for _ in range(12)]
        answers = [query.rows() for query in queries]
        self.assertEqual(answers, [answers[0]] * len(answers))
        self.assert_nothing_spooled(cluster)

    def test_coordinator_finds_leftovers(self):
        # The restarted coordinator goes on with the query until it notices that nobody asks for its rows.
        cluster = self.start_cluster(config={"query.client.timeout": "3s"})
        query = self.spooling_query(cluster)
        foreign = cluster.exchange[0] / "notes.txt"
        foreign.write_text("not ours")
        for node in [cluster.coordinator, *cluster.workers]:
            node.kill()
        self.assertTrue([f for f in cluster.spooled_files() if f != foreign], "nothing was left behind")
        with self.assertRaises((QueryError, OSError)):
            query.rows()
        for node in [cluster.coordinator, *cluster.workers]:
            node.start()
        cluster.wait_for_nodes(len(cluster.workers) + 1)
        wait_until(lambda: cluster.spooled_files() == [foreign], 30, "the sweep of leftovers")
        self.assert_join_rows(RunningQuery(cluster, JOIN).rows())
        foreign.unlink()
        self.assert_nothing_spooled(cluster)

    def test_coordinator_dies_alone(self):
        """Its workers outlive it, write on for a while, and serve its next start."""
        cluster = self.start_cluster()
        query = self.spooling_query(cluster)
        cluster.coordinator.kill()
        with self.assertRaises((QueryError, OSError)):
            query.rows()
        cluster.coordinator.start()
        cluster.wait_for_nodes(len(cluster.workers) + 1)
        self.assertTrue(all(worker.alive() for worker in cluster.workers))
        self.assert_join_rows(RunningQuery(cluster, JOIN).rows())


if __name__ == "__main__":
    unittest.main(verbosity=2)

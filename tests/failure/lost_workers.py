"""Workers that die, come back, or all go away."""

import unittest

from support import JOIN, FailureTest, QueryError, RunningQuery, is_complete, pause, resume, spool_file, worker_of


class LostWorkers(FailureTest):
    def kill_owner(self, cluster, attempt):
        worker = worker_of(cluster, attempt.node)
        worker.kill()
        return worker

    def assert_recovered(self, cluster, query, victim):
        self.assert_join_rows(query.rows())
        attempts = query.attempts()
        self.assertTrue(any(a.number > 0 for a in attempts), f"nothing ran twice: {attempts}")
        self.assertTrue(any(a.node == victim.name and a.state == "FAILED" for a in attempts), attempts)
        self.assert_nothing_spooled(cluster)
        self.assert_alive(cluster)

    def test_killed_while_scanning(self):
        cluster = self.start_cluster()
        query = RunningQuery(cluster, JOIN)
        scan = query.wait_for_attempt(lambda a: a.running and a.fragment == 0, "a scan runs")
        victim = self.kill_owner(cluster, scan)
        self.assert_recovered(cluster, query, victim)

    def test_killed_while_writing_its_output(self):
        cluster = self.start_cluster()
        query = RunningQuery(cluster, JOIN)

        def writes(attempt):
            path = spool_file(cluster, attempt)
            return attempt.running and path and path.stat().st_size > 0 and not is_complete(path)

        writer = query.wait_for_attempt(writes, "an output is being written")
        victim = self.kill_owner(cluster, writer)
        self.assertFalse(is_complete(spool_file(cluster, writer)), "the output was complete when its writer died")
        self.assert_recovered(cluster, query, victim)

    def test_killed_while_joining(self):
        cluster = self.start_cluster()
        query = RunningQuery(cluster, JOIN)
        join = query.wait_for_attempt(lambda a: a.running and a.fragment == 2, "the join runs")
        before = query.attempts()
        victim = self.kill_owner(cluster, join)
        self.assert_recovered(cluster, query, victim)
        committed = {(a.fragment, a.partition) for a in before if a.fragment < 2 and a.state == "FINISHED"}
        self.assertTrue(committed)
        known = {a.key for a in before}
        again = [a for a in query.attempts() if (a.fragment, a.partition) in committed and a.key not in known]
        self.assertEqual(again, [], "committed outputs outlive their node and are not made again")

    def test_killed_between_commit_and_report(self):
        """The workers stand still from the moment an object is complete; where the coordinator does not know of it
        yet, its maker dies."""
        cluster = self.start_cluster(config={
            "fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-min": "1MB",
            "fault-tolerant-execution-standard-split-size": "1MB"})
        victim = attempt = None
        for _ in range(20):
            query = RunningQuery(cluster, JOIN)
            attempt = self.freeze_at_commit(cluster, query)
            if attempt:
                victim = self.kill_owner(cluster, attempt)
                for worker in cluster.workers:
                    if worker is not victim:
                        resume(worker)
                break
            query.rows()
        if not victim:
            self.skipTest("every report was faster than the look at the directory")
        self.assert_recovered(cluster, query, victim)

    def freeze_at_commit(self, cluster, query):
        seen = set()
        while not query.done:
            fresh = [path for path in cluster.spooled_files() if path not in seen and is_complete(path)]
            if not fresh:
                continue
            for worker in cluster.workers:
                pause(worker)
            seen.update(fresh)
            keys = {path.name for path in fresh}
            unreported = [a for a in query.attempts() if a.running and a.key in keys]
            if unreported:
                return unreported[0]
            for worker in cluster.workers:
                resume(worker)
        return None

    def test_restarted_worker_gets_work(self):
        cluster = self.start_cluster()
        query = RunningQuery(cluster, JOIN)
        scan = query.wait_for_attempt(lambda a: a.running, "a task runs")
        victim = self.kill_owner(cluster, scan)
        cluster.wait_for_nodes(len(cluster.workers))
        victim.start()
        cluster.wait_for_nodes(len(cluster.workers) + 1)
        self.assert_recovered(cluster, query, victim)
        again = RunningQuery(cluster, JOIN)
        self.assert_join_rows(again.rows())
        self.assertIn(victim.name, {a.node for a in again.attempts()})
        self.assertEqual(again.repeated(), [])

    def test_late_worker_joins(self):
        cluster = self.start_cluster()
        late = cluster.workers[2]
        late.kill()
        cluster.wait_for_nodes(3)
        query = RunningQuery(cluster, JOIN)
        query.wait_for_attempt(lambda a: a.running, "a task runs")
        late.start()
        cluster.wait_for_nodes(4)
        self.assert_join_rows(query.rows())
        second = RunningQuery(cluster, JOIN)
        self.assert_join_rows(second.rows())
        self.assertIn(late.name, {a.node for a in second.attempts()})

    def test_no_worker_left(self):
        cluster = self.start_cluster(config={"node-scheduler.allowed-no-matching-node-period": "2s"})
        query = RunningQuery(cluster, JOIN)
        query.wait_for_attempt(lambda a: a.running, "a task runs")
        for worker in cluster.workers:
            worker.kill()
        with self.assertRaises(QueryError) as caught:
            query.rows()
        self.assertEqual(caught.exception.name, "NO_NODES_AVAILABLE", caught.exception)
        self.assert_nothing_spooled(cluster)
        with self.assertRaises(QueryError) as caught:
            cluster.query("SELECT count(*) FROM lineitem", catalog="tpch", schema="sf1")
        self.assertEqual(caught.exception.name, "NO_NODES_AVAILABLE", caught.exception)
        for worker in cluster.workers:
            worker.start()
        cluster.wait_for_nodes(4)
        self.assert_join_rows(RunningQuery(cluster, JOIN).rows())

    def test_all_workers_come_back_in_time(self):
        cluster = self.start_cluster(config={"node-scheduler.allowed-no-matching-node-period": "1m"})
        query = RunningQuery(cluster, JOIN)
        query.wait_for_attempt(lambda a: a.state == "FINISHED", "a task is finished")
        for worker in cluster.workers:
            worker.kill()
        cluster.wait_for_nodes(1)
        for worker in cluster.workers:
            worker.start()
        self.assert_join_rows(query.rows())
        self.assertTrue(query.repeated())
        self.assert_nothing_spooled(cluster)

    def test_without_retries_a_lost_worker_fails_the_query(self):
        cluster = self.start_cluster(retry_policy="NONE")
        query = RunningQuery(cluster, JOIN)
        scan = query.wait_for_attempt(lambda a: a.running, "a task runs")
        self.kill_owner(cluster, scan)
        with self.assertRaises(QueryError) as caught:
            query.rows()
        self.assertEqual(caught.exception.error["errorType"], "INTERNAL_ERROR", caught.exception)
        self.assertEqual(query.repeated(), [])
        self.assert_alive(cluster)
        self.assert_join_rows(RunningQuery(cluster, JOIN).rows())


class PausedWorkers(FailureTest):
    def test_paused_worker_comes_back_late(self):
        cluster = self.start_cluster()
        query = RunningQuery(cluster, JOIN)
        scan = query.wait_for_attempt(lambda a: a.running and a.fragment == 0, "a scan runs")
        sleeper = worker_of(cluster, scan.node)
        pause(sleeper)
        self.assert_join_rows(query.rows())
        attempts = query.attempts()
        self.assertTrue(any(a.number > 0 and a.node != sleeper.name for a in attempts), attempts)
        resume(sleeper)
        cluster.wait_for_nodes(len(cluster.workers) + 1)
        again = RunningQuery(cluster, JOIN)
        self.assert_join_rows(again.rows())
        self.assertIn(sleeper.name, {a.node for a in again.attempts()})
        self.assert_nothing_spooled(cluster)

    def test_paused_worker_comes_back_while_the_query_runs(self):
        cluster = self.start_cluster()
        query = RunningQuery(cluster, JOIN)
        scan = query.wait_for_attempt(lambda a: a.running and a.fragment == 0, "a scan runs")
        sleeper = worker_of(cluster, scan.node)
        pause(sleeper)
        query.wait_for_attempt(lambda a: a.number > 0, "its tasks run elsewhere")
        resume(sleeper)
        self.assert_join_rows(query.rows())
        self.assert_nothing_spooled(cluster)
        cluster.wait_for_nodes(len(cluster.workers) + 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)

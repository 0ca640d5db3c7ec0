"""A worker that leaves gracefully: no work is lost, what does not fit the grace period is handed back."""

import json
import signal
import unittest
import urllib.error
import urllib.request

from support import JOIN, FailureTest, RunningQuery, wait_until


def change_state(node, state):
    request = urllib.request.Request(f"http://127.0.0.1:{node.port}/v1/info/state", method="PUT",
                                     data=json.dumps(state).encode(), headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.status


def state_of(node):
    with urllib.request.urlopen(f"http://127.0.0.1:{node.port}/v1/info/state", timeout=30) as response:
        return json.loads(response.read())


class Drain(FailureTest):
    def leaving_worker(self, cluster):
        """A query that runs, and a worker in the middle of one of its tasks."""
        query = RunningQuery(cluster, JOIN)
        attempt = query.wait_for_attempt(lambda a: a.running and a.node.startswith("worker"), "a running task")
        return query, next(worker for worker in cluster.workers if worker.name == attempt.node)

    def assert_left_well(self, cluster, worker):
        self.assertEqual(worker.process.wait(timeout=120), 0, worker.log_text()[-2000:])
        self.assertIn("drained: nothing left to do", worker.log_text())

    def check_nothing_is_redone(self, ask):
        cluster = self.start_cluster()
        query, worker = self.leaving_worker(cluster)
        ask(worker)
        self.assert_left_well(cluster, worker)
        self.assertFalse(query.done, "the worker did not leave in the middle of the query")
        self.assert_join_rows(query.rows())
        self.assertEqual(query.repeated(), [])
        # The tasks that ran there when it was asked to go were not lost.
        done = [a for a in query.attempts() if a.node == worker.name]
        self.assertTrue(done)
        self.assertEqual({a.state for a in done}, {"FINISHED"}, done)
        self.assert_nothing_spooled(cluster)

    def test_sigterm(self):
        self.check_nothing_is_redone(lambda worker: worker.kill(signal.SIGTERM))

    def test_put_state(self):
        def ask(worker):
            self.assertEqual(state_of(worker), "ACTIVE")
            self.assertEqual(change_state(worker, "SHUTTING_DOWN"), 200)

        self.check_nothing_is_redone(ask)

    def test_sigterm_after_put_state(self):
        """What a container's preStop hook and its runtime do."""

        def ask(worker):
            change_state(worker, "SHUTTING_DOWN")
            worker.kill(signal.SIGTERM)

        self.check_nothing_is_redone(ask)

    def test_short_grace_hands_back(self):
        cluster = self.start_cluster(config={"shutdown.grace-period": "1ms", "retry-initial-delay": "60s",
                                             "task-retry-attempts-per-task": "0"})
        query, worker = self.leaving_worker(cluster)
        worker.kill(signal.SIGTERM)
        # Neither an attempt nor a delay is charged for what was handed back.
        self.assert_join_rows(query.rows())
        self.assert_left_well(cluster, worker)
        handed_back = [a for a in query.attempts() if a.node == worker.name and a.state == "FAILED"]
        self.assertTrue(handed_back, query.attempts())
        self.assertTrue(query.repeated())
        self.assert_nothing_spooled(cluster)

    def test_every_worker_leaves_in_turn(self):
        cluster = self.start_cluster()
        query, worker = self.leaving_worker(cluster)
        for worker in cluster.workers:
            worker.kill(signal.SIGTERM)
            self.assert_left_well(cluster, worker)
            worker.start()
        self.assert_join_rows(query.rows())
        self.assert_nothing_spooled(cluster)

    def test_no_new_tasks(self):
        cluster = self.start_cluster(workers=2)
        query, worker = self.leaving_worker(cluster)
        change_state(worker, "SHUTTING_DOWN")
        self.assertEqual(state_of(worker), "SHUTTING_DOWN")
        wait_until(lambda: ["shutting_down"] in cluster.query(
            f"SELECT state FROM system.runtime.nodes WHERE node_id = '{worker.name}'").rows or not worker.alive(),
            30, "the coordinator knows")
        other = RunningQuery(cluster, JOIN)
        self.assert_join_rows(other.rows())
        self.assertNotIn(worker.name, {a.node for a in other.attempts()})
        self.assert_join_rows(query.rows())

    def test_second_sigterm_stops_at_once(self):
        cluster = self.start_cluster()
        query, worker = self.leaving_worker(cluster)
        worker.kill(signal.SIGTERM)
        wait_until(lambda: "draining" in worker.log_text(), 30, "the drain")
        worker.kill(signal.SIGTERM)
        self.assertEqual(worker.process.wait(timeout=60), 0)
        self.assertNotIn("drained", worker.log_text())
        self.assert_join_rows(query.rows())
        self.assertTrue(query.repeated())

    def test_refusals(self):
        cluster = self.start_cluster(workers=1)
        for node, state, status in [(cluster.coordinator, "SHUTTING_DOWN", 500), (cluster.workers[0], "ACTIVE", 200),
                                    (cluster.workers[0], "DRAINING", 400), (cluster.workers[0], "INACTIVE", 400),
                                    (cluster.workers[0], 7, 400)]:
            with self.subTest(node=node.name, state=state):
                if status == 200:
                    self.assertEqual(change_state(node, state), 200)
                    continue
                with self.assertRaises(urllib.error.HTTPError) as caught:
                    change_state(node, state)
                self.assertEqual(caught.exception.code, status)
                caught.exception.close()
        self.assert_alive(cluster)


if __name__ == "__main__":
    unittest.main(verbosity=2)

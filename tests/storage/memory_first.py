"""Outputs on an object store are read from the nodes that made them, and from the store when these cannot give them.

Real clusters over an S3 server, with the requests counted between them. Every fault must have happened, and every query
must leave nothing kept."""

import json
import os
import pathlib
import signal
import sys
import tempfile
import unittest
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "harness"), str(HERE.parent / "failure")]

from cluster import Cluster, wait_until
from fault_proxy import FaultProxy
from servers import STORES, Missing
from support import JOIN, RunningQuery

# What ctest takes for "not run".
SKIPPED = 77
SCHEMA = "sf0.1"
CONFIG = {
    "fault-injection.enabled": "true",
    # Tasks of every stage on every node; readers start when all outputs are committed.
    "fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-min": "4MB",
    "fault-tolerant-execution-standard-split-size": "4MB",
    "join-distribution-type": "BROADCAST",
    "fault-tolerant-execution-stage-overlap-enabled": "false",
    "retry-initial-delay": "100ms",
}
# Of JOIN: the fragment that scans one side, and the one that scans the other and reads all outputs of the first.
SCAN, JOIN_SCAN = 0, 1
EXPECTED = None


def expected_rows():
    global EXPECTED
    if EXPECTED is None:
        with Cluster(workers=1, retry_policy="NONE") as cluster:
            EXPECTED = cluster.query(JOIN, catalog="tpch", schema=SCHEMA).rows
    return EXPECTED


def ask(node, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{node.port}{path}", data=data, method="GET" if data is None else "PUT")
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.loads(response.read() or b"null")


def kept(node):
    return ask(node, "/v1/kept")


def frozen(node):
    return pathlib.Path(f"/proc/{node.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"


class MemoryFirst(unittest.TestCase):
    maxDiff = None
    server = proxy = None

    def start_cluster(self, config=CONFIG, **properties):
        # HDFS and others answer the same way; what is under test is in front of the store.
        endpoint = f"http://127.0.0.1:{self.proxy.port}"
        cluster = self.enterContext(Cluster(
            workers=2, config=config, exchange=[self.server.base_directory(self.id().rsplit(".", 1)[1])],
            exchange_properties={**self.server.properties(endpoint), **properties}))
        self.gets_before = self.gets()
        return cluster

    def gets(self):
        with self.proxy.lock:
            return self.proxy.requests["GET"]

    def gets_since_start(self):
        return self.gets() - self.gets_before

    def run_join(self, cluster):
        query = RunningQuery(cluster, JOIN, schema=SCHEMA)
        self.assertEqual(query.rows(), expected_rows())
        return query

    def assert_nothing_kept(self, nodes):
        left = {}

        def empty():
            left.update({node.name: kept(node) for node in nodes})
            return all(counts["objects"] == counts["memoryBytes"] == counts["diskBytes"] == 0 for counts in left.values())

        try:
            wait_until(empty, 15, "nothing is kept")
        except TimeoutError:
            self.fail(f"kept after the end of the query: {left}")
        return left

    def assert_none_failed(self, query, fragment=None):
        """Copies of slow tasks, of which one is cancelled, are no failures."""
        failed = [attempt for attempt in query.attempts()
                  if attempt.state == "FAILED" and fragment in (None, attempt.fragment)]
        self.assertEqual(failed, [])

    def answered_in_time(self, cluster):
        """Whether no node was so slow that its readers gave it up: then the store is asked, and rightly."""
        return not any("are read from the exchange for" in node.log_text() for node in [cluster.coordinator, *cluster.workers])

    def test_without_failures_the_store_is_not_read(self):
        cluster = self.start_cluster()
        query = self.run_join(cluster)
        counts = self.assert_nothing_kept([cluster.coordinator, *cluster.workers])
        self.assertGreater(sum(count["hits"] for count in counts.values()), 0, counts)
        if self.answered_in_time(cluster):
            self.assertEqual(self.gets_since_start(), 0)
        self.assert_none_failed(query)

    def start_with_a_store_that_takes_nothing(self):
        """A cluster and a query whose join reads outputs, of which the store has none."""
        cluster = self.start_cluster({**CONFIG, "fault-tolerant-execution-stage-overlap-enabled": "true"})
        self.proxy.writes.clear()
        self.addCleanup(self.proxy.writes.set)
        query = RunningQuery(cluster, JOIN, schema=SCHEMA)
        query.wait_for_attempt(lambda attempt: attempt.fragment == JOIN_SCAN and attempt.running, "the join begins")
        wait_until(lambda: sum(kept(worker)["hits"] for worker in cluster.workers) > 0, 30, "the join reads")
        scans = [attempt for attempt in query.attempts() if attempt.fragment == SCAN]
        self.assertEqual([scan for scan in scans if not scan.running], [], "one is stored")
        return cluster, query, scans

    def test_outputs_are_read_while_they_are_stored(self):
        cluster, query, _ = self.start_with_a_store_that_takes_nothing()
        self.proxy.writes.set()
        self.assertEqual(query.rows(), expected_rows())
        self.assert_none_failed(query)
        self.assert_nothing_kept([cluster.coordinator, *cluster.workers])

    def test_a_producer_dies_while_its_output_is_stored(self):
        cluster, query, scans = self.start_with_a_store_that_takes_nothing()
        victim = next(worker for worker in cluster.workers if worker.name == scans[0].node)
        victim.kill()
        self.proxy.writes.set()
        self.assertEqual(query.rows(), expected_rows())
        again = [attempt for attempt in query.attempts()
                 if (attempt.fragment, attempt.partition) == (SCAN, scans[0].partition) and attempt.number > 0]
        self.assertTrue(again, query.attempts())
        self.assert_nothing_kept([cluster.coordinator, *[worker for worker in cluster.workers if worker is not victim]])

    def test_producer_killed_when_it_is_asked(self):
        cluster = self.start_cluster()
        victim = cluster.workers[0]
        ask(victim, "/v1/fault", [{"point": "kept.get", "action": "kill"}])
        query = self.run_join(cluster)
        self.assertEqual(victim.process.wait(20), -signal.SIGKILL, "nobody asked it")
        self.assertGreater(self.gets_since_start(), 0, "its outputs were not read from the store")
        self.assert_none_failed(query, SCAN)
        self.assert_nothing_kept([cluster.coordinator, cluster.workers[1]])

    def test_producer_frozen_when_it_is_asked(self):
        cluster = self.start_cluster()
        victim = cluster.workers[0]
        ask(victim, "/v1/fault", [{"point": "kept.get", "action": "freeze", "times": 1}])
        query = self.run_join(cluster)
        self.assertTrue(frozen(victim), "nobody asked it")
        self.assertGreater(self.gets_since_start(), 0, "its outputs were not read from the store")
        self.assert_none_failed(query, SCAN)
        self.assert_nothing_kept([cluster.coordinator, cluster.workers[1]])
        # It still has everything, and hears of the end when it wakes up.
        victim.process.send_signal(signal.SIGCONT)
        self.assert_nothing_kept([victim])

    def test_outputs_that_went_before_they_were_read(self):
        cluster = self.start_cluster(**{"exchange.memory-tier.max-size": "64kB", "exchange.disk-tier.max-size": "0B"})
        query = self.run_join(cluster)
        counts = self.assert_nothing_kept(cluster.workers)
        self.assertGreater(sum(count["evicted"] for count in counts.values()), 0, counts)
        self.assertGreater(self.gets_since_start(), 0)
        self.assert_none_failed(query)

    def test_outputs_that_went_to_disk(self):
        cluster = self.start_cluster(**{"exchange.memory-tier.max-size": "64kB"})
        self.run_join(cluster)
        counts = self.assert_nothing_kept(cluster.workers)
        self.assertGreater(sum(count["diskHits"] for count in counts.values()), 0, counts)
        if self.answered_in_time(cluster):
            self.assertEqual(self.gets_since_start(), 0)

    def test_without_tiers_the_store_is_read(self):
        cluster = self.start_cluster(**{"exchange.memory-tier.max-size": "0B", "exchange.disk-tier.max-size": "0B"})
        self.run_join(cluster)
        counts = self.assert_nothing_kept(cluster.workers)
        self.assertEqual(sum(count["hits"] for count in counts.values()), 0, counts)
        self.assertGreater(self.gets_since_start(), 0)

    def test_damaged_bytes_are_noticed(self):
        cluster = self.start_cluster()
        for worker in cluster.workers:
            ask(worker, "/v1/fault", [{"point": "kept.read", "times": 3}])
        query = self.run_join(cluster)
        fired = sum(ask(worker, "/v1/fault")[0] for worker in cluster.workers)
        self.assertGreater(fired, 0, "nothing was damaged")
        self.assertTrue(any("is damaged" in worker.log_text() for worker in cluster.workers))
        self.assertGreater(self.gets_since_start(), 0, "what was damaged was not read again")
        self.assert_none_failed(query)
        self.assert_nothing_kept(cluster.workers)

    def test_a_cancelled_query_leaves_nothing(self):
        cluster = self.start_cluster()
        # The join stands still, with all it is to read kept.
        for worker in cluster.workers:
            ask(worker, "/v1/fault", [{"point": "input.read", "action": "delay", "delay": "1s", "fragment": JOIN_SCAN}])
        page = cluster.start(JOIN, catalog="tpch", schema=SCHEMA)
        wait_until(lambda: sum(ask(worker, "/v1/fault")[0] for worker in cluster.workers) > 0, 60, "the join reads")
        self.assertGreater(sum(kept(worker)["objects"] for worker in cluster.workers), 0)
        request = urllib.request.Request(f"{cluster.uri}/v1/query/{page['id']}", method="DELETE")
        urllib.request.urlopen(request, timeout=20).close()
        self.assert_nothing_kept([cluster.coordinator, *cluster.workers])


def main():
    with tempfile.TemporaryDirectory(prefix="planaria-memory-first-", ignore_cleanup_errors=True) as directory:
        try:
            server = STORES[os.environ.get("PLANARIA_TEST_STORE", "s3")](directory)
        except Missing as missing:
            print(f"SKIPPED, {missing}")
            return SKIPPED
        with server:
            MemoryFirst.server, MemoryFirst.proxy = server, FaultProxy(0, server.port, seed=1, watched=b"/journal/").start()
            return 0 if unittest.main(verbosity=2, exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())

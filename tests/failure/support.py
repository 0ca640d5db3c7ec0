"""What the failure tests share: queries that run while something breaks, and looks at their attempts."""

import os
import pathlib
import signal
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))

from cluster import Cluster, QueryError, wait_until

# Two scans that are repartitioned by key, a join and an aggregation: seconds of work in three stages of many tasks.
JOIN = ("SELECT o_orderpriority, count(*), sum(l_extendedprice), max(l_comment) "
        "FROM orders JOIN lineitem ON o_orderkey = l_orderkey GROUP BY o_orderpriority ORDER BY o_orderpriority")
# The rows of undisturbed runs of JOIN by schema, where they were needed.
JOIN_ROWS = {}
CONFIG = {
    "fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-min": "16MB",
    "fault-tolerant-execution-standard-split-size": "16MB",
    "retry-initial-delay": "100ms",
}
SCHEMA = "sf1"
# Where JOIN takes so long that the journal learns of its tasks while it runs.
LONG_SCHEMA = "sf4"
# A segment that was last written to so much later has been begun later, too; in seconds.
WRITE_OF_A_SEGMENT = 0.2
# Nothing here takes this long; it only keeps a hang from looking like work.
PATIENCE = 120


class RunningQuery:
    """A query that another thread brings to its end."""

    def __init__(self, cluster, sql, schema=SCHEMA, **options):
        self.cluster = cluster
        page = cluster.start(sql, catalog="tpch", schema=schema, **options)
        self.id = page["id"]
        self.result = self.error = None
        self.thread = threading.Thread(target=self._finish, args=(page,), daemon=True)
        self.thread.start()

    def _finish(self, page):
        try:
            self.result = self.cluster.finish(page)
        except (QueryError, OSError) as error:
            self.error = error

    @property
    def done(self):
        return not self.thread.is_alive()

    def rows(self):
        """Waits for the end; raises what the query failed with."""
        self.thread.join(PATIENCE)
        if not self.done:
            raise TimeoutError(f"query {self.id} still runs after {PATIENCE} s")
        if self.error:
            raise self.error
        return self.result.rows

    def attempts(self):
        return [Attempt(*row[:3]) for row in self.cluster.tasks(self.id)]

    def wait_for_attempt(self, condition, what):
        """The first attempt that fits; fails when the query ends without one."""
        found = []

        def there():
            found[:] = [attempt for attempt in self.attempts() if condition(attempt)]
            if not found and self.done:
                raise AssertionError(f"the query ended before {what}: {self.error or 'with success'}")
            return found

        wait_until(there, PATIENCE, what)
        return found[0]

    def repeated(self):
        """Attempts after the first: the proof that a fault hit this query."""
        return [attempt for attempt in self.attempts() if attempt.number > 0]


class Attempt:
    def __init__(self, task_id, node, state):
        self.id, self.node, self.state = task_id, node, state
        query, fragment, partition, number = task_id.rsplit(".", 3)
        self.query, self.fragment, self.partition, self.number = query, int(fragment), int(partition), int(number)
        self.key = f"{fragment}.{partition}.{number}"

    @property
    def running(self):
        return self.state == "RUNNING"

    def __repr__(self):
        return f"{self.key} on {self.node} {self.state}"


class FailureTest(unittest.TestCase):
    """Each test has a cluster of its own; at the end no spooled file may be left."""

    maxDiff = None
    workers = 3

    def start_cluster(self, **options):
        options.setdefault("config", {})
        options["config"] = {**CONFIG, **options["config"]}
        cluster = self.enterContext(Cluster(workers=options.pop("workers", self.workers), **options))
        return cluster

    def assert_join_rows(self, rows, schema=SCHEMA):
        self.assertEqual(rows, expected_join_rows(schema))

    def assert_nothing_spooled(self, cluster):
        self.assertEqual(cluster.spooled_files_after_queries(), [])

    def assert_alive(self, cluster):
        self.assertTrue(cluster.coordinator.alive())
        self.assertEqual(cluster.query("SELECT 1").rows, [[1]])


def expected_join_rows(schema=SCHEMA):
    if schema not in JOIN_ROWS:
        with Cluster(workers=1, retry_policy="NONE") as cluster:
            JOIN_ROWS[schema] = cluster.query(JOIN, catalog="tpch", schema=schema).rows
    return JOIN_ROWS[schema]


def worker_of(cluster, name):
    return next(worker for worker in cluster.workers if worker.name == name)


def pause(node):
    node.process.send_signal(signal.SIGSTOP)


def resume(node):
    node.process.send_signal(signal.SIGCONT)


def last_segment(cluster, query):
    """When the journal of a query was last written to."""
    try:
        return max((path.stat().st_mtime for d in cluster.exchange for path in d.glob(f"journal/*/{query}/*")), default=0)
    except FileNotFoundError:
        return 0


def wait_for_committed(cluster, client, count=3, journaled=False):
    """Attempts that were committed while the query runs; when `journaled`, ones that the next coordinator finds in the
    journal, which lags behind by a second or more."""
    committed, since = [], []

    def there():
        if not since:
            committed[:] = [t[0] for t in cluster.tasks(client.id) if t[2] == "FINISHED"]
            if len(committed) >= count:
                since.append(time.time() + WRITE_OF_A_SEGMENT)
        return client.done or since and (not journaled or last_segment(cluster, client.id) > since[0])

    wait_until(there, 60, "committed tasks")
    if client.done:
        raise AssertionError(f"the query ended too early: {client.error}")
    return committed


def spool_file(cluster, attempt):
    """The object of an attempt once it is there, else None."""
    for directory in cluster.exchange:
        path = pathlib.Path(directory) / attempt.query / attempt.key
        if path.is_file():
            return path
    return None


def is_complete(path):
    """Whether an object has its footer."""
    try:
        with open(path, "rb") as file:
            file.seek(-8, os.SEEK_END)
            return file.read() == b"PLNSPEND"
    except OSError:
        return False


def wait_for_committed_output(query, cluster):
    """An attempt whose object is committed while its stage still runs, so that nobody has read it yet."""
    found = []

    def there():
        attempts = query.attempts()
        busy = {attempt.fragment for attempt in attempts if attempt.running}
        for attempt in attempts:
            if attempt.state == "FINISHED" and attempt.fragment in busy:
                path = spool_file(cluster, attempt)
                if path and is_complete(path):
                    found.append((attempt, path))
                    return True
        if query.done:
            raise AssertionError("the query ended before an output could be damaged")
        return False

    wait_until(there, PATIENCE, "a committed output in a stage that still runs")
    return found[0]

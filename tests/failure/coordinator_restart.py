"""The coordinator is killed in the middle of TASK queries and started again: clients that keep polling get their rows.

`--schema sf1 --kills 20` is the long form: so many kills at random moments of a TPC-H run."""

import argparse
import http.client
import pathlib
import random
import sys
import threading
import time
import unittest
import urllib.error

for folder in ("harness", "tpch_tpcds"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))

from cluster import Cluster
from run import query_texts
from support import JOIN, LONG_SCHEMA, FailureTest, QueryError, RunningQuery, wait_for_committed, wait_until

PATIENCE = 180


class PatientClient:
    """Follows a query; silence, and a coordinator that waits, are reasons to ask again, there or at one of the `others`."""

    def __init__(self, cluster, sql, others=(), timeout=60, **options):
        self.cluster, self.timeout, self.outages = cluster, timeout, 0
        self.bases = [cluster.uri, *others]
        page = cluster.start(sql, catalog="tpch", **options)
        self.id = page["id"]
        self.rows = self.error = None
        self.thread = threading.Thread(target=self._follow, args=(page,), daemon=True)
        self.thread.start()

    def _get(self, uri):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.cluster.request("GET", uri, timeout=self.timeout)
            except urllib.error.HTTPError as error:
                # Other answers, unlike silence, are final.
                if error.code != 503 or time.monotonic() > deadline:
                    raise AssertionError(f"{uri}: {error.code} {error.read()!r}") from error
            except (OSError, http.client.HTTPException):
                self.outages += 1
                if time.monotonic() > deadline:
                    raise
            base = next(base for base in self.bases if uri.startswith(base))
            uri = self.bases[(self.bases.index(base) + 1) % len(self.bases)] + uri.removeprefix(base)
            time.sleep(0.05)

    def _follow(self, page):
        rows = []
        try:
            while True:
                rows.extend(page.get("data", []))
                if "error" in page:
                    raise QueryError(page["error"])
                if "nextUri" not in page:
                    break
                page = self._get(page["nextUri"])
            self.rows = rows
        except Exception as error:
            self.error = error

    @property
    def done(self):
        return not self.thread.is_alive()

    def result(self):
        self.thread.join(PATIENCE)
        if not self.done:
            raise TimeoutError(f"query {self.id} still runs")
        if self.error:
            raise self.error
        return self.rows


def restart(cluster):
    cluster.coordinator.kill()
    cluster.coordinator.start()


class CoordinatorRestart(FailureTest):
    def test_a_query_goes_on(self):
        cluster = self.start_cluster()
        client = PatientClient(cluster, JOIN, schema=LONG_SCHEMA)
        committed = wait_for_committed(cluster, client, journaled=True)
        restart(cluster)
        self.assert_join_rows(client.result(), LONG_SCHEMA)
        self.assertGreater(client.outages, 0, "the client did not notice anything")
        self.assertIn("takes up query " + client.id, cluster.coordinator.log_text())
        # What had been committed was not done again.
        attempts = [t[0] for t in cluster.tasks(client.id)]
        for task in committed:
            self.assertEqual([a for a in attempts if a.rsplit(".", 1)[0] == task.rsplit(".", 1)[0]], [task])
        # Whatever ran since the restart has numbers of its own.
        self.assertTrue(all(int(a.rsplit(".", 1)[1]) in (*range(100), *range(10 ** 6, 10 ** 6 + 100)) for a in attempts), attempts)
        self.assert_nothing_spooled(cluster)

    def test_again_and_again(self):
        cluster = self.start_cluster()
        client = PatientClient(cluster, JOIN, schema="sf1")
        for _ in range(4):
            time.sleep(0.7)
            if client.done:
                break
            restart(cluster)
        self.assert_join_rows(client.result())
        self.assert_nothing_spooled(cluster)

    def test_between_pages(self):
        """Pages are cut again in the same way."""
        cluster = self.start_cluster()
        sql = "SELECT o_orderkey, o_comment, o_comment, o_comment FROM orders ORDER BY o_orderkey"
        expected = cluster.query(sql, catalog="tpch", schema="tiny").rows
        page = cluster.start(sql, catalog="tpch", schema="tiny")
        rows, restarts = [], 0
        while "nextUri" in page:
            data = page.get("data", [])
            rows.extend(data)
            if data and restarts < 2:
                restart(cluster)
                cluster.wait_for_nodes(len(cluster.workers) + 1)
                restarts += 1
            page = cluster.request("GET", page["nextUri"])
        self.assertNotIn("error", page)
        rows.extend(page.get("data", []))
        self.assertEqual(restarts, 2, "the result came in one page")
        self.assertEqual(rows, expected)

    def test_after_the_end(self):
        """The answer that says that all is over was lost."""
        cluster = self.start_cluster()
        for sql, error in [("SELECT count(*) FROM orders", None),
                           ("SELECT CAST(max(o_comment) AS INTEGER) FROM orders", "INVALID_CAST_ARGUMENT")]:
            with self.subTest(sql=sql):
                page = cluster.start(sql, catalog="tpch", schema="tiny")
                while "nextUri" in page:
                    last, page = page["nextUri"], cluster.request("GET", page["nextUri"])
                time.sleep(0.5)
                restart(cluster)
                cluster.wait_for_nodes(len(cluster.workers) + 1)
                again = cluster.request("GET", last)
                self.assertNotIn("nextUri", again)
                self.assertEqual(again.get("error", {}).get("errorName"), error)

    def test_other_policies_end_with_a_clear_error(self):
        cluster = self.start_cluster()
        client = PatientClient(cluster, JOIN, schema="sf1", session={"retry_policy": "NONE"})
        time.sleep(1)
        self.assertFalse(client.done, client.error)
        restart(cluster)
        with self.assertRaises(QueryError) as caught:
            client.result()
        self.assertIn("coordinator was restarted", str(caught.exception))
        cluster.wait_for_nodes(len(cluster.workers) + 1)
        # Its tasks end, too.
        self.assert_join_rows(RunningQuery(cluster, JOIN).rows())


def many_kills(schema, kills, seed):
    """Random moments of TPC-H queries, one after another, until so many kills have hit a running one."""
    chance = random.Random(seed)
    texts = {f"q{number}": sql for number, sql in query_texts("tpch", None)}
    done = hit = 0
    with Cluster(workers=3, config={"retry-initial-delay": "100ms"}) as cluster:
        expected, seconds = {}, {}
        for name, sql in texts.items():
            start = time.monotonic()
            expected[name] = cluster.query(sql, catalog="tpch", schema=schema).rows
            seconds[name] = time.monotonic() - start
        while hit < kills:
            name = chance.choice(list(texts))
            client = PatientClient(cluster, texts[name], schema=schema)
            time.sleep(chance.uniform(0, seconds[name]))
            running = not client.done
            restart(cluster)
            rows = client.result()
            if sorted(map(repr, rows)) != sorted(map(repr, expected[name])):
                raise AssertionError(f"{name} ({client.id}) has other rows than without the kill")
            done += 1
            hit += running and client.outages > 0
            print(f"{name}: killed {'while it ran' if running else 'after its end'}, {client.outages} refused calls, "
                  f"{len(rows)} rows", flush=True)
            cluster.wait_for_nodes(4)
    print(f"{hit} kills hit {done} queries at {schema}: all rows right")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--schema", default="sf1")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options, rest = parser.parse_known_args()
    if options.kills:
        many_kills(options.schema, options.kills, options.seed)
    else:
        unittest.main(argv=[sys.argv[0], *rest], verbosity=2)

"""Two coordinators share their queries through a lease: one acts, the other waits and takes over.

`--schema sf1 --turns 20` is the long form: so many losses of the acting one at random moments of a TPC-H run."""

import argparse
import json
import pathlib
import random
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

for folder in ("harness", "tpch_tpcds"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))

import trino
from cluster import Cluster, Node, QueryError, free_port
from coordinator_restart import PatientClient
from run import query_texts
from support import CONFIG, JOIN, LONG_SCHEMA, FailureTest, pause, resume, wait_for_committed, wait_until

FENCED = 70
LEASE = "2s"
# A frozen coordinator accepts connections and says nothing; others answer within a second.
CLIENT_TIMEOUT = 4
TAKEN_OVER = "this coordinator is active"


class Pair(Cluster):
    """A cluster whose `coordinator` acts and whose `second` waits."""

    def __init__(self, lease=LEASE, coordinators=None, **options):
        super().__init__(**options)
        port = free_port()
        self.uris = [self.uri, f"http://127.0.0.1:{port}"]
        for node in [self.coordinator, *self.workers]:
            node.config["discovery.uri"] = ",".join(self.uris)
        self.coordinator.config |= {"coordinator.standby.enabled": "true", "coordinator.lease-duration": lease,
                                    "internal-communication.shared-secret": "a secret of both"}
        self.coordinator.config |= coordinators or {}
        self.second = Node(self, "second", port, {**self.coordinator.config, "http-server.http.port": port})

    def __enter__(self):
        super().__enter__()
        self.second.start()
        wait_until(lambda: self.state_of(self.second) == "INACTIVE", 20, "a second coordinator that waits")
        return self

    def __exit__(self, *what):
        if self.second.alive():
            self.second.process.send_signal(signal.SIGCONT)
            self.second.process.kill()
            self.second.process.wait()
        super().__exit__(*what)

    def ask(self, node, path, **options):
        """Status and body."""
        try:
            with urllib.request.urlopen(
                    urllib.request.Request(f"http://127.0.0.1:{node.port}{path}", **options), timeout=10) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def state_of(self, node):
        try:
            return json.loads(self.ask(node, "/v1/info/state")[1])
        except OSError:
            return None

    def turn(self):
        """The former second one acts; waits until it does."""
        self.coordinator, self.second = self.second, self.coordinator
        self.uri = f"http://127.0.0.1:{self.coordinator.port}"
        wait_until(lambda: self.state_of(self.coordinator) == "ACTIVE", 60, "a coordinator that took over")

    def client(self, sql=JOIN, schema="sf1"):
        others = [uri for uri in self.uris if uri != self.uri]
        return PatientClient(self, sql, others, timeout=CLIENT_TIMEOUT, schema=schema)


class Proxy(socketserver.ThreadingTCPServer):
    """Leads each connection to the coordinator that serves statements; while there is none, connections wait."""

    daemon_threads = True

    def __init__(self, cluster):
        self.cluster = cluster
        self.nodes = [cluster.coordinator, cluster.second]
        super().__init__(("127.0.0.1", 0), None)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def active(self):
        for node in self.nodes:
            try:
                if self.cluster.ask(node, "/v1/info/coordinator")[0] == 200:
                    return node
            except OSError:
                pass
        return None

    def finish_request(self, client, address):
        found = []
        wait_until(lambda: found.append(self.active()) or found[-1], 60, "a coordinator that serves statements")
        with socket.create_connection(("127.0.0.1", found[-1].port)) as server:
            back = threading.Thread(target=self.pump, args=(server, client), daemon=True)
            back.start()
            self.pump(client, server)
            back.join()

    @staticmethod
    def pump(source, target):
        try:
            while data := source.recv(1 << 16):
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Standby(FailureTest):
    def start_pair(self, **options):
        return self.enterContext(Pair(workers=self.workers, config=CONFIG, **options))

    def assert_done_once(self, cluster, client, committed):
        """What had been committed was not done again, and nothing was committed twice."""
        attempts = [(*t[0].rsplit(".", 1), t[2]) for t in cluster.tasks(client.id)]
        for task in committed:
            partition, number = task.rsplit(".", 1)
            self.assertEqual([a for a in attempts if a[0] == partition], [(partition, number, "FINISHED")])
        finished = [a[0] for a in attempts if a[2] == "FINISHED"]
        self.assertEqual(len(finished), len(set(finished)), attempts)

    def test_one_that_waits(self):
        cluster = self.start_pair()
        second = cluster.second
        info = json.loads(cluster.ask(second, "/v1/info")[1])
        self.assertTrue(info["starting"])
        self.assertTrue(info["coordinator"])
        self.assertEqual(cluster.ask(second, "/v1/info/coordinator")[0], 503)
        # It looks for the lease when it has started.
        wait_until(lambda: b"coordinator at" in cluster.ask(second, "/v1/query", headers={"X-Trino-User": "test"})[1],
                   20, "the second knows who is active")
        for method, path, body in (("POST", "/v1/statement", b"SELECT 1"), ("GET", "/v1/query", None),
                                   ("PUT", "/v1/announcement/worker1", b"{}")):
            status, text = cluster.ask(second, path, method=method, data=body, headers={"X-Trino-User": "test"})
            self.assertEqual(status, 503)
            self.assertEqual(text.decode().strip(),
                             f"Coordinator second waits on standby, coordinator at {cluster.uri} is active")
        self.assertFalse(json.loads(cluster.ask(cluster.coordinator, "/v1/info")[1])["starting"])
        self.assertEqual(cluster.ask(cluster.coordinator, "/v1/info/coordinator")[0], 200)
        self.assertEqual(cluster.state_of(cluster.coordinator), "ACTIVE")
        self.assertEqual(cluster.query("SELECT 1").rows, [[1]])

    def test_killed(self):
        cluster = self.start_pair()
        client = cluster.client(schema=LONG_SCHEMA)
        committed = wait_for_committed(cluster, client, journaled=True)
        cluster.coordinator.kill()
        cluster.turn()
        self.assert_join_rows(client.result(), LONG_SCHEMA)
        self.assertGreater(client.outages, 0, "the client did not notice anything")
        self.assertIn("takes up query " + client.id, cluster.coordinator.log_text())
        self.assert_done_once(cluster, client, committed)
        self.assert_nothing_spooled(cluster)
        self.assertEqual(cluster.query("SELECT 1").rows, [[1]])

    def test_a_trino_client_behind_a_proxy(self):
        cluster = self.start_pair()
        outcome = []

        def run():
            connection = trino.dbapi.connect(host="127.0.0.1", port=proxy.server_address[1], user="test",
                                             catalog="tpch", schema="sf1")
            try:
                outcome.append(connection.cursor().execute(JOIN).fetchall())
            except Exception as error:
                outcome.append(error)

        with Proxy(cluster) as proxy:
            thread = threading.Thread(target=run, daemon=True)
            thread.start()

            def some_committed():
                ids = cluster.query("SELECT query_id FROM system.runtime.queries WHERE query LIKE '%l_extendedprice%' "
                                    "AND query NOT LIKE '%runtime%'").rows
                return any(t[2] == "FINISHED" for query in ids for t in cluster.tasks(query[0])) or outcome

            wait_until(some_committed, 60, "committed tasks")
            self.assertEqual(outcome, [])
            cluster.coordinator.kill()
            cluster.turn()
            thread.join(120)
            self.assertEqual(len(outcome), 1, "the client still waits")
            if isinstance(outcome[0], Exception):
                raise outcome[0]
            self.assert_join_rows([[int(row[1]) if i == 1 else str(value) for i, value in enumerate(row)]
                                   for row in outcome[0]])
            self.assertIn("takes up query", cluster.coordinator.log_text())

    def test_frozen(self):
        cluster = self.start_pair()
        client = cluster.client(schema=LONG_SCHEMA)
        committed = wait_for_committed(cluster, client, journaled=True)
        frozen = cluster.coordinator
        pause(frozen)
        cluster.turn()
        self.assertFalse(client.done, "the query ended before the frozen coordinator woke")
        resume(frozen)
        self.assertEqual(frozen.process.wait(timeout=30), FENCED)
        self.assertIn("the lease was not renewed in time", frozen.log_text())
        self.assert_join_rows(client.result(), LONG_SCHEMA)
        self.assert_done_once(cluster, client, committed)
        self.assert_nothing_spooled(cluster)
        self.assertTrue(cluster.coordinator.alive())
        # What a supervisor does: it waits now.
        frozen.start()
        wait_until(lambda: cluster.state_of(frozen) == "INACTIVE", 20, "a former coordinator that waits")
        self.assertEqual(cluster.query("SELECT 1").rows, [[1]])

    def test_back_and_forth(self):
        cluster = self.start_pair()
        client = cluster.client()
        turns = 0
        while turns < 3:
            wait_for_committed(cluster, client, count=turns + 1)
            cluster.coordinator.kill()
            cluster.turn()
            cluster.second.start()
            turns += 1
        self.assert_join_rows(client.result())
        self.assert_nothing_spooled(cluster)

    def test_stopped(self):
        """Who leaves gives the lease back: nobody waits for its end, which is minutes away."""
        cluster = self.start_pair(lease="10m")
        client = cluster.client()
        committed = wait_for_committed(cluster, client)
        cluster.coordinator.kill(signal.SIGTERM)
        self.assertEqual(cluster.coordinator.process.wait(timeout=60), 0)
        cluster.turn()
        self.assert_join_rows(client.result())
        self.assert_done_once(cluster, client, committed)
        self.assert_nothing_spooled(cluster)

    def test_stopped_while_it_runs_tasks(self):
        """What the one that leaves was doing itself is handed back, not cancelled."""
        cluster = self.start_pair(include_coordinator=True)
        client = cluster.client()
        leaving = cluster.coordinator

        def at_work():
            return client.done or any(t[1] == leaving.name and t[2] == "RUNNING" for t in cluster.tasks(client.id))

        wait_until(at_work, 60, "a task on the coordinator")
        self.assertFalse(client.done, client.error)
        leaving.kill(signal.SIGTERM)
        self.assertEqual(leaving.process.wait(timeout=60), 0)
        cluster.turn()
        self.assert_join_rows(client.result())
        self.assertIn("takes up query " + client.id, cluster.coordinator.log_text())
        self.assert_nothing_spooled(cluster)

    @unittest.skipUnless(shutil.which("etcd"), "needs etcd in PATH (Debian: etcd-server)")
    def test_lease_in_etcd(self):
        client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        folder = self.enterContext(tempfile.TemporaryDirectory())
        etcd = subprocess.Popen(
            ["etcd", "--data-dir", folder, "--listen-client-urls", client, "--advertise-client-urls", client,
             "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(etcd.wait)
        self.addCleanup(etcd.kill)
        # The first member does not answer: the next one is asked.
        cluster = self.start_pair(
            coordinators={"coordinator.lease.etcd-endpoints": f"http://127.0.0.1:{free_port()},{client}"})
        query = cluster.client(schema=LONG_SCHEMA)
        committed = wait_for_committed(cluster, query, journaled=True)
        cluster.coordinator.kill()
        cluster.turn()
        self.assert_join_rows(query.result(), LONG_SCHEMA)
        self.assert_done_once(cluster, query, committed)
        self.assertEqual([f for d in cluster.exchange for f in d.glob("journal/*/lease")], [])
        # Who cannot reach the lease must not act.
        etcd.kill()
        self.assertEqual(cluster.coordinator.process.wait(timeout=60), FENCED)
        self.assertIn("the lease was not renewed in time", cluster.coordinator.log_text())

    def test_the_second_leaves(self):
        cluster = self.start_pair()
        cluster.second.kill(signal.SIGTERM)
        self.assertEqual(cluster.second.process.wait(timeout=60), 0)
        self.assertEqual(cluster.query("SELECT 1").rows, [[1]])

    def test_without_standby_two_clusters_share_directories(self):
        cluster = self.start_cluster()
        other = Cluster(workers=2, exchange=cluster.exchange, config=CONFIG)
        other.coordinator.name = "other"
        self.enterContext(other)
        clients = [PatientClient(c, JOIN, schema="sf1") for c in (cluster, other)]
        wait_for_committed(cluster, clients[0])
        wait_for_committed(other, clients[1])
        other.coordinator.kill()
        other.coordinator.start()
        for client in clients:
            self.assert_join_rows(client.result())
        self.assertEqual(clients[0].outages, 0)
        self.assertGreater(clients[1].outages, 0)
        self.assertNotIn("takes up query " + clients[0].id, other.coordinator.log_text())
        self.assertIn("takes up query " + clients[1].id, other.coordinator.log_text())
        self.assertTrue(cluster.coordinator.alive())
        self.assertTrue(other.coordinator.alive())
        self.assert_nothing_spooled(cluster)


def many_turns(schema, turns, seed):
    """Random moments of TPC-H queries, one after another: the acting coordinator is killed, frozen or told to stop."""
    chance = random.Random(seed)
    texts = {f"q{number}": sql for number, sql in query_texts("tpch", None)}
    hit = 0
    with Pair(workers=3, config=CONFIG) as cluster:
        expected, seconds = {}, {}
        for name, sql in texts.items():
            start = time.monotonic()
            expected[name] = cluster.query(sql, catalog="tpch", schema=schema).rows
            seconds[name] = time.monotonic() - start
        for turn in range(turns):
            name, loss = chance.choice(list(texts)), chance.choice(["SIGKILL", "SIGSTOP", "SIGTERM"])
            client = cluster.client(texts[name], schema)
            time.sleep(chance.uniform(0, seconds[name]))
            running, lost = not client.done, cluster.coordinator
            lost.kill(getattr(signal, loss))
            if loss == "SIGTERM":
                lost.process.wait()
            cluster.turn()
            resume(lost)
            ended = lost.process.wait()
            try:
                rows = client.result()
            except QueryError as error:
                # Only what was not in the journal yet may fail so.
                if "coordinator was restarted" not in str(error) or client.id in cluster.coordinator.log_text():
                    raise
                rows = expected[name]
                running = False
            if sorted(map(repr, rows)) != sorted(map(repr, expected[name])):
                raise AssertionError(f"{name} ({client.id}) has other rows than without the loss")
            if ended != {"SIGKILL": -9, "SIGSTOP": FENCED, "SIGTERM": 0}[loss]:
                raise AssertionError(f"after {loss} the coordinator ended with {ended}")
            hit += running
            print(f"{turn + 1}. {name}: {loss} {'while it ran' if running else 'before or after'}, {len(rows)} rows", flush=True)
            lost.start()
            cluster.wait_for_nodes(4)
            wait_until(lambda: cluster.state_of(lost) == "INACTIVE", 20, "a second coordinator that waits")
    print(f"{turns} turns, {hit} of them in the middle of a query at {schema}: all rows right")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--schema", default="sf1")
    parser.add_argument("--turns", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options, rest = parser.parse_known_args()
    if options.turns:
        many_turns(options.schema, options.turns, options.seed)
    else:
        unittest.main(argv=[sys.argv[0], *rest], verbosity=2)

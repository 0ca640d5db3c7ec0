"""What a query leaves on storage cannot be read without its key, and its key not without the coordinator's secret."""

import os
import pathlib
import unittest

from coordinator_restart import PatientClient
from support import JOIN, FailureTest, QueryError, RunningQuery, expected_join_rows, wait_until

# From the data, and from the statement, which the journal keeps.
WORDS = [b"furiously", b"carefully", b"1-URGENT", b"5-LOW", b"sum(l_extendedprice)", b"l_comment"]


def words_in(cluster, stop):
    """The words that were in any file of the base directories before `stop`, and how many files there were."""
    seen, found = {}, set()
    while True:
        last = stop()
        for directory in cluster.exchange:
            for folder, _, names in os.walk(directory):
                for name in names:
                    path = pathlib.Path(folder, name)
                    try:
                        size = path.stat().st_size
                        if seen.get(path) == size:
                            continue
                        content = path.read_bytes()
                    except FileNotFoundError:
                        continue
                    seen[path] = size
                    found.update(word for word in WORDS if word in content)
        if last:
            return found, len(seen)


class SealedSpool(FailureTest):
    def words_of_a_query(self, **config):
        cluster = self.start_cluster(config=config)
        query = RunningQuery(cluster, JOIN)
        found, files = words_in(cluster, lambda: query.done)
        self.assertEqual(query.rows(), expected_join_rows())
        self.assertGreater(files, 5)
        self.assert_nothing_spooled(cluster)
        return found

    def test_nothing_readable(self):
        self.assertEqual(self.words_of_a_query(), set())

    def test_the_words_would_be_found(self):
        found = self.words_of_a_query(**{"fault-tolerant-execution-exchange-encryption-enabled": "false"})
        self.assertIn(b"sum(l_extendedprice)", found, "in the journal")
        self.assertTrue(found & {b"furiously", b"carefully"}, f"in an object: {found}")

    def test_compressed(self):
        for codec in ("LZ4", "ZSTD"):
            self.assertEqual(self.words_of_a_query(**{"exchange.compression-codec": codec}), set())

    def test_another_secret_takes_nothing_up(self):
        cluster = self.start_cluster()
        client = PatientClient(cluster, JOIN, schema="sf1")
        wait_until(lambda: cluster.spooled_files() or client.done, 60, "spooled data")
        self.assertFalse(client.done, client.error)
        cluster.coordinator.kill()
        secret = cluster.directory / "coordinator" / "data" / "spool-secret"
        self.assertEqual(secret.stat().st_mode & 0o777, 0o600)
        secret.unlink()
        cluster.coordinator.start()
        with self.assertRaises(QueryError) as caught:
            client.result()
        self.assertEqual(caught.exception.name, "GENERIC_INTERNAL_ERROR")
        self.assertIn(f"The key of query {client.id} was wrapped under another secret",
                      cluster.coordinator.log_text())
        self.assert_nothing_spooled(cluster)
        self.assertEqual(cluster.query(JOIN, catalog="tpch", schema="sf1").rows, expected_join_rows())


if __name__ == "__main__":
    unittest.main(verbosity=2)

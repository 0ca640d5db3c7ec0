"""Rows as segments: the spooling protocol, with segments in the answer and in a store."""

import base64
import json
import unittest

import lz4.block
import zstandard

from support import ProtocolTest
from cluster import wait_until

LINES = "SELECT * FROM tpch.tiny.lineitem"
ROWS = 60175


def decoded(encoding, data, metadata):
    assert len(data) == metadata["segmentSize"], (len(data), metadata)
    size = metadata.get("uncompressedSize")
    if size is None:
        return json.loads(data)
    plain = zstandard.decompress(data) if encoding == "json+zstd" else lz4.block.decompress(data, uncompressed_size=size)
    assert len(plain) == size, (len(plain), size)
    return json.loads(plain)


class Segments(ProtocolTest):
    options = {"spooling": {"fs.segment.ttl": "1h"},
               "config": {"protocol.spooling.initial-segment-size": "1MB", "protocol.spooling.maximum-segment-size": "2MB",
                          "protocol.spooling.inlining.max-size": "64kB"}}

    def pages(self, sql, encodings):
        """The `data` of each answer that has some."""
        headers = {"X-Trino-User": "test", "X-Trino-Query-Data-Encoding": encodings}
        page = self.cluster.request("POST", f"{self.cluster.uri}/v1/statement", sql.encode(), headers)
        while True:
            self.assertNotIn("error", page)
            if "data" in page:
                yield page["data"]
            if "nextUri" not in page:
                return
            page = self.cluster.request("GET", page["nextUri"])

    def fetch(self, uri):
        status, body = self.send_raw("GET", uri)
        self.assertEqual(status, 200, body[:200])
        return body

    def send_raw(self, method, uri):
        import urllib.error
        import urllib.request
        try:
            with urllib.request.urlopen(urllib.request.Request(uri, method=method), timeout=60) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def stored(self):
        return [path for path in self.cluster.segments.rglob("*") if path.is_file()]

    def test_rows_are_the_same_in_every_encoding(self):
        plain = sorted(map(json.dumps, self.cluster.query(LINES).rows))
        for encoding in ("json", "json+lz4", "json+zstd"):
            rows, spooled, offset = [], 0, 0
            for data in self.pages(LINES, encoding):
                self.assertEqual(data["encoding"], encoding)
                for segment in data["segments"]:
                    metadata = segment["metadata"]
                    self.assertEqual(metadata["rowOffset"], offset)
                    self.assertEqual("uncompressedSize" in metadata, encoding != "json")
                    inline = segment["type"] == "inline"
                    spooled += not inline
                    found = decoded(encoding, base64.b64decode(segment["data"]) if inline else self.fetch(segment["uri"]), metadata)
                    self.assertEqual(metadata["rowsCount"], len(found))
                    offset += len(found)
                    rows += found
                    if not inline:
                        self.assertEqual(self.send_raw("GET", segment["ackUri"])[0], 200)
                        self.assertEqual(self.send_raw("GET", segment["uri"])[0], 410)
            self.assertGreater(spooled, 2)
            self.assertEqual(sorted(map(json.dumps, rows)), plain)
            self.assertEqual(self.stored(), [])

    def test_the_first_encoding_that_is_known(self):
        (data,) = self.pages("SELECT 1", "arrow,json+zstd,json")
        (segment,) = data["segments"]
        self.assertEqual((data["encoding"], segment["type"]), ("json+zstd", "inline"))
        # Too small to be compressed.
        self.assertEqual(json.loads(base64.b64decode(segment["data"])), [[1]])

    def test_clients_that_ask_for_none_get_rows(self):
        self.assertEqual(list(self.pages("SELECT 1", "arrow")), [[[1]]])

    def test_what_is_stored_is_sealed_and_its_names_are_guessed_by_nobody(self):
        uris = [segment["uri"] for data in self.pages(LINES, "json") for segment in data["segments"]]
        self.assertEqual(len(self.stored()), len(uris))
        for path in self.stored():
            self.assertNotIn(b"DELIVER IN PERSON", path.read_bytes())
        self.assertIn(b"DELIVER IN PERSON", self.fetch(uris[0]))
        base, _, last = uris[0].rpartition("/")
        for wrong in ("x", "00" * 40, last[:-2] + ("00" if last[-2:] != "00" else "11"), self.stored()[0].name):
            self.assertEqual(self.send_raw("GET", f"{base}/{wrong}")[0], 410)
            self.assertEqual(self.send_raw("GET", f"{base.replace('download', 'ack')}/{wrong}")[0], 404)
        for uri in uris:
            self.send_raw("GET", uri.replace("download", "ack"))


class Expiry(Segments):
    """Segments that nobody acknowledges."""
    options = {**Segments.options, "spooling": {"fs.segment.ttl": "2s", "fs.segment.pruning.interval": "1s"}}

    test_rows_are_the_same_in_every_encoding = None
    test_the_first_encoding_that_is_known = None
    test_clients_that_ask_for_none_get_rows = None
    test_what_is_stored_is_sealed_and_its_names_are_guessed_by_nobody = None

    def test_they_go(self):
        uris = [segment["uri"] for data in self.pages(LINES, "json") for segment in data["segments"]]
        self.assertNotEqual(uris, [])
        wait_until(lambda: not self.stored(), 30, "segments that have expired are deleted")
        self.assertEqual({self.send_raw("GET", uri)[0] for uri in uris}, {410})


if __name__ == "__main__":
    unittest.main()

"""Tables of a `files` catalog whose files are not what their names say."""

import pathlib
import shutil
import tempfile
import unittest

import duckdb

from support import Cluster, ProtocolTest


class UnreadableFiles(ProtocolTest):
    @classmethod
    def setUpClass(cls):
        cls.base = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="planaria-files-")))
        cls.good = cls.base / "s" / "good" / "a.parquet"
        cls.good.parent.mkdir(parents=True)
        duckdb.execute(f"COPY (SELECT range i, 'text ' || range t FROM range(100000)) TO '{cls.good}' "
                       "(ROW_GROUP_SIZE 10000)")
        cls.cluster = cls.enterClassContext(Cluster(workers=2, config={"retry-initial-delay": "10ms"}, catalogs={
            "files": {"connector.name": "files", "files.base-directory": cls.base},
            "tpch": {"connector.name": "tpch", "tpch.column-naming": "STANDARD"}}))

    def table(self, name, file_name="a.parquet"):
        folder = self.base / "s" / name
        folder.mkdir()
        self.addCleanup(shutil.rmtree, folder)
        return folder / file_name

    def assert_unreadable(self, table, file):
        error = self.query_error(f"SELECT count(*), max(t) FROM files.s.{table}")
        self.assertIn(error["errorType"], ("EXTERNAL", "USER_ERROR"), error["message"])
        self.assertIn(file.name, error["message"])

    def test_good_file(self):
        self.assertEqual(self.cluster.query("SELECT count(*), sum(i) FROM files.s.good").rows[0][0], 100000)

    def test_empty_file(self):
        file = self.table("empty")
        file.write_bytes(b"")
        self.assert_unreadable("empty", file)

    def test_text_in_a_parquet_file(self):
        file = self.table("text")
        file.write_text("not parquet at all\n" * 1000)
        self.assert_unreadable("text", file)

    def test_short_file(self):
        file = self.table("short")
        file.write_bytes(self.good.read_bytes()[:-100])
        self.assert_unreadable("short", file)

    def test_damaged_footer(self):
        file = self.table("footer")
        content = bytearray(self.good.read_bytes())
        length = int.from_bytes(content[-8:-4], "little")
        content[-8 - length:-8 - length // 2] = b"\xff" * (length - length // 2)
        file.write_bytes(content)
        self.assert_unreadable("footer", file)

    def test_damaged_pages(self):
        file = self.table("pages")
        content = bytearray(self.good.read_bytes())
        half = len(content) // 2
        content[4:half] = b"\xee" * (half - 4)
        file.write_bytes(content)
        self.assert_unreadable("pages", file)

    def test_file_that_goes_away(self):
        file = self.table("gone")
        shutil.copy(self.good, file)
        self.assertEqual(self.cluster.query("SELECT count(*) FROM files.s.gone").rows, [[100000]])
        file.unlink()
        error = self.query_error("SELECT count(*), max(t) FROM files.s.gone")
        self.assertIn(error["errorType"], ("EXTERNAL", "USER_ERROR"), error["message"])

    def test_damaged_json(self):
        file = self.table("json", "a.json")
        file.write_text('{"t": "x"}\n{"t": \n' + "}" * 100)
        self.assert_unreadable("json", file)

    def test_binary_in_a_csv_file(self):
        file = self.table("csv", "a.csv")
        file.write_bytes(b"t\n" + bytes(range(256)) * 100)
        self.assert_unreadable("csv", file)


if __name__ == "__main__":
    unittest.main(verbosity=2)

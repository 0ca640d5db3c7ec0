"""seeds.py FOLDER FILE...: every statement of the files of tests/sql/grammar as a file of its own."""

import hashlib
import pathlib
import sys

folder, *files = map(pathlib.Path, sys.argv[1:])
for file in files:
    for case in ("\n" + file.read_text()).split("\n===\n"):
        sql = case.split("\n--- ")[0].strip("\n").encode()
        (folder / hashlib.sha1(sql).hexdigest()).write_bytes(sql)

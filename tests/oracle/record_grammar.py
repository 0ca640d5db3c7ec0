#!/usr/bin/env python3
"""Records what Trino's own parser says of the statements in tests/sql/grammar: its formatter's text, or its error.

A case file is a list of cases:

    ===
    the statement
    --- parses                     or `--- line L:C: the error`
    the text of Trino's formatter
    --- here, because REASON       where this parser differs on purpose; kept when recording
    parses, then this formatter's text; or this parser's error

Needs Maven and a JDK for which Trino 476 is built (24 or newer): JAVA_HOME names it. Jars are kept in --cache.
    tests/oracle/record_grammar.py
"""
import argparse
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
PARSER = "io.trino:trino-parser:476"
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>planaria</groupId><artifactId>grammar-oracle</artifactId><version>1</version>
<dependencies><dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency></dependencies>
</project>"""


def fetch(cache):
    jars = cache / "jars"
    if not jars.exists():
        cache.mkdir(parents=True, exist_ok=True)
        (cache / "pom.xml").write_text(POM.format(*PARSER.split(":")))
        subprocess.run(["mvn", "-q", "-B", "-f", cache / "pom.xml", "dependency:copy-dependencies",
                        "-DincludeScope=runtime", "-DoutputDirectory=jars"], check=True)
    return jars


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=pathlib.Path, default=HERE.parents[1] / "build" / "grammar-oracle")
    options = parser.parse_args()
    jars = fetch(options.cache.resolve())
    java = pathlib.Path(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    files = sorted((HERE.parent / "sql" / "grammar").glob("*.txt"))
    subprocess.run([java, "-cp", f"{jars}/*", HERE / "RecordGrammar.java", *files], check=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Records what Trino's own parser says of the statements in tests/sql/grammar: its formatter's text, or its error.

A case file is a list of cases:

    ===
    the statement
    --- parses                     or `--- line L:C: the error`
    the text of Trino's formatter
    --- here, because REASON       where this parser differs on purpose; kept when recording
    parses, then this formatter's text; or this parser's error

With --trino-tests, instead, all statements and expressions that stand in the tests and benchmarks of Trino itself are
recorded into a file under --cache, and compared at once: `build/sql_test` prints the score and every difference.

Needs Maven and a JDK for which Trino 476 is built (24 or newer): JAVA_HOME names it. Jars are kept in --cache.
    tests/oracle/record_grammar.py
    tests/oracle/record_grammar.py --trino-tests
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PARSER = "io.trino:trino-parser:476"
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>planaria</groupId><artifactId>grammar-oracle</artifactId><version>1</version>
<dependencies><dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency></dependencies>
</project>"""
TESTS = ["io.trino:trino-parser:476:jar:test-sources", "io.trino:trino-main:476:jar:test-sources",
         "io.trino:trino-product-tests:368:jar", "io.trino:trino-benchto-benchmarks:368:jar"]
STATEMENT = re.compile(r"\s*(SELECT|WITH|VALUES|TABLE|CREATE|DROP|ALTER|INSERT|UPDATE|DELETE|MERGE|SHOW|EXPLAIN|GRANT|REVOKE|"
                       r"DENY|SET|RESET|CALL|PREPARE|EXECUTE|DESC|DESCRIBE|COMMENT|ANALYZE|TRUNCATE|REFRESH|START|COMMIT|"
                       r"ROLLBACK|USE|DEALLOCATE|\()", re.IGNORECASE)
LITERAL = re.compile(r'"""\n(.*?)"""|"((?:[^"\\\n]|\\.)*)"', re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "s": " ", "0": "\0"}


def fetch(cache):
    jars = cache / "jars"
    if not jars.exists():
        cache.mkdir(parents=True, exist_ok=True)
        (cache / "pom.xml").write_text(POM.format(*PARSER.split(":")))
        subprocess.run(["mvn", "-q", "-B", "-f", cache / "pom.xml", "dependency:copy-dependencies",
                        "-DincludeScope=runtime", "-DoutputDirectory=jars"], check=True)
    return jars


def unescape(text):
    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)",
                  lambda m: chr(int(m[1][1:], 16)) if len(m[1]) == 5 else ESCAPES.get(m[1], m[1]), text)


def in_java(name, text):
    """Statements in literals; others are taken for expressions, where the tests are about these."""
    text = re.sub(r'"\s*\+\s*"', "", text)
    for match in LITERAL.finditer(text):
        literal = unescape(match[1] if match[1] is not None else match[2])
        if STATEMENT.match(literal):
            yield literal
        elif "/sql/parser/" in name or re.search(r"operator|type|scalar", name) and re.search(r"[(\['+*/=<>]", literal):
            yield "SELECT " + literal


def in_sql(text):
    text = "\n".join(line for line in text.split("\n") if not line.startswith("-- "))
    text = text.replace('"${database}"."${schema}".', "")
    return (one.strip().rstrip(";") for one in re.sub(r"\$\{[^}]*\}", "x", text).split(";\n"))


def statements_of_trino(cache):
    found = {}
    for artifact in TESTS:
        subprocess.run(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={cache / 'tests'}"],
                       check=True)
    for jar in sorted((cache / "tests").glob("*.jar")):
        with zipfile.ZipFile(jar) as files:
            for name in files.namelist():
                if not name.endswith((".sql", ".java")):
                    continue
                text = files.read(name).decode(errors="ignore")
                for one in in_java(name, text) if name.endswith(".java") else in_sql(text):
                    one = one.strip().encode(errors="ignore").decode()
                    if one and "\0" not in one and len(one) < 20000 and not re.search("^(===$|--- )", one, re.MULTILINE):
                        found[one] = None
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=pathlib.Path, default=ROOT / "build" / "grammar-oracle")
    parser.add_argument("--trino-tests", action="store_true")
    options = parser.parse_args()
    cache = options.cache.resolve()
    jars = fetch(cache)
    files = sorted((HERE.parent / "sql" / "grammar").glob("*.txt"))
    if options.trino_tests:
        (cache / "cases").mkdir(exist_ok=True)
        files = [cache / "cases" / "trino_tests.txt"]
        files[0].write_text("".join(f"===\n{one}\n" for one in statements_of_trino(cache)))
    java = pathlib.Path(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    subprocess.run([java, "-cp", f"{jars}/*", HERE / "RecordGrammar.java", *files], check=True)
    if options.trino_tests:
        return subprocess.run([ROOT / "build" / "sql_test", "--gtest_filter=Grammar.OfTrinosOwnTests"],
                              env={**os.environ, "PLANARIA_GRAMMAR_CASES": cache / "cases"}, check=False).returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())

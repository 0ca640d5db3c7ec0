"""Where the oracle's statements come from: files of ours, and the assertions in Trino's own tests."""

import pathlib
import re
import subprocess
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
TEST_SOURCES = "io.trino:trino-main:476:jar:test-sources"
CALL = re.compile(r"assertions\s*\.\s*(expression|function|operator|query)\(")
BINDING = re.compile(r"\s*\.\s*binding\(")
LITERAL = re.compile(r'"""\n(?P<block>.*?)"""|"(?P<line>(?:[^"\\\n]|\\.)*)"', re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "s": " ", "0": "\0", "\n": ""}
OPERATORS = {"ADD": "({0}) + ({1})", "SUBTRACT": "({0}) - ({1})", "MULTIPLY": "({0}) * ({1})", "DIVIDE": "({0}) / ({1})",
             "MODULUS": "({0}) % ({1})", "NEGATION": "-({0})", "EQUAL": "({0}) = ({1})", "LESS_THAN": "({0}) < ({1})",
             "LESS_THAN_OR_EQUAL": "({0}) <= ({1})", "IDENTICAL": "({0}) IS NOT DISTINCT FROM ({1})",
             "SUBSCRIPT": "({0})[{1}]"}


def of_files(paths=()):
    """(name, statements) of the files in tests/oracle/statements: each statement ends with `;` at the end of a line."""
    for path in sorted(paths) or sorted((HERE / "statements").glob("*.sql")):
        text = "\n".join(line for line in path.read_text().split("\n") if not line.startswith("--"))
        yield path.stem, [one.strip() for one in re.split(r";\s*\n", text + "\n") if one.strip()]


def unescape(text):
    return re.sub(r"\\(u+[0-9a-fA-F]{4}|.)", lambda m: chr(int(m[1].lstrip("u"), 16)) if m[1][0] == "u" else
                  ESCAPES.get(m[1], m[1]), text, flags=re.DOTALL)


def block(text):
    """A text block without the indentation that all its lines have."""
    lines = text.split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[margin:].rstrip() for line in lines)


def arguments(text, at):
    """(the arguments of a call whose parenthesis ends before `at`, where it is closed); a text for each argument that is
    written as literals, None for others."""
    found, current, literal, depth = [], "", True, 0
    while at < len(text):
        match = LITERAL.match(text, at)
        if match:
            current += unescape(match["line"] if match["block"] is None else block(match["block"]))
            literal = literal and depth == 0
            at = match.end()
            continue
        c = text[at]
        at += 1
        if c in "(" or c == "[":
            depth += 1
            literal = False
        elif depth == 0 and c in ",)":
            found.append(current if literal else None)
            current, literal = "", True
            if c == ")":
                return found, at
        elif c in ")]":
            depth -= 1
        elif not c.isspace() and c != "+":
            if c.isalnum() or c in "_.":
                word = re.match(r"[\w.]*", text[at:])[0]
                # A name of an operator, or a variable.
                current, at = current + c + word, at + len(word)
                literal = literal and (c + word) in OPERATORS
            else:
                literal = False
    return found, at


def with_bindings(expression, bindings):
    if not bindings:
        return f"SELECT {expression}"
    names, values = zip(*bindings)
    return f"SELECT {expression} FROM (VALUES ROW({', '.join(values)})) t({', '.join(names)})"


def in_source(text):
    for call in CALL.finditer(text):
        given, at = arguments(text, call.end())
        bindings = []
        while match := BINDING.match(text, at):
            pair, at = arguments(text, match.end())
            bindings.append(pair)
        if not given or None in given or any(len(pair) != 2 or None in pair for pair in bindings):
            continue
        kind = call[1]
        if kind == "query":
            yield given[0]
        elif kind == "expression":
            yield with_bindings(given[0], bindings)
        elif kind == "function":
            yield f"SELECT {given[0]}({', '.join(given[1:])})"
        elif given[0] in OPERATORS and OPERATORS[given[0]].count("{") == len(given) - 1:
            yield "SELECT " + OPERATORS[given[0]].format(*given[1:])


def of_trino_tests(cache):
    """(name of the test class with its package's last part, its statements), out of the jar of Trino's tests, which Maven fetches."""
    subprocess.run(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={TEST_SOURCES}", f"-DoutputDirectory={cache}"],
                   check=True)
    (jar,) = pathlib.Path(cache).glob("trino-main-476-test-sources.jar")
    with zipfile.ZipFile(jar) as files:
        for name in sorted(files.namelist()):
            if not re.search(r"io/trino/(operator/(scalar|aggregation)|type|sql/query|json)/.*Test\w+\.java$", name):
                continue
            found = (one.strip().encode(errors="replace").decode() for one in in_source(files.read(name).decode()))
            statements = dict.fromkeys(one for one in found if "\0" not in one and len(one) < 5000)
            if statements:
                yield ".".join(pathlib.PurePosixPath(name).with_suffix("").parts[-2:]), list(statements)

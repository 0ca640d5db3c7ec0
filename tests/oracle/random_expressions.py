"""Random expressions in Trino's SQL, by type.

A family is a type, or several that mix freely (`decimal` of any digits, `varchar` of any length). `GRAMMAR` says what an
expression of a family may be: {family} stands for one of that family, {same} for one of the family that was asked for."""

import re

from random_tree import Leaf, Node

GRAMMAR = {
    "boolean": """
        {bigint} = {bigint} | {bigint} <> {integer} | {bigint} < {decimal} | {decimal} >= {integer} | {double} <= {double} | {real} > {real}
        {varchar} = {varchar} | {varchar} < {varchar} | {char} = {char} | {char} <> {char} | {varbinary} = {varbinary} | {date} < {date}
        {date} = {timestamp} | {timestamp} >= {timestamp} | {timestamptz} < {timestamptz} | {timestamptz} = {timestamp} | {time} > {time}
        {day_interval} < {day_interval} | {month_interval} = {month_interval} | {array_bigint} = {array_bigint} | {row} = {row}
        {boolean} AND {boolean} | {boolean} OR {boolean} | NOT {boolean} | {boolean} IS DISTINCT FROM {boolean} | {bigint} IS NULL
        {varchar} IS NOT NULL | {bigint} BETWEEN {integer} AND {bigint} | {date} NOT BETWEEN {date} AND {date} | {varchar} LIKE {pattern}
        {varchar} NOT LIKE {pattern} | {bigint} IN ({integer}, {bigint}) | {varchar} NOT IN ({varchar}, {varchar}) | {decimal} IN ({decimal}, {bigint})
        contains({array_bigint}, {bigint}) | {double} IS DISTINCT FROM {bigint} | {date} IS NOT DISTINCT FROM {date} | starts_with({varchar}, {varchar})
        any_match({array_bigint}, x -> x > {small}) | all_match({array_varchar}, x -> x LIKE {pattern}) | regexp_like({varchar}, {regexp})
        {bigint} = ANY (VALUES {small}, {small}) | CAST({integer} AS boolean) | arrays_overlap({array_bigint}, {array_bigint})""",
    "bigint": """
        {bigint} + {bigint} | {bigint} - {integer} | {bigint} * {small} | {bigint} / {nonzero} | {bigint} % {nonzero} | -{bigint} | abs({bigint})
        length({varchar}) | CAST({integer} AS bigint) | date_diff('day', {date}, {date}) | date_diff('hour', {timestamp}, {timestamp})
        cardinality({array_bigint}) | cardinality({map}) | year({date}) | month({timestamp}) | day_of_week({date}) | strpos({varchar}, {varchar})
        bitwise_and({bigint}, {bigint}) | bitwise_xor({bigint}, {bigint}) | {array_bigint}[1] | element_at({array_bigint}, {nonzero}) | array_max({array_bigint})
        array_min({array_bigint}) | array_position({array_bigint}, {bigint}) | element_at({map}, {varchar}) | {row}[1] | extract(quarter FROM {date})
        hour({timestamp}) | minute({time}) | length({varbinary}) | CAST({decimal} AS bigint) | CAST({double} AS bigint) | crc32({varbinary})
        reduce({array_bigint}, 0, (s, x) -> s + coalesce(x, 0), s -> s) | sign({bigint}) | bit_count({bigint}, 64) | json_array_length({json})
        week({date}) | day({date}) | day_of_year({timestamp}) | length({char}) | codepoint(CAST('x' AS varchar(1))) | levenshtein_distance({varchar}, {varchar})""",
    "integer": """
        {integer} + {small} | {integer} - {integer} | {integer} * {small} | {integer} / {nonzero} | {integer} % {nonzero} | -{integer} | abs({integer})
        CAST({smallint} AS integer) | CAST({tinyint} AS integer) | CAST({boolean} AS integer) | sign({integer}) | CAST({real} AS integer)""",
    "smallint": "{smallint} % SMALLINT '7' | abs({smallint}) | CAST({tinyint} AS smallint) | {smallint} / SMALLINT '3' | CAST({boolean} AS smallint)",
    "tinyint": "{tinyint} % TINYINT '7' | CAST({boolean} AS tinyint) | {tinyint} / TINYINT '3'",
    "double": """
        {double} + {double} | {double} * {small} | {double} - {integer} | {double} / 2e0 | CAST({bigint} AS double) | CAST({decimal} AS double) | abs({double})
        CAST({real} AS double) | round({double}, 2) | floor({double}) | ceiling({double}) | sqrt(abs({double})) | {double} + {decimal} | -{double} | truncate({double})
        cos({double}) | to_unixtime({timestamp}) | {bigint} * 1.5e0 | round({double}) | CAST(CAST({double} AS varchar) AS double) | cbrt({double})""",
    "real": "{real} + {real} | {real} * REAL '0.5' | CAST({integer} AS real) | CAST({decimal} AS real) | -{real} | abs({real}) | floor({real}) | {real} - {smallint}",
    "decimal": """
        {decimal} + {decimal} | {decimal} - {integer} | {decimal} * {small} | {decimal} / {nonzero} | {decimal} % {nonzero} | -{decimal} | abs({decimal})
        CAST({decimal} AS decimal(20,4)) | CAST({integer} AS decimal(12,2)) | round({decimal}, 1) | round({decimal}) | floor({decimal}) | ceiling({decimal}) | truncate({decimal})
        CAST({double} AS decimal(25,3)) | {bigint} * {decimal} | {decimal} / {decimal_literal} | {smallint} + {decimal}""",
    "varchar": """
        {varchar} || {varchar} | upper({ascii}) | lower({varchar}) | substr({varchar}, {nonzero}) | substr({varchar}, 2, 3) | trim({varchar}) | reverse({varchar})
        CAST({bigint} AS varchar) | CAST({decimal} AS varchar) | CAST({date} AS varchar) | CAST({boolean} AS varchar) | CAST({timestamp} AS varchar)
        CAST({timestamptz} AS varchar) | CAST({double} AS varchar) | replace({varchar}, 'a', {varchar}) | lpad({varchar}, 8, '*') | rpad({varchar}, 3, 'xy')
        concat({varchar}, {varchar}) | split_part({varchar}, ' ', 1) | CAST({varchar} AS varchar(3)) | CAST({char} AS varchar) | array_join({array_bigint}, ',')
        array_join({array_varchar}, '-', 'null') | to_hex({varbinary}) | date_format({timestamp}, '%Y-%m-%d %H:%i:%s') | format('%s', {varchar}) | {array_varchar}[1]
        translate({varchar}, 'abc', 'xyz') | typeof({same}) | typeof({decimal}) | json_extract_scalar({json}, '$.a') | json_format({json}) | {row}[2]
        CAST({time} AS varchar) | CAST({real} AS varchar) | concat_ws(',', {varchar}, {varchar}) | regexp_replace({varchar}, {regexp}, 'r')
        regexp_extract({varchar}, {regexp}) | ltrim({varchar}) | CAST({day_interval} AS varchar) | CAST({month_interval} AS varchar) | to_iso8601({date})
        format_datetime({timestamp}, 'yyyy/MM/dd HH:mm') | chr(65 + abs({small}))""",
    "char": "CAST({ascii} AS char(5)) | CAST({ascii} AS char(2)) | lower({char}) | upper({char}) | trim({char})",
    "varbinary": "to_utf8({varchar}) | {varbinary} || {varbinary} | md5({varbinary}) | reverse({varbinary}) | substr({varbinary}, 2) | sha256({varbinary}) | from_hex(to_hex({varbinary}))",
    "date": """
        {date} + {day_interval_days} | {date} - {month_interval} | date_add('day', {small}, {date}) | CAST({timestamp} AS date) | date_trunc('month', {date})
        last_day_of_month({date}) | date_add('month', {small}, {date}) | CAST(CAST({date} AS varchar) AS date) | date_trunc('week', {date}) | CAST({timestamptz} AS date)""",
    "time": "{time} + {day_interval} | CAST({timestamp} AS time(3)) | date_trunc('minute', {time}) | date_add('second', {small}, {time}) | CAST({time} AS time(0))",
    "timestamp": """
        {timestamp} + {day_interval} | {timestamp} - {month_interval} | CAST({date} AS timestamp(3)) | CAST({timestamp} AS timestamp(0)) | CAST({timestamp} AS timestamp(6))
        date_trunc('hour', {timestamp}) | date_add('month', {small}, {timestamp}) | CAST({timestamptz} AS timestamp(3)) | date_add('minute', {small}, {timestamp})""",
    "timestamptz": """
        {timestamptz} + {day_interval} | CAST({timestamp} AS timestamp(3) with time zone) | {timestamptz} AT TIME ZONE 'America/New_York' | with_timezone({timestamp}, '+03:00')
        date_trunc('day', {timestamptz}) | {timestamptz} - {month_interval} | from_unixtime({small} * 86400, 'Asia/Tokyo') | date_add('hour', {small}, {timestamptz})""",
    "day_interval": "{day_interval} + {day_interval} | {day_interval} * {small} | {timestamp} - {timestamp} | {date} - {date} | {day_interval} - {day_interval} | -{day_interval}",
    "day_interval_days": "{day_interval_days} + {day_interval_days}",
    "month_interval": "{month_interval} + {month_interval} | {month_interval} * {small} | -{month_interval}",
    "array_bigint": """
        ARRAY[{bigint}, {integer}] | {array_bigint} || {array_bigint} | array_distinct({array_bigint}) | array_sort({array_bigint}) | transform({array_bigint}, x -> x + {small})
        filter({array_bigint}, x -> x > {small}) | slice({array_bigint}, 1, 2) | sequence(1, abs({small})) | reverse({array_bigint}) | array_union({array_bigint}, {array_bigint})
        array_except({array_bigint}, {array_bigint}) | array_intersect({array_bigint}, {array_bigint}) | map_values({map}) | flatten(ARRAY[{array_bigint}, {array_bigint}])
        array_remove({array_bigint}, {bigint}) | {array_bigint} || {bigint} | repeat({bigint}, 2) | zip_with({array_bigint}, {array_bigint}, (x, y) -> x + y)
        trim_array(ARRAY[{bigint}, {bigint}], 1) | CAST({array_varchar_digits} AS array(bigint))""",
    "array_varchar": """
        ARRAY[{varchar}, {varchar}] | {array_varchar} || {varchar} | split({varchar}, ' ') | array_sort({array_varchar}) | array_distinct({array_varchar}) | map_keys({map})
        transform({array_varchar}, x -> x || 'z') | transform({array_bigint}, x -> CAST(x AS varchar)) | regexp_extract_all({varchar}, {regexp}) | CAST({array_bigint} AS array(varchar))""",
    "array_varchar_digits": "ARRAY['1', '-20'] | CAST({array_bigint} AS array(varchar))",
    "map": """
        MAP(ARRAY['a', 'b'], ARRAY[{bigint}, {bigint}]) | map_filter({map}, (k, v) -> v > {small}) | transform_values({map}, (k, v) -> v + {small})
        map_concat({map}, {map}) | map_from_entries(ARRAY[ROW('x', {bigint})]) | MAP()""",
    "row": "ROW({bigint}, {varchar})",
    "json": """CAST({bigint} AS json) | CAST({varchar} AS json) | CAST({array_bigint} AS json) | json_parse('{"a": 1, "b": [true, null]}') | CAST({map} AS json)
        json_extract({json}, '$.a') | CAST({boolean} AS json) | CAST({row} AS json) | CAST({decimal} AS json)""",
}
# Of every family whose values can be compared or chosen from.
FORMS = """CASE WHEN {boolean} THEN {same} ELSE {same} END | coalesce({same}, {same}) | if({boolean}, {same}, {same}) | CASE {integer} WHEN 1 THEN {same} WHEN 2 THEN {same} END
    nullif({same}, {same}) | greatest({same}, {same}) | least({same}, {same}) | try({same})"""
UNCOMPARED = {"array_bigint", "array_varchar", "map", "json", "row", "array_varchar_digits"}
TYPES = {
    "boolean": "boolean", "bigint": "bigint", "integer": "integer", "smallint": "smallint", "tinyint": "tinyint", "double": "double", "real": "real",
    "decimal": "decimal(24,3)", "varchar": "varchar", "char": "char(4)", "varbinary": "varbinary", "date": "date", "time": "time(3)",
    "timestamp": "timestamp(3)", "timestamptz": "timestamp(3) with time zone", "day_interval": "interval day to second",
    "month_interval": "interval year to month", "array_bigint": "array(bigint)", "array_varchar": "array(varchar)", "map": "map(varchar, bigint)",
    "row": "row(bigint, varchar)", "json": "json"}
# What nothing but a literal can be.
ONLY_LITERALS = ("small", "nonzero", "decimal_literal", "pattern", "regexp", "ascii")
WORDS = ("", "a", "abc", "Hello World", "x y z", "ALGERIA", "zz", "10", "é", " b ", "aba")
DATES = ("1970-01-01", "2020-02-29", "1995-03-15", "1999-12-31", "2001-08-22", "0001-01-01")
TIMES = ("00:00:00", "03:04:05.321", "12:00:00.5", "23:59:59.999")
ALTERNATIVES = {family: [one.strip() for line in text.split("\n") for one in line.split(" | ") if one.strip()] for family, text in GRAMMAR.items()}
COMMON = [one.strip() for line in FORMS.split("\n") for one in line.split(" | ")]


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def literal(draw, family):
    """`draw`: a random.Random."""
    if family not in ONLY_LITERALS and family in TYPES and draw.random() < 0.12:
        return f"CAST(NULL AS {TYPES[family]})"
    number = draw.choice((0, 1, 2, 3, 5, 7, 10, 42, 100, -1, -7, 123456))
    day, clock, word = draw.choice(DATES), draw.choice(TIMES), draw.choice(WORDS)
    match family:
        case "boolean": return draw.choice(("true", "false"))
        case "bigint": return f"BIGINT '{draw.choice((number, number, 9007199254740993))}'"
        case "integer": return str(number)
        case "small": return str(draw.randint(-3, 5))
        case "nonzero": return str(draw.choice((1, 2, 3, -2)))
        case "smallint" | "tinyint": return f"{family.upper()} '{number % 100}'"
        case "double": return draw.choice(("1e0", "2.5e0", "-0.125e0", "1e10", "0e0", "3.3333e-3"))
        case "real": return f"REAL '{draw.choice(('1.5', '-2.25', '0', '1e5', '3.14'))}'"
        case "decimal" | "decimal_literal": return draw.choice(("1.5", "-0.25", "123.456", "DECIMAL '99999999.99'", "0.1", "12345678901234567890.5"))
        case "varchar": return quoted(word)
        case "ascii": return quoted(word.encode("ascii", "ignore").decode())
        case "pattern": return quoted(draw.choice(("%a%", "a_c", "", "%", "H%d", "_", "%z")))
        case "regexp": return quoted(draw.choice(("[a-c]+", "^x", "\\d", "l+", "(a|b)")))
        case "char": return f"CAST({quoted(word[:4])} AS char(4))"
        case "varbinary": return draw.choice(("X'00FF'", "X''", "X'616263'"))
        case "date": return f"DATE '{day}'"
        case "time": return f"TIME '{clock}'"
        case "timestamp": return f"TIMESTAMP '{day} {clock}'"
        case "timestamptz": return f"TIMESTAMP '{draw.choice(DATES[:-1])} {clock} {draw.choice(('UTC', '+05:30', 'Europe/Paris'))}'"
        case "day_interval": return f"INTERVAL '{abs(number) % 50}' {draw.choice(('DAY', 'HOUR', 'MINUTE', 'SECOND'))}"
        case "day_interval_days": return f"INTERVAL '{abs(number) % 50}' DAY"
        case "month_interval": return f"INTERVAL '{abs(number) % 50}' {draw.choice(('YEAR', 'MONTH'))}"
        case "array_bigint": return draw.choice(("ARRAY[BIGINT '1', 2, 3]", "ARRAY[BIGINT '5', NULL]", "CAST(ARRAY[] AS array(bigint))"))
        case "array_varchar": return draw.choice(("ARRAY['a', 'bc']", "CAST(ARRAY[] AS array(varchar))", "ARRAY['x', NULL, '']"))
        case "array_varchar_digits": return "ARRAY['3', NULL]"
        case "map": return draw.choice(("MAP(ARRAY['a', 'b'], ARRAY[BIGINT '1', 2])", "MAP(ARRAY[VARCHAR 'k'], ARRAY[CAST(NULL AS bigint)])"))
        case "row": return f"ROW(BIGINT '{number}', {quoted(word)})"
        case "json": return """JSON '{"a": "x", "b": 2}'"""
    raise ValueError(family)


def expression(draw, family, columns, depth):
    """`columns`: (its text, family) of what can be named."""
    named = [text for text, kind in columns if kind == family]
    if named and draw.random() < (0.5 if depth > 0 else 0.8):
        return Node(family, [draw.choice(named)], lambda: literal(draw, family))
    alternatives = ALTERNATIVES.get(family)
    if depth <= 0 or alternatives is None or draw.random() < 0.15:
        return Leaf(family, literal(draw, family))
    common = family in TYPES and draw.random() < 0.15
    forms = [one for one in COMMON if family not in UNCOMPARED or not re.match("nullif|greatest|least", one)] if common else alternatives
    parts = []
    for piece in re.split(r"(\{\w+\})", draw.choice(forms)):
        if re.fullmatch(r"\{\w+\}", piece):
            asked = family if piece == "{same}" else piece[1:-1]
            parts.append(expression(draw, asked, columns, depth - 1))
        elif piece:
            parts.append(piece)
    return Node(family, ["(", *parts, ")"], lambda: literal(draw, family))

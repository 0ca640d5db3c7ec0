"""Random queries in Trino's SQL whose rows, as a bag, are decided by the SQL alone: LIMIT only behind an order of all columns,
ranks by an order of all columns, and no free texts of TPC-H, which are others here than in Trino."""

from random_expressions import TYPES, UNCOMPARED, expression, literal
from random_tree import Leaf, List, Node, optional

TPCH = {
    "tpch.tiny.nation": (25, {"n_nationkey": "bigint", "n_name": "varchar", "n_regionkey": "bigint"}),
    "tpch.tiny.region": (5, {"r_regionkey": "bigint", "r_name": "varchar"}),
    "tpch.tiny.supplier": (100, {"s_suppkey": "bigint", "s_name": "varchar", "s_nationkey": "bigint", "s_acctbal": "decimal"}),
    "tpch.tiny.customer": (1500, {"c_custkey": "bigint", "c_nationkey": "bigint", "c_acctbal": "decimal", "c_mktsegment": "varchar"}),
    "tpch.tiny.orders": (15000, {"o_orderkey": "bigint", "o_custkey": "bigint", "o_orderstatus": "varchar", "o_totalprice": "decimal", "o_orderdate": "date",
                                 "o_orderpriority": "varchar", "o_shippriority": "integer"})}
# Made by `set_up`.
MIXED = {"i": "bigint", "n": "integer", "s": "smallint", "d": "double", "r": "real", "p": "decimal", "v": "varchar", "c": "char", "b": "boolean", "x": "varbinary",
         "dt": "date", "tm": "time", "ts": "timestamp", "tz": "timestamptz", "ai": "array_bigint", "av": "array_varchar", "m": "map"}
MIXED_ROWS = 12
TABLES = {**TPCH, "memory.default.mixed": (MIXED_ROWS, MIXED), "memory.default.mixed_too": (MIXED_ROWS, MIXED)}
# More rows than this are neither joined without a key nor answered.
MOST_ROWS = 3000
AGGREGATES = {
    "bigint": ["count(*)", "count({any})", "count(DISTINCT {any})", "sum({bigint})", "sum({integer})", "max({bigint})", "min({bigint})", "sum(DISTINCT {bigint})",
               "count_if({boolean})", "bitwise_or_agg({bigint})"],
    "double": ["avg({bigint})", "avg({integer})", "sum({double})", "max({double})", "stddev({integer})", "variance({integer})", "corr({integer}, {smallint})",
               "geometric_mean(abs({integer}))", "avg({double})"],
    "decimal": ["sum({decimal})", "avg({decimal})", "min({decimal})", "max({decimal})"],
    "varchar": ["max({varchar})", "min({varchar})", "listagg({column}, ',') WITHIN GROUP (ORDER BY {column})"],
    "boolean": ["bool_and({boolean})", "bool_or({boolean})", "every({boolean})"],
    "date": ["max({date})", "min({date})"],
    "timestamp": ["max({timestamp})", "min({timestamp})"],
    "integer": ["max({integer})", "min({integer})"],
    "array_bigint": ["array_sort(array_agg({bigint}))", "array_sort(array_agg(DISTINCT {bigint}))", "max({bigint}, 3)", "map_values(histogram({bigint} * 0))"],
    "array_varchar": ["array_sort(array_agg({varchar}))", "array_agg({column} ORDER BY {column} DESC)"]}
RANKS = ["rank()", "dense_rank()", "row_number()", "ntile(3)", "percent_rank()", "cume_dist()"]
NEIGHBOURS = ["lag({any})", "lead({any}, 2)", "first_value({any})", "last_value({any})", "nth_value({any}, 2)", "lag({any}) IGNORE NULLS"]
FRAMES = ["", "", " ROWS BETWEEN 1 PRECEDING AND CURRENT ROW", " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING", " RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
          " GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING", " ROWS BETWEEN 2 FOLLOWING AND 3 FOLLOWING"]
SELECTED = [family for family in TYPES if family not in ("row",)]


class Relation:
    """`columns`: (text that names it, family). `rows`: about how many, at most."""

    def __init__(self, node, columns, rows):
        self.node, self.columns, self.rows = node, columns, rows


class Queries:
    """`draw`: a random.Random, which alone decides what comes."""

    def __init__(self, draw):
        self.draw, self.names = draw, 0

    def statement(self):
        self.names = 0
        query, families, rows = self.query(2)
        if rows <= MOST_ROWS and self.draw.random() < 0.5:
            if self.draw.random() < 0.3 and all(self.is_ordered(family) for family in families):
                order = ", ".join(f"{i + 1}{self.draw.choice(('', ' DESC', ' NULLS FIRST'))}" for i in range(len(families)))
                return Node("statement", [query, optional(f" ORDER BY {order}"), optional(f" LIMIT {self.draw.randint(0, 20)}")][:2 + int(self.draw.random() < 0.5)])
            return query
        if rows <= MOST_ROWS:
            return query
        return Node("statement", ["SELECT count(*), ", List([f"count(DISTINCT {self.comparable(i, family)})" for i, family in enumerate(families)]), " FROM (", query,
                                  ") AS t (", ", ".join(f"c{i}" for i in range(len(families))), ")"])

    @staticmethod
    def comparable(i, family):
        return f"json_format(c{i})" if family == "json" else f"c{i}"

    @staticmethod
    def is_ordered(family):
        return family not in UNCOMPARED and family != "json"

    def name(self):
        self.names += 1
        return f"q{self.names}"

    def query(self, depth, families=None, outer=()):
        """The query, the families of its columns, and about how many rows it has. `outer`: columns that it may name."""
        choice = self.draw.random()
        if depth > 0 and choice < 0.15:
            left, families, rows = self.query(depth - 1, families, outer)
            right, _, more = self.query(depth - 1, families, outer)
            every = [self.is_ordered(family) for family in families]
            operation = self.draw.choice(("UNION ALL", "UNION", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL") if all(every) else ("UNION ALL",))
            return Node("query", ["(", left, f") {operation} (", right, ")"]), families, rows + more
        if choice < 0.45:
            return self.aggregation(depth, families, outer)
        return self.selection(depth, families, outer)

    def selection(self, depth, families, outer):
        relation = self.relation(depth)
        visible = [*relation.columns, *outer]
        families = families or [self.draw.choice(SELECTED) for _ in range(self.draw.randint(1, 4))]
        items = [self.item(family, relation, visible, depth) for family in families]
        distinct = self.draw.random() < 0.1 and all(self.is_ordered(family) for family in families)
        where = [optional(" WHERE ", self.predicate(visible, depth))] if self.draw.random() < 0.5 else []
        return Node("query", ["SELECT DISTINCT " if distinct else "SELECT ", List(items), " FROM ", relation.node, *where]), families, relation.rows

    def item(self, family, relation, visible, depth):
        if self.draw.random() < 0.15 and relation.rows <= MOST_ROWS:
            window = self.window(family, relation)
            if window:
                return window
        if depth > 0 and self.draw.random() < 0.08 and family in AGGREGATES:
            inner = self.relation(0)
            condition = [optional(" WHERE ", self.key(inner.columns, visible))] if self.draw.random() < 0.6 else []
            return Node(family, ["(SELECT ", self.aggregate(family, inner.columns), " FROM ", inner.node, *condition, ")"], lambda: literal(self.draw, family))
        return expression(self.draw, family, visible, self.draw.randint(0, 3))

    def key(self, left, right):
        """An equation of a column of each side, else one that holds often."""
        pairs = [(a, b) for a, kind in left for b, other in right if kind == other and kind in ("bigint", "varchar", "date", "integer")]
        if pairs:
            a, b = self.draw.choice(pairs)
            return Node("boolean", [f"{a} = {b}"], lambda: "true")
        return Leaf("boolean", "1 = 1")

    def predicate(self, visible, depth):
        if depth > 0 and self.draw.random() < 0.25:
            inner = self.relation(0)
            bigints = [name for name, kind in inner.columns if kind == "bigint"]
            if bigints and self.draw.random() < 0.5:
                return Node("boolean", [expression(self.draw, "bigint", visible, 1), self.draw.choice((" IN ", " NOT IN ", " > ALL ", " <= ANY ")), f"(SELECT {bigints[0]} FROM ",
                                        inner.node, optional(" WHERE ", expression(self.draw, "boolean", inner.columns, 1)), ")"], lambda: "true")
            return Node("boolean", [self.draw.choice(("", "NOT ")), "EXISTS (SELECT 1 FROM ", inner.node, " WHERE ", self.key(inner.columns, visible), ")"], lambda: "true")
        return expression(self.draw, "boolean", visible, 2)

    def filled(self, template, columns, family, depth=1):
        texts = [text for text, kind in columns if kind == "varchar"]
        # The same in both places, so that what is equal in the order is equal.
        template = template.replace("{column}", self.draw.choice(texts) if texts else "'a'")
        parts = []
        for piece in template.replace("{", "\0{").replace("}", "}\0").split("\0"):
            if piece == "{any}":
                parts.append(expression(self.draw, self.draw.choice([one for one in ("bigint", "varchar", "decimal", "date", "boolean")]), columns, depth))
            elif piece.startswith("{"):
                parts.append(expression(self.draw, piece[1:-1], columns, depth))
            elif piece:
                parts.append(piece)
        return Node(family, parts, lambda: literal(self.draw, family))

    def aggregate(self, family, columns):
        template = self.draw.choice(AGGREGATES[family])
        node = self.filled(template, columns, family)
        if self.draw.random() < 0.15 and not template.startswith(("array_sort", "map_values")):
            node.parts += [optional(" FILTER (WHERE ", expression(self.draw, "boolean", columns, 1), ")")]
        return node

    def aggregation(self, depth, families, outer):
        relation = self.relation(depth)
        named = [column for column in relation.columns if self.is_ordered(column[1])]
        keys = self.draw.sample(named, min(len(named), self.draw.choice((0, 1, 1, 2))))
        families = families or [self.draw.choice([*AGGREGATES, *(kind for _, kind in keys)]) for _ in range(self.draw.randint(1, 4))]
        items = []
        for family in families:
            if family in AGGREGATES and self.draw.random() < 0.7:
                items.append(self.aggregate(family, relation.columns))
            else:
                items.append(expression(self.draw, family, keys, 1))
        if self.draw.random() < 0.7 and not any(family in AGGREGATES for family in families):
            families, items = [*families, "bigint"], [*items, self.aggregate("bigint", relation.columns)]
        parts = ["SELECT ", List(items), " FROM ", relation.node]
        if self.draw.random() < 0.4:
            parts.append(optional(" WHERE ", self.predicate([*relation.columns, *outer], depth)))
        if keys:
            texts = [text for text, _ in keys]
            grouping = self.draw.random()
            if grouping < 0.7:
                parts.append(f" GROUP BY {', '.join(texts)}")
            elif grouping < 0.8:
                parts.append(f" GROUP BY ROLLUP ({', '.join(texts)})")
            elif grouping < 0.9:
                parts.append(f" GROUP BY CUBE ({', '.join(texts)})")
            else:
                parts.append(f" GROUP BY GROUPING SETS (({', '.join(texts)}), ({texts[0]}), ())")
            if self.draw.random() < 0.2:
                parts.append(optional(" HAVING ", expression(self.draw, "boolean", keys, 1)))
        else:
            parts.append(" GROUP BY ()")
        return Node("query", parts), families, relation.rows

    def window(self, family, relation):
        ordered = [text for text, kind in relation.columns if self.is_ordered(kind)]
        if len(ordered) < len(relation.columns):
            # Rows that are equal in all columns that order may differ in others.
            whole = False
        else:
            whole = True
        partition = [optional("PARTITION BY ", self.draw.choice(ordered), " ")] if ordered and self.draw.random() < 0.5 else []
        order = "ORDER BY " + ", ".join(f"{text}{self.draw.choice(('', ' DESC', ' NULLS FIRST'))}" for text in self.draw.sample(ordered, len(ordered)))
        if family in ("bigint", "double") and whole and ordered and self.draw.random() < 0.5:
            ranks = [one for one in RANKS if (one in ("percent_rank()", "cume_dist()")) == (family == "double")]
            return Node(family, [self.draw.choice(ranks), " OVER (", *partition, order, ")"])
        if whole and ordered and self.draw.random() < 0.4:
            template = self.draw.choice(NEIGHBOURS).replace("{any}", "{" + family + "}")
            call, _, nulls = template.partition(" IGNORE")
            frame = self.draw.choice(FRAMES) if call.startswith(("first", "last", "nth")) else ""
            return Node(family, [self.filled(call, relation.columns, family), " IGNORE NULLS" if nulls else "", " OVER (", *partition, order, optional(frame), ")"])
        if family not in AGGREGATES or family == "double":
            return None
        templates = [one for one in AGGREGATES[family] if "DISTINCT" not in one and not one.startswith(("array_", "map_", "listagg", "approx"))]
        if not templates:
            return None
        frame = [order, optional(self.draw.choice(FRAMES))] if whole and ordered and self.draw.random() < 0.6 else []
        return Node(family, [self.filled(self.draw.choice(templates), relation.columns, family), " OVER (", *partition, *frame, ")"])

    def relation(self, depth):
        choice = self.draw.random()
        if depth > 0 and choice < 0.3:
            return self.join(depth)
        if depth > 0 and choice < 0.45:
            query, families, rows = self.query(depth - 1)
            name = self.name()
            columns = [(f"{name}.c{i}", family) for i, family in enumerate(families)]
            return Relation(Node("relation", ["(", query, f") AS {name} (", ", ".join(f"c{i}" for i in range(len(families))), ")"]), columns, rows)
        if choice < 0.6:
            return self.values()
        table = self.draw.choice([*TABLES, "memory.default.mixed", "memory.default.mixed_too", "tpch.tiny.nation"])
        rows, columns = TABLES[table]
        name = self.name()
        return Relation(Node("relation", [f"{table} AS {name}"]), [(f"{name}.{column}", family) for column, family in columns.items()], rows)

    def values(self):
        families = [self.draw.choice([one for one in SELECTED if one != "json"]) for _ in range(self.draw.randint(1, 4))]
        count, name = self.draw.randint(1, 5), self.name()
        rows = List([Node("values", ["(", ", ".join(self.value(family) for family in families), ")"]) for _ in range(count)])
        columns = [(f"{name}.c{i}", family) for i, family in enumerate(families)]
        return Relation(Node("relation", ["(VALUES ", rows, f") AS {name} (", ", ".join(f"c{i}" for i in range(len(families))), ")"]), columns, count)

    def value(self, family):
        return literal(self.draw, family)

    def join(self, depth):
        left, right = self.relation(depth - 1), self.relation(0)
        columns, kind = [*left.columns, *right.columns], self.draw.choice(("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN", "UNNEST"))
        arrays = [text for text, family in left.columns if family == "array_bigint"]
        if kind == "UNNEST" and arrays and left.rows <= MOST_ROWS:
            name = self.name()
            return Relation(Node("relation", [left.node, f" CROSS JOIN UNNEST({arrays[0]}) WITH ORDINALITY AS {name} (e, o)"]),
                            [*left.columns, (f"{name}.e", "bigint"), (f"{name}.o", "bigint")], 3 * left.rows)
        if kind in ("CROSS JOIN", "UNNEST") and left.rows * right.rows <= MOST_ROWS:
            return Relation(Node("relation", [left.node, " CROSS JOIN ", right.node]), columns, left.rows * right.rows)
        if kind not in ("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"):
            kind = "JOIN"
        key = self.key(left.columns, right.columns)
        if isinstance(key, Leaf) and left.rows * right.rows > MOST_ROWS:
            return left
        condition = [key]
        if self.draw.random() < 0.3:
            condition += [optional(" AND ", expression(self.draw, "boolean", columns, 1))]
        return Relation(Node("relation", [left.node, f" {kind} ", right.node, " ON ", *condition]), columns, max(left.rows, right.rows) * (1 if isinstance(key, Leaf) else 10))


def set_up(draw):
    """Statements that make the tables of `MIXED`: each is one, so that both servers have the same rows."""
    for table in ("mixed", "mixed_too"):
        rows = [", ".join(f"CAST({literal(draw, family)} AS {TYPES[family]})" for family in MIXED.values()) for _ in range(MIXED_ROWS)]
        yield f"DROP TABLE IF EXISTS memory.default.{table}"
        yield f"CREATE TABLE memory.default.{table} AS SELECT * FROM (VALUES {', '.join(f'({row})' for row in rows)}) AS t ({', '.join(MIXED)})"

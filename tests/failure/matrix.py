"""The failure matrix: every kind of failure, at every position of every statement, under every retry policy.

    matrix.py [--policy TASK] [--statement join] [--kind internal_error]

A cell sets a fault rule on every node (base/fault_points.h), runs the statement and compares what comes out with what
the policy promises: the right rows once, or the error; of a statement that writes, the table with each change once, or
as it was. A cell whose fault did not fire fails. Positions are fragments of the statement's distributed plan, as in
Trino's own failure tests: `leaf` scans a table, `distributed` reads partitions, `boundary` feeds the root, `root` gives
the result."""

import argparse
import json
import re
import signal
import sys
import threading
import time

from coordinator_restart import PatientClient
from support import Cluster, QueryError, wait_until

CONFIG = {
    "fault-injection.enabled": "true",
    "fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-min": "64kB",
    "fault-tolerant-execution-arbitrary-distribution-write-task-target-size-min": "64kB",
    "fault-tolerant-execution-hash-distribution-compute-task-target-size": "16kB",
    "fault-tolerant-execution-hash-distribution-write-task-target-size": "16kB",
    "fault-tolerant-execution-standard-split-size": "64kB",
    "fault-tolerant-execution-min-partition-count": "3",
    # Of a join with two plans only one runs, and a fault cannot meet the other.
    "fault-tolerant-execution-adaptive-query-planning-enabled": "false",
    "retry-initial-delay": "10ms",
    "query.remote-task.max-error-duration": "1s",
    "exchange.max-error-duration": "1s",
}
CATALOGS = {
    "tpch": {"connector.name": "tpch", "tpch.column-naming": "STANDARD", "tpch.double-type-mapping": "DECIMAL"},
    "memory": {"connector.name": "memory"},
}
POLICIES = ["NONE", "QUERY", "TASK", "AUTO"]
WORKERS = 2
PATIENCE = 60


class Statement:
    """`before` makes the tables that it finds, `looks` shows what it has changed."""

    def __init__(self, sql, before=(), looks=None):
        self.sql, self.before, self.looks = sql, before, looks

    @property
    def writes(self):
        return self.looks is not None


TABLE = "memory.default.t"
LOOKS = f"SELECT count(*), sum(o_orderkey), sum(o_custkey), count(DISTINCT o_orderkey) FROM {TABLE}"
FILLED = (f"DROP TABLE IF EXISTS {TABLE}", f"CREATE TABLE {TABLE} AS SELECT * FROM tpch.tiny.orders")
JOIN = ("SELECT c_mktsegment, o_orderpriority, count(*), sum(l_quantity) FROM tpch.tiny.lineitem "
        "JOIN tpch.tiny.orders ON l_orderkey = o_orderkey JOIN tpch.tiny.customer ON o_custkey = c_custkey "
        "GROUP BY c_mktsegment, o_orderpriority")
STATEMENTS = {
    "select": Statement("SELECT o_orderkey, o_comment FROM tpch.tiny.orders WHERE o_orderkey % 7 = 1"),
    "aggregation": Statement("SELECT o_custkey, count(*), sum(o_totalprice) FROM tpch.tiny.orders GROUP BY o_custkey"),
    "join": Statement(JOIN),
    "explain_analyze": Statement("EXPLAIN ANALYZE " + JOIN),
    "create_table_as": Statement(
        f"CREATE TABLE {TABLE} AS SELECT o.* FROM tpch.tiny.orders o JOIN tpch.tiny.customer ON o_custkey = c_custkey",
        (f"DROP TABLE IF EXISTS {TABLE}",), LOOKS),
    "insert": Statement(f"INSERT INTO {TABLE} SELECT * FROM tpch.tiny.orders WHERE o_orderkey % 2 = 0", FILLED, LOOKS),
    "delete": Statement(f"DELETE FROM {TABLE} WHERE o_custkey IN "
                        "(SELECT c_custkey FROM tpch.tiny.customer WHERE c_mktsegment = 'BUILDING')", FILLED, LOOKS),
    "update": Statement(f"UPDATE {TABLE} SET o_custkey = o_custkey + 1 WHERE o_orderkey % 3 = 0", FILLED, LOOKS),
    "merge": Statement(
        f"MERGE INTO {TABLE} t USING (SELECT o_orderkey * 2 AS k, o_custkey AS c FROM tpch.tiny.orders) s "
        "ON t.o_orderkey = s.k WHEN MATCHED AND s.k % 3 = 0 THEN DELETE "
        "WHEN MATCHED THEN UPDATE SET o_custkey = t.o_custkey + s.c "
        "WHEN NOT MATCHED THEN INSERT (o_orderkey, o_custkey) VALUES (s.k, s.c)", FILLED, LOOKS),
}


class Fault:
    """What goes wrong. `survives`: the policies under which the statement ends well all the same; under the others it
    fails with one of `errors`. `always`: every attempt fails, so that the last one is fatal under every policy.
    `harms`: `kill` or `freeze` when a process is hit and no rule can count it, `coordinator` when a task is held while
    the coordinator is killed and started again. `policies`: where it can happen at all. `too_late`: readers may have had
    all that they need, so that the statement may end well under every policy."""

    def __init__(self, rule, survives, errors, harms=None, always=False, policies=tuple(POLICIES), too_late=False):
        self.rule, self.survives, self.errors = rule, survives, errors
        self.harms, self.always, self.policies, self.too_late = harms, always, policies, too_late


def failing(point, error):
    return {"point": point, "action": "fail", "error": error}


REPEATS = ("QUERY", "TASK", "AUTO")
STREAMS = ("NONE", "QUERY")
REMOTE = ("REMOTE_TASK_ERROR", "REMOTE_HOST_GONE", "REMOTE_TASK_MISMATCH", "TOO_MANY_REQUESTS_FAILED",
          "PAGE_TRANSPORT_ERROR", "PAGE_TRANSPORT_TIMEOUT")
FAULTS = {
    "user_error": Fault(failing("task.start", "DIVISION_BY_ZERO"), (), ("DIVISION_BY_ZERO",)),
    "internal_error": Fault(failing("task.start", "GENERIC_INTERNAL_ERROR"), REPEATS, ("GENERIC_INTERNAL_ERROR",)),
    "external_error": Fault(failing("task.start", "HIVE_FILESYSTEM_ERROR"), REPEATS, ("HIVE_FILESYSTEM_ERROR",)),
    "cluster_out_of_memory": Fault(failing("task.start", "CLUSTER_OUT_OF_MEMORY"), REPEATS,
                                   ("CLUSTER_OUT_OF_MEMORY",)),
    "global_memory_limit": Fault(failing("task.start", "EXCEEDED_GLOBAL_MEMORY_LIMIT"), ("TASK", "AUTO"),
                                 ("EXCEEDED_GLOBAL_MEMORY_LIMIT",)),
    "failure_after_the_work": Fault(failing("task.finish", "GENERIC_INTERNAL_ERROR"), REPEATS,
                                    ("GENERIC_INTERNAL_ERROR",), too_late=True),
    "request_refused": Fault(failing("task.accept", "GENERIC_INTERNAL_ERROR"), REPEATS, REMOTE),
    "request_timeout": Fault({"point": "task.accept", "action": "hang"}, REPEATS, REMOTE),
    "results_refused": Fault(failing("results.get", "GENERIC_INTERNAL_ERROR"), ("QUERY",), REMOTE, policies=STREAMS),
    # A reader asks again.
    "results_timeout": Fault({"point": "results.get", "action": "hang"}, STREAMS, (), policies=STREAMS),
    "output_write_failure": Fault(failing("output.write", "GENERIC_INTERNAL_ERROR"), REPEATS,
                                  ("GENERIC_INTERNAL_ERROR",)),
    "full_disk": Fault(failing("output.write", "GENERIC_INSUFFICIENT_RESOURCES"), ("TASK", "AUTO"),
                       ("GENERIC_INSUFFICIENT_RESOURCES",)),
    "input_read_failure": Fault(failing("input.read", "PAGE_TRANSPORT_ERROR"), REPEATS, ("PAGE_TRANSPORT_ERROR",)),
    "every_attempt": Fault(failing("task.start", "GENERIC_INTERNAL_ERROR"), (), ("GENERIC_INTERNAL_ERROR",),
                           always=True),
    "killed_at_start": Fault({"point": "task.start", "action": "kill"}, REPEATS, REMOTE, harms="kill"),
    "killed_after_the_work": Fault({"point": "task.finish", "action": "kill"}, REPEATS, REMOTE, harms="kill",
                                   too_late=True),
    "frozen": Fault({"point": "task.start", "action": "freeze"}, REPEATS, REMOTE, harms="freeze"),
    "coordinator_killed": Fault({"point": "task.start", "action": "hang"}, ("TASK",), ("GENERIC_INTERNAL_ERROR",),
                                harms="coordinator"),
}
MISSED = "the statement ended before its task came to the fault"
# The first run, and the retries of the task or of the query; AUTO streams once and goes on as TASK.
RUNS = {"NONE": 1, "QUERY": 5, "TASK": 5, "AUTO": 6}


def positions(cluster, statement):
    """Position -> (fragment number, its distribution, whether it reads other fragments)."""
    sql = re.sub(r"^EXPLAIN ANALYZE ", "", statement.sql)
    lines = [row[0] for row in cluster.query("EXPLAIN (TYPE DISTRIBUTED) " + sql).rows]
    text = "\n".join(lines)
    fragments = {}
    for part in re.split(r"^(?=Fragment \d+ \[)", text, flags=re.M):
        head = re.match(r"Fragment (\d+) \[(\w+)\]", part)
        if head:
            sources = re.findall(r"sourceFragmentIds = \[(\d+)\]", part)
            fragments[int(head[1])] = (head[2], [int(s) for s in sources])
    root = max(fragments)
    found = {"leaf": min(f for f, (_, sources) in fragments.items() if not sources), "root": root}
    distributed = [f for f, (kind, sources) in fragments.items() if kind == "HASH" and f != root]
    if distributed:
        found["distributed"] = distributed[0]
    if fragments[root][1]:
        found["boundary"] = fragments[root][1][0]
    return {position: (fragment, fragments[fragment][0], bool(fragments[fragment][1]))
            for position, fragment in found.items()}


def is_frozen(node):
    with open(f"/proc/{node.process.pid}/stat", encoding="ascii", errors="replace") as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "T"


class CoordinatorKill(threading.Thread):
    """Kills the coordinator once a task is held on a worker, starts it again and lets the task go on."""

    def __init__(self, matrix):
        super().__init__(daemon=True)
        self.matrix, self.hits = matrix, 0
        self.start()

    def run(self):
        try:
            wait_until(lambda: self.matrix.fired(workers_only=True) > 0, PATIENCE / 2, "a task is held")
        except TimeoutError:
            return
        self.hits += 1
        coordinator = self.matrix.cluster.coordinator
        coordinator.kill()
        coordinator.start()
        self.matrix.set_rules([], workers_only=True)


class Matrix:
    def __init__(self, cluster, policy):
        self.cluster, self.policy = cluster, policy
        self.expected = {}

    def nodes(self, workers_only=False):
        nodes = [*self.cluster.workers] if workers_only else [self.cluster.coordinator, *self.cluster.workers]
        return [node for node in nodes if node.alive() and not is_frozen(node)]

    def set_rules(self, rules, workers_only=False):
        for node in self.nodes(workers_only):
            self.cluster.request("PUT", f"http://127.0.0.1:{node.port}/v1/fault", json.dumps(rules).encode())

    def fired(self, workers_only=False):
        """Faults that fired on nodes that can still say so."""
        return sum(sum(self.cluster.request("GET", f"http://127.0.0.1:{node.port}/v1/fault") or [0])
                   for node in self.nodes(workers_only))

    def fired_late(self):
        """The statement may end before its task comes to the fault."""
        try:
            wait_until(self.fired, 2, "a fault that fires")
        except TimeoutError:
            return 0
        return self.fired()

    def wait_for_harm(self):
        """How many workers are dead or frozen. A statement may fail before the process that it lost is gone."""
        def harmed():
            return [worker for worker in self.cluster.workers if not worker.alive() or is_frozen(worker)]

        try:
            wait_until(harmed, 5, "a dead or frozen worker")
        except TimeoutError:
            return 0
        return len(harmed())

    def mend(self):
        """Starts what is dead and lets go on what is frozen."""
        dead = [worker for worker in self.cluster.workers if not worker.alive()]
        frozen = [worker for worker in self.cluster.workers if worker.alive() and is_frozen(worker)]
        for worker in frozen:
            worker.process.send_signal(signal.SIGCONT)
        self.set_rules([])
        for worker in dead:
            worker.start()
        if dead or frozen:
            self.cluster.wait_for_nodes(WORKERS + 1)

    def prepare(self, statement):
        for sql in statement.before:
            self.cluster.query(sql)

    def look(self, statement):
        """What the statement has changed; None when the table is not there."""
        try:
            return self.cluster.query(statement.looks).rows
        except QueryError as missing:
            if missing.name != "TABLE_NOT_FOUND":
                raise
            return None

    def outcome(self, statement, rows):
        if statement.sql.startswith("EXPLAIN"):
            return len(rows) > 0
        return (sorted(rows), self.look(statement)) if statement.writes else sorted(rows)

    def expectation(self, name, statement):
        """Without a fault: the outcome, and what there was before."""
        if name not in self.expected:
            self.prepare(statement)
            before = self.look(statement) if statement.writes else None
            self.expected[name] = self.outcome(statement, self.cluster.query(statement.sql).rows), before
        return self.expected[name]

    def run(self, name, statement, fragment, fault):
        """None when the cell holds, else what is wrong. A fault that comes too late is tried until it comes at all."""
        for _ in range(5):
            wrong = self.try_once(name, statement, fragment, fault)
            if wrong != MISSED:
                break
        return wrong

    def try_once(self, name, statement, fragment, fault):
        expected, before = self.expectation(name, statement)
        self.prepare(statement)
        rule = {**fault.rule, "fragment": fragment, "partition": 0}
        if not fault.always:
            rule |= {"last_attempt": 0, "times": 1}
        self.set_rules([rule])
        kill = CoordinatorKill(self) if fault.harms == "coordinator" else None
        error = rows = None
        try:
            rows = self.ask(statement.sql, patient=kill is not None)
        except QueryError as failure:
            error = failure.name
        if kill:
            kill.join()
            self.cluster.wait_for_nodes(WORKERS + 1)
        if fault.harms in ("kill", "freeze"):
            fired = self.wait_for_harm()
        else:
            fired = kill.hits if kill else self.fired_late() if fault.too_late else self.fired()
        self.mend()
        runs = RUNS[self.policy] if fault.always else 1
        if fault.too_late and not fired and not error:
            return MISSED
        if fired != runs:
            return f"the fault fired {fired} times instead of {runs} (error {error})"
        if self.policy in fault.survives or (fault.too_late and not error):
            if error:
                return f"failed with {error}"
            found = self.outcome(statement, rows)
            return None if found == expected else f"the outcome is {str(found)[:200]} instead of {str(expected)[:200]}"
        if error is None:
            return "ended well instead of failing"
        if statement.writes and self.look(statement) != before:
            return f"failed with {error}, and the table is {self.look(statement)} instead of {before}"
        return None if error in fault.errors else f"failed with {error} instead of one of {fault.errors}"

    def ask(self, sql, patient):
        if not patient:
            return self.cluster.query(sql).rows
        client = PatientClient(self.cluster, sql)
        return client.result()


def applies(policy, statement, kind, fault, distribution, has_inputs):
    """Whether the fault can meet the fragment at all."""
    point = fault.rule["point"]
    on_coordinator = distribution.startswith("COORDINATOR")
    if policy not in fault.policies or (point == "input.read" and not has_inputs):
        return False
    if kind == "coordinator_killed":
        # Tables in memory go with the coordinator, and what EXPLAIN ANALYZE gathers too.
        return not on_coordinator and not statement.writes and not statement.sql.startswith("EXPLAIN")
    # A task of the coordinator gets no request, writes no pages for others, and dies with it.
    return not on_coordinator or (point in ("task.start", "task.finish") and not fault.harms)


def cells(cluster, policy, statements, kinds):
    for name, statement in statements.items():
        for sql in statement.before:
            cluster.query(sql)
        for position, (fragment, distribution, has_inputs) in positions(cluster, statement).items():
            for kind in kinds:
                if point_is_remote(FAULTS[kind]) and position != "root":
                    continue
                if applies(policy, statement, kind, FAULTS[kind], distribution, has_inputs):
                    yield name, statement, position, fragment, kind, FAULTS[kind]


def point_is_remote(fault):
    """Readers on the same node take pages without a call; the client's reader is on the coordinator."""
    return fault.rule["point"] == "results.get"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--policy", action="append", choices=POLICIES)
    parser.add_argument("--statement", action="append", choices=list(STATEMENTS))
    parser.add_argument("--kind", action="append", choices=list(FAULTS))
    options = parser.parse_args()
    statements = {name: STATEMENTS[name] for name in options.statement or STATEMENTS}
    failures, counts = [], {}
    for policy in options.policy or POLICIES:
        started = time.monotonic()
        with Cluster(workers=WORKERS, retry_policy=policy, config=CONFIG, catalogs=CATALOGS) as cluster:
            matrix = Matrix(cluster, policy)
            for name, statement, position, fragment, kind, fault in cells(cluster, policy, statements,
                                                                          options.kind or FAULTS):
                wrong = matrix.run(name, statement, fragment, fault)
                counts[policy] = counts.get(policy, 0) + 1
                if wrong:
                    failures.append(f"{policy} {name} {position} {kind}: {wrong}")
                    print(failures[-1], flush=True)
            left = cluster.spooled_files_after_queries()
            if left:
                failures.append(f"{policy}: spooled objects are left: {left[:3]}")
                print(failures[-1], flush=True)
        print(f"{policy}: {counts.get(policy, 0)} cells in {time.monotonic() - started:.0f} s", flush=True)
    print(f"{sum(counts.values())} cells, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

"""The failure matrix: every kind of failure, at every position of every statement, under every retry policy.

    matrix.py [--policy TASK] [--statement join] [--kind internal_error] [--list]

A cell sets a fault rule on every node (base/fault_points.h), runs the statement and compares what comes out with what
the policy promises: the right rows once, or the error. A cell whose fault did not fire fails. Positions are fragments
of the statement's distributed plan, as in Trino's own failure tests: `leaf` scans a table, `distributed` reads
partitions, `boundary` feeds the root, `root` gives the result."""

import argparse
import json
import re
import sys
import time

from support import Cluster, QueryError

CONFIG = {
    "fault-injection.enabled": "true",
    "fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-min": "64kB",
    "fault-tolerant-execution-hash-distribution-compute-task-target-size": "16kB",
    "fault-tolerant-execution-standard-split-size": "64kB",
    "fault-tolerant-execution-min-partition-count": "3",
    "retry-initial-delay": "10ms",
    "query.remote-task.max-error-duration": "1s",
}
POLICIES = ["NONE", "QUERY", "TASK"]
WORKERS = 2

READS = {
    "select": "SELECT o_orderkey, o_comment FROM tpch.tiny.orders WHERE o_orderkey % 7 = 1",
    "aggregation": "SELECT o_custkey, count(*), sum(o_totalprice) FROM tpch.tiny.orders GROUP BY o_custkey",
    "join": "SELECT c_mktsegment, o_orderpriority, count(*), sum(l_quantity) FROM tpch.tiny.lineitem "
            "JOIN tpch.tiny.orders ON l_orderkey = o_orderkey JOIN tpch.tiny.customer ON o_custkey = c_custkey "
            "GROUP BY c_mktsegment, o_orderpriority",
}


class Fault:
    """What goes wrong. `survives`: the policies under which the statement ends well all the same; under the others it
    fails with one of `errors`. `always`: every attempt fails, so that the last one is fatal under every policy."""

    def __init__(self, rule, survives, errors, kills=False, always=False):
        self.rule, self.survives, self.errors, self.kills, self.always = rule, survives, errors, kills, always


def failing(point, error):
    return {"point": point, "action": "fail", "error": error}


REMOTE = ("REMOTE_TASK_ERROR", "REMOTE_HOST_GONE", "REMOTE_TASK_MISMATCH", "TOO_MANY_REQUESTS_FAILED",
          "PAGE_TRANSPORT_ERROR", "PAGE_TRANSPORT_TIMEOUT")
FAULTS = {
    "user_error": Fault(failing("task.start", "DIVISION_BY_ZERO"), (), ("DIVISION_BY_ZERO",)),
    "internal_error": Fault(failing("task.start", "GENERIC_INTERNAL_ERROR"), ("QUERY", "TASK"),
                            ("GENERIC_INTERNAL_ERROR",)),
    "external_error": Fault(failing("task.start", "HIVE_FILESYSTEM_ERROR"), ("QUERY", "TASK"),
                            ("HIVE_FILESYSTEM_ERROR",)),
    "cluster_out_of_memory": Fault(failing("task.start", "CLUSTER_OUT_OF_MEMORY"), ("QUERY", "TASK"),
                                   ("CLUSTER_OUT_OF_MEMORY",)),
    "global_memory_limit": Fault(failing("task.start", "EXCEEDED_GLOBAL_MEMORY_LIMIT"), ("TASK",),
                                 ("EXCEEDED_GLOBAL_MEMORY_LIMIT",)),
    "failure_after_the_work": Fault(failing("task.finish", "GENERIC_INTERNAL_ERROR"), ("QUERY", "TASK"),
                                    ("GENERIC_INTERNAL_ERROR",)),
    "request_refused": Fault(failing("task.accept", "GENERIC_INTERNAL_ERROR"), ("QUERY", "TASK"), REMOTE),
    "request_timeout": Fault({"point": "task.accept", "action": "hang"}, ("QUERY", "TASK"), REMOTE),
    "output_write_failure": Fault(failing("output.write", "GENERIC_INTERNAL_ERROR"), ("QUERY", "TASK"),
                                  ("GENERIC_INTERNAL_ERROR",)),
    "input_read_failure": Fault(failing("input.read", "PAGE_TRANSPORT_ERROR"), ("QUERY", "TASK"),
                                ("PAGE_TRANSPORT_ERROR",)),
    "every_attempt": Fault(failing("task.start", "GENERIC_INTERNAL_ERROR"), (), ("GENERIC_INTERNAL_ERROR",),
                           always=True),
    "killed_at_start": Fault({"point": "task.start", "action": "kill"}, ("QUERY", "TASK"), REMOTE, kills=True),
    "killed_after_the_work": Fault({"point": "task.finish", "action": "kill"}, ("QUERY", "TASK"), REMOTE, kills=True),
}


def positions(cluster, statement):
    """Position -> (fragment number, whether it reads other fragments)."""
    lines = [row[0] for row in cluster.query("EXPLAIN (TYPE DISTRIBUTED) " + statement).rows]
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
    return {position: (fragment, bool(fragments[fragment][1])) for position, fragment in found.items()}


class Matrix:
    def __init__(self, cluster, policy):
        self.cluster, self.policy = cluster, policy
        self.expected = {}

    def nodes(self):
        return [self.cluster.coordinator, *self.cluster.workers]

    def set_rules(self, rules):
        for node in self.nodes():
            self.cluster.request("PUT", f"http://127.0.0.1:{node.port}/v1/fault", json.dumps(rules).encode())

    def fired(self):
        """Faults that fired on nodes that still live."""
        return sum(sum(self.cluster.request("GET", f"http://127.0.0.1:{node.port}/v1/fault") or [0])
                   for node in self.nodes() if node.alive())

    def restart_the_dead(self):
        dead = [worker for worker in self.cluster.workers if not worker.alive()]
        for worker in dead:
            worker.start()
        if dead:
            self.cluster.wait_for_nodes(WORKERS + 1)
        return len(dead)

    def rows_of(self, statement):
        if statement not in self.expected:
            self.expected[statement] = sorted(self.cluster.query(statement).rows)
        return self.expected[statement]

    def run(self, statement, fragment, fault):
        """None when the cell holds, else what is wrong."""
        expected = self.rows_of(statement)
        rule = {**fault.rule, "fragment": fragment, "partition": 0}
        if not fault.always:
            rule |= {"last_attempt": 0, "times": 1}
        self.set_rules([rule])
        error = rows = None
        try:
            rows = sorted(self.cluster.query(statement).rows)
        except QueryError as failure:
            error = failure.name
        fired = self.fired()
        self.set_rules_of_the_living([])
        killed = self.restart_the_dead()
        if fault.kills:
            fired = killed
        if fault.always:
            # The first run and four retries of the task or the query.
            runs = 1 if self.policy == "NONE" else 5
            if fired != runs:
                return f"the fault fired {fired} times instead of {runs} (error {error})"
        elif fired != 1:
            return f"the fault fired {fired} times instead of once (error {error})"
        if self.policy in fault.survives:
            if error:
                return f"failed with {error}"
            return None if rows == expected else f"{len(rows)} other rows instead of {len(expected)}"
        if error is None:
            return "ended well instead of failing"
        return None if error in fault.errors else f"failed with {error} instead of one of {fault.errors}"

    def set_rules_of_the_living(self, rules):
        for node in self.nodes():
            if node.alive():
                self.cluster.request("PUT", f"http://127.0.0.1:{node.port}/v1/fault", json.dumps(rules).encode())


def cells(cluster, statements, kinds):
    for name, statement in statements.items():
        where = positions(cluster, statement)
        for position, (fragment, has_inputs) in where.items():
            for kind in kinds:
                fault = FAULTS[kind]
                if fault.rule["point"] == "input.read" and not has_inputs:
                    continue
                yield name, statement, position, fragment, kind, fault


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--policy", action="append", choices=POLICIES)
    parser.add_argument("--statement", action="append", choices=list(READS))
    parser.add_argument("--kind", action="append", choices=list(FAULTS))
    options = parser.parse_args()
    statements = {name: READS[name] for name in options.statement or READS}
    failures, counts = [], {}
    for policy in options.policy or POLICIES:
        started = time.monotonic()
        with Cluster(workers=WORKERS, retry_policy=policy, config=CONFIG) as cluster:
            matrix = Matrix(cluster, policy)
            for name, statement, position, fragment, kind, fault in cells(cluster, statements, options.kind or FAULTS):
                wrong = matrix.run(statement, fragment, fault)
                counts[policy] = counts.get(policy, 0) + 1
                if wrong:
                    failures.append(f"{policy} {name} {position} {kind}: {wrong}")
                    print(failures[-1], flush=True)
            left = cluster.spooled_files_after_queries()
            if left:
                failures.append(f"{policy}: spooled objects are left: {left[:3]}")
                print(failures[-1], flush=True)
        print(f"{policy}: {counts[policy]} cells in {time.monotonic() - started:.0f} s", flush=True)
    print(f"{sum(counts.values())} cells, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

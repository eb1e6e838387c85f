"""System calls per request, counted by strace. One connection at a time, because what many of them have ready
together depends on the machine."""

import tempfile
from collections import Counter
from pathlib import Path

from . import servers
from .instructions import ask
from .servers import BenchError, MissingTool
from .workloads import WORKLOADS, by_keys

# How often the loop goes round for a connection depends on timing, and threads that write logs aren't the loop.
NOT_OF_A_CONNECTION = {"epoll_wait", "futex", "write"}

FEW, MANY = 160, 1_760
FEW_CONNECTIONS, MANY_CONNECTIONS = 10, 40


def counts(summary):
    """{name: calls} of what `strace -c` wrote."""
    found = Counter()
    for line in summary.read_text().splitlines():
        fields = line.split()
        if len(fields) >= 5 and fields[3].isdigit() and fields[-1] != "total":
            found[fields[-1]] += int(fields[3])
    if not found:
        raise BenchError(f"strace counted nothing: {summary.read_text()[:200]}")
    return found


def of_a_run(server, work):
    with tempfile.TemporaryDirectory(prefix="bench-strace-") as directory:
        summary = Path(directory, "summary")
        server.stops_within = 60
        try:
            with server.start(prefix=["strace", "-f", "-c", "-o", str(summary)]):
                work(server)
        except BenchError as error:
            raise MissingTool(f"strace may not trace here: {error}") if "not permitted" in str(error) else error
        return counts(summary)


def each(server, work, few, many):
    """{name: calls} for each further unit of the work."""
    some, more = (of_a_run(server, lambda server: work(server, amount)) for amount in (few, many))
    return {name: (more[name] - some[name]) / (many - few) for name in more if more[name] != some[name]}


def per_request(build, server, workload):
    """On a connection that is kept."""
    return each(server, lambda server, count: ask(build, server, workload, count, connections=1), FEW, MANY)


def per_connection(build, server):
    """Of one that is opened, asks once and is closed."""
    def work(server, count):
        for _ in range(count):
            ask(build, server, WORKLOADS[0], 1, connections=1)

    calls = each(server, work, FEW_CONNECTIONS, MANY_CONNECTIONS)
    return {name: count for name, count in calls.items() if name not in NOT_OF_A_CONNECTION}


def figures(build, given=None):
    """{name: system calls}"""
    found = {workload.key: per_request(build, servers.ours(build, given), workload)
             for workload in by_keys(("plain", "pipelined", "json"))}
    found["connection"] = per_connection(build, servers.ours(build, given))
    return {name: round(sum(calls.values()), 2) for name, calls in found.items()}

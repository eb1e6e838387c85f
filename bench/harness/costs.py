"""`scripts/bench costs`: where the instructions and the CPU time of a request go, by part of the server."""

import re
from argparse import Namespace

from . import servers, slices
from .instructions import CONNECTIONS, Counted
from .tables import Table, number
from .workloads import by_keys

WORKLOADS = ("plain", "pipelined", "browser", "json", "path")
FEW, MANY = 1_600, 9_600

# The first that fits. What the compiler took into a caller counts as the caller's.
PARTS = (
    ("the allocator", r"malloc|free|realloc|operator (new|delete)|unlink_chunk|Arena"),
    ("sockets and the event loop", r"SessionConnection|EventLoop|LocalLoop|Timer|Listener|Socket|syscall|recv|send|epoll"
                                   r"|accept|close"),
    ("finding the request in the bytes", r"::parse\(|HeadParser|field_from_name|note_connection|authority"),
    ("routing", r"::Tree::|::Router|Impl::route|request_path"),
    ("making the content: texts, JSON", r"to_json|JsonSink|write_|std::operator\+|basic_string.*::_M_|to_string"),
    ("the response's bytes", r"::respond|head_writer|Body::|memcpy|memmove|strlen|memset"),
    ("middleware and handler", r"Pipeline|detail::|dispatch|IntoResponse|Extract|main::"),
    ("the session's state", r"http1::Session"),
)
REST = "the rest"


def part_of(function):
    return next((part for part, pattern in PARTS if re.search(pattern, function)), REST)


def parts(build, workload):
    """{part: instructions per request}"""
    with Counted(build, servers.ours(build)) as server:
        few, many = server.rounds(workload, FEW, MANY)
    found = dict.fromkeys([*(part for part, _ in PARTS), REST], 0.0)
    for function, instructions in (many.own - few.own).items():
        found[part_of(function)] += instructions / (MANY - FEW)
    return found


def run(build, options):
    rows = [{"workload": workload.key, "parts": parts(build, workload)} for workload in by_keys(WORKLOADS)]
    if options.time:
        timed = {(row["workload"], row["server"]): row for row in slices.run(build, Namespace(
            **vars(options) | {"server": None, "peers": False, "wrk": False, "workloads": WORKLOADS,
                               "connections": CONNECTIONS}))["rows"]}
        for row in rows:
            ours, floor = timed[row["workload"], "armature"], timed[row["workload"], "floor"]
            row |= {"efficiency": ours["efficiency"], "cpu_us": ours["cpu_us"], "floor_us": floor["cpu_us"]}
    return {"rows": rows}


def table(result):
    rows = result["rows"]
    table = Table("Where the cost of a request goes", ["", *(w.title for w in by_keys(WORKLOADS))])
    for part in rows[0]["parts"]:
        table.add(part, *(number(row["parts"][part]) for row in rows))
    table.add("instructions in user space", *(number(sum(row["parts"].values())) for row in rows))
    if "efficiency" in rows[0]:
        table.add("CPU time, µs", *(number(row["cpu_us"], 2) for row in rows))
        table.add("… of the floor, which is the kernel's", *(number(row["floor_us"], 2) for row in rows))
        table.add("share that any server pays", *(f"{row['efficiency']:.0%}" for row in rows))
    return table


def markdown(result):
    return table(result).markdown()

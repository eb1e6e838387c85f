"""`scripts/bench instructions`: what a request costs in user-space instructions and in heap
allocations, counted by callgrind over the whole server process. Two runs with different numbers of
requests are subtracted, so start-up cancels and the machine's noise does not enter at all."""

import re
import subprocess
import tempfile
from pathlib import Path

from . import servers
from .servers import BenchError
from .tables import Table
from .workloads import MIDDLEWARE, WORKLOADS, by_keys

FEW, MANY = 1_600, 9_600
CONNECTIONS = 64

# Instructions per request that other servers need for the same work, measured on one machine with
# this method; kept here because those servers are not packaged.
REFERENCES = {
    "Lithium": {"plain": 1_885, "browser": 6_887, "pipelined": 1_454},
    "uWebSockets": {"plain": 3_217, "browser": 6_492, "pipelined": 2_461},
    "Drogon": {"plain": 10_686, "browser": 29_849, "pipelined": 9_642},
    "restinio": {"plain": 15_846, "browser": 35_223},
    "Beast, idiomatic": {"plain": 21_997},
    "Crow": {"plain": 26_848, "browser": 77_355},
    "Pistache": {"plain": 42_261},
}

ALLOCATORS = {"malloc", "calloc", "realloc", "aligned_alloc", "memalign", "posix_memalign"}


def counts(profile):
    """(instructions, allocations) of one callgrind.out file. Allocations are calls of the C library's
    allocators from outside, so `operator new` counts once."""
    names, caller, callee = {}, "", ""
    instructions = allocations = 0

    def name_of(reference):
        number, name = re.match(r"\((\d+)\)(?: (.*))?", reference).groups()
        if name:
            names[number] = re.sub(r"'\d+$", "", name)
        return names[number]

    with open(profile) as lines:
        for line in lines:
            if line.startswith("fn="):
                caller = name_of(line[3:].rstrip())
            elif line.startswith("cfn="):
                callee = name_of(line[4:].rstrip())
            elif line.startswith("calls="):
                if callee in ALLOCATORS and caller not in ALLOCATORS:
                    allocations += int(line[6:].split()[0])
            elif line.startswith("totals:"):
                instructions = int(line.split()[1])
    if not instructions:
        raise BenchError("callgrind wrote no totals; did the server end on SIGTERM?")
    return instructions, allocations


def profile(build, server, workload, requests, only_loop=False):
    """The counts of one run; `only_loop` leaves out threads that write logs and the like."""
    with tempfile.TemporaryDirectory(prefix="bench-callgrind-") as directory:
        out = Path(directory) / "out"
        valgrind = ["valgrind", "--tool=callgrind", "--quiet", f"--callgrind-out-file={out}"]
        if only_loop:
            valgrind.append("--separate-threads=yes")
        request = Path(directory) / "request"
        request.write_bytes(workload.request(server.extra_fields))
        server.stops_within = 60
        with server.start(prefix=valgrind):
            run = subprocess.run(
                [build / "bin" / "load", "--to", server.address, "--request", request,
                 "--requests", str(requests), "--depth", str(workload.depth),
                 "--connections", str(CONNECTIONS)], capture_output=True, text=True)
            if run.returncode != 0:
                raise BenchError(f"{server.name}: {workload.title} under callgrind: {run.stderr.strip()}")
        return counts(f"{out}-01" if only_loop else out)  # the first thread runs the only event loop


def per_request(build, server, workload, only_loop=False, counted=(FEW, MANY)):
    few, many = (profile(build, server, workload, requests, only_loop) for requests in counted)
    more = counted[1] - counted[0]
    return {"instructions": (many[0] - few[0]) / more, "allocations": max(0.0, round((many[1] - few[1]) / more, 2))}


def middleware(build):
    """{key: {instructions, allocations}} on the event loop, over the same route without it."""
    bare, *costs = (per_request(build, servers.behind(build, key), WORKLOADS[0], only_loop=True)
                    for key in ("bare", *MIDDLEWARE))
    return {key: {"instructions": cost["instructions"] - bare["instructions"], "allocations": cost["allocations"]}
            for key, cost in zip(MIDDLEWARE, costs)}


def run(build, options):
    contenders = [servers.ours(build, options.server), servers.floor(build)]
    if options.peers:
        contenders += servers.peers(build)
    rows = []
    for server in contenders:
        for workload in by_keys(options.workloads):
            row = {"server": server.name, "workload": workload.key}
            try:
                row |= per_request(build, server, workload)
            except BenchError as error:
                if server is contenders[0]:
                    raise
                row["failure"] = str(error)
            rows.append(row)
    return {"rows": rows, "middleware": {} if options.workloads else middleware(build)}


def table(result):
    workloads = [w for w in by_keys(None) if any(r["workload"] == w.key for r in result["rows"])]
    table = Table("Instructions per request in user space, whole process (lower is better)",
                  ["server", *(w.title for w in workloads)])
    for name in dict.fromkeys(row["server"] for row in result["rows"]):
        mine = {r["workload"]: r for r in result["rows"] if r["server"] == name}
        table.add(name, *(f"{mine[w.key]['instructions']:,.0f}" if "instructions" in mine[w.key] else "–"
                          for w in workloads))
        table.add("  heap allocations", *(f"{mine[w.key]['allocations']:g}" if "allocations" in mine[w.key]
                                          else "–" for w in workloads))
    for key, cost in result["middleware"].items():
        title, promised = MIDDLEWARE[key]
        limit = f" (promised: {promised})" if promised else ""
        table.add(f"+ {title}{limit}", f"{cost['instructions']:,.0f}")
        table.add("  heap allocations", f"{cost['allocations']:g}")
    for name, figures in REFERENCES.items():
        table.add(f"{name} ᵃ", *(f"{figures[w.key]:,}" if w.key in figures else "" for w in workloads))
    for row in result["rows"]:
        if "failure" in row:
            table.note(f"– {row['failure']}")
    table.note("ᵃ measured once with this method on another machine; for scale")
    return table

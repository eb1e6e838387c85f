"""`scripts/bench instructions`: what a request costs in user-space instructions and in heap
allocations, counted by callgrind over the whole server process. Two runs with different numbers of
requests are subtracted, so start-up cancels and the machine's noise does not enter at all."""

import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

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


class Profile(NamedTuple):
    instructions: int
    allocations: int  # calls of the C library's allocators from outside, so `operator new` counts once
    own: Counter      # instructions of each function without those that it calls


def counts(profile):
    """What one callgrind.out file says."""
    names, caller, callee, of_call = {}, "", "", False
    instructions = allocations = 0
    own = Counter()

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
                of_call = True
                if callee in ALLOCATORS and caller not in ALLOCATORS:
                    allocations += int(line[6:].split()[0])
            elif line.startswith("totals:"):
                instructions = int(line.split()[1])
            elif line[0] in "+-*0123456789":  # a position and what was spent there, by the function or by its callee
                if not of_call:
                    own[caller] += int(line.split()[1])
                of_call = False
    if not instructions:
        raise BenchError("callgrind wrote no totals; did the server end on SIGTERM?")
    return Profile(instructions, allocations, own)


def ask(build, server, workload, requests, connections=CONNECTIONS, idle=0):
    """Exactly that many requests."""
    with servers.load_command(build, server, workload, connections, idle) as command:
        run = subprocess.run([*command, "--requests", str(requests)], capture_output=True, text=True,
                             preexec_fn=servers.allow_many_files)
    if run.returncode != 0:
        raise BenchError(f"{server.name}: {workload.title}: {run.stderr.strip()}")


def difference(few, many, requests):
    """What each of the further requests cost."""
    return {"instructions": (many.instructions - few.instructions) / requests,
            "allocations": max(0.0, round((many.allocations - few.allocations) / requests, 2))}


class Counted:
    """A server under callgrind that tells what it did since it was asked last, while it runs."""

    def __init__(self, build, server):
        self.build, self.server, self.dumps = build, server, 0
        server.stops_within = 60

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="bench-callgrind-")
        self.out = Path(self.directory.name) / "out"
        try:
            self.server.start(prefix=["valgrind", "--tool=callgrind", "--quiet", f"--callgrind-out-file={self.out}"])
        except BaseException:
            self.directory.cleanup()
            raise
        return self

    def __exit__(self, *_):
        self.server.stop()
        self.directory.cleanup()

    def since(self):
        run = subprocess.run(["callgrind_control", "--dump", str(self.server.pid)], capture_output=True, text=True)
        self.dumps += 1
        dump = Path(f"{self.out}.{self.dumps}")
        if run.returncode != 0 or not dump.exists():
            raise BenchError(f"callgrind_control said: {(run.stdout + run.stderr).strip()[-300:]}")
        return counts(dump)

    def rounds(self, workload, few, many, connections=CONNECTIONS, idle=0):
        """The profiles of two rounds, in whose difference what connecting costs cancels out."""
        ask(self.build, self.server, workload, few, connections, idle)
        profiles = []
        self.since()
        for requests in (few, many):
            ask(self.build, self.server, workload, requests, connections, idle)
            profiles.append(self.since())
        return profiles


def profile(build, server, workload, requests, only_loop=False):
    """The counts of one run; `only_loop` leaves out threads that write logs and the like."""
    with tempfile.TemporaryDirectory(prefix="bench-callgrind-") as directory:
        out = Path(directory) / "out"
        valgrind = ["valgrind", "--tool=callgrind", "--quiet", f"--callgrind-out-file={out}"]
        if only_loop:
            valgrind.append("--separate-threads=yes")
        server.stops_within = 60
        with server.start(prefix=valgrind):
            ask(build, server, workload, requests)
        return counts(f"{out}-01" if only_loop else out)  # the first thread runs the only event loop


def per_request(build, server, workload, only_loop=False, counted=(FEW, MANY)):
    few, many = (profile(build, server, workload, requests, only_loop) for requests in counted)
    return difference(few, many, counted[1] - counted[0])


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

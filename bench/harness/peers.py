"""`scripts/bench peers`: the same service in Armature and in other frameworks, one core each, in turns."""

import re
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from . import compile_cost, http2, http3, instructions, memory, peer_servers, service, servers
from .servers import SERVER_CPU, BenchError, pin
from .slices import Slice, cpu_ticks, machine_to_itself, paired, quartiles
from .tables import Table, number, page
from .workloads import WORKLOADS, as_bytes

PLAIN, PIPELINED = WORKLOADS[:2]
OPEN_CONNECTIONS = 1_000
LOAD_SHARE = 0.6
# The kernel stops a process of real-time priority that took 95 % of a second for the rest of it.
FULL_SECONDS, LOADED_SECONDS, REST_SECONDS = 0.2, 0.5, 0.3
SERVERS_BETWEEN_BASES = 3
HAS_FLOOR = ("plain", "pipelined", "browser", "json", "path", "file_small")


class Effort:
    """How long each part goes on."""

    def __init__(self, options):
        quick = options.quick
        self.seconds = options.seconds or (0.2 if quick else 0.3)
        self.rounds = options.rounds or (5 if quick else 11)
        self.connections = options.connections
        self.load_waits = options.load_waits
        self.latency_rounds = 5 if quick else 15
        self.starts = 3 if quick else 9
        self.http2_requests = 50_000 if quick else 200_000  # at most, in a slice's time
        self.http3_seconds = 1 if quick else 2  # and most requests of a round
        self.http3_requests = {"http3": 5_000, "http3_file": 40} if quick else {"http3": 20_000, "http3_file": 200}
        self.counted = (400, 2_000) if quick else (instructions.FEW, instructions.MANY)


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(build, options):
    effort = Effort(options)
    there, missing = peer_servers.build_all(build, options.only, say)
    result = {"slice_seconds": effort.seconds, "rounds": effort.rounds, "connections": effort.connections,
              "latency_rounds": effort.latency_rounds,
              "missing": missing, "wrong": {}, "failures": [], "rows": [], "processes": []}
    with machine_to_itself(), tempfile.TemporaryDirectory(prefix="bench-peers-") as folder:
        service.make_files(Path(folder, "files"))
        without_http3 = http3.missing(build)
        identity = None if without_http3 else http3.certificate(folder)
        with ExitStack() as running:
            up = start_all(there, Path(folder, "files"), identity, running, result)
            ticks, stolen = cpu_ticks()
            for workload in service.MEASURED:
                if options.workloads and workload.key not in options.workloads:
                    continue
                say(f"measuring {workload.title}")
                result["rows"] += compare(build, workload, up, effort, result["failures"])
            if not options.workloads or "http2" in options.workloads:
                say(f"measuring {service.HTTP2_TITLE}")
                result["rows"] += compare_http2(up, effort, result["failures"])
            for key in service.HTTP3:
                if options.workloads and key not in options.workloads:
                    continue
                say(f"measuring {TITLES[key]}")
                if without_http3:
                    result["failures"].append(f"{TITLES[key]} is not measured without Debian's {without_http3}")
                else:
                    result["rows"] += compare_http3(key, up, effort, result["failures"])
            latencies = latency_of_all(build, up, effort, result) if options.latency else {}
            now, now_stolen = cpu_ticks()
        result["steal"] = (now_stolen - stolen) / max(1, now - ticks)
        say("measuring memory, start and instructions")
        counter = InstructionCounter(effort)
        if "floor" in latencies:
            result["processes"].append({"server": "floor", "language": "C++", "size": None, **latencies["floor"]})
        for peer, _ in up:
            process = {"server": peer.name, "language": peer.language, "size": peer.size(), "note": peer.note}
            process |= latencies.get(peer.name, {})
            counts = [counter.of(PLAIN), counter.of(PIPELINED)] if options.instructions else []
            for part in (memory_of, start_of, compile_of, *counts):
                try:
                    process |= part(build, peer.server(Path(folder, "files")), peer, effort)
                except (BenchError, OSError, subprocess.SubprocessError) as error:
                    result["failures"].append(f"{peer.name}: {error}")
            result["processes"].append(process)
        result["counted_by"] = counter.method
    return result


def start_all(peers, folder, identity, running, result):
    """[(peer, its running server)] of those whose answers are right."""
    up = []
    for peer in peers:
        server = peer.server(folder, identity)
        try:
            server.start(prepare=pin(SERVER_CPU))
            running.enter_context(server)
            service.check(server, peer.has if identity else peer.has - {"http3"})
            up.append((peer, server))
        except BenchError as error:
            if peer.name == "armature":
                raise
            result["wrong"][peer.name] = str(error)
            say(f"left out {peer.name}: {error}")
    return up


def compare(build, workload, up, effort, failures):
    """Rows of one workload. Where the floor can't answer it, Armature is the base of the pairs."""
    need = service.NEEDS.get(workload.key)
    contenders = [server for peer, server in up if need is None or need in peer.has]
    ours = contenders[0]
    connections = service.CONNECTIONS.get(workload.key)
    if workload.key in HAS_FLOOR:
        size = len(ours.response(workload))
        with servers.floor(build, size).start(prepare=pin(SERVER_CPU)) as floor:
            bases, figures, failed = paired(build, workload, contenders, floor, effort, SERVERS_BETWEEN_BASES,
                                             connections)
        rows = [row_of(workload.key, "floor", [(1.0, 1.0, base) for base in bases])]
    else:
        bases, figures, failed = paired(build, workload, contenders[1:], ours, effort, SERVERS_BETWEEN_BASES,
                                         connections)
        figures = {ours.name: [(1.0, 1.0, base) for base in bases], **figures}
        rows = []
    failures += failed.values()
    if ours.name in failed:
        raise BenchError(failed[ours.name])
    ours_shares = [share for share, _, _ in figures[ours.name]]
    rows += [row_of(workload.key, name, slices) for name, slices in figures.items() if slices and name not in failed]
    for row in rows:
        shares = [share for share, _, _ in figures.get(row["server"], [])] or [1.0] * effort.rounds
        row["cpu_by_ours"] = times([1 / share for share in shares], [1 / share for share in ours_shares])
        if workload.key in HAS_FLOOR:
            row["floor_share"] = statistics.median(shares)
    return rows


def times(values, references):
    """(first quartile, median, third quartile) of the ratios of one round each."""
    return quartiles([value / reference for value, reference in zip(values, references)])


def row_of(key, name, slices):
    low, middle, high = quartiles([own.cpu_us for _, _, own in slices])
    user, system = (sum(own.ticks[i] for _, _, own in slices) for i in range(2))
    return {"workload": key, "server": name, "cpu_us": middle, "cpu_us_q1": low, "cpu_us_q3": high,
            "user_us": middle * user / max(1, user + system), "system_us": middle * system / max(1, user + system),
            "per_second": statistics.median(own.per_second for _, _, own in slices)}


def compare_http2(up, effort, failures):
    """By h2load, as `scripts/bench http2`, but each for as long as a slice, so that the connections' beginning is an
    equally small part of every server's round. nghttpd is there as the reference."""
    if not servers.program("h2load"):
        failures.append("HTTP/2 is not measured without h2load (Debian: nghttp2-client)")
        return []
    contenders = [server for peer, server in up if "http2" in peer.has]
    with ExitStack() as running:
        if path := servers.program("nghttpd"):
            contenders.append(running.enter_context(http2.Nghttpd(path).start(prepare=pin(SERVER_CPU))))
        return in_turns("http2", contenders, effort.rounds, failures, lambda server, warm: http2.cpu_and_rate_of_a_round(
            server, requests_of_a_round(effort.http2_requests, warm, effort.seconds)))


def compare_http3(key, up, effort, failures):
    """As `scripts/bench http3`, by gtlsclient; gtlsserver is there as the reference."""
    workload = service.HTTP3[key]
    contenders = [server for peer, server in up if service.http3_needs(key) <= peer.has]
    counting = {server.name for peer, server in up if "count" in peer.has}

    def measure(server, warm):
        count = requests_of_a_round(effort.http3_requests[key], warm, effort.http3_seconds)
        measured = http3.requests_round(server, count, workload.path, lambda: (
            service.requests_so_far(server) if server.name in counting else None))
        return 1e6 / measured["per_cpu_second"], measured["per_second"]

    with ExitStack() as running:
        if path := servers.program("gtlsserver"):
            contents = {w.path[1:] or "index.html": as_bytes(w.body) for w in service.HTTP3.values()}
            contenders.append(running.enter_context(http3.Example(path, contents).started()))
            service.check_http3(contenders[-1], {"http3", "files"})
        return in_turns(key, contenders, effort.rounds, failures, measure)


def requests_of_a_round(most, warm, seconds):
    """A tenth of `most` to warm up; then as many as the slow ones answer in so many seconds."""
    count = most // 10 if warm is None else min(most, int(warm[1] * seconds))
    return max(1, count // http3.CLIENTS) * http3.CLIENTS


def in_turns(key, contenders, rounds, failures, measure):
    """The rows of servers that have a round each by turns. `measure(server, warm)` gives one's CPU time per request, in
    µs, and its requests per second; `warm` is what it gave for the server's first round, which only warms up."""
    contenders, warm, seen = list(contenders), {}, {}
    for _ in range(1 + rounds):
        for server in list(contenders):
            try:
                measured = measure(server, warm.get(server.name))
            except (BenchError, OSError, subprocess.TimeoutExpired) as error:
                failures.append(f"{server.name}, {TITLES[key]}: {error}")
                contenders.remove(server)
                seen.pop(server.name, None)
                continue
            if server.name in warm:
                seen.setdefault(server.name, []).append(measured)
            else:
                warm[server.name] = measured
    if "armature" not in seen:
        raise BenchError(failures[-1])
    ours = [cpu for cpu, _ in seen["armature"]]
    rows = []
    for name, values in seen.items():
        low, middle, high = quartiles([cpu for cpu, _ in values])
        rows.append({"workload": key, "server": name, "cpu_us": middle, "cpu_us_q1": low, "cpu_us_q3": high,
                     "per_second": statistics.median(rate or 0 for _, rate in values),
                     "cpu_by_ours": times([cpu for cpu, _ in values], ours)})
    return rows


def latency_of_all(build, up, effort, result):
    """Of GET / at 60 % of what each was seen to answer just before, in turns. What the machine stops only adds to a
    latency, and a few milliseconds in half a second are more than one per cent: the first quartile is what counts."""
    say("measuring latency at a fixed rate")
    seen = {}
    with servers.floor(build).start(prepare=pin(SERVER_CPU)) as floor:
        contenders = [floor, *(server for _, server in up)]
        for _ in range(effort.latency_rounds):
            for server in list(contenders):
                try:
                    time.sleep(REST_SECONDS)
                    full = Slice(build, server, PLAIN, FULL_SECONDS, effort.connections)
                    seen.setdefault(server.name, []).append(Slice(
                        build, server, PLAIN, LOADED_SECONDS, effort.connections, rate=full.per_second * LOAD_SHARE))
                except BenchError as error:
                    result["failures"].append(str(error))
                    contenders.remove(server)
                    seen.pop(server.name, None)
    return {name: {"latency_rate": statistics.median(own.per_second for own in slices),
                   **{key: quartiles([getattr(own, key) for own in slices])[0]
                      for key in ("p50_us", "p99_us", "p999_us")},
                   "p99_us_median": statistics.median(own.p99_us for own in slices)}
            for name, slices in seen.items()}


def memory_of(build, server, peer, effort):
    """Resident bytes before the first request, and with 1,000 connections that have served one each."""
    servers.allow_many_files()
    connections = []
    with server.start(prepare=pin(SERVER_CPU)):
        idle = memory.resident_bytes(server.pid)
        size = len(server.response(PLAIN))
        try:
            for _ in range(OPEN_CONNECTIONS):
                connections.append(memory.open_one(server, PLAIN.request(server.extra_fields), size))
            time.sleep(1)
            return {"idle_bytes": idle, "connected_bytes": memory.resident_bytes(server.pid)}
        finally:
            for connection in connections:
                connection.close()


def start_of(build, server, peer, effort):
    """Seconds from the start of the process to the end of its first answer."""
    seconds = []
    for _ in range(effort.starts):
        began = time.monotonic()
        with peer.server(server.command[-1]).start(prepare=pin(SERVER_CPU)) as started:
            started.response(PLAIN)
            seconds.append(time.monotonic() - began)
    return {"start_ms": statistics.median(seconds) * 1000}


def compile_of(build, server, peer, effort):
    """CPU seconds that the compiler needs for a hello world of those that have one in C++."""
    hellos = {"armature": (compile_cost.ROOT / "examples" / "hello" / "main.cpp", [], None),
              **{name.lower(): given for name, given in compile_cost.PEERS.items()}}
    if peer.name not in hellos:
        return {}
    source, flags, _ = hellos[peer.name]
    with tempfile.TemporaryDirectory(prefix="bench-compile-") as directory:
        gcc = compile_cost.Compiler("g++", directory)
        return {"compile_s": statistics.median(
            gcc.cpu_seconds(compile_cost.ROOT / source, "-O0", *flags) for _ in range(effort.starts // 3))}


class InstructionCounter:
    """User-space instructions per request: of the processor's own counters where the machine has them, otherwise
    callgrind's, which only runs native programs."""

    def __init__(self, effort):
        self.counted = effort.counted
        self.method = "perf" if self.perf_works() else "callgrind" if servers.program("valgrind") else None

    @staticmethod
    def perf_works():
        if not servers.program("perf"):
            return False
        probe = subprocess.run(["perf", "stat", "-x,", "-e", "instructions:u", "true"], capture_output=True, text=True)
        return counted_by_perf(probe.stderr) is not None

    def of(self, workload):
        """A part of the figures of a process, as memory_of is one."""
        def part(build, server, peer, effort):
            if self.method == "perf":
                count = self.by_perf(build, server, workload)
            elif self.method == "callgrind" and peer.native:
                count = instructions.per_request(build, server, workload, counted=self.counted)["instructions"]
            else:
                return {}
            return {f"instructions_{workload.key}": count}
        return part

    @staticmethod
    def by_perf(build, server, workload):
        count = 32_000
        with (server.start(prepare=pin(SERVER_CPU)),
              servers.load_command(build, server, workload, instructions.CONNECTIONS) as command):
            command = [*command, "--requests", str(count)]
            subprocess.run(command, check=True, capture_output=True)  # what is compiled while it runs has been
            counting = subprocess.run(["perf", "stat", "-x,", "-e", "instructions:u", "-p", str(server.pid), "--",
                                       *command], capture_output=True, text=True)
        total = counted_by_perf(counting.stderr)
        if counting.returncode != 0 or total is None:
            raise BenchError(f"perf: {counting.stderr.strip()[-200:]}")
        return total / count


def counted_by_perf(text):
    """The instructions in the output of `perf stat -x,`, or None where they aren't counted."""
    found = re.search(r"^(\d+),[^,]*,instructions", text, re.M)
    return int(found[1]) if found else None


TITLES = {w.key: w.title for w in service.MEASURED} | {"http2": service.HTTP2_TITLE} | service.HTTP3_TITLES
SHORT = {"plain": "GET /", "pipelined": "16 pipelined", "browser": "browser's", "json": "/json", "path": "/users/123",
         "create": "POST", "file_small": "1 KiB", "file_large": "1 MiB", "websocket": "WebSocket", "http2": "HTTP/2",
         "http3": "HTTP/3", "http3_file": "1 MiB, HTTP/3"}


def summary(result):
    measured = [key for key in SHORT if any(row["workload"] == key for row in result["rows"])]
    table = Table("Server CPU per request, as a multiple of Armature's (lower is better)",
                  ["server", *(SHORT[key] for key in measured)])
    cells = {(row["server"], row["workload"]): f"{row['cpu_by_ours'][1]:.2f}" for row in result["rows"]}
    for name in dict.fromkeys(row["server"] for row in result["rows"]):
        table.add(name, *(cells.get((name, key), "–") for key in measured))
    table.note("“–”: the peer doesn't have it. The floor is a bare epoll loop that parses nothing.")
    return table


LATENCIES = {"p50_us": "p50 µs", "p99_us": "p99 µs", "p999_us": "p99.9 µs", "p99_us_median": "p99’s median",
             "latency_rate": "at req/s"}


def process_table(result):
    table = Table("Processes (lower is better)",
                  ["server", *LATENCIES.values(), "idle MiB", f"with {OPEN_CONNECTIONS:,} MiB", "start ms",
                   "program MiB", "hello s", "instructions", "16 pipelined"])

    def mib(value):
        return number(value / 2**20, 1) if value is not None else "–"

    for row in result["processes"]:
        table.add(f"{row['server']} ({row['language']})",
                  *(number(row[key]) if key in row else "–" for key in LATENCIES),
                  mib(row.get("idle_bytes")), mib(row.get("connected_bytes")),
                  number(row["start_ms"], 1) if "start_ms" in row else "–", mib(row["size"]),
                  number(row["compile_s"], 1) if "compile_s" in row else "–",
                  *(number(row[key]) if key in row else "–"
                    for key in ("instructions_plain", "instructions_pipelined")))
    table.note(f"Latency of GET / at {LOAD_SHARE:.0%} of what each server answered just before, counted from when a "
               "request was due: first quartiles of the rounds, since what the machine stops only adds, and the "
               "median. “hello s”: the compiler's CPU time for a hello world in C++. Instructions per request in user "
               f"space, by {result['counted_by'] or 'nothing here'}.")
    return table


def workload_table(result, key):
    table = Table(TITLES[key], ["server", "CPU µs", "quartiles", "user", "system", "by Armature's", "quartiles ",
                                "floor's share", "req/s"])
    rows = [row for row in result["rows"] if row["workload"] == key]
    for row in sorted(rows, key=lambda row: row["cpu_by_ours"][1]):
        low, middle, high = row["cpu_by_ours"]
        table.add(row["server"], number(row["cpu_us"], 2), f"{row['cpu_us_q1']:.2f}–{row['cpu_us_q3']:.2f}",
                  number(row.get("user_us"), 2), number(row.get("system_us"), 2), f"{middle:.2f}",
                  f"{low:.2f}–{high:.2f}", number(row.get("floor_share"), 2), number(row["per_second"]))
    return table


def tables(result):
    made = [summary(result), process_table(result)]
    made += [workload_table(result, key) for key in SHORT if any(row["workload"] == key for row in result["rows"])]
    last = made[-1]
    for name, reason in {**result["missing"], **result["wrong"]}.items():
        last.note(f"Left out: {name}: {reason}")
    for failure in result["failures"]:
        last.note(f"Failed: {failure}")
    last.note(f"{result['rounds']} rounds of {result['slice_seconds']:g} s; {result['steal']:.1%} of the machine was "
              "stolen meanwhile. Differences below 10 % are not evidence.")
    return made


def table(result):
    return "\n\n".join(map(str, tables(result)))


def markdown(result):
    """What README says."""
    table = summary(result)
    table.note(f"As of {time.strftime('%Y-%m-%d')}: medians of {result['rounds']} rounds in turns, one core each. "
               "Differences below 10 % are not evidence.")
    return f"**{table.title}**\n\n{table.markdown()}"


def report(result):
    """All of it, as Markdown."""
    return page(tables(result))

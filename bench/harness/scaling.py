"""`scripts/bench scaling`: how the cost of a request grows with routes, middleware, connections, content and
header fields, on one and on two event loops. Instructions are counted by callgrind; CPU time is taken in
slices between two of the floor's, as `load` does, unless --no-time."""

import statistics
import sys
from contextlib import ExitStack
from dataclasses import dataclass

from . import servers
from .instructions import CONNECTIONS, Counted, difference
from .servers import BenchError, Server
from .slices import Slice, machine_to_itself, quartiles
from .tables import Table, page
from .workloads import Workload

KIB, MB = 1024, 1_000_000
GREETING = "Hello, World!"
TRANSFERS = 2  # connections, where megabytes are moved


@dataclass(frozen=True)
class Point:
    """One place of an axis: what is asked of which server."""
    workload: Workload
    arguments: tuple = ()
    connections: int = CONNECTIONS
    idle: int = 0
    requests: tuple = (320, 1_600)  # the two rounds that are subtracted
    slice_requests: int | None = None  # where a slice of time would hold too few to be exact


@dataclass(frozen=True)
class Axis:
    """What grows, in how many steps, and how a step is measured."""
    key: str
    title: str
    unit: str
    steps: tuple
    quick: tuple
    point: object  # of a step
    per: int = 1   # "each further …" is said for so many


def hello(path="/", fields="", variants=1):
    return Workload("scaling", f"GET {path}", path, GREETING, fields, variants=variants)


def routes(count):
    return Point(hello("/api/resource{n}/456", variants=count), ("--routes", str(count)),
                 requests=(max(320, count), max(320, count) * 2 + 1_280))


def hooks(count):
    return Point(hello(), ("--hooks", str(count)))


def around(count):
    return Point(hello(), ("--around", str(count)))


def connections(count):
    return Point(hello(), connections=count, requests=(max(320, count), max(320, count) * 2 + 1_280))


def idle(count):
    # What connecting them costs differs a little between the two rounds, so many requests bear it.
    return Point(hello(), idle=count, requests=(320, 1_600 + 3 * count))


def transfer(path, size, body, content):
    few, many = (64, 640) if size < MB else (8, 40) if size < 10 * MB else (2, 6) if size < 100 * MB else (2, 4)
    return Point(Workload("scaling", path, path, body, content=content), connections=TRANSFERS,
                 requests=(few, many), slice_requests=None if size < MB else max(4, 200 * MB // size))


def upload(size):
    return transfer("/upload", size, str(size), size)


def stream(size):
    return transfer("/stream", size, str(size), size)


def download(size):
    return transfer(f"/download/{size}", size, None, None)


def request_fields(count):
    return Point(hello(fields="".join(f"X-Field-{i}: the value of a usual field\r\n" for i in range(count))))


def response_fields(count):
    return Point(hello(f"/fields/{count}"))


SIZES = (0, KIB, 16 * KIB, 64 * KIB, 256 * KIB, MB, 10 * MB, 100 * MB)
FEW_SIZES = (0, KIB, 64 * KIB, MB, 10 * MB)
COUNTS = (0, 1, 3, 10, 25, 50)
FIELDS = (0, 1, 5, 10, 20, 50, 100)
CONNECTED = (1, 10, 100, 1_000, 10_000, 20_000)

AXES = (
    Axis("routes", "Routes, any of them asked for", "routes", (10, 100, 1_000, 10_000), (10, 1_000, 10_000), routes),
    Axis("hooks", "Middleware with before and after", "of them", COUNTS, (0, 10, 50), hooks),
    Axis("around", "Middleware around the rest, a coroutine", "of them", COUNTS, (0, 10, 50), around),
    Axis("connections", "Connections that ask", "connections", CONNECTED, (1, 100, 10_000), connections),
    Axis("idle", "Connections that don't, beside 64 that do", "connections", (0, *CONNECTED[2:]), (0, 10_000), idle),
    Axis("upload", "Content received and kept", "bytes", SIZES, FEW_SIZES, upload, KIB),
    Axis("stream", "Content received piece by piece", "bytes", SIZES, FEW_SIZES, stream, KIB),
    Axis("download", "Content sent", "bytes", SIZES, FEW_SIZES, download, KIB),
    Axis("request_fields", "Header fields of the request", "fields", FIELDS, (0, 10, 100), request_fields),
    Axis("response_fields", "Header fields of the response", "fields", FIELDS, (0, 10, 100), response_fields),
)
BY_KEY = {axis.key: axis for axis in AXES}
LOOPS = (1, 2)


def within_files(step, axis):
    """No more connections than descriptors allow."""
    return min(step, servers.files_allowed() - 100) if axis.unit == "connections" else step


def points(options):
    """[(axis, step, loops, point)]; in a hurry, two event loops only at both ends."""
    chosen = [BY_KEY[key] for key in options.axes] if options.axes else AXES
    for loops in LOOPS:
        for axis in chosen:
            steps = axis.quick if options.quick else axis.steps
            if loops > 1 and options.quick:
                steps = (steps[0], steps[-1])
            for step in dict.fromkeys(within_files(step, axis) for step in steps):
                yield axis, step, loops, axis.point(step)


class ScalingServer(Server):
    def __init__(self, build, arguments, loops):
        super().__init__("armature", [str(build / "bin" / "scaling_server"), *arguments, "--loops", str(loops)])

    def expected(self, workload):
        return workload.body


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="\r", file=sys.stderr, flush=True)


def by_server(measured):
    """The points of one server after one another, so that it is started once."""
    groups = {}
    for axis, step, loops, point in measured:
        groups.setdefault((point.arguments, loops), []).append((axis, step, point))
    return groups.items()


def count(build, measured):
    """{(axis, step, loops): {instructions, allocations}}"""
    found = {}
    for (arguments, loops), group in by_server(measured):
        with Counted(build, ScalingServer(build, arguments, loops)) as server:
            start = server.since().instructions
            for axis, step, point in group:
                progress(f"{axis.key} {step:,}, {loops} loops: instructions")
                few, many = point.requests
                profiles = server.rounds(point.workload, few, many, point.connections, point.idle)
                cost = difference(*profiles, many - few)
                found[axis.key, step, loops] = cost | ({"start": start} if axis.key == "routes" else {})
    return found


def time(build, measured, options):
    """{(axis, step, loops): {cpu_us, beside_floor, …}}"""
    found = {}
    seconds, rounds = (0.15, 3) if options.quick else (options.seconds, options.rounds)
    with machine_to_itself(), servers.floor(build).start(prepare=servers.pin(servers.SERVER_CPU)) as floor:
        for (arguments, loops), group in by_server(measured):
            cpus = [servers.SERVER_CPU, servers.LOAD_CPU][:loops]
            with ExitStack() as running:
                server = running.enter_context(
                    ScalingServer(build, arguments, loops).start(prepare=servers.pin(*cpus)))
                for axis, step, point in group:
                    progress(f"{axis.key} {step:,}, {loops} loops: time")
                    found[axis.key, step, loops] = slices(build, server, floor, point, seconds, rounds)
    return found


def slices(build, server, floor, point, seconds, rounds):
    def floor_slice():
        return Slice(build, floor, hello(), seconds, CONNECTIONS).cpu_us

    shares, costs = [], []
    before = floor_slice()
    for _ in range(rounds):
        own = Slice(build, server, point.workload, seconds, point.connections, point.idle, point.slice_requests)
        after = floor_slice()
        shares.append(2 * own.cpu_us / (before + after))
        costs.append(own.cpu_us)
        before = after
    low, middle, high = quartiles(shares)
    return {"cpu_us": statistics.median(costs), "times_floor": middle, "times_floor_q1": low, "times_floor_q3": high}


def run(build, options):
    measured = list(points(options))
    if not measured:
        raise BenchError("nothing to measure")
    counted = count(build, measured)
    timed = time(build, measured, options) if options.time else {}
    return {"rows": [{"axis": axis.key, "step": step, "loops": loops} | counted[axis.key, step, loops]
                     | timed.get((axis.key, step, loops), {}) for axis, step, loops, _ in measured]}


def rows_of(result, axis, loops):
    return sorted((row for row in result["rows"] if row["axis"] == axis and row["loops"] == loops),
                  key=lambda row: row["step"])


def each_further(rows, axis, figure):
    """How much one more adds, over the whole of the axis."""
    first, last = rows[0], rows[-1]
    if figure not in first or first["step"] == last["step"]:
        return None
    return (last[figure] - first[figure]) / (last["step"] - first["step"]) * axis.per


def tables(result):
    """One table for each axis."""
    for axis in AXES:
        rows = rows_of(result, axis.key, 1)
        if not rows:
            continue
        beside = {row["step"]: row for row in rows_of(result, axis.key, 2)}
        table = Table(f"{axis.title}: cost of a request",
                      [axis.unit, "instructions", "allocations", "CPU ÷ floor", "2 loops: instructions", "CPU ÷ floor "])
        for row in rows:
            two = beside.get(row["step"], {})
            table.add(f"{row['step']:,}", f"{row['instructions']:,.0f}", f"{row['allocations']:g}",
                      text(row.get("times_floor")), text(two.get("instructions"), 0), text(two.get("times_floor")))
        more = each_further(rows, axis, "instructions")
        if more is not None:
            table.note(f"each further {'KiB' if axis.per == KIB else 'one'}: {plain(more)} instructions")
        if axis.key == "routes":
            table.note("Until it accepts: " + ", ".join(f"{row['start'] / 1e6:,.0f} million instructions with "
                                                         f"{row['step']:,} routes" for row in rows))
        yield table


def text(value, digits=2):
    return "" if value is None else f"{value:,.{digits}f}"


def plain(value):
    """Three digits of it, or none where only noise is left."""
    return "0" if abs(value) < 0.1 else f"{float(f'{value:.3g}'):,g}"


def growth(result):
    """The summary: the ends of each axis, and what lies between two neighbours."""
    timed = any("times_floor" in row for row in result["rows"])
    table = Table("How the cost of a request grows",
                  ["what grows", "from", "to", "instructions", "… at the end", "each further one",
                   *(("CPU ÷ floor", "… at the end ") if timed else ())])
    for axis in AXES:
        rows = rows_of(result, axis.key, 1)
        if len(rows) < 2:
            continue
        first, last = rows[0], rows[-1]
        cells = [axis.title, f"{first['step']:,}", f"{last['step']:,}", text(first["instructions"], 0),
                 text(last["instructions"], 0),
                 plain(each_further(rows, axis, "instructions")) + (" a KiB" if axis.per == KIB else "")]
        table.add(*cells, *((text(first.get("times_floor")), text(last.get("times_floor"))) if timed else ()))
    return table


def table(result):
    return "\n\n".join(str(each) for each in (*tables(result), growth(result)))


def markdown(result):
    return growth(result).markdown()


def report(result):
    """All of it, as Markdown."""
    return page((growth(result), *tables(result)))

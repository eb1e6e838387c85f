"""`scripts/bench gate`: fails when a figure that does not depend on the machine's mood got worse."""

import json

from . import binary, compile_cost, http2, instructions, servers, system_calls
from .servers import BENCH, BenchError
from .tables import Table
from .workloads import FORMS, MIDDLEWARE, WORKLOADS

BASELINE = BENCH / "baseline.json"

# How much worse than the baseline is still the same: the clock's once-a-second work lands between
# requests by chance, so instructions are not exact; the others are. Other releases of the compiler and of the C
# library make a program of another size.
TOLERANCE = {"instructions": 0.03, "middleware": 0.03, "allocations": 0.0, "response_bytes": 0.0, "system_calls": 0.0,
             "preprocessed_lines": 0.02, "hello": 0.05}

# A middleware's figure is a difference of two that aren't exact, and so is one of HTTP/2, where the date is sent in
# full once a second. Work that is done once a second is a few system calls among many; one more for each request, or
# for each sixteen, is not.
SLACK = {"middleware": 4, "response_bytes/http2": 1, "system_calls": 0.05}

# The same for every compiler and for a debug build: what --exact is about.
EXACT = ("allocations", "response_bytes", "system_calls")

# Extractors and controllers cost what a handler costs that does their work by hand.
FORM_TOLERANCE = 0.03

# What the project promises, whatever the baseline says.
LIMITS = {
    "instructions/plain": 1_400, "instructions/pipelined": 1_000, "instructions/browser": 3_500,
    "instructions/json": 2_200, "instructions/path": 3_000, "instructions/greet": 2_000,
    "allocations/plain": 0, "allocations/pipelined": 0, "allocations/browser": 0,
    "allocations/json": 2, "allocations/path": 2, "allocations/greet": 0,
    "preprocessed_lines/hello": 75_000,
    "system_calls/plain": 3.05, "system_calls/pipelined": 0.24,
    "hello/bytes": 2_000_000,
} | {f"middleware/{key}": promised for key, (_, promised) in MIDDLEWARE.items() if promised}


def collect(build, options):
    servers.require("valgrind", "strace", "h2load")
    figures = exact(build, options)
    if not options.exact:
        figures |= of_this_build(build, options)
    return dict(sorted(figures.items()))


def exact(build, options):
    figures = {}
    with servers.ours(build, options.server).start() as server:
        for workload in (*WORKLOADS, *FORMS):
            figures[f"response_bytes/{workload.key}"] = len(server.response(workload))
        figures["response_bytes/http2"] = http2.response_bytes(server)
    for name, calls in system_calls.figures(build, options.server).items():
        figures[f"system_calls/{name}"] = calls
    with instructions.Counted(build, servers.ours(build, options.server)) as server:
        for workload in (*WORKLOADS, *FORMS):
            few, many = 320, 1_600
            cost = instructions.difference(*server.rounds(workload, few, many), many - few)
            figures[f"allocations/{workload.key}"] = cost["allocations"]
    return figures


def of_this_build(build, options):
    figures = {}
    for workload in (*WORKLOADS, *FORMS):
        cost = instructions.per_request(build, servers.ours(build, options.server), workload)
        figures[f"instructions/{workload.key}"] = round(cost["instructions"])
    for key, cost in instructions.middleware(build).items():
        figures[f"middleware/{key}"] = round(cost["instructions"])
        figures[f"allocations/middleware_{key}"] = cost["allocations"]
    size = binary.figures(build)
    figures |= {f"hello/{name}": size[name] for name in ("bytes", "libraries")}
    hello = compile_cost.hello_world(options)
    if hello:
        with compile_cost.compiler(options) as compiler:
            figures["preprocessed_lines/hello"] = compiler.preprocessed_lines(hello)
    return figures


def judge(figures, baseline):
    """[(figure, now, baseline, allowed, verdict)], where a verdict other than "" is a failure."""
    rows = []
    for name, value in figures.items():
        before = baseline.get(name)
        allowed = [LIMITS[name]] if name in LIMITS else []
        verdict = ""
        if name in LIMITS and value > LIMITS[name]:
            verdict = "over the promised limit"
        if before is not None:
            kind = name.split("/")[0]
            allowed.append(before * (1 + TOLERANCE[kind]) + SLACK.get(name, SLACK.get(kind, 0)))
            if value > allowed[-1]:
                verdict = f"worse by {value - before:,.4g}"
        if name.startswith("instructions/greet"):
            allowed.append(figures["instructions/greet_request"] * (1 + FORM_TOLERANCE))
            if value > allowed[-1]:
                verdict = "more than the same work by hand"
        rows.append((name, value, before, min(allowed, default=None), verdict))
    for name in sorted(set(baseline) - set(figures)):
        rows.append((name, None, baseline[name], None, "not measured any more"))
    return rows


def run(build, options):
    figures = collect(build, options)
    if options.update and options.exact:
        raise BenchError("the baseline has all figures: update it without --exact")
    if options.update:
        BASELINE.write_text(json.dumps(figures, indent=2) + "\n")
    if not BASELINE.exists():
        raise BenchError(f"no {BASELINE}; write it with: scripts/bench gate --update")
    baseline = json.loads(BASELINE.read_text())
    if options.exact:
        baseline = {name: value for name, value in baseline.items()
                    if name.startswith(EXACT) and not name.startswith("allocations/middleware_")}
    rows = judge(figures, baseline)
    return {"rows": [dict(zip(("figure", "now", "baseline", "allowed", "verdict"), row)) for row in rows]}


def table(result):
    def text(value):
        return "–" if value is None else f"{value:,.6g}"

    table = Table("Regression gate: figures that repeat exactly (lower is better)",
                  ["figure", "now", "baseline", "allowed", "verdict"])
    for row in result["rows"]:
        table.add(row["figure"], text(row["now"]), text(row["baseline"]), text(row["allowed"]),
                  row["verdict"] or "ok")
    failures = [row for row in result["rows"] if row["verdict"]]
    if failures:
        table.note(f"FAILED: {len(failures)} of {len(result['rows'])} figures. If the cost is worth it, say why in the "
                   "commit and accept it with: scripts/bench gate --update")
    return table


def passed(result):
    return not any(row["verdict"] for row in result["rows"])

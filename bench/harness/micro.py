"""`scripts/bench micro`: the Google Benchmark binaries, shown under the names of the roadmap's
"Benchmark Reference" beside the original's figures. docs/benchmarks.md says what each row times."""

import json
import subprocess
from dataclasses import dataclass

from . import servers
from .servers import BenchError
from .slices import machine_to_itself
from .tables import Table

WANTED = 5  # how many times as fast as the original


@dataclass(frozen=True)
class Row:
    """A row of the roadmap: the id of our benchmark, and the original's figures in nanoseconds."""
    title: str
    key: str
    published: float          # in the roadmap, from a machine that it doesn't name; of a range, the better end
    stored: float | None = None  # in its repository, from GitHub's runner: the better of two branches
    why: str = ""             # of EXPLANATIONS, where it is less than wanted
    limit: str = ""           # id of what cannot be avoided in it


# "As defined" does what the original does for its harness only: a copy of the route table, a new request with its
# own texts.
ROADMAP = (
    Row("Health check", "full_cycle/health_check", 386, 671.4),
    Row("… as defined", "full_cycle_as_defined/health_check", 386, 671.4, "harness"),
    Row("GET with param", "full_cycle/get_with_param", 692, 1132),
    Row("… as defined", "full_cycle_as_defined/get_with_param", 692, 1132, "harness"),
    Row("POST with body", "full_cycle/post_with_body", 778, 1348, "reading", "deserialize<Medium>"),
    Row("… as defined", "full_cycle_as_defined/post_with_body", 778, 1348, "harness", "deserialize<Medium>"),
    Row("Route first match", "match_first/10", 51, 101.8),
    Row("Route first match of 500", "match_first/500", 51, 101.8),
    Row("JSON serialize (small)", "serialize<Small>", 17, 32.9, "limit", "limit/new_text_of_27_bytes"),
    Row("Empty app creation", "micro_app_creation/empty_app", 25, None, "once"),
    Row("App with 5 routes", "micro_app_creation/app_with_5_routes", 1900, None, "once"),
    Row("App with scope", "micro_app_creation/app_with_scope", 1500, None, "once"),
    Row("App with middleware", "micro_app_creation/app_with_middleware", 857, None, "once"),
    Row("Static route, bare router", "micro_routing/direct_router_static", 510),
    Row("Static route, App", "micro_routing/micro_app_static", 1700),
    Row("… as defined", "micro_routing_as_defined/micro_app_static", 1700, None, "harness"),
    Row("Param route, bare router", "micro_routing/direct_router_param", 1100),
    Row("Param route, App", "micro_routing/micro_app_param", 5600),
    Row("… as defined", "micro_routing_as_defined/micro_app_param", 5600, None, "harness"),
    Row("Route (no middleware)", "micro_middleware/no_middleware", 875),
    Row("Route (1 middleware)", "micro_middleware/1_middleware", 607, None, "limit", "limit/two_clock_readings"),
    Row("Route (3 middleware)", "micro_middleware/3_middleware", 1900, None, "limit", "limit/two_clock_readings"),
    Row("Data creation", "micro_state/data_creation", 30, None, "limit", "limit/three_allocations"),
    Row("Data access", "micro_state/data_access", 1, None, "limit", "limit/three_loads"),
    Row("Data clone", "micro_state/data_clone", 10, None, "limit", "limit/atomic_up_and_down"),
    Row("JSON handler", "micro_json/json_handler", 3700),
    Row("Single route builder", "micro_route_builder/single_method", 97, None, "once"),
    Row("Multi-method builder", "micro_route_builder/multiple_methods", 525, None, "once"),
    Row("Scope with routes", "micro_scope/scope_with_routes", 448, None, "once"),
)

EXPLANATIONS = {
    "machine": "the published figure comes from a machine that isn't named, about 1.8 times as fast as the one of the "
               "stored figures, which is like those that this project is tested on",
    "harness": "with what the original's harness does beside serving: it copies the route table and makes a request with "
               "texts of its own, in allocations that neither side can make cheaper",
    "reading": "more than half of it is reading 145 bytes of JSON into members that own their texts, whose own row is "
               "the limit here; the original's JSON library takes 398 ns of the stored figure for that",
    "limit": "most of it is what the row is defined by and nobody can leave out, an allocation, atomic operations or "
             "readings of the clock: alone it takes what stands as the limit here",
    "once": "done once, before the first request: here the table of routes is checked and compiled, and the pipeline of "
            "each route composed, which the original does again for every request",
}

NANOSECONDS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}


def run_binary(binary, options):
    run = subprocess.run(
        [binary, "--benchmark_format=json", f"--benchmark_repetitions={options.repetitions}",
         "--benchmark_report_aggregates_only=true", "--benchmark_enable_random_interleaving=true",
         f"--benchmark_min_time={options.min_time}",
         f"--benchmark_filter={options.filter}"],
        capture_output=True, text=True, preexec_fn=servers.pin(servers.SERVER_CPU))
    if run.returncode != 0:
        raise BenchError(f"{binary.name} failed: {run.stderr.strip()[-400:]}")
    if not run.stdout.strip():
        return []
    rows = {}
    for entry in json.loads(run.stdout)["benchmarks"]:
        row = rows.setdefault(entry["run_name"], {"id": entry["run_name"], "binary": binary.name})
        if entry.get("aggregate_name") == "median":
            row["ns"] = entry["cpu_time"] * NANOSECONDS[entry["time_unit"]]
        elif entry.get("aggregate_name") == "cv":
            row["spread"] = entry["cpu_time"]
    return list(rows.values())


def run(build, options):
    binaries = sorted((build / "bin").glob("bench_*"))
    if not binaries:
        raise BenchError(f"no bench_* program in {build / 'bin'}")
    with machine_to_itself():
        return {"rows": [row for binary in binaries for row in run_binary(binary, options)]}


def time_text(nanoseconds):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3g} {unit}"
    return f"{nanoseconds:.3g} ns"


def app_notes(rows):
    """What the App adds to a bare router that calls the same handler, and what a middleware adds."""
    for kind in ("static", "param"):
        bare, app = (rows.get(f"micro_routing/{name}_{kind}") for name in ("direct_router", "micro_app"))
        if bare and app:
            yield (f"App beside the bare router, {kind} route: +{app['ns'] - bare['ns']:.1f} ns, "
                   f"{app['ns'] / bare['ns']:.2f}x")
    none, ten = rows.get("micro_middleware/no_middleware"), rows.get("chain/10_middleware")
    if none and ten:
        yield f"A middleware with both hooks adds {(ten['ns'] - none['ns']) / 10:.1f} ns (of 10 in a chain)"


def paid_back(rows):
    """After how many requests an application with five routes has made up for what its creation cost more."""
    made, served = rows.get("micro_app_creation/app_with_5_routes"), rows.get("micro_routing/micro_app_static")
    if not made or not served:
        return None
    known = {row.key: row.published for row in ROADMAP}
    saved = known["micro_routing/micro_app_static"] - served["ns"]
    return max(0, (made["ns"] - known["micro_app_creation/app_with_5_routes"]) / saved)


def times(original, ours):
    # Two digits, but 110 and not 1.1e+02.
    return "" if original is None or ours is None else f"{float(format(original / ours['ns'], '.2g')):g}"


def reference(result):
    """The roadmap's rows: ours beside the original's, and why where it isn't WANTED times as fast."""
    rows = {row["id"]: row for row in result["rows"]}
    table = Table("The roadmap's benchmark reference (median CPU time; the original's figures are from its own machines)",
                  ["benchmark", "Armature", "published", "× ", "stored", "×", "limit here", "why"])
    used = []
    for row in ROADMAP:
        ours, limit = rows.get(row.key), rows.get(row.limit)
        why = ""
        if ours and row.published / ours["ns"] < WANTED:
            why = "machine" if (row.stored or 0) / ours["ns"] >= WANTED else row.why or "UNEXPLAINED"
        if why and why not in used:
            used.append(why)
        table.add(row.title, time_text(ours["ns"]) if ours else "not built", time_text(row.published),
                  times(row.published, ours), time_text(row.stored) if row.stored else "", times(row.stored, ours),
                  time_text(limit["ns"]) if limit else "", why)
    for why in used:
        table.note(f"{why}: {EXPLANATIONS.get(why, 'slower than it has to be')}.")
    requests = paid_back(rows)
    if requests is not None:
        table.note(f"An App with five routes has made up for its creation after {requests:.0f} requests for a static route.")
    return table


def table(result):
    rows = {row["id"]: row for row in result["rows"]}
    table = Table("Every micro-benchmark (median CPU time)", ["id", "time", "spread"])
    for note in app_notes(rows):
        table.note(note)
    for row in rows.values():
        table.add(row["id"], time_text(row["ns"]), f"{row.get('spread', 0):.1%}")
    return f"{table}\n\n{reference(result)}"


def markdown(result):
    return reference(result).markdown()

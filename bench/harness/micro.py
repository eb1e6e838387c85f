"""`scripts/bench micro`: the Google Benchmark binaries, shown under the names of the roadmap's
"Benchmark Reference". docs/benchmarks.md says what each row times."""

import json
import subprocess

from . import servers
from .servers import BenchError
from .slices import machine_to_itself
from .tables import Table

# (roadmap row, id of our benchmark, the original's published figure). "As defined" does what the
# original does for its harness only: a copy of the route table, a new request with its own texts.
ROADMAP = (
    ("Health check", "full_cycle/health_check", "386 ns"),
    ("… as defined", "full_cycle_as_defined/health_check", "386 ns"),
    ("GET with param", "full_cycle/get_with_param", "692 ns"),
    ("… as defined", "full_cycle_as_defined/get_with_param", "692 ns"),
    ("POST with body", "full_cycle/post_with_body", "778 ns"),
    ("… as defined", "full_cycle_as_defined/post_with_body", "778 ns"),
    ("Route first match", "match_first/10", "51 ns"),
    ("Route first match of 500", "match_first/500", "51 ns"),
    ("JSON serialize (small)", "serialize<Small>", "17 ns"),
    ("Empty app creation", "micro_app_creation/empty_app", "25 ns"),
    ("App with 5 routes", "micro_app_creation/app_with_5_routes", "1.9–4.7 us"),
    ("App with scope", "micro_app_creation/app_with_scope", "1.5 us"),
    ("App with middleware", "micro_app_creation/app_with_middleware", "857 ns"),
    ("Static route, bare router", "micro_routing/direct_router_static", "510 ns"),
    ("Static route, App", "micro_routing/micro_app_static", "1.7 us"),
    ("… as defined", "micro_routing_as_defined/micro_app_static", "1.7 us"),
    ("Param route, bare router", "micro_routing/direct_router_param", "1.1 us"),
    ("Param route, App", "micro_routing/micro_app_param", "5.6 us"),
    ("… as defined", "micro_routing_as_defined/micro_app_param", "5.6 us"),
    ("Route (no middleware)", "micro_middleware/no_middleware", "875 ns"),
    ("Route (1 middleware)", "micro_middleware/1_middleware", "607 ns"),
    ("Route (3 middleware)", "micro_middleware/3_middleware", "1.9 us"),
    ("Data creation", "micro_state/data_creation", "30 ns"),
    ("Data access", "micro_state/data_access", "<1 ns"),
    ("Data clone", "micro_state/data_clone", "10 ns"),
    ("JSON handler", "micro_json/json_handler", "3.7 us"),
    ("Single route builder", "micro_route_builder/single_method", "97 ns"),
    ("Multi-method builder", "micro_route_builder/multiple_methods", "525 ns"),
    ("Scope with routes", "micro_scope/scope_with_routes", "448 ns"),
)

NANOSECONDS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}


def run_binary(binary, options):
    run = subprocess.run(
        [binary, "--benchmark_format=json", f"--benchmark_repetitions={options.repetitions}",
         "--benchmark_report_aggregates_only=true", "--benchmark_enable_random_interleaving=true", f"--benchmark_min_time={options.min_time}",
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


def table(result):
    rows = {row["id"]: row for row in result["rows"]}
    table = Table("Micro-benchmarks (median CPU time; the original's figures are from its own machine)",
                  ["benchmark", "Armature", "original", "spread", "id"])
    for note in app_notes(rows):
        table.note(note)
    for title, key, original in ROADMAP:
        row = rows.pop(key, None)
        table.add(title, time_text(row["ns"]) if row else "not built", original,
                  f"{row.get('spread', 0):.1%}" if row else "", key)
    for row in rows.values():
        table.add("", time_text(row["ns"]), "", f"{row.get('spread', 0):.1%}", row["id"])
    return table

"""`scripts/bench load`: CPU per request beside the physical limit, in short paired slices."""

import fcntl
import json
import statistics
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

from . import servers
from .servers import BenchError
from .tables import Table, number
from .workloads import by_keys


@contextmanager
def machine_to_itself():
    """Two timed runs at once would measure each other; the second one waits."""
    with open(Path(tempfile.gettempdir()) / "armature-bench.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def cpu_ticks():
    """(all, stolen) clock ticks of the machine so far."""
    fields = [int(x) for x in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(fields), fields[7]


def user_and_system_ticks(pid):
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        raise BenchError(f"process {pid}, a server, has ended") from None
    return int(fields[11]), int(fields[12])


class Slice:
    """One run of bench/load: what it printed, or why it could not. With `rate`, that many requests a second."""

    def __init__(self, build, server, workload, seconds, connections, idle=0, requests=None, rate=0,
                 waits=None):
        """Lasts for `seconds`, or for that many requests."""
        # Every connection has asked before the slice begins.
        length = (["--requests", str(requests)] if requests else
                  ["--seconds", str(seconds), "--warm-up", str(0.05 + connections * 50e-6)])
        before = user_and_system_ticks(server.pid)
        with servers.load_command(build, server, workload, connections, idle, rate, waits) as command:
            run = subprocess.run([*command, *length, "--cpu-of", str(server.pid)], capture_output=True, text=True,
                                 preexec_fn=servers.pin(servers.LOAD_CPU))
        if run.returncode != 0:
            raise BenchError(f"{server.name}: {workload.title}: {run.stderr.strip()}")
        result = json.loads(run.stdout)
        if not result["requests"]:
            raise BenchError(f"{server.name}: {workload.title}: no answer within {seconds:g} s")
        self.cpu_us = result["cpu_ns"] / 1000 / result["requests"]
        self.per_second = result["requests"] / result["seconds"]
        self.p50_us, self.p99_us, self.p999_us = (result[key] for key in ("p50_us", "p99_us", "p999_us"))
        self.ticks = [now - then for now, then in zip(user_and_system_ticks(server.pid), before)]


def quartiles(values):
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def paired(build, workload, contenders, base, options, every=1, connections=None):
    """Groups of `every` contenders lie between two slices of the base, and are judged against those two. Gives the
    base's slices; for each contender one (share of the CPU, share of the rate, slice) per round; who failed, and why."""
    figures = {server.name: [] for server in contenders}
    failed = {}

    def slice_of(server):
        return Slice(build, server, workload, options.seconds, connections or options.connections,
                     waits=options.load_waits)

    bases = [slice_of(base)]
    for _ in range(options.rounds):
        for start in range(0, len(contenders), every):
            group = {}
            for server in contenders[start:start + every]:
                if server.name in failed:
                    continue
                try:
                    group[server.name] = slice_of(server)
                except BenchError as error:
                    failed[server.name] = str(error)
            if not group:
                continue
            bases.append(slice_of(base))
            cpu = (bases[-2].cpu_us + bases[-1].cpu_us) / 2
            rate = (bases[-2].per_second + bases[-1].per_second) / 2
            for name, own in group.items():
                figures[name].append((cpu / own.cpu_us, own.per_second / rate, own))
    return bases, figures, failed


def measure(build, workload, contenders, floor, options):
    """The rows of the floor and of every contender beside it."""
    floors, figures, failed = paired(build, workload, contenders, floor, options)
    rows = [row_of(workload, server.name, figures[server.name], failed.get(server.name))
            for server in contenders]
    return floor_row(workload, floors), rows


def row_of(workload, name, slices, failure):
    row = {"workload": workload.key, "server": name}
    if failure or not slices:
        return row | {"failure": failure or "no slice"}
    low, middle, high = quartiles([share for share, _, _ in slices])
    return row | {
        "efficiency": middle, "efficiency_q1": low, "efficiency_q3": high,
        "throughput_share": statistics.median(rate for _, rate, _ in slices),
        "cpu_us": statistics.median(s.cpu_us for _, _, s in slices),
        "per_second": statistics.median(s.per_second for _, _, s in slices),
        "p50_us": statistics.median(s.p50_us for _, _, s in slices),
        "p99_us": statistics.median(s.p99_us for _, _, s in slices),
    }


def floor_row(workload, slices):
    low, middle, high = quartiles([s.cpu_us for s in slices])
    return {"workload": workload.key, "server": "floor", "efficiency": 1.0, "throughput_share": 1.0,
            "cpu_us": middle, "cpu_us_q1": low, "cpu_us_q3": high,
            "cpu_us_min": min(s.cpu_us for s in slices), "cpu_us_max": max(s.cpu_us for s in slices),
            "per_second": statistics.median(s.per_second for s in slices),
            "p50_us": statistics.median(s.p50_us for s in slices),
            "p99_us": statistics.median(s.p99_us for s in slices)}


def wrk_rows(contenders, floor, seconds=1.0, rounds=5):
    """A sanity check by somebody else's load generator: requests per second beside the floor's."""
    def rate(server):
        run = subprocess.run(["wrk", "-t1", "-c64", f"-d{seconds:g}s", f"http://{server.address}/"],
                             capture_output=True, text=True, preexec_fn=servers.pin(servers.LOAD_CPU))
        for line in run.stdout.splitlines():
            if line.startswith("Requests/sec:"):
                return float(line.split()[1])
        raise BenchError(f"wrk said: {(run.stdout + run.stderr).strip()[-200:]}")

    shares = {server.name: [] for server in contenders}
    rates = {server.name: [] for server in contenders}
    before = rate(floor)
    for _ in range(rounds):
        for server in contenders:
            own = rate(server)
            after = rate(floor)
            shares[server.name].append(2 * own / (before + after))
            rates[server.name].append(own)
            before = after
    return [{"workload": "wrk", "server": name, "throughput_share": statistics.median(shares[name]),
             "per_second": statistics.median(rates[name])} for name in shares]


def run(build, options):
    contenders = [servers.ours(build, options.server)] + (servers.peers(build) if options.peers else [])
    rows, failures = [], []
    with machine_to_itself(), ExitStack() as running:
        for server in contenders:
            running.enter_context(server.start(prepare=servers.pin(servers.SERVER_CPU)))
        ticks, stolen = cpu_ticks()
        for workload in by_keys(options.workloads):
            size = len(contenders[0].response(workload))
            with servers.floor(build, size).start(prepare=servers.pin(servers.SERVER_CPU)) as floor:
                base, own = measure(build, workload, contenders, floor, options)
                rows += [base, *own]
                if workload.key == "plain" and options.wrk:
                    wrk = wrk_rows(contenders, floor)
        now, now_stolen = cpu_ticks()
    if options.wrk and any(w.key == "plain" for w in by_keys(options.workloads)):
        rows += wrk
    steal = (now_stolen - stolen) / max(1, now - ticks)
    return {"slice_seconds": options.seconds, "rounds": options.rounds,
            "connections": options.connections, "steal": steal, "rows": rows}


def table(result):
    titles = {w.key: w.title for w in by_keys(None)} | {"wrk": "wrk -c64 GET /"}
    table = Table("CPU per request beside the floor (1.00 = the physical limit; higher is better)",
                  ["workload", "server", "floor's efficiency", "quartiles", "CPU us", "req/s",
                   "req/s ÷ floor", "p50 us", "p99 us"])
    for row in result["rows"]:
        if "failure" in row:
            table.add(titles[row["workload"]], row["server"], "–")
            table.note(f"– {row['failure']}")
            continue
        spread = (f"{row['efficiency_q1']:.2f}–{row['efficiency_q3']:.2f}" if "efficiency_q1" in row else "")
        table.add(titles[row["workload"]], row["server"], number(row.get("efficiency"), 2), spread,
                  number(row.get("cpu_us"), 2), f"{row['per_second']:,.0f}",
                  number(row["throughput_share"], 2), number(row.get("p50_us"), 0),
                  number(row.get("p99_us"), 0))
    base = next((r for r in result["rows"] if r["server"] == "floor"), None)
    if base:
        table.note(f"Noise: the floor's own slices of {titles[base['workload']]} cost "
                   f"{base['cpu_us_min']:.2f}–{base['cpu_us_max']:.2f} us (quartiles {base['cpu_us_q1']:.2f}–"
                   f"{base['cpu_us_q3']:.2f}); {result['steal']:.1%} of the machine was stolen. "
                   "Differences below 10 % are not evidence.")
    return table

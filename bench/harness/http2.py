"""`scripts/bench http2`: what a request costs the server by HTTP/2, beside nghttpd and h2o, driven by h2load.

Server and client have a CPU each. The servers take turns in short rounds, so what disturbs the machine meanwhile
disturbs all of them, and a ratio is the median of those within a round. Instructions are callgrind's, of the whole
process in user space, and repeat."""

import re
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from . import servers
from .instructions import counts
from .servers import LOAD_CPU, SERVER_CPU, BenchError, ConfiguredServer, pin
from .slices import machine_to_itself
from .tables import Table, number

CONNECTIONS, STREAMS = 8, 32
FEW, MANY = 4_000, 20_000


class Nghttpd(ConfiguredServer):
    """Serves files, of which it keeps the latest in memory; it routes nothing."""

    def __init__(self, path):
        super().__init__("h2o", [])  # whose folder of answers is as good here
        self.name, self.path = "nghttpd", path

    def write_files(self, directory):
        super().write_files(directory)
        (directory / "index.txt").rename(directory / "index.html")
        self.program = [self.path, "--no-tls", "--address=127.0.0.1", "--workers=1",
                        f"--htdocs={directory}", str(self.port)]


def contenders(build, given):
    found = [servers.ours(build, given)]
    if path := shutil.which("nghttpd", path="/usr/sbin:/usr/bin"):
        found.append(Nghttpd(path))
    return found + [peer for peer in servers.peers(build) if peer.name == "h2o"]


def cpu_seconds(pid):
    """Finer than clock ticks. The clocks are those that clock_getcpuclockid(3) makes: threads that ended count as well."""
    return sum(time.clock_gettime(~process << 3 | 2) for process in servers.processes_of(pid))


def load(server, count, within=120, connections=CONNECTIONS, streams=STREAMS):
    """Has that many requests answered; what h2load printed."""
    run = subprocess.run(["h2load", "-c", str(connections), "-m", str(streams), "-n", str(count),
                          f"http://{server.http2_address}/"], capture_output=True, text=True, timeout=within,
                         preexec_fn=pin(LOAD_CPU))
    if not re.search(rf"\b{count} succeeded", run.stdout) or not re.search(rf"\b{count} 2xx", run.stdout):
        raise BenchError(f"{server.name} did not answer every request: {run.stdout[-400:]}")
    return run.stdout


def response_bytes(server, few=500, many=1_500):
    """Of the frames of one response, once the connection knows its fields."""
    some, more = (int(re.search(r"traffic: \S+ \((\d+)\) total", load(server, count, connections=1, streams=1))[1])
                  for count in (few, many))
    return round((more - some) / (many - few))


def cpu_and_rate_of_a_round(server, count):
    before = cpu_seconds(server.pid)
    printed = load(server, count)
    cpu = (cpu_seconds(server.pid) - before) / count * 1e6
    rate = re.search(r"finished in [^,]*, ([\d.]+) req/s", printed)
    return cpu, float(rate[1]) if rate else None


def instructions(server):
    totals = []
    for count in (FEW, MANY):
        with tempfile.TemporaryDirectory(prefix="bench-callgrind-") as directory:
            valgrind = ["valgrind", "--tool=callgrind", "--quiet", f"--callgrind-out-file={directory}/out"]
            server.stops_within = 60
            with server.start(prefix=valgrind):
                load(server, count)
            totals.append(counts(Path(directory, "out")).instructions)
    return (totals[1] - totals[0]) / (MANY - FEW)


def run(build, options):
    if not shutil.which("h2load"):
        return {"rows": [], "missing": "h2load (Debian: nghttp2-client)"}
    all_of_them = contenders(build, options.server)
    rounds = {server.name: [] for server in all_of_them}
    with machine_to_itself():
        running = []
        try:
            for server in all_of_them:
                running.append(server.start(prepare=pin(SERVER_CPU)))
                load(server, FEW)
            for _ in range(options.http2_rounds):
                for server in all_of_them:
                    rounds[server.name].append(
                        cpu_and_rate_of_a_round(server, options.http2_requests)[0])
        finally:
            for server in running:
                server.stop()
    rows = [{"server": name, "cpu_us": statistics.median(values),
             "ratios": {other: statistics.median(a / b for a, b in zip(values, others))
                        for other, others in rounds.items() if other != name}}
            for name, values in rounds.items()]
    if shutil.which("valgrind"):
        rows[0]["instructions"] = instructions(all_of_them[0])
    return {"connections": CONNECTIONS, "streams": STREAMS, "rows": rows}


def table(result):
    names = [row["server"] for row in result["rows"]]
    table = Table("HTTP/2 without TLS, GET / of 13 bytes (lower is better)",
                  ["server", "CPU µs per request", *(f"by {name}'s" for name in names), "instructions"])
    for row in result["rows"]:
        table.add(row["server"], number(row["cpu_us"], 2),
                  *(number(row["ratios"][name], 2) if name in row["ratios"] else "" for name in names),
                  number(row.get("instructions")))
    if "missing" in result:
        table.note(f"Not measured without {result['missing']}.")
    return table

"""`scripts/bench http3`: what a request and a download cost the server by HTTP/3, driven by Debian's gtlsclient.

The client has the second CPU and is the slower side, so the figure is the server's CPU time, user and system. The
server's own count, and the size of what the client saved, say whether everything came."""

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from .servers import LOAD_CPU, SERVER_CPU, BenchError, Server, pin
from .tables import Table

CLIENTS = 2
DOWNLOAD_BYTES = 200_000_000
TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def ask(server, path, count=1, folder=None):
    host, port = server.address.rsplit(":", 1)
    command = ["gtlsclient", "-q", "--no-quic-dump", "--no-http-dump", "--exit-on-all-streams-close", "-n", str(count)]
    if folder:
        command += ["--download", folder]
    return subprocess.Popen([*command, host, port, f"https://localhost:{port}{path}"],
                            preexec_fn=pin(LOAD_CPU), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def finish(clients, within=120):
    for client in clients:
        if client.wait(within) != 0:
            raise BenchError("gtlsclient failed")


def served(server):
    with tempfile.TemporaryDirectory() as folder:
        finish([ask(server, "/served", folder=folder)])
        return int(Path(folder, "served").read_text())


def requests_round(server, count):
    before, cpu, start = served(server), cpu_seconds(server.pid), time.monotonic()
    finish([ask(server, "/", count // CLIENTS) for _ in range(CLIENTS)])
    cpu, wall = cpu_seconds(server.pid) - cpu, time.monotonic() - start
    if served(server) - before != count:
        raise BenchError("the server did not answer every request")
    return {"per_cpu_second": count / cpu, "per_second": count / wall}


def download_round(server):
    with tempfile.TemporaryDirectory() as folder:
        cpu, start = cpu_seconds(server.pid), time.monotonic()
        finish([ask(server, "/download", folder=folder)])
        cpu, wall = cpu_seconds(server.pid) - cpu, time.monotonic() - start
        if Path(folder, "download").stat().st_size != DOWNLOAD_BYTES:
            raise BenchError("the download is not complete")
    return {"per_cpu_second": DOWNLOAD_BYTES / 1e6 / cpu, "per_second": DOWNLOAD_BYTES / 1e6 / wall}


def run(build, options):
    program = build / "bin" / "armature_http3_server"
    if not program.exists() or not shutil.which("gtlsclient"):
        return {"rows": [], "missing": "libngtcp2-dev and its companions, or ngtcp2-client"}
    rows = []
    with Server("armature", [str(program)]).start(prepare=pin(SERVER_CPU)) as server:
        for name, unit, one in [("GET / of 13 bytes", "requests", lambda: requests_round(server, options.requests)),
                                ("GET of 200 MB", "MB", lambda: download_round(server))]:
            rounds = [one() for _ in range(options.http3_rounds)]
            rows.append({"workload": name, "unit": unit,
                         **{key: statistics.median(r[key] for r in rounds) for key in rounds[0]},
                         "lowest": min(r["per_cpu_second"] for r in rounds)})
    return {"clients": CLIENTS, "rows": rows}


def table(result):
    table = Table("HTTP/3 (higher is better)", ["workload", "per server CPU second", "lowest round", "per second"])
    for row in result["rows"]:
        table.add(row["workload"], f"{row['per_cpu_second']:,.0f} {row['unit']}", f"{row['lowest']:,.0f}",
                  f"{row['per_second']:,.0f}")
    if "missing" in result:
        table.note(f"Not measured without {result['missing']}.")
    return table

"""`scripts/bench files`: static files of 1 KiB and 1 MiB beside nginx, both with sendfile, by wrk, in turns."""

import os
import re
import statistics
import subprocess
import tempfile
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from . import servers
from .http2 import cpu_seconds
from .servers import BenchError, ConfiguredServer, Server
from .slices import machine_to_itself
from .tables import Table

SIZES = {"1KiB.bin": 1024, "1MiB.bin": 1024 * 1024}
CONNECTIONS = 32


class Nginx(ConfiguredServer):
    def __init__(self, program):
        super().__init__("nginx_static", [program, "-c", "@CONF@"])
        self.name = "nginx"

    def write_files(self, directory):
        make_files(directory / "files")
        os.chmod(directory, 0o755)  # nginx may change its user


def make_files(folder):
    folder.mkdir()
    for name, size in SIZES.items():
        (folder / name).write_bytes(bytes(i % 251 for i in range(size)))


def slice_of(server, name, seconds):
    cpu = cpu_seconds(server.pid)
    run = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", f"http://{server.address}/{name}"],
                         capture_output=True, text=True, preexec_fn=servers.pin(servers.LOAD_CPU))
    cpu = cpu_seconds(server.pid) - cpu
    rate = re.search(r"Requests/sec: +([\d.]+)", run.stdout)
    count = re.search(r"(\d+) requests in", run.stdout)
    if not rate or not int(count[1]) or "errors" in run.stdout or "Non-2xx" in run.stdout:
        raise BenchError(f"{server.name}: wrk said: {(run.stdout + run.stderr).strip()[-300:]}")
    return {"per_second": float(rate[1]), "cpu_us": cpu * 1e6 / int(count[1])}


def check(server, name):
    with urllib.request.urlopen(f"http://{server.address}/{name}", timeout=10) as answer:
        if answer.read() != bytes(i % 251 for i in range(SIZES[name])):
            raise BenchError(f"{server.name} does not send {name} as it is")


def run(build, options):
    nginx = servers.program("nginx")
    if not nginx or not servers.program("wrk"):
        return {"rows": [], "missing": "nginx-light and wrk"}
    rows = []
    with machine_to_itself(), tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        make_files(Path(folder, "files"))
        both = [Server("armature", [str(build / "bin" / "armature_static"), f"{folder}/files"]), Nginx(nginx)]
        for server in both:
            running.enter_context(server.start(prepare=servers.pin(servers.SERVER_CPU)))
        for name in SIZES:
            slices = {server.name: [] for server in both}
            for server in both:
                check(server, name)
            for _ in range(options.file_rounds):
                for server in both:
                    slices[server.name].append(slice_of(server, name, options.file_seconds))
            for server, measured in slices.items():
                rows.append({"file": name, "server": server,
                             **{key: statistics.median(s[key] for s in measured) for key in measured[0]}})
            pairs = list(zip(slices["armature"], slices["nginx"]))
            rows[-2]["throughput_beside_nginx"] = statistics.median(a["per_second"] / b["per_second"] for a, b in pairs)
            rows[-2]["cpu_beside_nginx"] = statistics.median(a["cpu_us"] / b["cpu_us"] for a, b in pairs)
    return {"connections": CONNECTIONS, "rows": rows}


def table(result):
    table = Table("Static files with sendfile", ["file", "server", "req/s", "by nginx's", "CPU µs", "by nginx's "])
    for row in result["rows"]:
        share, cpu = row.get("throughput_beside_nginx"), row.get("cpu_beside_nginx")
        table.add(row["file"], row["server"], f"{row['per_second']:,.0f}", f"{share:.2f}" if share else "",
                  f"{row['cpu_us']:,.1f}", f"{cpu:.2f}" if cpu else "")
    if "missing" in result:
        table.note(f"Not measured without {result['missing']}.")
    return table

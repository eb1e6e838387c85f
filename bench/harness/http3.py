"""`scripts/bench http3`: what a request and a download cost the server by HTTP/3, driven by Debian's gtlsclient.

The client has the second CPU and is the slower side, so the figure is the server's CPU time, user and system. The
server's own count, and the size of what the client saved, say whether everything came. Debian's gtlsserver, the
example server of the same QUIC library, has every other round: a machine's cryptography, copies and system calls
differ threefold from one to the next, the ratio doesn't."""

import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from .servers import LOAD_CPU, SERVER_CPU, BenchError, Server, pin
from .tables import Table

CLIENTS = 2
GREETING = "Hello, World!"
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


class Armature(Server):
    def started(self):
        return self.start(prepare=pin(SERVER_CPU))

    def served(self):
        with tempfile.TemporaryDirectory() as folder:
            finish([ask(self, "/served", folder=folder)])
            return int(Path(folder, "served").read_text())


class Example(Server):
    """Debian's gtlsserver, which serves files and announces nothing."""

    def started(self):
        self.directory = tempfile.mkdtemp(prefix="bench-gtlsserver-")
        key, certificate, files = (str(Path(self.directory, name)) for name in ("key.pem", "cert.pem", "files"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "1", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        Path(files).mkdir()
        Path(files, "index.html").write_text(GREETING)
        Path(files, "download").write_bytes(b"x" * DOWNLOAD_BYTES)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.command = [self.command[0], "-q", "--no-quic-dump", "--no-http-dump", "-d", files, "127.0.0.1", str(port),
                        key, certificate]
        self.port = port
        return self.start(prepare=pin(SERVER_CPU))

    def wait_until_ready(self, deadline):
        self.address = f"127.0.0.1:{self.port}"
        while time.monotonic() < deadline and self.process.poll() is None:
            if ask(self, "/").wait(10) == 0:
                return self.address
        raise BenchError(f"{self.name} did not start: {self.last_words()}")

    def served(self):
        return None


def requests_round(server, count):
    before, cpu, start = server.served(), cpu_seconds(server.pid), time.monotonic()
    finish([ask(server, "/", count // CLIENTS) for _ in range(CLIENTS)])
    cpu, wall = cpu_seconds(server.pid) - cpu, time.monotonic() - start
    if before is not None and server.served() - before != count:
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
    servers = [Armature("armature", [str(program)])]
    if shutil.which("gtlsserver"):
        servers.append(Example("gtlsserver", ["gtlsserver"]))
    rows = []
    with contextlib.ExitStack() as stack:
        for server in servers:
            stack.enter_context(server.started())
        for name, unit, one in [("GET / of 13 bytes", "requests", lambda s: requests_round(s, options.requests)),
                                ("GET of 200 MB", "MB", download_round)]:
            rounds = {server.name: [] for server in servers}
            for _ in range(options.http3_rounds):
                for server in servers:
                    rounds[server.name].append(one(server))
            for server, measured in rounds.items():
                rows.append({"workload": name, "server": server, "unit": unit,
                             **{key: statistics.median(r[key] for r in measured) for key in measured[0]},
                             "lowest": min(r["per_cpu_second"] for r in measured)})
            if len(servers) > 1:
                ratios = [a["per_cpu_second"] / b["per_cpu_second"]
                          for a, b in zip(rounds["armature"], rounds["gtlsserver"])]
                rows[-2]["beside_gtlsserver"] = statistics.median(ratios)
    return {"clients": CLIENTS, "rows": rows}


def table(result):
    table = Table("HTTP/3 (higher is better)", ["workload", "server", "per server CPU second", "lowest round", "per second",
                                               "by gtlsserver's"])
    for row in result["rows"]:
        beside = row.get("beside_gtlsserver")
        table.add(row["workload"], row["server"], f"{row['per_cpu_second']:,.0f} {row['unit']}", f"{row['lowest']:,.0f}",
                  f"{row['per_second']:,.0f}", f"{beside:.2f}" if beside else "")
    if "missing" in result:
        table.note(f"Not measured without {result['missing']}.")
    return table

"""`scripts/bench http3`: what a request and a download cost the server by HTTP/3, driven by Debian's gtlsclient.

The client has the second CPU and is the slower side, so the figure is the server's CPU time, user and system. The
server's own count, and the size of what the client saved, say whether everything came. Debian's gtlsserver, the
example server of the same QUIC library, has every other round: a machine's cryptography, copies and system calls
differ threefold from one to the next, the ratio doesn't."""

import contextlib
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from .http2 import cpu_seconds
from .servers import LOAD_CPU, SERVER_CPU, BenchError, Server, pin, program
from .tables import Table

CLIENTS = 2
GREETING = "Hello, World!"
DOWNLOAD_BYTES = 200_000_000


def certificate(folder):
    """A file in the folder with a certificate that signed itself and, after it, its key."""
    made = Path(folder, "identity.pem")
    key = Path(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", key, "-out", made], check=True, capture_output=True)
    made.write_text(made.read_text() + key.read_text())
    return made


def missing(build):
    """The package that HTTP/3 can't be measured without and isn't there, or None."""
    if not (build / "bin" / "armature_http3_server").exists():
        return "libngtcp2-dev and its companions"
    return next((package for name, package in (("gtlsclient", "ngtcp2-client"), ("openssl", "openssl"))
                 if not program(name)), None)


def ask(server, path, count=1, folder=None):
    host, port = server.http3_address.rsplit(":", 1)
    command = ["gtlsclient", "-q", "--no-quic-dump", "--no-http-dump", "--exit-on-all-streams-close", "-n", str(count)]
    if folder:
        command += ["--download", folder]
    return subprocess.Popen([*command, host, port, f"https://localhost:{port}{path}"],
                            preexec_fn=pin(LOAD_CPU), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def finish(clients, within=120):
    try:
        for client in clients:
            if client.wait(within) != 0:
                raise BenchError("gtlsclient failed")
    except subprocess.TimeoutExpired:
        raise BenchError(f"gtlsclient did not get everything within {within} s") from None
    finally:
        for client in clients:
            if client.poll() is None:
                client.kill()
                client.wait()


def content_of(server, path):
    """What gtlsclient saves of it."""
    with tempfile.TemporaryDirectory(prefix="bench-download-") as folder:
        finish([ask(server, path, folder=folder)], within=40)
        saved = Path(folder, path.rsplit("/", 1)[1] or "index.html")
        if not saved.exists():
            raise BenchError(f"{server.name} sends nothing by HTTP/3 for {path}")
        return saved.read_bytes()


class Armature(Server):
    def started(self):
        return self.start(prepare=pin(SERVER_CPU))

    def served(self):
        return int(content_of(self, "/served"))


class Example(Server):
    """Debian's gtlsserver, which serves files and announces nothing."""

    def __init__(self, path, contents):
        """`contents`: bytes, by the file's path."""
        super().__init__("gtlsserver", [path])
        self.contents = contents

    def started(self):
        self.directory = tempfile.mkdtemp(prefix="bench-gtlsserver-")
        identity, files = certificate(self.directory), Path(self.directory, "files")
        for name, content in self.contents.items():
            (files / name).parent.mkdir(parents=True, exist_ok=True)
            (files / name).write_bytes(content)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.command = [self.command[0], "-q", "--no-quic-dump", "--no-http-dump", "-d", str(files), "127.0.0.1",
                        str(port), str(identity), str(identity)]
        self.http3_address = f"127.0.0.1:{port}"
        return self.start(prepare=pin(SERVER_CPU))

    def wait_until_ready(self, deadline):
        while time.monotonic() < deadline and self.process.poll() is None:
            if ask(self, "/").wait(10) == 0:
                return self.http3_address
        raise BenchError(f"{self.name} did not start: {self.last_words()}")

    def served(self):
        return None


def requests_round(server, count, path="/", served=None):
    """`served`: asks the server how many requests have come in, that one included; None if it doesn't count."""
    served = served or server.served
    before, cpu, start = served(), cpu_seconds(server.pid), time.monotonic()
    finish([ask(server, path, count // CLIENTS) for _ in range(CLIENTS)])
    cpu, wall = cpu_seconds(server.pid) - cpu, time.monotonic() - start
    if before is not None and served() - before != count + 1:
        raise BenchError(f"{server.name} did not answer every request by HTTP/3")
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
    if package := missing(build):
        return {"rows": [], "missing": package}
    servers = [Armature("armature", [str(build / "bin" / "armature_http3_server")])]
    if path := program("gtlsserver"):
        servers.append(Example(path, {"index.html": GREETING.encode(), "download": b"x" * DOWNLOAD_BYTES}))
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

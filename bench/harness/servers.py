"""Starts, pins and stops servers. A server is a command that prints one line of JSON when it accepts:
{"ready":true,"pid":1,"http":"127.0.0.1:41234"}. nginx and h2o get a configuration file and a port."""

import json
import os
import re
import resource
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from .workloads import WORKLOADS, as_bytes

BENCH = Path(__file__).resolve().parent.parent
SERVER_CPU, LOAD_CPU = 0, 1
ENOUGH_FILES = 20_100


class BenchError(Exception):
    """Something the user can act on; shown as one line."""


class MissingTool(BenchError):
    """What is needed isn't installed or may not be used here: a test that needs it is skipped."""


def require(*programs):
    for name in programs:
        if not program(name):
            raise MissingTool(f"{name} isn't installed")


def pin(*cpus):
    """Runs in the child before exec: these CPUs, real-time priority where permitted, many descriptors."""
    def prepare():
        allow_many_files()
        if len(os.sched_getaffinity(0)) > max(cpus):
            os.sched_setaffinity(0, cpus)
        with suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))
    return prepare


def processes_of(pid):
    """A process and its children, which is where nginx, nghttpd and h2o work."""
    yield pid
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            yield from processes_of(int(child))


def allow_many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < ENOUGH_FILES:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (ENOUGH_FILES, max(hard, ENOUGH_FILES)))
        except (PermissionError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def files_allowed():
    """How many descriptors a server or load generator will have."""
    allow_many_files()
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


class Server:
    """A running server: `address` and `pid` are known once `start` returned. Use with `with`."""

    extra_fields = ""
    stops_within = 10

    def __init__(self, name, command):
        self.name = name
        self.command = command
        self.process = None
        self.directory = None
        self.errors = None

    def start(self, prefix=(), prepare=allow_many_files, ready_within=60):
        self.errors = tempfile.TemporaryFile()
        try:
            self.process = subprocess.Popen([*prefix, *self.command], preexec_fn=prepare,
                                            stdout=subprocess.PIPE, stderr=self.errors, text=True)
        except OSError as error:
            raise BenchError(f"cannot start {self.name}: {error}") from None
        self.pid = self.process.pid
        try:
            self.address = self.wait_until_ready(time.monotonic() + ready_within)
        except BaseException:
            self.stop()
            raise
        return self

    def wait_until_ready(self, deadline):
        line = self.process.stdout.readline()
        try:
            ready = json.loads(line)
            self.pid = ready.get("pid", self.pid)  # of the server itself, also where another program runs it
            self.http2_address = ready.get("http2", ready["http"])
            self.http3_address = ready.get("http3")
            return ready["http"]
        except (ValueError, KeyError, TypeError):
            raise BenchError(f"{self.name} printed no ready line: {line}{self.last_words()}") from None

    def last_words(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace").strip()[-400:] or "it said nothing"

    def stop(self):
        if self.process.poll() is None:
            os.kill(self.pid, signal.SIGTERM)
            try:
                self.process.wait(self.stops_within)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.errors.close()
        if self.directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def expected(self, workload):
        """The body that must come back; None accepts any, as long as it stays the same."""
        return workload.body

    def response(self, workload):
        """One response's bytes, read until its Content-Length is complete."""
        host, port = self.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(workload.request(self.extra_fields))
            data = b""
            while True:
                piece = connection.recv(65536)
                if not piece:
                    raise BenchError(f"{self.name} closed after {len(data)} bytes of its answer to "
                                     f"{workload.title}: {data[:200]!r}")
                data += piece
                head, blank, body = data.partition(b"\r\n\r\n")
                length = re.search(rb"\ncontent-length: *(\d+)", head, re.I)
                if blank and length and len(body) >= int(length[1]):
                    break
        wanted = self.expected(workload)
        if not head.startswith(b"HTTP/1.1 %d " % workload.status) or wanted is not None and body != as_bytes(wanted):
            raise BenchError(f"{self.name} answers {workload.title} wrongly: {data[:300]!r}")
        return data


class Floor(Server):
    """Knows one answer, whatever it is asked."""

    def expected(self, workload):
        return None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ConfiguredServer(Server):
    """A packaged server that is told its port in a configuration file."""

    def __init__(self, name, command):
        super().__init__(name, command)
        self.template = BENCH / "peers" / f"{name}.conf"
        self.program = command

    def start(self, prefix=(), prepare=allow_many_files, ready_within=60):
        self.directory = tempfile.mkdtemp(prefix=f"bench-{self.name}-")
        template = self.template.read_text()
        self.port = free_port()
        http2_port = free_port() if "@HTTP2_PORT@" in template else self.port
        self.http2_address = f"127.0.0.1:{http2_port}"
        config = Path(self.directory) / "server.conf"
        config.write_text(template.replace("@PORT@", str(self.port)).replace("@HTTP2_PORT@", str(http2_port))
                          .replace("@DIR@", self.directory))
        self.write_files(Path(self.directory))
        self.command = [part.replace("@CONF@", str(config)) for part in self.program]
        return super().start(prefix, prepare, ready_within)

    def write_files(self, directory):
        for workload in WORKLOADS:
            file = directory / (workload.path[1:] or "index.txt")
            file.parent.mkdir(exist_ok=True)
            file.write_text(workload.body)

    def wait_until_ready(self, deadline):
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return f"127.0.0.1:{self.port}"
            except OSError:
                time.sleep(0.002)
        raise BenchError(f"{self.name} did not start: {self.last_words()}")


class Pistache(Server):
    """Announces `Connection: Close` unless the request asks for keep-alive by name."""
    extra_fields = "Connection: Keep-Alive\r\n"


def ours(build, given=None):
    """The Armature server: the given command, or the smallest one that is built."""
    if given:
        command = shlex.split(given)
        name = Path(command[0]).name
        return Floor("floor again", command) if name == "floor" else Server(name, command)
    plain, showcase = build / "bin" / "armature_plain", build / "bin" / "showcase"
    if plain.exists():
        return Server("armature", [str(plain)])
    if showcase.exists():
        return Server("armature", [str(showcase), *shlex.split("--http 127.0.0.1:0 --threads 1 --log off")])
    raise BenchError(f"neither armature_plain nor showcase is in {build / 'bin'}; name one with --server")


def behind(build, middleware):
    """The route of "plain" behind that piece of middleware, or "bare"."""
    return Server(f"armature, {middleware}", [str(build / "bin" / "middleware_server"), middleware])


def floor(build, response_bytes=145):
    return Floor("floor", [str(build / "bin" / "floor"), "--bytes", str(response_bytes)])


@contextmanager
def load_command(build, server, workload, connections, idle=0, rate=0, waits=None):
    """The command line of bench/load without its length; what must come back is checked there."""
    with tempfile.TemporaryDirectory(prefix="bench-load-") as directory:
        files = []
        for option, content in workload.files_of_load(server.extra_fields, server.expected(workload)).items():
            path = Path(directory, option.strip("-"))
            path.write_bytes(content)
            files += [option, path]
        yield [build / "bin" / "load", "--to", server.address, *files, "--status", str(workload.status),
               "--content", str(workload.made_up), "--variants", str(workload.variants),
               "--depth", str(workload.depth), "--connections", str(connections), "--idle", str(idle),
               "--rate", str(rate), *(["--waits", waits] if waits else [])]


def program(name):
    """Where it is, also where only the administrator looks; None if it isn't installed."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")


def peers(build):
    """The servers Debian has; those that are not installed are left out."""
    found = []
    if (build / "bin" / "peer_restinio").exists():
        found.append(Server("restinio", [str(build / "bin" / "peer_restinio")]))
    if (build / "bin" / "peer_pistache").exists():
        found.append(Pistache("pistache", [str(build / "bin" / "peer_pistache")]))
    for name in ("nginx", "h2o"):
        path = program(name)
        if path:
            found.append(ConfiguredServer(name, [path, "-c", "@CONF@"]))
    return found

"""The peers of bench/peers/: how each is built from packages of pinned versions, and how it is started."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field

from . import servers
from .servers import BENCH, BenchError, ConfiguredServer, Pistache, Server
from .service import make_files

SOURCES = BENCH / "peers"
EVERYTHING = frozenset({"routes", "middleware", "count", "create", "files", "websocket", "http2", "http3"})


class Configured(ConfiguredServer):
    """A packaged server, whose folder has the peers' files as well."""

    def write_files(self, directory):
        super().write_files(directory)
        make_files(directory / "files")
        os.chmod(directory, 0o755)  # it may change its user


@dataclass
class Peer:
    name: str
    language: str
    build: callable           # of the build folder; gives the command without its folder, or raises BenchError
    has: frozenset = EVERYTHING
    kind: type = Server
    native: bool = False      # callgrind can count its instructions
    note: str = ""
    command: list = field(default_factory=list)

    def server(self, folder, identity=None):
        """With a certificate and its key in a file, one that has HTTP/3 listens for that too."""
        if issubclass(self.kind, ConfiguredServer):
            return self.kind(self.name, self.command)
        identity = [identity] if identity and "http3" in self.has else []
        return self.kind(self.name, [*map(str, [*self.command, folder, *identity])])

    def size(self):
        """Bytes of the program, where it is one file."""
        return os.stat(self.command[0]).st_size if self.language in ("C++", "C", "Rust", "Go") else None


def run(command, directory, within=1200, **environment):
    try:
        result = subprocess.run(list(map(str, command)), cwd=directory, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, timeout=within, env={**os.environ, **environment})
    except FileNotFoundError:
        raise BenchError(f"{command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise BenchError(f"{command[0]} was not ready within {within} s") from None
    if result.returncode != 0:
        raise BenchError(f"{' '.join(map(str, command[:4]))} failed: {result.stdout.strip()[-600:]}")


def once_for(stamp, sources, step):
    """Runs the step unless it has run for the same contents of the sources."""
    key = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    if not stamp.exists() or stamp.read_text() != key:
        step()
        stamp.write_text(key)


def by_cmake(name):
    def build(folder):
        path = folder / "bin" / name
        if not path.exists():
            raise BenchError(f"{name} was not built; its packages are missing (see `cmake -S . -B {folder}`)")
        return [path]
    return build


def by_cargo(name):
    def build(folder):
        # All of them at once: for one package alone cargo would build its libraries again, with other features.
        run(["cargo", "build", "--release", "--locked", "--target-dir", folder / "peers" / "cargo"], SOURCES / "rust")
        return [folder / "peers" / "cargo" / "release" / name]
    return build


def by_go(name):
    def build(folder):
        path = folder / "peers" / "go" / name
        run(["go", "build", "-mod=readonly", "-trimpath", "-o", path, f"./{name}"], SOURCES / "go")
        return [path]
    return build


def uwebsockets(folder):
    """Of the C++ sources that a crate has in it: no other registry gives them."""
    source = SOURCES / "uwebsockets"
    crates = folder / "peers" / "uwebsockets"
    path = crates / "peer_uwebsockets"

    def compile():
        run(["cargo", "vendor", "--locked", "--versioned-dirs", crates], source)
        sources = next(crates.glob("libuwebsockets-sys-*")) / "uWebSockets"
        sockets = sources / "uSockets" / "src"
        options = ["-O3", "-DNDEBUG", "-flto=auto", "-w", "-DLIBUS_NO_SSL", "-DUWS_NO_ZLIB", f"-I{sockets}",
                   f"-I{sources / 'src'}"]
        run(["gcc", "-std=c11", *options, "-c", *sockets.glob("*.c"), *sockets.glob("eventing/*.c"),
             *sockets.glob("crypto/*.c")], crates)
        run(["g++", "-std=c++20", *options, source / "service.cpp", *crates.glob("*.o"), "-o", path], crates)
    crates.mkdir(parents=True, exist_ok=True)
    once_for(crates / "stamp", [source / "service.cpp", source / "Cargo.lock"], compile)
    return [path]


def by_npm(script):
    def build(folder):
        if not shutil.which("node"):
            raise BenchError("node is not installed")
        place = folder / "peers" / "node"
        place.mkdir(parents=True, exist_ok=True)
        for source in (SOURCES / "node").iterdir():
            if source.is_file():
                shutil.copy(source, place)
        once_for(place / "stamp", [place / "package-lock.json"],
                 lambda: run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], place))
        if script.startswith("out/"):
            run(["npm", "run", "build"], place)
        return ["node", place / script]
    return build


def by_pip(script):
    def build(folder):
        place = folder / "peers" / "python"
        requirements = SOURCES / "python" / "requirements.txt"
        python = place / "bin" / "python"

        def install():
            run([sys.executable, "-m", "venv", "--clear", place], folder)
            run([python, "-m", "pip", "install", "--quiet", "--no-deps", "--requirement", requirements], folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        once_for(place.parent / "python.stamp", [requirements], install)
        return [python, SOURCES / "python" / script]
    return build


def packaged(name, *arguments):
    def build(_):
        path = servers.program(name)
        if not path:
            raise BenchError(f"{name} is not installed")
        return [path, *arguments]
    return build


def everything_but(*missing):
    return EVERYTHING - set(missing)


PEERS = (
    Peer("armature", "C++", by_cmake("armature_service"), native=True),
    Peer("axum", "Rust", by_cargo("peer_axum"), native=True),
    Peer("actix", "Rust", by_cargo("peer_actix"), everything_but("http3"), native=True),
    Peer("hyper", "Rust", by_cargo("peer_hyper"), everything_but("files", "websocket"), native=True,
         note="a library for HTTP: routing is a `match`"),
    Peer("restinio", "C++", by_cmake("peer_restinio"), everything_but("create", "http2", "http3"), native=True,
         note="no JSON: texts put together by hand"),
    Peer("pistache", "C++", by_cmake("peer_pistache"), everything_but("create", "websocket", "http2", "http3"),
         Pistache, native=True, note="no JSON: texts put together by hand; it doesn't answer pipelined requests"),
    Peer("uwebsockets", "C++", uwebsockets, everything_but("create", "files", "http2", "http3"), native=True,
         note="neither middleware nor JSON: functions and texts put together by hand"),
    # Debian 12's nginx and h2o are built without HTTP/3.
    Peer("nginx", "C", packaged("nginx", "-c", "@CONF@"), everything_but("count", "create", "websocket", "http3"),
         Configured, native=True, note="constants of its configuration, written by `return`"),
    Peer("h2o", "C", packaged("h2o", "-c", "@CONF@"), frozenset({"files", "http2"}), Configured, native=True,
         note="every answer is a file"),
    Peer("net/http", "Go", by_go("nethttp")),
    Peer("fiber", "Go", by_go("fiber"), everything_but("http2", "http3")),
    Peer("gin", "Go", by_go("gin")),
    Peer("fastify", "JavaScript", by_npm("fastify.js"), everything_but("http3")),
    Peer("express", "JavaScript", by_npm("express.js"), everything_but("http2", "http3")),
    Peer("nestjs", "JavaScript", by_npm("out/nest.js"), everything_but("http2", "http3")),
    Peer("fastapi", "Python", by_pip("fastapi_service.py"), everything_but("http2"),
         note="by uvicorn, with uvloop and httptools; HTTP/3 by Hypercorn and aioquic"),
)


def build_all(folder, only, say):
    """(peers that are there, {name: why not}), in order; Armature is always the first."""
    unknown = set(only or ()) - {peer.name for peer in PEERS}
    if unknown:
        raise BenchError(f"no peer {', '.join(sorted(unknown))}; there are {', '.join(p.name for p in PEERS)}")
    there, missing = [], {}
    for peer in PEERS:
        if only and peer.name not in ("armature", *only):
            continue
        began = time.monotonic()
        try:
            peer.command = peer.build(folder)
        except BenchError as error:
            if peer.name == "armature":
                raise
            missing[peer.name] = str(error)
            say(f"skipped {peer.name}: {error}")
            continue
        there.append(peer)
        if time.monotonic() - began > 1:
            say(f"built {peer.name} in {time.monotonic() - began:.0f} s")
    return there, missing

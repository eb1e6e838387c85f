"""`scripts/bench compile`: what including Armature costs the user's compiler, in CPU time beside the
standard headers that it needs, in preprocessed lines, and in headers that must not be reached."""

import os
import re
import resource
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from .servers import BENCH, BenchError
from .tables import Table, number

ROOT = BENCH.parent
FORBIDDEN = re.compile(r"/(asio|boost|nlohmann|spdlog|fmt|openssl|nghttp2|ngtcp2)(/|\.hpp)")
LAMBDA_ROUTES = 100

PEERS = {
    "restinio": ("bench/compile/hello_restinio.cpp", ["-DRESTINIO_USE_BOOST_ASIO=shared"],
                 "/usr/include/restinio/all.hpp"),
    "Pistache": ("bench/compile/hello_pistache.cpp", [], "/usr/include/pistache/endpoint.h"),
}


class Compiler:
    def __init__(self, command, directory):
        self.command = [*command.split(), "-std=c++20", f"-I{ROOT / 'include'}"]
        self.directory = Path(directory)

    def run(self, *arguments):
        # A compiler cache would answer in its stead.
        run = subprocess.run([*self.command, *map(str, arguments)], capture_output=True, text=True,
                             env={**os.environ, "CCACHE_DISABLE": "1"})
        if run.returncode != 0:
            raise BenchError(f"does not compile: {run.stderr.strip()[:800]}")
        return run

    def cpu_seconds(self, source, *flags):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.run(*flags, "-c", source, "-o", self.directory / "out.o")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def preprocessed_lines(self, source):
        return self.run("-E", "-P", source).stdout.count("\n")

    def headers(self, source):
        """Every header reached, and the standard ones that a non-system file names itself."""
        reached, direct, parents = [], [], {0: str(source)}
        for line in self.run("-H", "-fsyntax-only", source).stderr.splitlines():
            found = re.match(r"(\.+) (.*)", line)
            if not found:
                continue
            depth, path = len(found[1]), os.path.realpath(found[2])
            parents[depth] = path
            reached.append(path)
            from_us = not parents[depth - 1].startswith("/usr/")
            if from_us and path.startswith("/usr/") and Path(path).name not in direct:
                direct.append(Path(path).name if "/c++/" in path else os.path.relpath(path, "/usr/include"))
        return reached, direct


def least_cpu(gcc, sources, repeats):
    """CPU seconds of each source, compiled in turn so that a change of the machine's speed hits all. A compiler does
    the same work each time, so the least is what it takes; the rest is other load, which hits larger inputs harder."""
    samples = {name: [] for name in sources}
    for _ in range(repeats):
        for name, (source, extra) in sources.items():
            samples[name].append(gcc.cpu_seconds(source, "-O0", *extra))
    return {name: min(times) for name, times in samples.items()}


def lambda_routes(count):
    routes = "".join(
        f'        .route("/r{i}/:id", get([](Path<int> id) {{ return std::to_string(*id + {i}); }}))\n'
        for i in range(count))
    return ("#include <armature/armature.hpp>\n#include <string>\n\nusing namespace armature;\n\n"
            "int main() {\n    return App::create()\n" + routes + '        .run("127.0.0.1:0");\n}\n')


def hello_world(options):
    """The hello world to compile, or None when there is none."""
    hello = Path(options.hello).resolve() if options.hello else ROOT / "examples" / "hello" / "main.cpp"
    return hello if hello.exists() else None


@contextmanager
def compiler(options):
    with tempfile.TemporaryDirectory(prefix="bench-compile-") as directory:
        yield Compiler(options.compiler, directory)


def run(build, options):
    hello = hello_world(options)
    if not hello:
        raise BenchError("there is no hello world; name one with --hello FILE")
    with compiler(options) as gcc:
        reached, direct = gcc.headers(hello)
        std_only = gcc.directory / "std_only.cpp"
        std_only.write_text("".join(f"#include <{name}>\n" for name in direct) + "int main() {}\n")
        peers = {}
        for name, (source, flags, header) in PEERS.items():
            if Path(header).exists():
                peers[name] = (ROOT / source, flags)
        result = {"compiler": options.compiler, "seconds": {
                      **least_cpu(gcc, {"hello": (hello, []), "std_only": (std_only, [])}, options.repeats),
                      **least_cpu(gcc, peers, 2)},
                  "std_headers": direct,
                  "lines": {"hello": gcc.preprocessed_lines(hello),
                            "std_only": gcc.preprocessed_lines(std_only)},
                  "forbidden": sorted({path for path in reached if FORBIDDEN.search(path)})}
        if not options.hello:
            result["lambda_routes_seconds"] = lambda_cost(gcc, options.repeats)
        return result


def lambda_cost(gcc, repeats):
    sources = {}
    for count in (1, LAMBDA_ROUTES + 1):
        source = gcc.directory / f"routes_{count}.cpp"
        source.write_text(lambda_routes(count))
        sources[count] = (source, [])
    seconds = least_cpu(gcc, sources, repeats)
    return seconds[LAMBDA_ROUTES + 1] - seconds[1]


def table(result):
    table = Table(f"What a hello world costs {result['compiler']} (-std=c++20 -O0)",
                  ["figure", "value", "limit"])
    seconds, lines = result["seconds"], result["lines"]
    table.add("Armature, CPU s", number(seconds["hello"], 2))
    table.add("the standard headers it needs, CPU s", number(seconds["std_only"], 2))
    table.add("ratio", number(seconds["hello"] / seconds["std_only"], 2), "≤ 1.60")
    for name in PEERS:
        if name in seconds:
            table.add(f"{name}, CPU s", number(seconds[name], 2), "> Armature")
    table.add("preprocessed lines", number(lines["hello"]), "≤ 75,000")
    table.add("… of the standard headers", number(lines["std_only"]))
    if "lambda_routes_seconds" in result:
        table.add(f"{LAMBDA_ROUTES} more lambda routes, CPU s", number(result["lambda_routes_seconds"], 2), "≤ 1.50")
    table.add("headers that must not be reached", str(len(result["forbidden"])), "≤ 0")
    for path in result["forbidden"][:5]:
        table.note(f"forbidden: {path}")
    return table

#!/usr/bin/env python3
"""Keeps the public headers light.

<armature/armature.hpp> must preprocess to at most MAX_LINES lines, and no public header may reach a
header of a library that a user would then pay for in every file. Prints the chain of includes that
leads to each fault.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

MAX_LINES = 75_000
# Headers for those who ask for the library behind ours by name; no other header may include them.
OPT_IN = {"armature/json/nlohmann.hpp", "armature/testing/gmock.hpp"}
FORBIDDEN = re.compile(r"/(boost|nlohmann|spdlog|fmt|re2|toml\+\+|openssl|asio)[/.]")


def preprocess(compiler, include, source):
    """Returns the preprocessed lines and the include tree as (depth, path) pairs."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "main.cpp")
        file.write_text(source)
        run = subprocess.run(
            [compiler, "-std=c++20", "-I", str(include), "-H", "-E", str(file)],
            capture_output=True, text=True, errors="replace")
    if run.returncode != 0:
        sys.exit(f"{compiler} can't preprocess the public headers:\n{run.stderr[-4000:]}")
    tree = [(len(dots), path) for dots, path in re.findall(r"^(\.+) (.+)$", run.stderr, re.M)]
    return run.stdout.splitlines(), tree


def forbidden_chains(tree):
    """The first way to each forbidden header that one of ours reaches, as lists of paths."""
    stack, chains = [], []
    for depth, path in tree:
        del stack[depth - 1:]
        if FORBIDDEN.search(path) and not any(FORBIDDEN.search(above) for above in stack):
            chains.append(stack + [path])
        stack.append(path)
    return chains


def faults(compiler, include):
    headers = sorted(str(p.relative_to(include)) for p in include.glob("armature/**/*.hpp"))
    umbrella = "armature/armature.hpp"
    if umbrella not in headers:
        return [f"{include / umbrella} does not exist"]

    found = []
    lines, _ = preprocess(compiler, include, f"#include <{umbrella}>\n")
    if len(lines) > MAX_LINES:
        found.append(f"<{umbrella}> is {len(lines)} lines when preprocessed, more than {MAX_LINES}")
    light = [header for header in headers if header not in OPT_IN]
    _, tree = preprocess(compiler, include, "".join(f"#include <{h}>\n" for h in light))
    for chain in forbidden_chains(tree):
        found.append("a public header reaches a heavy one:\n    " + "\n    ".join(chain))
    if not found:
        print(f"{len(light)} public headers are light, {len(headers) - len(light)} opt-in; "
              f"<{umbrella}>: {len(lines)} lines")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--include", required=True, type=pathlib.Path)
    options = parser.parse_args()
    found = faults(options.compiler, options.include)
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

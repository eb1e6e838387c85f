"""Compiles a wrong program and checks what its author gets to read.

There has to be exactly one error, and the sentence in the program's first line (`// expect: …`) has
to be in it, or in the first note to it: clang names the function that a constant expression can't
call only there.
"""

import argparse
import os
import re
import subprocess
import sys


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--include", required=True)
    parser.add_argument("program")
    arguments = parser.parse_args()

    with open(arguments.program, encoding="utf-8") as file:
        first_line = file.readline().rstrip("\n")
    prefix = "// expect: "
    if not first_line.startswith(prefix):
        print(f"{arguments.program}:1: the first line has to be '{prefix}<sentence>'")
        return 1
    sentence = first_line[len(prefix) :]

    command = [arguments.compiler, "-std=c++20", "-fsyntax-only", "-fdiagnostics-color=never"]
    command += ["-I", arguments.include, arguments.program]
    # The quotes around names depend on the locale.
    environment = dict(os.environ, LC_ALL="C")
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    messages = [line for line in result.stderr.splitlines() if re.search(r" (error|note): ", line)]
    errors = [index for index, line in enumerate(messages) if " error: " in line]
    faults = []
    if result.returncode == 0:
        faults.append("it compiles")
    elif len(errors) != 1:
        faults.append(f"it gives {len(errors)} errors, not one")
    if errors and not any(sentence in line for line in messages[errors[0] : errors[0] + 2]):
        faults.append(f"the first error doesn't say: {sentence}")
    for fault in faults:
        print(f"{arguments.program}: {fault}")
    if faults:
        print(result.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

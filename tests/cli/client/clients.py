"""What the tests of generated clients have in common."""

import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "examples"))

import harness  # noqa: E402


def shop():
    """The service of shop.yaml, in Node."""
    return harness.Program(["node", str(HERE / "shop.mjs")],
                           lambda program: "".join(program.out).strip().removeprefix("http://") or None)


def showcase(program):
    def address(running):
        found = re.search(r'"http":"([^"]+)"', "".join(running.out))
        return found and found[1]
    return harness.Program([program, "--http", "127.0.0.1:0", "--log", "off"], address)


def generate(armature, language, document, folder, *options):
    """Makes a client twice; both have to be the same. Returns what was said."""
    said = None
    for name in (folder, pathlib.Path(f"{folder}-again")):
        done = subprocess.run([armature, "client", "--language", language, "--out", str(name), *options,
                               str(document)], capture_output=True, text=True, timeout=harness.TIMEOUT)
        assert done.returncode == 0, done.stderr
        assert done.stdout == "", done.stdout
        said = done.stderr if said is None else said
        contents = {file.relative_to(name): file.read_bytes() for file in sorted(pathlib.Path(name).rglob("*"))
                    if file.is_file()}
        if name == folder:
            first = contents
        else:
            assert first == contents, "two runs differ"
    return said

"""docs/tutorial.md, command by command, from an empty directory, with the installed package.

A line that ends with `./scripts/run`, or begins a release, is a server: it is started, and the lines
behind it are another terminal's. `# 201` behind a curl is the status that it gives, and `#> text`
something that a command writes.

test_tutorial.py PREFIX [unittest's options…]"""
import json
import pathlib
import re
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "examples"))
import harness
from support import TIMEOUT, Armature, InAFolder

armature = Armature(sys.argv.pop(1) + "/bin/armature")
PAGE = pathlib.Path(__file__).parents[2] / "docs/tutorial.md"
BLOCK = re.compile(r"<!-- no-run: tests/cli/test_tutorial.py runs it -->\n```sh\n(.*?)```", re.S)
CODE = re.compile(r"```cpp\n(.*?)```", re.S)
PORT = "127.0.0.1:8080"
harness.TIMEOUT = TIMEOUT  # a server that is built first


def listening(program):
    for line in program.err:
        if '"listening"' in line:
            return json.loads(line)["address"]
    return None


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


class Tutorial(InAFolder):
    def setUp(self):
        super().setUp()
        self.address = free_address()
        self.environment = {**armature.environment, "SHOP_LISTEN": self.address}
        self.where = self.folder
        self.server = None
        self.addCleanup(self.stop)

    def stop(self):
        if self.server is not None:
            self.assertEqual(self.server.stop(), 0, self.server.err)
            self.server = None

    def execute(self, command):
        """Runs a line, and stays in the folder that it went to."""
        note = self.folder / ".where"
        done = subprocess.run(["bash", "-c", f"set -e\n{command}\npwd > {note}"], cwd=self.where,
                              env=self.environment, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=TIMEOUT)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}{done.stderr}")
        self.where = pathlib.Path(note.read_text().strip())
        return done.stdout + done.stderr

    def serve(self, command):
        self.stop()
        before, _, program = command.rpartition("&& ")
        if before:
            self.execute(before.rstrip(" &"))
        self.server = harness.Program(["bash", "-c", f"exec {program}"], listening,
                                      cwd=self.where, environment=self.environment)

    def test_works_as_it_is_written(self):
        lines = [line for block in BLOCK.findall(PAGE.read_text()) for line in block.splitlines()]
        self.assertGreater(len(lines), 20)
        for line in filter(None, lines):
            command, _, expected = line.partition("  #")
            command = command.strip().replace(PORT, self.address)
            expected = expected.strip()
            with self.subTest(line):
                if command.endswith(("./scripts/run", "&& ./shop")):
                    self.serve(command)
                    continue
                if command.startswith("curl "):
                    command = command.replace("curl ", "curl -sS --include ", 1)
                shown = self.execute(command)
                if re.fullmatch(r"\d{3}", expected):
                    self.assertIn(f" {expected} ", shown.splitlines()[0])
                elif expected.startswith("> "):
                    self.assertIn(expected[2:], shown)
            if self.server is not None and self.server.process.poll() is not None:
                self.fail("the server ended:\n" + "".join(self.server.err))
        written = "".join(path.read_text() for path in (self.folder / "shop/src").iterdir())
        for code in CODE.findall(PAGE.read_text()):
            self.assertIn(code, written)


if __name__ == "__main__":
    unittest.main(failfast=True)

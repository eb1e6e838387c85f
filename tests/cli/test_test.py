"""`armature test`: builds a project and runs its tests, once and after each change.

test_test.py ARMATURE [unittest's options…]

The projects here are of C, so that a build costs the tests little."""
import signal
import subprocess
import sys
import unittest

from support import TIMEOUT, Armature, InAFolder

armature = Armature(sys.argv.pop(1))

CMAKE = """cmake_minimum_required(VERSION 3.25)
# What makes it a project of ours: find_package(armature)
set(CMAKE_C_COMPILER_WORKS TRUE)
set(CMAKE_C_ABI_COMPILED TRUE)
project(shop LANGUAGES C)
enable_testing()
add_executable(shop main.c)
foreach(name IN ITEMS small large)
  add_executable(${name} ${name}.c)
  add_test(NAME is_${name} COMMAND ${name})
endforeach()
"""


class Test(InAFolder):
    def setUp(self):
        super().setUp()
        (self.folder / "CMakeLists.txt").write_text(CMAKE)
        for name in "main", "small", "large":
            self.write(name, 0)
        (self.folder / "sub").mkdir()

    def write(self, name, status):
        (self.folder / f"{name}.c").write_text(f"int main(void) {{ return {status}; }}\n")

    def ask(self, *words):
        return armature("test", *words, cwd=self.folder / "sub")

    def test_builds_everything_and_runs_all_tests(self):
        done = self.succeeds(self.ask())
        self.assertIn("100% tests passed, 0 tests failed out of 2", done.stdout)
        self.assertNotIn("Building C", done.stdout + done.stderr)  # nobody watches
        self.write("large", 3)
        done = self.ask()
        self.assertEqual(done.returncode, 1)
        self.assertIn("50% tests passed", done.stdout)
        self.assertIn("0% tests passed, 1 tests failed out of 1", self.ask("--failed").stdout)

    def test_runs_those_that_are_asked_for(self):
        self.write("large", 3)
        self.assertIn("out of 1", self.succeeds(self.ask("small")).stdout)
        done = self.succeeds(self.ask("--", "--exclude-regex", "large"))
        self.assertIn("out of 1", done.stdout)
        self.assertEqual(self.ask("nothing").returncode, 1)  # no test isn't a success
        self.fails(self.ask("small", "large"), 2, "one regular expression")

    def test_uses_the_projects_presets(self):
        (self.folder / "CMakePresets.json").write_text("""{"version": 6,
            "configurePresets": [{"name": "dev", "binaryDir": "${sourceDir}/made"},
                                 {"name": "other", "binaryDir": "${sourceDir}/other"}],
            "testPresets": [{"name": "dev", "configurePreset": "dev",
                             "filter": {"include": {"name": "small"}}}]}""")
        self.assertIn("out of 1", self.succeeds(self.ask()).stdout)
        self.assertTrue((self.folder / "made/small").exists())
        self.assertIn("out of 2", self.succeeds(self.ask("--preset", "other")).stdout)

    def test_shows_why_the_build_failed(self):
        (self.folder / "small.c").write_text("nonsense\n")
        done = self.ask()
        self.assertEqual(done.returncode, 1)
        self.assertIn("small.c:1", done.stderr)
        self.assertIn("the build failed", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_runs_again_after_each_change(self):
        watching = subprocess.Popen([armature.program, "test", "--watch"], cwd=self.folder,
                                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, text=True,
                                    env=armature.environment)
        self.addCleanup(watching.kill)
        lines = []

        def read_to(text):
            for line in watching.stdout:
                lines.append(line)
                if text in line:
                    return
            self.fail(f"no {text} in\n" + "".join(lines))

        read_to("100% tests passed")
        read_to("waiting for a change")
        self.write("small", 1)
        read_to("changed: small.c")
        read_to("50% tests passed")
        read_to("waiting for a change")
        (self.folder / "small.c").write_text("nonsense\n")
        read_to("the build failed")
        read_to("waiting for a change")
        self.write("small", 0)
        read_to("100% tests passed")
        read_to("waiting for a change")
        watching.send_signal(signal.SIGINT)
        watching.communicate(timeout=TIMEOUT)
        self.assertEqual(watching.returncode, -signal.SIGINT)


if __name__ == "__main__":
    unittest.main()

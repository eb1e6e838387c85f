"""The command `armature`: what it says, and where."""
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))


def armature(*words, **options):
    environment = {**os.environ, **options.pop("environment", {})}
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=60,
                          env=environment, **options)


class Command(unittest.TestCase):
    def test_help_goes_to_standard_output_without_colours(self):
        for words in [], ["help"], ["--help"]:
            done = armature(*words)
            self.assertEqual(done.returncode, 0)
            self.assertIn("Usage: armature COMMAND", done.stdout)
            self.assertNotIn("\x1b", done.stdout)
            self.assertEqual(done.stderr, "")

    def test_a_wrong_command_line_is_told_on_standard_error(self):
        done = armature("migrat")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stdout, "")
        self.assertIn("did you mean armature migrate?", done.stderr)


class Migrate(unittest.TestCase):
    def test_migrates_without_a_program_of_ones_own(self):
        with tempfile.TemporaryDirectory() as folder:
            files = pathlib.Path(folder, "db/migrations")
            files.mkdir(parents=True)
            (files / "20260101120000_users.sql").write_text(
                "-- migrate:up\nCREATE TABLE users (id INTEGER);\n-- migrate:down\nDROP TABLE users;\n")
            done = armature("migrate", "up", cwd=folder,
                            environment={"DATABASE_URL": "sqlite:app.db"})
            self.assertEqual(done.returncode, 0, done.stderr)
            with sqlite3.connect(pathlib.Path(folder, "app.db")) as database:
                self.assertEqual(database.execute("SELECT count(*) FROM users").fetchone(), (0,))


if __name__ == "__main__":
    unittest.main()

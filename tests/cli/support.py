"""What the tests of the command share: running it, and looking at what it made."""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

TIMEOUT = 1500  # seconds, for what builds; a machine may be slow, and have other things to do


class Armature:
    """The program, with the folder it is in ahead in PATH, as an installed one has it."""

    def __init__(self, program):
        self.program = os.path.abspath(program)
        self.environment = dict(os.environ)
        self.environment["PATH"] = os.path.dirname(self.program) + os.pathsep + os.environ["PATH"]
        self.environment.pop("NO_COLOR", None)

    def __call__(self, *words, cwd=None, environment=None, timeout=TIMEOUT):
        return self.run([self.program, *words], cwd, environment, timeout)

    def run(self, command, cwd=None, environment=None, timeout=TIMEOUT):
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=timeout,
                              stdin=subprocess.DEVNULL,
                              env={**self.environment, **(environment or {})})


class InAFolder(unittest.TestCase):
    """A test with an empty folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="armature-cli-", ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()

    def succeeds(self, done):
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done

    def fails(self, done, status, *texts):
        """Refused, with a message on standard error and nothing on standard output."""
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertEqual(done.stdout, "")
        for text in texts:
            self.assertIn(text, done.stderr)
        return done


class Postgres:
    """Debian's PostgreSQL on a Unix socket in a temporary folder. Use as a context manager."""

    @staticmethod
    def programs():
        """Where its programs are; None: it isn't installed (Debian: postgresql)."""
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        return found[-1].parent if found else None

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="armature-postgres-")
        self.user = []  # it refuses to be root
        if os.geteuid() == 0:
            self.user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(self.folder, "postgres")
        data = self.folder + "/data"
        subprocess.run([*self.user, self.programs() / "initdb", "-D", data, "-U", "test", "-A",
                        "trust", "-E", "UTF8", "--locale=C", "--no-sync"], check=True,
                       capture_output=True)
        self.server = subprocess.Popen(
            [*self.user, self.programs() / "postgres", "-D", data, "-k", self.folder, "-c",
             "listen_addresses=", "-c", "fsync=off"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for line in self.server.stderr:
            if re.search("ready to accept connections", line):
                break
        self.url = f"postgresql://test@{self.folder.replace('/', '%2F')}/"
        return self

    def __exit__(self, *_):
        self.server.send_signal(2)  # ends its clients' sessions
        self.server.communicate(timeout=TIMEOUT)
        shutil.rmtree(self.folder, ignore_errors=True)


def tree(folder):
    """Every file below a folder, but for git's: its path, mode and content."""
    found = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and relative.parts[0] != ".git":
            found[str(relative)] = (path.stat().st_mode & 0o777,
                                    hashlib.sha256(path.read_bytes()).hexdigest())
    return found

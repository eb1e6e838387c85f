"""Starts the test's server, and drives Debian's ngtcp2 client, gtlsclient, against it."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

TIMEOUT = 60  # seconds; far more than anything takes, also with sanitizers on a busy machine
CLIENT = shutil.which("gtlsclient")


class Identity:
    """A certificate that signed itself, for some names."""

    def __init__(self, folder, name, *names):
        self.certificate = os.path.join(folder, f"{name}.pem")
        self.key = os.path.join(folder, f"{name}.key")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-days", "2", "-subj", f"/CN={names[0]}", "-addext", f"subjectAltName={','.join(names[1:])}",
             "-keyout", self.key, "-out", self.certificate], check=True, capture_output=True)


class Server:
    """A running server. Use as a context manager; SIGTERM must end it with 0."""

    def __init__(self, program, identities, *options, port=0, address="127.0.0.1"):
        self.address = address
        command = [program, "--address", address, "--port", str(port), *map(str, options)]
        for identity in identities:
            command += ["--identity", identity.certificate, identity.key]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            self.process.wait()
            raise AssertionError(line + self.process.stdout.read())
        self.port = int(line.split()[1])
        self.last_words = ""

    def url(self, path="/"):
        return f"https://localhost:{self.port}{path}"

    def resident(self):
        """Bytes of memory in use."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1]) * 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.last_words = self.process.communicate(timeout=TIMEOUT)[0]
        return self.process.returncode

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.returncode is not None:
            return
        if kind is not None:
            self.kill()
        elif self.stop() != 0:
            raise AssertionError(f"the server ended with {self.process.returncode}: {self.last_words}")


class Run:
    """One run of gtlsclient: what it said, and what it saved."""

    def __init__(self, server, paths, *options, verbose=True, exits=True):
        self.folder = tempfile.TemporaryDirectory()
        command = [CLIENT, "--no-quic-dump", "--download", self.folder.name]
        if not verbose:
            command.append("-q")
        if exits:
            command.append("--exit-on-all-streams-close")
        command += [*map(str, options), server.address, str(server.port)]
        command += [server.url(path) for path in paths]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.output = ""

    def wait(self):
        self.output = self.process.communicate(timeout=TIMEOUT)[0].decode(errors="replace")
        self.process.stdout.close()
        self.files = {file.name: file.read_bytes() for file in pathlib.Path(self.folder.name).iterdir()}
        self.folder.cleanup()
        return self

    def saved(self, name):
        """What came from a path with that last part; b"" if nothing did."""
        return self.files.get(name, b"")

    def __contains__(self, text):
        return text in self.output

    def count(self, pattern):
        return len(re.findall(pattern, self.output))


def run(server, paths, *options, **more):
    """Runs gtlsclient to its end."""
    return Run(server, [paths] if isinstance(paths, str) else paths, *options, **more).wait()


def generated(size):
    """What /generate/SIZE gives."""
    piece = 16 * 1024
    pieces = (number.to_bytes(8, "little") + b"g" * (piece - 8) for number in range(size // piece + 1))
    return b"".join(pieces)[:size]

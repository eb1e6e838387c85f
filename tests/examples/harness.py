"""Starts a program that serves HTTP, and talks to it with curl or over a bare socket."""

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading

TIMEOUT = 30  # seconds; far more than anything here takes, also with sanitizers on a busy machine


class Answer:
    """A final response. `fields` has names in lower case, in order, with repeats."""

    def __init__(self, raw):
        self.interim = []
        while True:
            head, _, raw = raw.partition(b"\r\n\r\n")
            start, *lines = head.decode("latin-1").split("\r\n")
            self.status = int(start.split(" ")[1])
            if self.status >= 200:
                break
            self.interim.append(self.status)
        self.fields = []
        for line in lines:
            name, _, value = line.partition(":")
            self.fields.append((name.lower(), value.strip()))
        self.body = raw

    def all(self, name):
        return [value for key, value in self.fields if key == name]

    def field(self, name):
        """The one value of a field, or None; a repeat is an error."""
        values = self.all(name)
        assert len(values) <= 1, f"{name} is there {len(values)} times"
        return values[0] if values else None

    def json(self):
        return json.loads(self.body)


class Program:
    """A running server. Use as a context manager; it ends with SIGTERM and must then exit with 0."""

    def __init__(self, command, find_address, cwd=None, environment=None):
        self.process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env={**os.environ, **(environment or {})})
        self.out, self.err = [], []
        self._told_to_stop = False
        self._changed = threading.Condition()
        self._readers = [self._read(self.process.stdout, self.out),
                         self._read(self.process.stderr, self.err)]
        try:
            self.address = self.wait_for(find_address)
        except BaseException:
            self.process.kill()
            self._join()
            raise
        self.url = f"http://{self.address}"

    def _read(self, pipe, lines):
        def run():
            for line in pipe:
                with self._changed:
                    lines.append(line.decode())
                    self._changed.notify_all()
            with self._changed:
                pipe.close()
                self._changed.notify_all()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def _join(self):
        self.process.wait(TIMEOUT)
        for thread in self._readers:
            thread.join(TIMEOUT)

    def wait_for(self, find):
        """What `find(self)` gives once it is true; it is asked again for every line written."""
        ended = lambda: all(p.closed for p in (self.process.stdout, self.process.stderr))
        with self._changed:
            self._changed.wait_for(lambda: find(self) or ended(), TIMEOUT)
            found = find(self)
            if not found:
                raise AssertionError("not seen in time:\n" + "".join(self.out + self.err))
            return found

    def wait_for_log(self, text):
        self.wait_for(lambda program: any(text in line for line in program.err))

    def tell_to_stop(self):
        """SIGTERM, once: a second one asks a server to drop everything."""
        if not self._told_to_stop:
            self._told_to_stop = True
            self.process.terminate()

    def stop(self):
        """SIGTERM, and waits; returns the exit status."""
        self.tell_to_stop()
        try:
            self._join()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self._join()
            raise AssertionError("did not end after SIGTERM:\n" + "".join(self.err))
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, error, *_):
        status = self.stop()
        if error is None and status != 0:
            raise AssertionError(f"exit status {status}:\n" + "".join(self.err))

    def curl(self, path, *arguments, data=None):
        """One request with curl."""
        return Answer(self.run_curl("--include", *arguments, self.url + path, data=data))

    @staticmethod
    def run_curl(*arguments, data=None):
        done = subprocess.run(["curl", "--silent", "--show-error", "--max-time", str(TIMEOUT),
                               *arguments], input=data, capture_output=True, timeout=TIMEOUT + 5)
        if done.returncode != 0:
            raise AssertionError(f"curl {arguments}: {done.stderr.decode()}")
        return done.stdout

    def connect(self):
        host, port = self.address.rsplit(":", 1)
        return Connection(socket.create_connection((host, int(port)), TIMEOUT))

    def raw(self, request):
        """Sends bytes and returns everything that comes until the server closes."""
        with self.connect() as connection:
            connection.send(request)
            return connection.read_rest()


class Connection:
    """A bare socket with a buffer, for what curl can't send or show."""

    def __init__(self, opened):
        self._socket = opened
        self._buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, data):
        self._socket.sendall(data)

    def _receive(self):
        data = self._socket.recv(65536)
        if not data:
            raise AssertionError(f"closed after {self._buffer!r}")
        self._buffer += data

    def read_until(self, mark):
        while mark not in self._buffer:
            self._receive()
        found, _, self._buffer = self._buffer.partition(mark)
        return found + mark

    def read_exactly(self, size):
        while len(self._buffer) < size:
            self._receive()
        found, self._buffer = self._buffer[:size], self._buffer[size:]
        return found

    def read_some(self):
        """What came; nothing at the end."""
        found, self._buffer = self._buffer, b""
        return found or self._socket.recv(65536)

    def read_rest(self):
        while data := self._socket.recv(65536):
            self._buffer += data
        found, self._buffer = self._buffer, b""
        return found

    def read_answer(self):
        """A response with Content-Length."""
        head = self.read_until(b"\r\n\r\n")
        size = int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)[1])
        return Answer(head + self.read_exactly(size))

    def read_chunk(self):
        """One chunk of chunked content; empty at the end."""
        size = int(self.read_until(b"\r\n"), 16)
        if size == 0:
            return b""
        data = self.read_exactly(size)
        assert self.read_exactly(2) == b"\r\n"
        return data


def temporary_folder():
    # A browser's helpers may write for a moment after it ended; that is no reason to fail.
    return tempfile.TemporaryDirectory(prefix="armature-", ignore_cleanup_errors=True)


def find_tool(name):
    return shutil.which(name)

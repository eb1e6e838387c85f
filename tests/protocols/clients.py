"""One interface to every protocol that the server speaks, so that each behaviour is tested by the
same lines whatever carries it. A protocol is a `Protocol`: flags for curl, and `connect` for what
curl can't send or show. `PROTOCOLS` lists them."""

import json
import pathlib
import re
import socket
import ssl
import sys

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "examples"), str(HERE.parent / "support")]
sys.path.append(str(HERE.parent / "http3"))  # last: it has a harness of its own

import harness  # noqa: E402
import http2  # noqa: E402
from answer import Answer  # noqa: E402
try:
    import http3  # noqa: E402
except ModuleNotFoundError as error:  # only HTTP/3 needs aioquic, see in_venv.py
    if error.name != "aioquic":
        raise
    http3 = None


def open_socket(address, tls=None, receive_buffer=None):
    """Connects; `tls` is a list of ALPN names, or None for no TLS."""
    host, port = address.rsplit(":", 1)
    opened = socket.socket()
    if receive_buffer:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    opened.settimeout(harness.TIMEOUT)
    opened.connect((host, int(port)))
    # Else each small frame behind another waits 40 ms for the delayed acknowledgement.
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if tls is None:
        return opened
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(tls)
    wrapped = context.wrap_socket(opened, server_hostname="localhost")
    assert wrapped.selected_alpn_protocol() == tls[0], wrapped.selected_alpn_protocol()
    return wrapped


# --- HTTP/1.1 -------------------------------------------------------------------------------------


class Http1Stream:
    """A request and its answer; on a connection they come in order."""

    def __init__(self, connection, method):
        self._connection, self._method = connection, method
        self._head, self._interim, self._rest = None, [], b""

    def send(self, data):
        self._connection.send(b"%x\r\n%s\r\n" % (len(data), data))

    def finish(self, trailers=()):
        lines = "".join(f"{name}: {value}\r\n" for name, value in trailers)
        self._connection.send(b"0\r\n" + lines.encode() + b"\r\n")

    def head(self):
        while self._head is None:
            head = self._connection.read_until(b"\r\n\r\n")
            if head.startswith(b"HTTP/1.1 1"):
                self._interim.append(int(head.split()[1]))
            else:
                self._head = harness.Answer(head)
        return self._head

    def read(self, size):
        """Exactly that many bytes of content."""
        head = self.head()
        if head.field("content-length") is not None:
            return self._connection.read_exactly(size)
        while len(self._rest) < size:
            chunk = self._connection.read_chunk()
            assert chunk, f"ended after {self._rest!r}"
            self._rest += chunk
        found, self._rest = self._rest[:size], self._rest[size:]
        return found

    def answer(self):
        head = self.head()
        trailers = []
        if self._method == "HEAD" or head.status in (204, 304):
            body = b""
        elif (length := head.field("content-length")) is not None:
            body = self._connection.read_exactly(int(length))
        else:
            body = self._rest + b"".join(iter(self._connection.read_chunk, b""))
            while (line := self._connection.read_until(b"\r\n")) != b"\r\n":
                name, _, value = line.decode().partition(":")
                trailers.append((name.lower(), value.strip()))
        return Answer(head.status, head.fields, body, self._interim, trailers)

    def leave(self):
        self._connection.close()


class Http1Connection(harness.Connection):
    def request(self, method, path, fields=(), end=True):
        """`end` False: content follows by `send` and `finish`."""
        fields = [("Host", "localhost"), *fields]
        if not end:
            fields.append(("Transfer-Encoding", "chunked"))
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
        self.send(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1"))
        return Http1Stream(self, method)

    def begin_request(self):
        """A head that never ends."""
        self.send(b"GET / HTTP/1.1\r\nHost:")

    def wait_for_close(self):
        self.read_rest()

    def close(self):
        self._socket.close()


# --- HTTP/2 ---------------------------------------------------------------------------------------


class Http2Stream:
    def __init__(self, stream):
        self._stream, self._read = stream, 0

    def send(self, data):
        self._stream.send(data)

    def finish(self, trailers=()):
        if trailers:
            self._stream.send_trailers([(name.lower(), value) for name, value in trailers])
        else:
            self._stream.send(b"", end=True)

    def head(self):
        self._stream.wait(lambda stream: stream.status is not None)
        return Answer(self._stream.status, self._stream.fields, b"", self._stream.interim, [])

    def read(self, size):
        end = self._read + size
        self._stream.wait(lambda stream: len(stream.data) >= end)
        found, self._read = bytes(self._stream.data[self._read:end]), end
        return found

    def read_some(self):
        """What came and was not read; nothing at the end."""
        self._stream.wait(lambda stream: len(stream.data) > self._read or stream.ended)
        found, self._read = bytes(self._stream.data[self._read:]), len(self._stream.data)
        return found

    def answer(self):
        self._stream.wait_for_end()
        s = self._stream
        return Answer(s.status, s.fields, bytes(s.data), s.interim, s.trailers)

    def leave(self):
        self._stream.reset()


class Http2Connection:
    def __init__(self, connection, scheme):
        self.raw, self._scheme = connection, scheme

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.raw.socket.close()

    def request(self, method, path, fields=(), end=True):
        fields = [(name.lower(), value) for name, value in fields]
        return Http2Stream(self.raw.request(method, path, fields, end, scheme=self._scheme))

    def connect(self, path, protocol, fields=()):
        """Extended CONNECT (RFC 8441)."""
        return self.request("CONNECT", path, [(":protocol", protocol), *fields], end=False)

    def begin_request(self):
        fields = http2.request_fields("GET", "/", scheme=self._scheme)
        stream = self.raw.open_stream()
        self.raw.send(http2.frame(http2.HEADERS, http2.END_STREAM, stream.number,
                                  http2.encode(fields)))

    def wait_for_close(self):
        self.raw.wait_for_close()


# --- the protocols --------------------------------------------------------------------------------


class Protocol:
    def __init__(self, name, version, curl, secure, switches=False):
        self.name, self.version = name, version
        self.curl_flags, self.secure = [*curl, "--insecure"], secure
        self.switches = switches  # from HTTP/1.1, so curl also shows a 101
        self.missing = None  # why there is no such client

    @property
    def scheme(self):
        return "https" if self.secure else "http"

    @property
    def listener(self):
        """How the showcase names it, as a flag and in its ready line."""
        return self.scheme

    def start(self, program, *flags):
        """The showcase, for this protocol."""
        return start(program, *flags, listeners=[self.listener])

    def address(self, server):
        return server.ready[self.listener]

    def curl(self, server, path, *arguments, data=None):
        answer = harness.Answer(server.run_curl(
            "--include", *self.curl_flags, *arguments,
            f"{self.scheme}://{self.address(server)}{path}", data=data))
        if self.switches:
            answer.interim = [status for status in answer.interim if status != 101]
        return answer


def start(program, *flags, listeners=("http", "https")):
    """The showcase, on ports of the kernel's choice. Its `ready` tells them."""
    ready = lambda server: server.out and json.loads(server.out[0])
    for listener in listeners:
        flags = [f"--{listener}", "127.0.0.1:0", *flags]
    server = harness.Program([program, *flags],
                             lambda server: ready(server) and ready(server)[listeners[0]])
    server.ready = ready(server)
    return server


class Http1(Protocol):
    def connect(self, server, receive_buffer=None):
        return Http1Connection(open_socket(self.address(server),
                                           ["http/1.1"] if self.secure else None, receive_buffer))


class Http2(Protocol):
    def connect(self, server, receive_buffer=None):
        opened = open_socket(self.address(server), ["h2"] if self.secure else None, receive_buffer)
        connection = http2.Connection(opened, reads=receive_buffer is None)
        if self.switches:
            opened.sendall(b"GET /json HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\n"
                           b"Connection: Upgrade, HTTP2-Settings\r\n"
                           b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n")
            switching = b""
            while not switching.endswith(b"\r\n\r\n"):
                switching += connection.receive(1)
            assert re.match(rb"HTTP/1\.1 101 .*\r\nupgrade: h2c\r\n", switching, re.S | re.I)
            first = connection.open_stream()
            connection.start()
            first.wait_for_end()
            assert (first.status, first.data) == (200, b'{"message":"Hello, World!"}')
        else:
            connection.start()
        return Http2Connection(connection, self.scheme)


class Http3(Protocol):
    listener = "http3"

    def __init__(self):
        super().__init__("h3", "HTTP/3", [], secure=True)
        if http3 is None:
            self.missing = "aioquic isn't installed; in_venv.py does that"

    def connect(self, server, receive_buffer=None):
        return http3.Http3Connection(self.address(server), receive_buffer)

    def curl(self, server, path, *arguments, data=None):
        return http3.curl(self.address(server), path, *arguments, data=data)


PROTOCOLS = [
    Http1("http/1.1", "HTTP/1.1", ["--http1.1"], secure=False),
    Http1("https/1.1", "HTTP/1.1", ["--http1.1"], secure=True),
    Http2("h2c", "HTTP/2", ["--http2-prior-knowledge"], secure=False),
    Http2("h2c by upgrade", "HTTP/2", ["--http2"], secure=False, switches=True),
    Http2("h2", "HTTP/2", ["--http2"], secure=True),
    Http3(),
]

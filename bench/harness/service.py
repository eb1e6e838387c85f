"""What bench/peers/README.md asks of every peer: what is measured of it, and the check that it is done, before that."""

import base64
import http.client
import json
import struct
import subprocess
from dataclasses import dataclass

from . import http3
from .files import SIZES, make_files  # noqa: F401: the folder that peers serve
from .servers import BenchError, program
from .workloads import WORKLOADS, Workload, as_bytes

RESOURCES = ("products", "orders", "carts", "reviews", "categories", "invoices")
NEW_USER = {"name": "Ada Lovelace", "email": "ada@example.com", "age": 36}
WRONG_USERS = ({**NEW_USER, "name": ""}, {**NEW_USER, "email": "nobody"}, {**NEW_USER, "age": 151})
TEXT, JSON, BINARY = "text/plain", "application/json", "application/octet-stream"


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def content_of(name):
    return bytes(i % 251 for i in range(SIZES[name]))


@dataclass(frozen=True)
class Echo(Workload):
    """A frame of 32 bytes, masked as clients must, that comes back unmasked."""

    def request(self, extra_fields=""):
        key = base64.b64encode(bytes(range(16))).decode()
        return (f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n").encode()

    def files_of_load(self, extra_fields, expected):
        payload, mask = self.body.encode(), b"\x12\x34\x56\x78"
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        return {"--upgrade": self.request(), "--request": struct.pack("BB", 0x81, 0x80 | len(payload)) + mask + masked,
                "--expect-file": struct.pack("BB", 0x81, len(payload)) + payload}


# What each needs of a peer stands in NEEDS; the others can be done by all.
MEASURED = (
    *(w for w in WORKLOADS if w.key in ("plain", "pipelined", "browser", "json", "path")),
    Workload("create", "POST /api/users, validated", "/api/users", compact({"id": 1, **NEW_USER}),
             content=compact(NEW_USER), status=201),
    Workload("file_small", "a file of 1 KiB", "/files/1KiB.bin", content_of("1KiB.bin")),
    Workload("file_large", "a file of 1 MiB", "/files/1MiB.bin", content_of("1MiB.bin")),
    Echo("websocket", "WebSocket echo, 32 bytes", "/ws/echo", "0123456789abcdef0123456789abcdef"),
)
CONNECTIONS = {"file_large": 8}  # otherwise as many as asked for
NEEDS = {"create": "create", "file_small": "files", "file_large": "files", "websocket": "websocket"}
HTTP2_TITLE = "GET / by HTTP/2, 8 × 32"
HTTP3 = {key: next(w for w in MEASURED if w.key == same)  # as many at a time as the server lets the client ask
         for key, same in (("http3", "plain"), ("http3_file", "file_large"))}
HTTP3_TITLES = {key: f"{workload.title} by HTTP/3" for key, workload in HTTP3.items()}


def http3_needs(key):
    return {"http3", NEEDS.get(HTTP3[key].key, "http3")}


class Asking:
    """One question after another, on a connection each."""

    def __init__(self, server):
        self.server = server
        self.host, self.port = server.address.rsplit(":", 1)

    def ask(self, method, path, content=None, fields=None):
        connection = http.client.HTTPConnection(self.host, int(self.port), timeout=10)
        try:
            fields = dict(fields or {})
            if content is not None:
                fields["Content-Type"] = JSON
            connection.request(method, path, content, fields)
            answer = connection.getresponse()
            return answer, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise BenchError(f"{self.server.name}: {method} {path}: {error}") from None
        finally:
            connection.close()

    def expect(self, method, path, status, body=None, media_type=None, marked=False, **asked):
        answer, content = self.ask(method, path, **asked)
        problem = wrong(answer, content, status, body, media_type, marked)
        if problem:
            raise BenchError(f"{self.server.name}: {method} {path}: {problem}")
        return content


def wrong(answer, content, status, body, media_type, marked):
    """Why the answer isn't what was asked for, or None."""
    if answer.status != status:
        return f"{answer.status} instead of {status}"
    if body is not None and content != body:
        return f"{content[:100]!r} ({len(content)} bytes) instead of {body[:100]!r} ({len(body)} bytes)"
    given = [part.strip().lower() for part in answer.headers.get("content-type", "").split(";")]
    if media_type and (given[0] != media_type or set(given[1:]) - {"charset=utf-8"}):
        return f"the type {'; '.join(given)} instead of {media_type}"
    if marked and answer.headers.get("x-service") != "peers":
        return "no field x-service: peers"
    return None


def requests_so_far(server):
    """As it counts them, this one included."""
    return int(Asking(server).expect("GET", "/count", 200))


def check_http3(server, has):
    if not server.http3_address:
        raise BenchError(f"{server.name} announces no address for HTTP/3")
    for key, workload in HTTP3.items():
        if not http3_needs(key) <= has:
            continue
        content, body = http3.content_of(server, workload.path), as_bytes(workload.body)
        if content != body:
            raise BenchError(f"{server.name} answers HTTP/3 wrongly: GET {workload.path}: {content[:100]!r} "
                             f"({len(content)} bytes) instead of {body[:100]!r} ({len(body)} bytes)")


def check(server, has):
    """The whole service, as far as the peer `has` it; BenchError says what is wrong."""
    asking = Asking(server)
    marked = "middleware" in has
    media_types = {"plain": TEXT, "json": JSON, "path": JSON}
    for workload in MEASURED:
        if workload.key in media_types:
            asking.expect("GET", workload.path, 200, workload.body.encode(), media_types[workload.key], marked)
    if "routes" in has:
        asking.expect("GET", "/health", 200, b"ok", TEXT, marked)
        for name in RESOURCES:
            asking.expect("GET", f"/api/{name}", 200, name.encode(), TEXT, marked)
            asking.expect("GET", f"/api/{name}/7", 200, f"{name} 7".encode(), TEXT, marked)
    asking.expect("GET", "/nowhere", 404)
    if marked:
        asking.expect("GET", "/", 403, fields={"X-Refuse": "1"})
    if "count" in has:
        before = int(asking.expect("GET", "/count", 200, None, TEXT, marked))
        asking.expect("GET", "/", 200)
        if int(asking.expect("GET", "/count", 200)) != before + 2:
            raise BenchError(f"{server.name} does not count every request")
    if "create" in has:
        made = compact({"id": 1, **NEW_USER}).encode()
        asking.expect("POST", "/api/users", 201, made, JSON, marked, content=compact(NEW_USER))
        for user in WRONG_USERS:
            asking.expect("POST", "/api/users", 422, content=compact(user))
    if "files" in has:
        for name in SIZES:
            asking.expect("GET", f"/files/{name}", 200, content_of(name), BINARY, marked)
    if "http2" in has and program("curl"):
        run = subprocess.run(["curl", "--silent", "--http2-prior-knowledge", "--write-out", " %{http_version}",
                              "--max-time", "10", f"http://{server.http2_address}/"], capture_output=True, text=True)
        if run.stdout != "Hello, World! 2":
            raise BenchError(f"{server.name} answers HTTP/2 wrongly: {run.stdout[:100]!r}")
    if "http3" in has:
        check_http3(server, has)

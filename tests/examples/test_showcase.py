"""The showcase, row by row of its contract: the real program, asked by curl and over bare sockets.

test_showcase.py PROGRAM [unittest's options…]"""

import hashlib
import json
import pathlib
import re
import subprocess
import sys
import threading
import time
import unittest

import harness
from harness import Answer, Program

PROGRAM = ""
README = pathlib.Path(__file__).parents[2] / "examples/showcase/README.md"
PATTERN = bytes(i % 251 for i in range(251)) * 4200


def ready_line(program):
    return json.loads(program.out[0]) if program.out else None


def start(*flags):
    """On a port of the kernel's choice."""
    return Program([PROGRAM, "--http", "127.0.0.1:0", *flags],
                   lambda program: (ready_line(program) or {}).get("http"))


def is_instrumented():
    symbols = pathlib.Path(PROGRAM).read_bytes()
    return b"__asan_init" in symbols or b"__tsan_init" in symbols


class Starting(unittest.TestCase):
    def test_tells_where_it_listens_and_nothing_else(self):
        with start() as server:
            ready = ready_line(server)
            self.assertEqual(ready, {"ready": True, "pid": server.process.pid,
                                     "http": server.address})
            self.assertRegex(server.address, r"^127\.0\.0\.1:[1-9]\d*$")
            self.assertEqual(server.curl("/").status, 200)
            self.assertEqual(server.curl("/panic").status, 500)
        self.assertEqual(len(server.out), 1)
        self.assertTrue(server.err)
        for line in server.err:
            json.loads(line)

    def test_listens_on_a_unix_socket(self):
        with harness.temporary_folder() as folder:
            path = folder + "/showcase.sock"
            with Program([PROGRAM, "--unix", path],
                         lambda program: (ready_line(program) or {}).get("unix")) as server:
                self.assertEqual(sorted(ready_line(server)), ["pid", "ready", "unix"])
                body = server.run_curl("--unix-socket", path, "http://localhost/headers")
                self.assertEqual(json.loads(body)["remote"], "unix")
            self.assertFalse(pathlib.Path(path).exists())

    def test_refuses_what_it_does_not_know(self):
        for flags, named in [
            (["--https", "127.0.0.1:0", "--cert", "/no/such.pem"], "--key"),
            (["--https", "127.0.0.1:0", "--cert", "/no/such.pem", "--key", "/no/such.pem"],
             "/no/such.pem"),
            (["--static", "/no/such/folder"], "/no/such/folder"),
            (["--db", "sqlite::memory:"], "--db"),
            (["--bogus"], "--bogus"),
            (["stray"], "stray"),
            (["--threads"], "--threads"),
            (["--threads", "many"], "--threads"),
            (["--threads", "-1"], "--threads"),
            (["--threads", "1025"], "--threads"),
            (["--log", "loud"], "--log"),
            (["--max-body", "1k"], "--max-body"),
            (["--header-timeout", "0"], "--header-timeout"),
            (["--idle-timeout", "soon"], "--idle-timeout"),
            (["--http", "127.0.0.1:0", "--http", "127.0.0.1:0"], "--http"),
            (["--http", "nonsense"], "nonsense"),
            (["--http", "127.0.0.1:99999"], "99999"),
            (["--http", "192.0.2.1:0"], "192.0.2.1"),
            (["--unix", "/no/such/folder/x.sock"], "/no/such/folder"),
        ]:
            with self.subTest(flags=flags):
                done = subprocess.run([PROGRAM, *flags], capture_output=True, text=True,
                                      timeout=harness.TIMEOUT)
                self.assertEqual(done.returncode, 2)
                self.assertEqual(done.stdout, "")
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertIn(named, done.stderr)

    def test_refuses_a_port_in_use(self):
        with start() as server:
            done = subprocess.run([PROGRAM, "--http", server.address], capture_output=True,
                                  text=True, timeout=harness.TIMEOUT)
            self.assertEqual(done.returncode, 2)
            self.assertIn(server.address, done.stderr)

    def test_finishes_what_is_under_way_when_told_to_stop(self):
        with start("--threads", "1") as server:
            with server.connect() as connection:
                # The answer to the first request shows that the second one is being handled.
                connection.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
                                b"GET /slow?ms=400 HTTP/1.1\r\nHost: x\r\n\r\n")
                self.assertEqual(connection.read_answer().status, 200)
                server.tell_to_stop()
                server.wait_for_log("shutting down")
                answer = connection.read_answer()
                self.assertEqual((answer.status, answer.body), (200, b"Waited 400 ms"))
                self.assertEqual(answer.field("connection"), "close")
                self.assertEqual(connection.read_rest(), b"")
            self.assertEqual(server.stop(), 0)

    def test_can_be_told_to_stop_as_soon_as_it_is_ready(self):
        for _ in range(10):
            with start() as server:
                self.assertEqual(server.stop(), 0)

    def test_can_be_silent(self):
        with start("--log", "off") as server:
            self.assertEqual(server.curl("/panic").status, 500)
        self.assertEqual(server.err, [])


class Limits(unittest.TestCase):
    def test_content_has_a_limit(self):
        with start("--max-body", "100") as server:
            content = ["--header", "Content-Type: application/json", "--data-binary", "@-"]
            fits = b'{"name":"Ada"}'.ljust(100)
            self.assertEqual(server.curl("/api/users", *content, data=fits).status, 201)
            self.assertEqual(server.curl("/api/users", *content, data=fits + b" ").status, 413)

    def test_the_limit_holds_for_streams(self):
        with start("--max-body", "100") as server:
            self.assertEqual(server.curl("/echo", "--data-binary", "@-", data=b"x" * 100).status, 200)
            answer = server.curl("/echo", "--data-binary", "@-", data=b"x" * 101)
            self.assertEqual(answer.status, 413)
            self.assertEqual(answer.json()["status"], 413)

    def test_a_head_has_a_deadline(self):
        with start("--header-timeout", "100") as server:
            answer = Answer(server.raw(b"GET / HTTP/1.1\r\nHost:"))
            self.assertEqual(answer.status, 408)

    def test_an_idle_connection_is_closed(self):
        with start("--idle-timeout", "100") as server:
            with server.connect() as connection:
                connection.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                self.assertEqual(connection.read_answer().status, 200)
                self.assertEqual(connection.read_rest(), b"")


class Endpoints(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = start("--threads", "2", "--max-body", "8000000")

    @classmethod
    def tearDownClass(cls):
        status = cls.server.stop()
        if status != 0:
            raise AssertionError(f"exit status {status}:\n" + "".join(cls.server.err))

    def curl(self, path, *arguments, data=None):
        return self.server.curl(path, *arguments, data=data)

    def assert_problem(self, answer, status):
        self.assertEqual(answer.status, status)
        self.assertEqual(answer.field("content-type"), "application/problem+json")
        problem = answer.json()
        self.assertEqual(problem["status"], status)
        self.assertIn("title", problem)
        return problem

    def assert_json(self, answer, text, status=200):
        self.assertEqual(answer.status, status)
        self.assertEqual(answer.field("content-type"), "application/json")
        self.assertEqual(answer.body.decode(), text)
        self.assertEqual(answer.field("content-length"), str(len(answer.body)))

    # --- GET / and /json ---

    def test_root(self):
        for accept in ["*/*", "text/html,application/xhtml+xml;q=0.9"]:
            answer = self.curl("/", "--header", f"Accept: {accept}")
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.field("content-type"), "text/plain; charset=utf-8")
            self.assertEqual(answer.body, b"Hello, World!")

    def test_head_has_the_fields_of_get(self):
        answer = self.curl("/", "--head")
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(answer.field("content-length"), "13")

    def test_json(self):
        self.assert_json(self.curl("/json"), '{"message":"Hello, World!"}')

    # --- GET /users/{id} ---

    def test_user(self):
        for number in [0, 42, 2**64 - 1]:
            self.assert_json(self.curl(f"/users/{number}"),
                             f'{{"id":{number},"name":"User {number}",'
                             f'"email":"user{number}@example.com"}}')

    def test_user_that_is_no_number(self):
        for wrong in ["x", "-1", "+1", "1.0", "0x1", "1%20", str(2**64)]:
            with self.subTest(wrong):
                self.assert_problem(self.curl(f"/users/{wrong}"), 400)

    # --- /api/users ---

    def create(self, text, media_type="application/json"):
        return self.curl("/api/users", "--header", f"Content-Type: {media_type}",
                         "--data-binary", "@-", data=text.encode())

    def test_create_user(self):
        full = self.create('{"name":"Ada","email":"ada@example.com","age":36,"other":1}')
        number = full.json()["id"]
        self.assert_json(full, f'{{"id":{number},"name":"Ada","email":"ada@example.com","age":36}}',
                         201)
        found = self.curl(full.field("location"))
        self.assert_json(found, full.body.decode())
        least = self.create('{"name":"B"}', "application/vnd.x+json; charset=utf-8")
        self.assert_json(least, f'{{"id":{least.json()["id"]},"name":"B"}}', 201)
        self.assertNotEqual(least.json()["id"], number)

    def test_create_user_names_every_fault(self):
        for text, pointers in [
            ('{"name":"","email":"nobody","age":151}', ["/age", "/email", "/name"]),
            ('{}', ["/name"]),
            ('{"name":null,"age":"1"}', ["/age", "/name"]),
            ('{"name":"x","age":-1}', ["/age"]),
            (json.dumps({"name": "é" * 101}), ["/name"]),
            ('[]', [""]),
        ]:
            with self.subTest(text):
                problem = self.assert_problem(self.create(text), 422)
                self.assertEqual(sorted(item["pointer"] for item in problem["errors"]), pointers)
                self.assertTrue(all(item["detail"] for item in problem["errors"]))
        self.assertEqual(self.create(json.dumps({"name": "é" * 100})).status, 201)

    def test_create_user_from_no_json(self):
        for text in ["", "{", '{"name":"x"', "{'name':'x'}", '{"name":"x"}}']:
            with self.subTest(text):
                self.assert_problem(self.create(text), 400)

    def test_create_user_from_another_media_type(self):
        self.assert_problem(self.create('{"name":"x"}', "text/plain"), 415)
        self.assert_problem(self.create("name=x", "application/x-www-form-urlencoded"), 415)

    def test_list_users(self):
        mine = [f"Lister & {i}" for i in range(5)]
        for name in mine:
            self.assertEqual(self.create(json.dumps({"name": name})).status, 201)
        page, seen = "/api/users?q=Lister+%26&limit=2", []
        while page:
            answer = self.curl(page)
            self.assertEqual(answer.status, 200)
            self.assertLessEqual(len(answer.json()), 2)
            seen += [user["name"] for user in answer.json()]
            links = {relation: target for target, relation in
                     re.findall(r'<([^>]*)>; rel="(\w+)"', answer.field("link"))}
            self.assertIn("page=1", links["first"])
            self.assertIn("page=3", links["last"])
            self.assertEqual("prev" in links, len(seen) > 2)
            page = links.get("next")
        self.assertEqual(seen, mine)
        self.assertEqual(self.curl("/api/users?q=Lister&page=9&limit=2").json(), [])

    def test_list_users_refuses_wrong_pages(self):
        for query in ["page=0", "page=x", "limit=0", "limit=101", "limit=1&limit=2", "page=-1"]:
            with self.subTest(query):
                problem = self.assert_problem(self.curl(f"/api/users?{query}"), 422)
                name = query.partition("=")[0]
                self.assertEqual([item["pointer"] for item in problem["errors"]], [name])

    # --- POST /upload ---

    def test_large_json(self):
        plain = self.curl("/large-json?items=3")
        self.assertEqual([item["id"] for item in plain.json()], [1, 2, 3])
        for items in [100, 5000]:
            answer = self.curl(f"/large-json?items={items}", "--compressed")
            self.assertEqual(len(answer.json()), items)
            self.assertIn(answer.field("content-encoding"), ["zstd", "br", "gzip"])
            self.assertEqual(answer.field("vary"), "Accept-Encoding")
        self.assertIsNone(self.curl("/large-json").field("content-encoding"))
        self.assert_problem(self.curl("/large-json?items=100001"), 400)

    def upload(self, *fields):
        form = [argument for field in fields for argument in ("--form", field)]
        return self.curl("/upload", *form)

    def test_upload(self):
        with harness.temporary_folder() as folder:
            file = pathlib.Path(folder, 'a "quoted" name.bin')
            file.write_bytes(PATTERN)
            answer = self.upload("name=Ada Lovelace", f'file=@"{self.escaped(file)}";type=x/y',
                                 "empty=", "page=<-;type=text/html")
        self.assertEqual(answer.status, 200)
        sha256 = lambda content: hashlib.sha256(content).hexdigest()
        self.assertEqual(answer.json(), [
            {"name": "name", "type": "text/plain", "size": 12, "sha256": sha256(b"Ada Lovelace")},
            {"name": "file", "filename": file.name, "type": "x/y", "size": len(PATTERN),
             "sha256": sha256(PATTERN)},
            {"name": "empty", "type": "text/plain", "size": 0, "sha256": sha256(b"")},
            {"name": "page", "type": "text/html", "size": 0, "sha256": sha256(b"")},
        ])

    @staticmethod
    def escaped(path):
        """As curl's --form wants it between quotes."""
        return str(path).replace("\\", "\\\\").replace('"', '\\"')

    def test_upload_refuses_what_is_no_form(self):
        self.assert_problem(self.curl("/upload", "--data", "a=b"), 415)
        self.assert_problem(self.curl("/upload", "--header", "Content-Type: multipart/form-data",
                                      data=b"", *["--data-binary", "@-"]), 400)
        boundary = ["--header", "Content-Type: multipart/form-data; boundary=x"]
        for content in [b"", b"--x\r\n", b"--x\r\n\r\nvalue\r\n--x--",
                        b"--x\nContent-Disposition: form-data; name=a\n\nvalue\n--x--"]:
            with self.subTest(content):
                self.assert_problem(self.curl("/upload", *boundary, "--data-binary", "@-",
                                              data=content), 400)
        self.assert_problem(self.upload(*[f"f{i}=x" for i in range(101)]), 413)

    def test_upload_is_never_in_memory_as_a_whole(self):
        size = 100 * 1024 * 1024
        with start("--max-body", str(size + 10_000)) as server, \
                harness.temporary_folder() as folder:
            file = pathlib.Path(folder, "large.bin")
            block = bytes(i % 251 for i in range(1024 * 1024))
            digest = hashlib.sha256()
            with file.open("wb") as out:
                for _ in range(100):
                    out.write(block)
                    digest.update(block)
            answer = server.curl("/upload", "--form", f"file=@{file}")
            self.assertEqual(answer.json()[0]["size"], size)
            self.assertEqual(answer.json()[0]["sha256"], digest.hexdigest())
            status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
            peak = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])
            if not is_instrumented():  # a sanitizer's memory says nothing about ours
                self.assertLess(peak, 48 * 1024, "kB of memory at most")
            self.assert_problem(server.curl("/upload", "--form", f"file=@{file}",
                                            "--form", "more=" + "x" * 20_000), 413)

    # --- /echo ---

    def test_echo(self):
        for method in ["POST", "PUT", "PATCH"]:
            answer = self.curl("/echo", "--request", method, "--header", "Content-Type: x/y; z=1",
                               "--data-binary", "@-", data=b"\x00some\r\nbytes\xff")
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.field("content-type"), "x/y; z=1")
            self.assertEqual(answer.body, b"\x00some\r\nbytes\xff")

    def test_echo_of_nothing(self):
        answer = self.curl("/echo", "--request", "POST")
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(answer.field("content-length"), "0")

    def test_echo_of_much(self):
        content = PATTERN * 5
        for chunked in [[], ["--header", "Transfer-Encoding: chunked"]]:
            answer = self.curl("/echo", "--header", "Expect:", *chunked, "--data-binary", "@-",
                               data=content)
            self.assertEqual(answer.status, 200)
            self.assertTrue(answer.body == content, "other content came back")

    def test_echo_asks_for_content_that_waits_for_permission(self):
        for chunked in [[], ["--header", "Transfer-Encoding: chunked"]]:
            answer = self.curl("/echo", "--header", "Expect: 100-continue",
                               "--expect100-timeout", "20", *chunked, "--data-binary", "@-",
                               data=PATTERN)
            self.assertEqual((answer.interim, answer.status), ([100], 200))
            self.assertTrue(answer.body == PATTERN, "other content came back")

    def test_echo_flows_and_keeps_trailers(self):
        with self.server.connect() as connection:
            connection.send(b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                            b"Content-Type: a/b\r\nTrailer: X-Sum\r\n\r\n5\r\nfirst\r\n")
            head = connection.read_until(b"\r\n\r\n").lower()
            self.assertIn(b"transfer-encoding: chunked", head)
            self.assertIn(b"content-type: a/b", head)
            # What was sent is back before the rest is on its way.
            self.assertEqual(connection.read_chunk(), b"first")
            connection.send(b"6\r\nsecond\r\n")
            self.assertEqual(connection.read_chunk(), b"second")
            connection.send(b"0\r\nX-Sum: 11\r\n\r\n")
            self.assertEqual(connection.read_chunk(), b"")
            self.assertEqual(connection.read_until(b"\r\n\r\n").lower(), b"x-sum: 11\r\n\r\n")
            connection.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertEqual(connection.read_answer().body, b"Hello, World!")

    # --- /headers ---

    def test_headers(self):
        answer = Answer(self.server.raw(
            b"GET /headers?b=1&a=%C3%A9+x&b=&%zz HTTP/1.1\r\nHost: example.org:80\r\n"
            b"X-Two: 1\r\nAccept: a/b\r\nx-two: 2 \r\nConnection: close\r\n\r\n"))
        self.assertEqual(answer.field("content-type"), "application/json")
        shown = answer.json()
        remote = shown.pop("remote")
        self.assertRegex(remote, r"^127\.0\.0\.1:\d+$")
        self.assertEqual(shown, {
            "method": "GET",
            "target": "/headers?b=1&a=%C3%A9+x&b=&%zz",
            "path": "/headers",
            "query": [["b", "1"], ["a", "é x"], ["b", ""], ["%zz", ""]],
            "version": "HTTP/1.1",
            "headers": [["Host", "example.org:80"], ["X-Two", "1"], ["Accept", "a/b"],
                        ["x-two", "2"], ["Connection", "close"]],
        })
        self.assertEqual(list(answer.json()), ["method", "target", "path", "query", "version",
                                               "headers", "remote"])

    def test_headers_of_http_1_0(self):
        answer = Answer(self.server.raw(b"GET /headers HTTP/1.0\r\n\r\n"))
        self.assertEqual(answer.json()["version"], "HTTP/1.0")
        self.assertEqual(answer.json()["headers"], [])

    # --- /bytes/{n} ---

    def test_bytes(self):
        for size in [0, 1, 250, 251, 252, 65536, 1_000_000]:
            answer = self.curl(f"/bytes/{size}")
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.field("content-length"), str(size))
            self.assertEqual(answer.field("content-type"), "application/octet-stream")
            self.assertEqual(answer.field("accept-ranges"), "bytes")
            self.assertTrue(answer.body == PATTERN[:size], "other bytes")
        self.assertEqual(self.curl(f"/bytes/{2**63}", "--head").field("content-length"),
                         str(2**63))
        self.assert_problem(self.curl("/bytes/many"), 400)

    def test_ranges_of_bytes(self):
        for asked, first, end in [("0-0", 0, 1), ("250-502", 250, 503), ("999-", 999, 1000),
                                  ("-3", 997, 1000), ("500-9999", 500, 1000),
                                  ("10-19,20-29", 10, 30)]:
            with self.subTest(asked):
                answer = self.curl("/bytes/1000", "--range", asked)
                self.assertEqual(answer.status, 206)
                self.assertEqual(answer.field("content-range"), f"bytes {first}-{end - 1}/1000")
                self.assertEqual(answer.field("content-length"), str(end - first))
                self.assertEqual(answer.body, PATTERN[first:end])

    def test_ranges_that_must_be_ignored(self):
        etag = self.curl("/bytes/1000").field("etag")
        for fields in [["Range: lines=1-2"], ["Range: bytes=9-1"], ["Range: bytes=0-1,500-501"],
                       ["Range: bytes=0-1", 'If-Range: "other"']]:
            with self.subTest(fields):
                answer = self.curl("/bytes/1000", *(a for f in fields for a in ("--header", f)))
                self.assertEqual((answer.status, answer.body), (200, PATTERN[:1000]))
        answer = self.curl("/bytes/1000", "--range", "0-1", "--header", f"If-Range: {etag}")
        self.assertEqual((answer.status, answer.body), (206, PATTERN[:2]))

    def test_ranges_beyond_the_end(self):
        for size, asked in [(1000, "1000-"), (1000, "5000-6000"), (0, "0-")]:
            answer = self.curl(f"/bytes/{size}", "--range", asked)
            self.assert_problem(answer, 416)
            self.assertEqual(answer.field("content-range"), f"bytes */{size}")

    def test_bytes_that_the_client_has(self):
        etag = self.curl("/bytes/10").field("etag")
        answer = self.curl("/bytes/10", "--header", f"If-None-Match: {etag}")
        self.assertEqual((answer.status, answer.body), (304, b""))
        self.assertEqual(answer.field("etag"), etag)
        self.assert_problem(self.curl("/bytes/10", "--header", 'If-Match: "other"'), 412)

    # --- /stream ---

    def test_stream(self):
        with self.server.connect() as connection:
            connection.send(b"GET /stream?chunks=3&bytes=1000 HTTP/1.1\r\nHost: x\r\n\r\n")
            head = connection.read_until(b"\r\n\r\n").lower()
            self.assertIn(b"transfer-encoding: chunked", head)
            self.assertNotIn(b"content-length", head)
            sizes = [len(chunk) for chunk in iter(connection.read_chunk, b"")]
            self.assertEqual(sizes, [1000] * 3)
        self.assertEqual(len(self.curl("/stream?chunks=20&bytes=100000").body), 2_000_000)
        self.assertEqual(self.curl("/stream?chunks=0").body, b"")
        self.assert_problem(self.curl("/stream?chunks=x"), 400)

    def test_stream_comes_as_it_is_made(self):
        with self.server.connect() as connection:
            connection.send(b"GET /stream?chunks=2&bytes=5&delay_ms=300 HTTP/1.1\r\nHost: x\r\n\r\n")
            connection.read_until(b"\r\n\r\n")
            self.assertEqual(connection.read_chunk(), b"xxxxx")
            first = time.monotonic()
            self.assertEqual(connection.read_chunk(), b"xxxxx")
            self.assertGreater(time.monotonic() - first, 0.15)

    # --- /status/{code} ---

    def test_status(self):
        for code in [200, 201, 202, 299, 300, 302, 399]:
            self.assertEqual(self.curl(f"/status/{code}").status, code)
        for code in [204, 304]:
            answer = self.curl(f"/status/{code}")
            self.assertEqual((answer.status, answer.body), (code, b""))
            self.assertIsNone(answer.field("content-length"))
        for code in [400, 404, 418, 499, 500, 503, 599]:
            self.assert_problem(self.curl(f"/status/{code}"), code)
        for code in ["100", "101", "199", "600", "0", "70000", "x"]:
            self.assert_problem(self.curl(f"/status/{code}"), 400)

    # --- /slow and /panic ---

    def test_slow(self):
        start_time = time.monotonic()
        self.assertEqual(self.curl("/slow?ms=150").body, b"Waited 150 ms")
        self.assertGreaterEqual(time.monotonic() - start_time, 0.15)
        self.assert_problem(self.curl("/slow?ms=-1"), 400)

    def test_slow_stops_when_the_client_left(self):
        with self.server.connect() as connection:
            connection.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
                            b"GET /slow?ms=599000 HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertEqual(connection.read_answer().status, 200)
        self.server.wait_for(lambda server: any(
            '"cancelled"' in line and "/slow?ms=599000" in line for line in server.err))

    def test_panic(self):
        answer = self.curl("/panic")
        problem = self.assert_problem(answer, 500)
        self.assertNotIn("detail", problem)
        self.assertNotIn(b"as it should", answer.body)
        self.server.wait_for_log("as it should")

    # --- /redirect ---

    def test_redirect(self):
        for to, location in [("/", "/"), ("/a/b?c=d%26e#f", "/a/b?c=d&e#f"), ("/%2525", "/%25")]:
            answer = self.curl(f"/redirect?to={to.replace('#', '%23')}")
            self.assertEqual((answer.status, answer.field("location")), (302, location))

    def test_redirect_only_within_this_origin(self):
        for to in ["", "a", "?to", "//evil.example", "/%5Cevil.example", "http://evil.example/",
                   "%5C%5Cevil.example", "%09//evil.example", "/%09/evil.example", "javascript:1",
                   "/%0D%0ASet-Cookie:a=b", "/%00", "///evil.example", "https:evil.example"]:
            with self.subTest(to):
                self.assert_problem(self.curl(f"/redirect?to={to}"), 400)
        self.assert_problem(self.curl("/redirect"), 400)

    # --- /cookies ---

    def test_cookies(self):
        answer = self.curl("/cookies/set?name=a&value=b%2Bc")
        self.assertEqual(answer.status, 204)
        self.assertEqual(answer.field("set-cookie"), "a=b+c; Path=/; HttpOnly; SameSite=Lax")
        self.assert_json(self.curl("/cookies", "--cookie", "b=2; a=1; b=3"), '{"a":"1","b":"2"}')
        self.assert_json(self.curl("/cookies"), "{}")

    def test_cookies_that_cannot_be(self):
        for query in ["name=a", "value=a", "name=&value=b", "name=a%20b&value=c",
                      "name=a&value=b%3B+Secure", "name=a&value=%0D%0AX:1", "name=a%3Db&value=c"]:
            with self.subTest(query):
                self.assert_problem(self.curl(f"/cookies/set?{query}"), 400)

    def test_cookies_through_a_client_that_keeps_them(self):
        with harness.temporary_folder() as folder:
            jar = ["--cookie", folder + "/jar", "--cookie-jar", folder + "/jar"]
            self.curl("/cookies/set?name=one&value=1", *jar)
            self.curl("/cookies/set?name=two&value=2", *jar)
            self.assert_json(self.curl("/cookies", *jar), '{"one":"1","two":"2"}')

    # --- /private/me ---

    def private(self, token, *arguments):
        return self.curl("/private/me", "--header", f"Authorization: {token}", *arguments)

    def test_private_with_the_token(self):
        for token in ["Bearer showcase-token", "bearer showcase-token"]:
            self.assert_json(self.private(token), '{"subject":"showcase"}')
            self.assert_json(self.private(token, "--request", "POST"), '{"subject":"showcase"}')

    def test_private_without_or_with_another_token(self):
        self.assert_problem(self.curl("/private/nothing-here"), 404)  # guards are before routes
        for answer in [self.curl("/private/me"), self.curl("/private/me", "--request", "POST")]:
            self.assert_problem(answer, 401)
            self.assertEqual(answer.field("www-authenticate"), 'Bearer realm="showcase"')
        for token in ["Bearer wrong", "Bearer showcase-toke", "Bearer showcase-token2", "Bearer",
                      "Basic showcase-token", "showcase-token"]:
            answer = self.private(token)
            self.assert_problem(answer, 401)
            self.assertIn("Bearer", answer.field("www-authenticate"))

    def test_private_may_need_more_rights(self):
        token = "Bearer readonly-token"
        self.assert_json(self.private(token), '{"subject":"readonly"}')
        self.assert_problem(self.private(token, "--request", "POST"), 403)

    # --- the rest ---

    def test_nested_middleware_runs_in_order(self):
        self.assert_json(self.curl("/nested/a/b/order"),
                         '["root","nested","a","b","handler","b","a","nested","root"]')

    def test_limits_each_client(self):
        passed = 0
        while (answer := self.curl("/limited")).status == 200:
            passed += 1
            self.assertEqual(answer.field("ratelimit-policy"), '"default";q=10;w=60')
            self.assertRegex(answer.field("ratelimit"), '^"default";r=[0-9];t=[0-9]+$')
            self.assertLessEqual(passed, 20)  # on a machine that takes longer than a window
        self.assertGreaterEqual(passed, 10)
        problem = self.assert_problem(answer, 429)
        self.assertEqual(problem["violated-policies"], ["default"])
        self.assertGreaterEqual(int(answer.field("retry-after")), 1)
        self.assertEqual(self.curl("/limited", "--header", "X-Forwarded-For: 203.0.113.7",
                                   "--header", "Forwarded: for=203.0.113.7").status, 429)

    def test_any(self):
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"]:
            self.assert_json(self.curl("/any", "--request", method), f'{{"method":"{method}"}}')
        self.assertEqual(self.curl("/any", "--head").status, 200)
        self.assertEqual(self.curl("/any", "--request", "OPTIONS").json(), {"method": "OPTIONS"})

    def test_health(self):
        self.assert_json(self.curl("/health/live"), '{"status":"pass"}')
        self.assert_json(self.curl("/health/ready"),
                         '{"status":"pass","checks":{"workers":{"status":"pass"}}}')

    def test_metrics(self):
        self.curl("/api/users/1234567")
        answer = self.curl("/metrics")
        self.assertEqual(answer.field("content-type"), "text/plain; version=0.0.4; charset=utf-8")
        self.assertRegex(answer.body.decode(), r'\nhttp_server_requests_total\{method="GET",'
                                               r'route="/api/users/\{id\}",code="404"\} [1-9]')
        self.assertIn("\nprocess_resident_memory_bytes ", answer.body.decode())

    def test_events(self):
        answer = self.curl("/events?n=2&every_ms=1")
        self.assertEqual(answer.field("content-type"), "text/event-stream")
        self.assertEqual(answer.field("cache-control"), "no-cache")
        self.assertEqual(answer.body, b'id: 1\nevent: tick\ndata: {"n":1}\n\n'
                                      b'id: 2\nevent: tick\ndata: {"n":2}\n\n')
        answer = self.curl("/events", "--header", "Last-Event-ID: 4")
        self.assertEqual(answer.body, b'id: 5\nevent: tick\ndata: {"n":5}\n\n')
        self.assertEqual(self.curl("/events/multiline").body, b"data: line1\ndata: line2\n\n")
        self.assertEqual(self.curl("/events/firehose", "--head").status, 200)
        with self.server.connect() as connection:
            connection.send(b"GET /events/firehose HTTP/1.1\r\nHost: test\r\n\r\n")
            self.assertEqual(len(connection.read_exactly(1_000_000)), 1_000_000)

    def open_websocket(self, path):
        connection = self.server.connect()
        connection.send(f"GET {path} HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
        head = connection.read_until(b"\r\n\r\n")
        self.assertIn(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", head)
        return connection

    def test_websocket_echo(self):
        self.assert_problem(self.curl("/ws/echo"), 426)
        with self.open_websocket("/ws/echo") as connection:
            connection.send(b"\x81\x85\0\0\0\0hello\x82\x81\0\0\0\0\x07")
            self.assertEqual(connection.read_exactly(10), b"\x81\x05hello\x82\x01\x07")

    def test_websocket_room(self):
        with self.open_websocket("/ws/room/a") as one, self.open_websocket("/ws/room/a") as two:
            one.send(b"\x89\x80\0\0\0\0")  # a ping: both are in the room when it is answered
            two.send(b"\x89\x80\0\0\0\0")
            self.assertEqual(one.read_exactly(2) + two.read_exactly(2), b"\x8a\0\x8a\0")
            one.send(b"\x81\x82\0\0\0\0hi")
            for member in (one, two):
                size = member.read_exactly(2)[1]
                said = json.loads(member.read_exactly(size))
                self.assertEqual(sorted(said), ["from", "text"])
                self.assertEqual(said["text"], "hi")

    def test_no_such_path(self):
        for path in ["/nope", "/users", "/users/1/2", "/health", "/nested/a/b"]:
            self.assert_problem(self.curl(path), 404)

    def test_wrong_method(self):
        for path, method, allow in [("/", "POST", "GET, HEAD, OPTIONS"),
                                    ("/echo", "GET", "OPTIONS, PATCH, POST, PUT"),
                                    ("/api/users", "DELETE", "GET, HEAD, OPTIONS, POST")]:
            answer = self.curl(path, "--request", method)
            self.assert_problem(answer, 405)
            self.assertEqual(sorted(answer.field("allow").split(", ")), allow.split(", "))
            answer = self.curl(path, "--request", "OPTIONS")
            self.assertEqual(answer.status, 204)
            self.assertEqual(sorted(answer.field("allow").split(", ")), allow.split(", "))

    def test_readme_lists_what_is_not_there_yet(self):
        section = README.read_text().partition("## Not yet")[2].partition("\n## ")[0]
        flags = re.findall(r"`(--[\w-]+)`", section)
        self.assertGreater(len(flags), 0)
        for flag in flags:
            done = subprocess.run([PROGRAM, flag, "x"], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 2)
            self.assertIn(flag, done.stderr)

    # --- many at once ---

    def test_each_of_many_clients_gets_its_own_answers(self):
        faults = []

        def client(number):
            try:
                with self.server.connect() as connection:
                    for first in range(0, 200, 10):
                        ids = [number * 1000 + first + i for i in range(10)]
                        connection.send(b"".join(
                            b"GET /users/%d HTTP/1.1\r\nHost: x\r\n\r\n" % i for i in ids))
                        answers = [connection.read_answer().json()["id"] for _ in ids]
                        if answers != ids:
                            faults.append((ids, answers))
            except Exception as error:  # reported by the test's own thread
                faults.append(error)

        threads = [threading.Thread(target=client, args=[number]) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(faults, [])

    def test_right_answers_after_load(self):
        if not harness.find_tool("wrk"):
            self.skipTest("wrk is not installed (Debian: wrk)")
        for path in ["/", "/users/7", "/stream?chunks=3", "/bytes/100000"]:
            report = subprocess.run(["wrk", "-t1", "-c32", "-d1s", self.server.url + path],
                                    capture_output=True, text=True, timeout=harness.TIMEOUT).stdout
            self.assertRegex(report, r"[1-9]\d* requests in")
            self.assertNotRegex(report, "Socket errors|Non-2xx")
        self.assertEqual(self.curl("/users/7").json()["id"], 7)
        self.assertEqual(self.curl("/bytes/1000").body, PATTERN[:1000])


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()

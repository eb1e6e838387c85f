"""What a client sees is the same whatever protocol it speaks: each behaviour is one test here, run
over every protocol of clients.PROTOCOLS against the showcase.

test_protocols.py PROGRAM [unittest's options…]"""

import gzip
import hashlib
import json
import pathlib
import re
import sys
import tempfile
import threading
import unittest

import clients
import harness

PROGRAM = ""
PATTERN = bytes(range(251)) * 90_000  # what /bytes serves
MUCH = 20_000_000
JSON = ["--header", "Content-Type: application/json"]
CONTENT = ["--data-binary", "@-"]


def memory_mib(server):
    """The most that the process ever had in memory."""
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+)", status)[1]) / 1024


def is_instrumented():
    """A sanitizer's memory says nothing about ours."""
    symbols = pathlib.Path(PROGRAM).read_bytes()
    return b"__asan_init" in symbols or b"__tsan_init" in symbols


class Behaviours:
    """Mixed into one test case for each protocol, which is in `protocol`."""

    @classmethod
    def setUpClass(cls):
        if cls.protocol.missing:
            raise unittest.SkipTest(cls.protocol.missing)
        cls.folder = tempfile.TemporaryDirectory()
        files = pathlib.Path(cls.folder.name)
        (files / "pattern.bin").write_bytes(PATTERN[:5_000_000])
        (files / "page.html").write_text("<p>plain")
        (files / "page.html.gz").write_bytes(gzip.compress(b"<p>packed"))
        cls.server = cls.protocol.start(PROGRAM, "--threads", "2", "--max-body", str(MUCH),
                                        "--static", cls.folder.name)
        cls.strict = cls.protocol.start(PROGRAM, "--threads", "1", "--max-body", "1000",
                                        "--header-timeout", "1000", "--idle-timeout", "1000")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        for server in (cls.server, cls.strict):
            status = server.stop()
            if status != 0:
                raise AssertionError(f"exit status {status}:\n" + "".join(server.err))

    def curl(self, path, *arguments, data=None, server=None):
        return self.protocol.curl(server or self.server, path, *arguments, data=data)

    def connect(self, server=None, **more):
        return self.protocol.connect(server or self.server, **more)

    def assert_problem(self, answer, status):
        self.assertEqual(answer.status, status)
        self.assertEqual(answer.field("content-type"), "application/problem+json")
        self.assertEqual(answer.json()["status"], status)
        return answer.json()

    # --- methods ---

    def test_get(self):
        answer = self.curl("/")
        self.assertEqual((answer.status, answer.body), (200, b"Hello, World!"))
        self.assertEqual(answer.field("content-type"), "text/plain; charset=utf-8")
        self.assertEqual(answer.field("content-length"), "13")
        self.assertEqual(answer.field("server"), "armature")
        self.assertRegex(answer.field("date"), r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")

    def test_every_method(self):
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW", "PROPFIND"]:
            answer = self.curl("/any", "--request", method)
            self.assertEqual((answer.status, answer.json()), (200, {"method": method}))

    def test_head_has_the_fields_of_get_and_no_content(self):
        for path, length in [("/", "13"), ("/bytes/1000", "1000"), ("/stream", None)]:
            with self.connect() as connection:
                head = connection.request("HEAD", path).answer()
                self.assertEqual((head.status, head.body), (200, b""))
                self.assertEqual(head.field("content-length"), length)
                got = connection.request("GET", path).answer()
                ignored = ("date", "transfer-encoding")
                self.assertEqual([f for f in head.fields if f[0] not in ignored],
                                 [f for f in got.fields if f[0] not in ignored])

    def test_options_names_the_methods(self):
        answer = self.curl("/echo", "--request", "OPTIONS")
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.assertEqual(sorted(answer.field("allow").split(", ")),
                         ["OPTIONS", "PATCH", "POST", "PUT"])

    def test_options_of_the_server(self):
        answer = self.curl("/", "--request", "OPTIONS", "--request-target", "*")
        self.assertLess(answer.status, 300)

    def test_no_such_path(self):
        self.assert_problem(self.curl("/nope"), 404)

    def test_wrong_method(self):
        answer = self.curl("/", "--request", "POST")
        self.assert_problem(answer, 405)
        self.assertEqual(sorted(answer.field("allow").split(", ")), ["GET", "HEAD", "OPTIONS"])

    # --- what the application sees ---

    def seen(self, path="/headers", fields=()):
        with self.connect() as connection:
            answer = connection.request("GET", path, fields).answer()
        self.assertEqual(answer.status, 200)
        return answer.json()

    def test_the_application_knows_the_protocol(self):
        self.assertEqual(self.seen()["version"], self.protocol.version)
        self.assertEqual(self.curl("/headers").json()["version"], self.protocol.version)

    def test_fields_keep_their_order_and_repeats(self):
        sent = [("X-One", "1"), ("Accept", "a/b"), ("X-Two", "2"), ("x-one", "3"), ("X-Empty", "")]
        shown = [[name.lower(), value] for name, value in self.seen(fields=sent)["headers"]]
        self.assertEqual([pair for pair in shown if pair[0] != "host"],
                         [[name.lower(), value] for name, value in sent])

    def test_cookies_are_one_field(self):
        fields = [("Cookie", "a=1"), ("Cookie", "b=2"), ("Cookie", "c=3")]
        if self.protocol.version == "HTTP/1.1":  # which sends them so
            fields = [("Cookie", "a=1; b=2; c=3")]
        shown = self.seen(fields=fields)["headers"]
        self.assertEqual([value for name, value in shown if name.lower() == "cookie"],
                         ["a=1; b=2; c=3"])
        self.assertEqual(self.curl("/cookies", "--cookie", "x=1; y=2").json(),
                         {"x": "1", "y": "2"})

    def test_cookies_are_set(self):
        answer = self.curl("/cookies/set?name=a&value=b%2Bc")
        self.assertEqual((answer.status, answer.field("set-cookie")),
                         (204, "a=b+c; Path=/; HttpOnly; SameSite=Lax"))

    def test_the_authority_is_the_host_field(self):
        for host in ["example.org", "example.org:8080", "[::1]:1"]:
            shown = self.curl("/headers", "--header", f"Host: {host}").json()["headers"]
            self.assertEqual([v for n, v in shown if n.lower() == "host"], [host])

    def test_an_invalid_authority_is_refused(self):
        for host in ["a b", "a@b", "a/b"]:
            try:
                self.assertEqual(self.curl("/", "--header", f"Host: {host}").status, 400)
            except AssertionError as error:  # a malformed request's stream may simply be reset
                self.assertRegex(str(error), "PROTOCOL_ERROR|H3_MESSAGE_ERROR")

    def test_the_target_comes_as_it_was_sent(self):
        shown = self.seen("/headers?b=1&a=%C3%A9+x&b=&%zz")
        self.assertEqual((shown["method"], shown["target"], shown["path"]),
                         ("GET", "/headers?b=1&a=%C3%A9+x&b=&%zz", "/headers"))
        self.assertEqual(shown["query"], [["b", "1"], ["a", "é x"], ["b", ""], ["%zz", ""]])
        self.assertRegex(shown["remote"], r"^127\.0\.0\.1:\d+$")

    def test_paths_are_decoded(self):
        for path in ["/users/%34%32", "/x/../users/42", "/%75sers/./42"]:
            self.assertEqual(self.curl(path, "--path-as-is").json()["id"], 42)
        for path in ["/users/%4", "/users/%zz"]:
            self.assert_problem(self.curl(path), 400)
        self.assert_problem(self.curl("/users%2F42"), 404)

    # --- responses ---

    def test_redirects(self):
        answer = self.curl("/redirect?to=/a/b?c=d%26e")
        self.assertEqual((answer.status, answer.field("location")), (302, "/a/b?c=d&e"))

    def test_ranges(self):
        for asked, first, end in [("0-0", 0, 1), ("250-502", 250, 503), ("-3", 997, 1000)]:
            answer = self.curl("/bytes/1000", "--range", asked)
            self.assertEqual((answer.status, answer.body), (206, PATTERN[first:end]))
            self.assertEqual(answer.field("content-range"), f"bytes {first}-{end - 1}/1000")
            self.assertEqual(answer.field("content-length"), str(end - first))

    def test_ranges_beyond_the_end(self):
        answer = self.curl("/bytes/1000", "--range", "1000-")
        self.assert_problem(answer, 416)
        self.assertEqual(answer.field("content-range"), "bytes */1000")

    def test_conditional_requests(self):
        etag = self.curl("/bytes/10").field("etag")
        answer = self.curl("/bytes/10", "--header", f"If-None-Match: {etag}")
        self.assertEqual((answer.status, answer.body, answer.field("etag")), (304, b"", etag))
        self.assert_problem(self.curl("/bytes/10", "--header", 'If-Match: "other"'), 412)

    # --- files ---

    def test_files(self):
        answer = self.curl("/static/pattern.bin")
        self.assertEqual((answer.status, answer.body), (200, PATTERN[:5_000_000]))
        self.assertEqual(answer.field("content-type"), "application/octet-stream")
        self.assertEqual(answer.field("x-content-type-options"), "nosniff")
        answer = self.curl("/static/pattern.bin", "--head")
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(answer.field("content-length"), "5000000")
        self.assert_problem(self.curl("/static/none"), 404)
        self.assert_problem(self.curl("/static/page.html", "--request", "DELETE"), 405)

    def test_ranges_of_files(self):
        for asked, first, end in [("0-0", 0, 1), ("1000-3000999", 1000, 3_001_000),
                                  ("-7", 4_999_993, 5_000_000)]:
            answer = self.curl("/static/pattern.bin", "--range", asked)
            self.assertEqual((answer.status, answer.body), (206, PATTERN[first:end]))
            self.assertEqual(answer.field("content-range"), f"bytes {first}-{end - 1}/5000000")
        answer = self.curl("/static/pattern.bin", "--range", "0-9,2000000-2999999")
        boundary = answer.field("content-type").removeprefix("multipart/byteranges; boundary=")
        parts = answer.body.split(b"--" + boundary.encode())
        self.assertEqual((answer.status, parts[0], parts[3]), (206, b"", b"--\r\n"))
        for part, first, end in [(parts[1], 0, 10), (parts[2], 2_000_000, 3_000_000)]:
            head, _, content = part.partition(b"\r\n\r\n")
            self.assertIn(f"Content-Range: bytes {first}-{end - 1}/5000000".encode(), head)
            self.assertEqual(content, PATTERN[first:end] + b"\r\n")

    def test_files_that_the_client_has(self):
        answer = self.curl("/static/page.html")
        for name, field in [("etag", "If-None-Match"), ("last-modified", "If-Modified-Since")]:
            again = self.curl("/static/page.html", "--header", f"{field}: {answer.field(name)}")
            self.assertEqual((again.status, again.body), (304, b""))

    def test_compressed_files(self):
        answer = self.curl("/static/page.html", "--compressed")
        self.assertEqual((answer.body, answer.field("content-encoding")), (b"<p>packed", "gzip"))
        plain = self.curl("/static/page.html")
        self.assertEqual((plain.body, plain.field("content-encoding")), (b"<p>plain", None))
        self.assertEqual([a.field("vary") for a in (answer, plain)], ["Accept-Encoding"] * 2)

    def test_compressed_responses(self):
        plain = self.curl("/large-json?items=500")
        packed = self.curl("/large-json?items=500", "--compressed")
        self.assertEqual([answer.field("vary") for answer in (plain, packed)],
                         ["Accept-Encoding"] * 2)
        self.assertIsNone(plain.field("content-encoding"))
        self.assertIn(packed.field("content-encoding"), ["gzip", "br", "zstd"])
        self.assertEqual(len(json.loads(plain.body)), 500)
        self.assertEqual(packed.body, plain.body)

    def test_files_outside(self):
        for path in ["/static/../../../../../../etc/passwd", "/static/%2e%2e/%2e%2e/etc/passwd",
                     "/static/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd", "/static//etc/passwd"]:
            self.assert_problem(self.curl(path, "--path-as-is"), 404)

    def test_statuses_without_content(self):
        for status in [204, 304]:
            answer = self.curl(f"/status/{status}")
            self.assertEqual((answer.status, answer.body), (status, b""))
            self.assertIsNone(answer.field("content-length"))

    def test_any_status(self):
        for status in [200, 201, 299, 300, 399]:
            self.assertEqual(self.curl(f"/status/{status}").status, status)
        for status in [400, 418, 499, 500, 503, 599]:
            self.assert_problem(self.curl(f"/status/{status}"), status)

    def test_a_failing_handler_tells_nothing(self):
        answer = self.curl("/panic")
        self.assertNotIn("detail", self.assert_problem(answer, 500))
        self.assertNotIn(b"as it should", answer.body)

    def test_a_guard_protects(self):
        answer = self.curl("/private/me")
        self.assert_problem(answer, 401)
        self.assertEqual(answer.field("www-authenticate"), 'Bearer realm="showcase"')
        answer = self.curl("/private/me", "--header", "Authorization: Bearer showcase-token")
        self.assertEqual(answer.json(), {"subject": "showcase"})

    def test_middleware_runs_in_order(self):
        self.assertEqual(self.curl("/nested/a/b/order").json(),
                         ["root", "nested", "a", "b", "handler", "b", "a", "nested", "root"])

    # --- JSON ---

    def test_json_in_and_out(self):
        answer = self.curl("/api/users", *JSON, *CONTENT, data='{"name":"Zoë","age":36}'.encode())
        number = answer.json()["id"]
        self.assertEqual((answer.status, answer.field("content-type")), (201, "application/json"))
        self.assertEqual(answer.json(), {"id": number, "name": "Zoë", "age": 36})
        self.assertEqual(self.curl(answer.field("location")).body, answer.body)

    def test_what_is_no_json(self):
        for data in [b"", b"{", b'{"name":"x"}}']:
            self.assert_problem(self.curl("/api/users", *JSON, *CONTENT, data=data), 400)

    def test_another_media_type(self):
        other = ["--header", "Content-Type: text/plain"]
        self.assert_problem(self.curl("/api/users", *other, *CONTENT, data=b'{"name":"x"}'), 415)

    def test_json_that_breaks_the_rules(self):
        problem = self.assert_problem(self.curl("/api/users", *JSON, *CONTENT,
                                                data=b'{"name":"","email":"nobody","age":151}'), 422)
        self.assertEqual(sorted(error["pointer"] for error in problem["errors"]),
                         ["/age", "/email", "/name"])

    def test_forms_with_files(self):
        file = PATTERN[:5_000_000]
        disposition = b'--B\r\nContent-Disposition: form-data; name='
        form = (disposition + b'"file"; filename="f.bin"\r\nContent-Type: x/y\r\n\r\n' + file +
                b"\r\n" + disposition + b"more\r\n\r\nvalue\r\n--B--\r\n")
        type = ["--header", "Content-Type: multipart/form-data; boundary=B"]
        answer = self.curl("/upload", *CONTENT, *type, data=form)
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.json(), [
            {"name": "file", "filename": "f.bin", "type": "x/y", "size": len(file),
             "sha256": hashlib.sha256(file).hexdigest()},
            {"name": "more", "type": "text/plain", "size": 5,
             "sha256": hashlib.sha256(b"value").hexdigest()}])
        self.assert_problem(self.curl("/upload", *CONTENT, *type, data=form[:-6]), 400)
        self.assert_problem(self.answer_to_too_much("/upload", [*CONTENT, *type], form), 413)

    # --- limits ---

    def test_content_has_a_limit(self):
        upload = [*CONTENT, "--header", "Expect:"]
        fits = self.curl("/echo", *upload, data=b"x" * 1000, server=self.strict)
        self.assertEqual((fits.status, len(fits.body)), (200, 1000))
        for size in [1001, 3_000_000]:
            self.assert_problem(self.answer_to_too_much("/echo", upload, b"x" * size), 413)
        # Never read by its handler, so never refused.
        self.assertEqual(self.curl("/any", *upload, data=b"x" * 1001, server=self.strict).status,
                         200)

    def answer_to_too_much(self, path, upload, content):
        """curl 7.88 may lose a response that is whole when its stream is reset with NO_ERROR while it
        still sends (RFC 9113 §8.1), which is its error 92; then it asks again."""
        for last in (False, False, False, True):
            try:
                return self.curl(path, *upload, data=content, server=self.strict)
            except AssertionError as error:
                if last or "curl: (92)" not in str(error):
                    raise
        return None

    def test_content_of_unknown_length_has_the_same_limit(self):
        with self.connect(self.strict) as connection:
            stream = connection.request("POST", "/api/users",
                                        [("Content-Type", "application/json")], end=False)
            stream.send(b"x" * 1001)
            self.assert_problem(stream.answer(), 413)

    def test_a_head_has_a_limit(self):
        for fields in [[("X-Big", "x" * 17_000)], [("X-Many", "x")] * 120]:
            with self.connect() as connection:
                self.assert_problem(connection.request("GET", "/", fields).answer(), 431)

    def test_a_target_has_a_limit(self):
        with self.connect() as connection:
            answer = connection.request("GET", "/" + "x" * 9000).answer()
            self.assert_problem(answer, 414)

    def test_a_head_has_a_deadline(self):
        with self.connect(self.strict) as connection:
            connection.begin_request()
            connection.wait_for_close()

    def test_an_idle_connection_is_closed(self):
        with self.connect(self.strict) as connection:
            self.assertEqual(connection.request("GET", "/").answer().status, 200)
            connection.wait_for_close()

    # --- streams ---

    def test_content_of_unknown_length(self):
        answer = self.curl("/stream?chunks=20&bytes=100000")
        self.assertEqual((answer.status, len(answer.body)), (200, 2_000_000))
        self.assertIsNone(answer.field("content-length"))
        self.assertEqual(self.curl("/stream?chunks=0").body, b"")

    def test_content_comes_as_it_is_made(self):
        with self.connect() as connection:
            stream = connection.request("GET", "/stream?chunks=2&bytes=5&delay_ms=200")
            self.assertEqual(stream.read(5), b"xxxxx")
            self.assertEqual(stream.read(5), b"xxxxx")

    def test_content_is_answered_while_it_comes(self):
        with self.connect() as connection:
            stream = connection.request("POST", "/echo", [("Content-Type", "x/y; z=1")], end=False)
            for piece in [b"first", b"second", b"\0\r\n\xff"]:
                stream.send(piece)
                self.assertEqual(stream.read(len(piece)), piece)
            self.assertEqual(stream.head().field("content-type"), "x/y; z=1")
            stream.finish()
            self.assertEqual(stream.answer().status, 200)

    def test_no_content(self):
        answer = self.curl("/echo", "--request", "POST")
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(answer.field("content-length"), "0")

    def test_much_content_comes_whole(self):
        answer = self.curl(f"/bytes/{MUCH}")
        self.assertEqual(answer.field("content-length"), str(MUCH))
        self.assertTrue(answer.body == PATTERN[:MUCH], "other bytes")

    def test_much_content_goes_both_ways(self):
        for more in [[], ["--header", "Transfer-Encoding: chunked"]]:
            answer = self.curl("/echo", "--header", "Expect:", *more, *CONTENT,
                               data=PATTERN[:MUCH])
            self.assertEqual(answer.status, 200)
            self.assertTrue(answer.body == PATTERN[:MUCH], "other bytes")

    def test_trailers_go_both_ways(self):
        with self.connect() as connection:
            stream = connection.request("POST", "/echo", end=False)
            stream.send(b"content")
            self.assertEqual(stream.read(7), b"content")
            stream.finish([("X-Sum", "7"), ("X-Other", "a, b")])
            self.assertEqual(stream.answer().trailers, [("x-sum", "7"), ("x-other", "a, b")])
            self.assertEqual(connection.request("GET", "/").answer().body, b"Hello, World!")

    def test_permission_to_send_content(self):
        answer = self.curl("/echo", "--header", "Expect: 100-continue", "--expect100-timeout", "20",
                           *CONTENT, data=PATTERN[:2_000_000])
        self.assertEqual((answer.interim, answer.status), ([100], 200))
        self.assertTrue(answer.body == PATTERN[:2_000_000], "other bytes")

    def test_an_answer_may_come_before_the_content(self):
        with self.connect() as connection:
            stream = connection.request("POST", "/nope", end=False)
            self.assert_problem(stream.answer(), 404)

    def test_handlers_stop_when_their_client_leaves(self):
        path = f"/slow?ms=59{clients.PROTOCOLS.index(self.protocol)}000"
        with self.connect() as connection:
            self.assertEqual(connection.request("GET", "/").answer().status, 200)
            slow = connection.request("GET", path)
            if self.protocol.version != "HTTP/1.1":  # which answers in order
                self.assertEqual(connection.request("GET", "/").answer().status, 200)
            slow.leave()
            self.server.wait_for(lambda server: any(
                '"cancelled"' in line and path in line for line in server.err))

    def test_cancelled_uploads_leave_the_connection_to_others(self):
        if self.protocol.version == "HTTP/1.1":  # where a connection ends with its request
            return
        with self.connect() as connection:
            for number in range(40):  # twice what the server takes before it is read
                upload = connection.request("GET", "/slow?ms=60000", end=False)
                upload.send(b"x" * 60_000)
                self.assertEqual(connection.request("GET", "/users/1").answer().status, 200)
                upload.leave()
            stream = connection.request("POST", "/echo", end=False)
            stream.send(b"x" * 100_000)
            stream.finish()
            self.assertEqual(len(stream.answer().body), 100_000)

    def test_handlers_stop_when_the_connection_ends(self):
        path = f"/slow?ms=58{clients.PROTOCOLS.index(self.protocol)}000"
        with self.connect() as connection:
            self.assertEqual(connection.request("GET", "/").answer().status, 200)
            connection.request("GET", path)
            if self.protocol.version != "HTTP/1.1":  # so that the handler runs when we leave
                self.assertEqual(connection.request("GET", "/").answer().status, 200)
        self.server.wait_for(lambda server: any(
            '"cancelled"' in line and path in line for line in server.err))

    def test_a_client_that_does_not_read_costs_little(self):
        with self.protocol.start(PROGRAM, "--threads", "1") as server:
            with self.connect(server, receive_buffer=4096) as connection:
                stream = connection.request("GET", "/stream?chunks=1000000&bytes=100000")
                self.assertEqual(stream.read(1000), b"x" * 1000)
                for _ in range(20):
                    self.assertEqual(self.curl("/", server=server).status, 200)
                if not is_instrumented():
                    self.assertLess(memory_mib(server), 40)

    def test_what_is_under_way_goes_on_when_the_server_ends(self):
        with self.protocol.start(PROGRAM, "--threads", "1") as server:
            with self.connect(server) as connection:
                stream = connection.request("POST", "/echo", end=False)
                stream.send(b"x" * 1000)
                self.assertEqual(stream.read(1000), b"x" * 1000)
                server.tell_to_stop()
                server.wait_for_log("shutting down")
                stream.send(b"y" * 1000)
                self.assertEqual(stream.read(1000), b"y" * 1000)
                stream.finish()
                self.assertEqual(stream.answer().status, 200)
            self.assertEqual(server.stop(), 0)

    # --- connections ---

    def test_a_connection_serves_many_requests(self):
        with self.connect() as connection:
            for number in range(50):
                answer = connection.request("GET", f"/users/{number}").answer()
                self.assertEqual(answer.json()["id"], number)
                if number % 10 == 0:
                    stream = connection.request("POST", "/echo", end=False)
                    stream.send(b"x" * 100_000)
                    stream.finish()
                    self.assertEqual(len(stream.answer().body), 100_000)

    def test_a_hundred_requests_at_once(self):
        with self.connect() as connection:
            streams = [connection.request("GET", f"/slow?ms={1 + number % 7}")
                       if number % 2 else connection.request("GET", f"/users/{number}")
                       for number in range(100)]
            for number, stream in enumerate(streams):
                answer = stream.answer()
                self.assertEqual(answer.status, 200)
                if number % 2:
                    self.assertEqual(answer.body, b"Waited %d ms" % (1 + number % 7))
                else:
                    self.assertEqual(answer.json()["id"], number)

    def test_many_clients_get_their_own_answers(self):
        faults = []

        def run(first):
            try:
                with self.connect() as connection:
                    for number in range(first, first + 50):
                        answer = connection.request("GET", f"/users/{number}").answer()
                        if answer.json()["id"] != number:
                            faults.append((number, answer.body))
            except Exception as error:  # reported by the test's own thread
                faults.append(error)

        threads = [threading.Thread(target=run, args=[number * 1000]) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(faults, [])


for protocol in clients.PROTOCOLS:
    name = "Over_" + re.sub(r"\W", "_", protocol.name)
    globals()[name] = type(name, (Behaviours, unittest.TestCase), {"protocol": protocol})
del protocol, name


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()

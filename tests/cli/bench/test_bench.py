"""`armature bench`: its counts beside those of the server's own metrics, and of h2load and wrk.

test_bench.py ARMATURE PROGRAM [unittest's options…]

Nothing here depends on how long something takes, but for one request that the server makes wait."""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "examples"))
import harness
from support import Armature, InAFolder

armature = Armature(sys.argv.pop(1))
PROGRAM = os.path.abspath(sys.argv.pop(1))


def listening(program):
    for line in program.err:
        if '"listening"' in line:
            return json.loads(line)["address"]
    return None


class Misbehaving:
    """A server that reads a request, answers with some bytes, and closes."""

    def __init__(self, answer):
        self.answer = answer
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d/" % self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while True:
            connection, _ = self.socket.accept()
            with connection:
                try:
                    if not connection.recv(65536):
                        continue
                    if self.answer is None:
                        return
                    connection.sendall(self.answer)
                except OSError:
                    pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer = None
        with socket.create_connection(self.socket.getsockname()) as last:
            last.sendall(b"end")
            self.thread.join()
        self.socket.close()


class Bench(InAFolder):
    def serve(self, *words):
        return harness.Program([PROGRAM, "--listen=127.0.0.1:0", *words], listening)

    def run_bench(self, *words, status=0, **options):
        """What --json says."""
        done = armature("bench", *words, "--json", cwd=self.folder, **options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def requests(self, server, route="/"):
        """How many the server counted for a route."""
        text = server.curl("/metrics").body.decode()
        return sum(int(float(count)) for labels, count in
                   re.findall(r"^http_server_requests_total\{(.*)\} (\S+)$", text, re.M)
                   if f'route="{route}"' in labels)


class Counts(Bench):
    def test_are_the_servers_own(self):
        with self.serve() as server:
            counted = 0
            for words in [[], ["--connections", "1"], ["--connections", "30", "--threads", "3"],
                          ["--depth", "7"], ["--no-keep-alive"], ["--rate", "5000"],
                          ["--rate", "5000", "--threads", "2", "--depth", "3"], ["--http2"],
                          ["--http2", "--depth", "50", "--threads", "2"],
                          ["--http2", "--rate", "5000"]]:
                with self.subTest(words):
                    report = self.run_bench(server.url + "/", "--requests", "1003", *words)
                    counted += 1003
                    self.assertEqual(self.requests(server), counted)
                    self.assertEqual(report["responses"], 1003)
                    self.assertEqual(report["statuses"], {"2xx": 1003})
                    self.assertEqual(report["errors"], 0)
                    self.assertEqual(report["content_bytes"], 1003 * len("content"))

    def test_are_those_of_a_run_by_the_clock(self):
        with self.serve() as server:
            for words in [[], ["--http2"], ["--rate", "300"]]:
                before = self.requests(server)
                report = self.run_bench(server.url + "/", "--duration", "300ms", *words)
                self.assertGreater(report["responses"], 0)
                self.assertEqual(self.requests(server) - before, report["responses"])
                self.assertGreaterEqual(report["seconds"], 0.3)

    @unittest.skipUnless(shutil.which("h2load"), "h2load isn't installed (nghttp2-client)")
    def test_are_those_of_h2load(self):
        with self.serve() as server:
            for ours, theirs in [([], "--h1"), (["--http2"], "--no-tls-proto=h2c")]:
                done = subprocess.run(["h2load", theirs, "-n", "700", "-c", "7", server.url + "/"],
                                      capture_output=True, text=True, timeout=harness.TIMEOUT)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                report = self.run_bench(server.url + "/", "-n", "700", "-c", "7", *ours)
                found = re.search(r"status codes: (\d+) 2xx", done.stdout)
                self.assertEqual(report["statuses"]["2xx"], int(found[1]))
                found = re.search(r"traffic: .*\((\d+)\) total, .*\((\d+)\) data", done.stdout)
                self.assertEqual(report["content_bytes"], int(found[2]))
                if not ours:
                    self.assertEqual(report["received_bytes"], int(found[1]))

    @unittest.skipUnless(shutil.which("wrk"), "wrk isn't installed")
    def test_are_as_near_to_the_servers_as_those_of_wrk(self):
        with self.serve() as server:
            done = subprocess.run(["wrk", "-t1", "-c5", "-d1s", server.url + "/"],
                                  capture_output=True, text=True, timeout=harness.TIMEOUT)
            theirs = int(re.search(r"(\d+) requests in", done.stdout)[1])
            counted = self.requests(server)
            self.assertLessEqual(abs(counted - theirs), 2 * 5)  # it drops what is on its way
            report = self.run_bench(server.url + "/", "-c", "5", "-d", "1s")
            self.assertEqual(self.requests(server) - counted, report["responses"])


class Requests(Bench):
    def test_are_due_at_their_time_whatever_the_server_does(self):
        with self.serve() as server:
            # The server stalls for a second at the first of them. Those that were due in it had to
            # wait too: asked as fast as the answers come, only one would have.
            report = self.run_bench(server.url + "/stall", "--rate", "100", "--connections", "1",
                                    "--requests", "200")
            self.assertEqual(report["responses"], 200)
            self.assertGreater(report["latency_ms"]["p90"], 500)
            self.assertGreater(report["latency_ms"]["max"], 990)

    def test_have_fields_content_and_a_method(self):
        (self.folder / "content").write_bytes(b"x" * 100_000)
        with self.serve() as server:
            for protocol in [], ["--http2"]:
                report = self.run_bench(server.url + "/size", "--body", "content", "-n", "50",
                                        *protocol)
                self.assertEqual(report["targets"][0]["target"], "POST /size")
                self.assertEqual(report["content_bytes"], 50 * len("100000"))
                self.assertGreater(report["sent_bytes"], 50 * 100_000)
                report = self.run_bench(server.url + "/token", "-n", "20", "-H", "X-Token: secret",
                                        *protocol)
                self.assertEqual(report["content_bytes"], 20 * len("secret"))
                report = self.run_bench(server.url + "/", "-n", "20", "-m", "HEAD", *protocol)
                self.assertEqual(report["content_bytes"], 0)
                self.assertEqual(report["statuses"], {"2xx": 20})
                self.assertEqual(
                    self.run_bench(server.url + "/size", "-n", "9", "-m", "DELETE",
                                   *protocol)["statuses"], {"4xx": 9})

    def test_go_to_several_targets_by_weight(self):
        with self.serve() as server:
            report = self.run_bench("--target", f"3 {server.url}/", "--target", "/token",
                                    "--target", "2 PUT /size", "-n", "600", "--threads", "2")
            self.assertEqual([(each["target"], each["responses"]) for each in report["targets"]],
                             [("GET /", 300), ("GET /token", 100), ("PUT /size", 200)])
            self.assertEqual(self.requests(server, "/token"), 100)

    def test_go_to_the_get_operations_of_a_document(self):
        operation = {"responses": {"200": {"description": "yes"}}}
        (self.folder / "api.json").write_text(json.dumps({
            "openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": {
                "/": {"get": operation, "post": operation},
                "/items/{id}": {"get": {**operation, "parameters": [
                    {"name": "id", "in": "path", "required": True,
                     "schema": {"type": "integer", "minimum": 7}}]}},
                "/named/{name}": {"get": {**operation, "parameters": [
                    {"name": "name", "in": "path", "required": True,
                     "schema": {"type": "string"}}]}}}}))
        with self.serve() as server:
            done = armature("bench", server.url, "--openapi", "api.json", "-n", "100", "--json",
                            cwd=self.folder)
            self.succeeds(done)
            self.assertIn("left out: GET /named/{name}", done.stderr)
            self.assertEqual([each["target"] for each in json.loads(done.stdout)["targets"]],
                             ["GET /", "GET /items/7"])
            self.assertEqual(self.requests(server, "/items/{id}"), 50)


class Failures(Bench):
    def test_are_told_by_their_kind(self):
        answers = {b"": "closed", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour": "closed",
                   b"SSH-2.0-OpenSSH\r\n\r\n": "protocol",
                   b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n": "protocol",
                   b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab": None,
                   b"HTTP/1.1 200 OK\r\n\r\nto the end": None}
        for answer, kind in answers.items():
            with self.subTest(answer), Misbehaving(answer) as server:
                report = self.run_bench(server.url, "-c", "1", "-n", "5",
                                        status=0 if kind is None else 1)
                if kind is None:
                    self.assertEqual(report["responses"], 5)
                else:
                    self.assertEqual((report["failures"], report["errors"]), ({kind: 5}, 5))

    def test_are_those_who_got_no_answer_in_time(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = "http://127.0.0.1:%d/" % silent.getsockname()[1]
            report = self.run_bench(url, "-c", "2", "-n", "4", "--timeout", "100ms", status=1)
            self.assertEqual(report["failures"], {"timeout": 4})
        report = self.run_bench(url, "-c", "2", "-n", "4", status=1)
        self.assertEqual(report["failures"], {"connect": 4})

    def test_end_the_run_with_one_when_they_were_to_be_none(self):
        with self.serve() as server:
            for words, status, text in [
                    (["/", "--errors", "0", "--p99", "1h", "--at-least", "0.001"], 0, ""),
                    (["/broken", "--errors", "19"], 1, "20 errors, more than 19"),
                    (["/broken", "--errors", "20"], 0, ""),
                    (["/", "--p99", "1us"], 1, "p99 took"),
                    (["/", "--max", "1us"], 1, "the longest took"),
                    (["/", "--at-least", "900000000"], 1, "less than 900,000,000.0")]:
                done = armature("bench", server.url + words[0], "-n", "20", *words[1:])
                self.assertEqual(done.returncode, status, done.stdout + done.stderr)
                self.assertIn(text, done.stderr)
                self.assertIn("20 in ", done.stdout)
                self.assertNotIn("\x1b", done.stdout + done.stderr)

    def test_of_the_command_line_are_explained(self):
        for words, text in [(["http://192.0.2.1/"], "--remote"),
                            (["http://127.0.0.1/", "http://127.0.0.2/"], "one server"),
                            (["ftp://127.0.0.1/"], "http or https"),
                            (["http://127.0.0.1/", "--rate", "0"], "requests per second"),
                            (["http://127.0.0.1/", "--duration", "5"], "50ms"),
                            (["http://127.0.0.1/", "-n", "1", "-d", "1s"], "either"),
                            (["http://127.0.0.1/", "-2", "--no-keep-alive"], "HTTP/2"),
                            (["http://127.0.0.1/", "-H", "no"], "Name: value"),
                            (["http://127.0.0.1/", "-H", "a: b\nc: d"], "Name: value"),
                            (["http://127.0.0.1/", "-H", "Content-Length: 1"], "run itself"),
                            (["http://a:secret@127.0.0.1/"], "--header"),
                            (["http://127.0.0.1/", "--connection", "1"], "--connections")]:
            self.fails(armature("bench", *words), 2, text)
        self.fails(armature("bench", "http://127.0.0.1/", "--body", "nothing"), 1, "nothing")
        self.fails(armature("bench", cwd=self.folder), 1, "armature new NAME")


class Reports(Bench):
    def test_are_compared(self):
        with self.serve() as server:
            before = self.run_bench(server.url + "/", "-n", "100")
            before["responses_per_second"] = before["responses_per_second"] / 2
            (self.folder / "before.json").write_text(json.dumps(before))
            done = self.succeeds(armature("bench", server.url + "/broken", "-n", "100", "-c", "3",
                                          "--compare", "before.json", cwd=self.folder))
            self.assertRegex(done.stdout, r"(?m)^ +before +now$")
            self.assertRegex(done.stdout, r"(?m)^responses/s +[\d,.]+ +[\d,.]+ +[+-][\d.]+ %$")
            self.assertRegex(done.stdout, r"(?m)^errors +0\.0 +100\.0 +new$")
            self.assertIn("weren't made in the same way", done.stdout)
        (self.folder / "other.json").write_text("{}")
        self.fails(armature("bench", "http://127.0.0.1/", "--compare", "other.json",
                            cwd=self.folder), 1, "no report of armature bench")

    def test_are_shown_when_somebody_ends_the_run(self):
        with self.serve() as server:
            run = subprocess.Popen([armature.program, "bench", server.url + "/", "-d", "1h",
                                    "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True)
            while self.requests(server) < 100:
                pass
            run.send_signal(signal.SIGINT)
            out, err = run.communicate(timeout=harness.TIMEOUT)
            self.assertEqual(run.returncode, 0, err)
            self.assertIn("ended before its time", err)
            self.assertEqual(json.loads(out)["responses"], self.requests(server))


class Tls(Bench):
    def setUp(self):
        super().setUp()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "key.pem", "-out",
                        "certificate.pem", "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=IP:127.0.0.1"], cwd=self.folder, check=True,
                       capture_output=True)

    def test_is_spoken_to_servers_that_can_prove_who_they_are(self):
        with self.serve(str(self.folder / "certificate.pem"),
                        str(self.folder / "key.pem")) as server:
            url = server.url.replace("http://", "https://") + "/"
            for words in [], ["--http2"], ["--no-keep-alive"], ["--depth", "5"]:
                report = self.run_bench(url, "-n", "100", "--ca", "certificate.pem", *words)
                self.assertEqual(report["statuses"], {"2xx": 100})
                self.assertEqual(report["content_bytes"], 100 * len("content"))
            report = self.run_bench(url, "-n", "4", "-c", "2", status=1)
            self.assertEqual(report["failures"], {"tls": 4})


class OfAProject(Bench):
    """A project whose program is built already."""

    def test_serves_its_program_on_a_port_of_its_own(self):
        (self.folder / "CMakeLists.txt").write_text("project(shop)\nfind_package(armature)\n")
        report = self.run_bench("/items/3", "--target", "2 /", "--program", PROGRAM, "-n", "90")
        self.assertEqual([(each["target"], each["responses"]) for each in report["targets"]],
                         [("GET /items/3", 30), ("GET /", 60)])
        (self.folder / "ends").write_text("#!/bin/sh\necho no database at all\nexit 3\n")
        (self.folder / "ends").chmod(0o755)
        self.fails(armature("bench", "--program", "ends", cwd=self.folder), 1,
                   "ended before it served", "no database at all")


if __name__ == "__main__":
    unittest.main()

"""`armature dev`: a program that is built again and again while clients ask it.

test_dev.py ARMATURE PROGRAM [unittest's options…]

The projects here are of C: a main that becomes PROGRAM, a server, and tells it the version that
stands in the source. So an edit costs the tests a tenth of a second."""

import base64
import hashlib
import http.client
import os
import pathlib
import re
import signal
import socket
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "examples"))

import harness  # noqa: E402

ARMATURE, PROGRAM = (os.path.abspath(path) for path in sys.argv[1:3])
del sys.argv[1:3]

# The compiler is known to work: asking it again costs each test a second.
CMAKE = """cmake_minimum_required(VERSION 3.25)
set(CMAKE_C_COMPILER_WORKS TRUE)
set(CMAKE_C_ABI_COMPILED TRUE)
project(shop LANGUAGES C)
add_executable(shop main.c)
"""
MAIN = """#include <unistd.h>
int main(int count, char** words) {{
    words[0] = "{version}";
    char* all[20] = {{"{program}"}};
    for (int i = 0; i < count && i < 18; ++i) all[i + 1] = words[i];
    return execv(all[0], all);
}}
"""
BROWSER = ("--header", "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")


def is_alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # A zombie isn't: its parent looks after it.
    return ") Z " not in pathlib.Path(f"/proc/{process}/stat").read_text()


class Dev(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.temporary = pathlib.Path(temporary.name)
        (self.folder / "CMakeLists.txt").write_text(CMAKE)
        self.edit("1")

    def edit(self, version):
        self.write(MAIN.format(version=version, program=PROGRAM))

    def write(self, text):
        """As editors do: a new file in place of the old one."""
        new = self.folder / ".main.c.new"
        new.write_text(text)
        new.rename(self.folder / "main.c")

    def start(self, *words):
        def find(program):
            for line in program.err:
                if found := re.search(r"http://([^/]+)/", line):
                    return found[1]
            return None

        return harness.Program([ARMATURE, "dev", "--port", "0", *words], find, cwd=self.folder,
                               environment={"TMPDIR": str(self.temporary)})

    def until(self, holds):
        end = time.monotonic() + harness.TIMEOUT
        while not (found := holds()):
            self.assertLess(time.monotonic(), end, "not in time")
        return found

    def until_answer(self, server, body):
        self.until(lambda: server.curl("/").body == body.encode())

    def test_serves_the_program_from_the_first_request_on(self):
        with self.start() as server:  # the request is there before the program was built
            answer = server.curl("/")
            self.assertEqual((answer.status, answer.body), (200, b"1"))
            self.assertEqual(answer.field("server"), "armature")
            self.assertIn("127.0.0.1", server.curl("/peer").body.decode())
            self.assertEqual(server.curl("/authority").body.decode(), server.address)

    def test_hands_the_program_its_arguments(self):
        with self.start("--", "--name", "two words") as server:
            self.assertEqual(server.curl("/arguments").body, b"--name two words ")

    def test_no_client_is_refused_in_thirty_edits(self):
        with self.start() as server:
            self.until_answer(server, "1")
            host, port = server.address.split(":")
            going, faults, versions = threading.Event(), [], []
            going.set()

            def hammer(keeps):
                connection = None
                seen = 0
                while going.is_set():
                    try:
                        connection = connection or http.client.HTTPConnection(
                            host, int(port), timeout=harness.TIMEOUT)
                        connection.request("GET", "/")
                        response = connection.getresponse()
                        body = response.read()
                        if response.status != 200 or int(body) < seen:
                            faults.append((response.status, body, seen))
                        seen = int(body)
                        versions.append(seen)
                        if not keeps:
                            connection.close()
                            connection = None
                    except OSError as error:
                        faults.append(repr(error))
                        connection = None
                if connection:
                    connection.close()

            threads = [threading.Thread(target=hammer, args=(keeps,))
                       for keeps in (True, False, True, False)]
            for thread in threads:
                thread.start()
            try:
                for version in range(2, 32):
                    self.edit(version)
                    self.until_answer(server, str(version))
            finally:
                going.clear()
                for thread in threads:
                    thread.join()
            self.assertEqual(faults, [])
            self.assertEqual(max(versions), 31)
            self.assertGreater(len(versions), 100)

    def test_who_was_let_in_before_a_change_gets_an_answer(self):
        with self.start() as server:
            self.until_answer(server, "1")
            answers = []
            thread = threading.Thread(target=lambda: answers.append(server.curl("/slow").body))
            thread.start()
            self.edit("2")
            self.until_answer(server, "2")
            thread.join()
            self.assertIn(answers, [[b"1"], [b"2"]])

    def test_shows_what_the_compiler_says(self):
        with self.start() as server:
            self.until_answer(server, "1")
            self.write("int main(void) {\n    return <oops>;\n}\n")
            self.until(lambda: server.curl("/").status == 503)

            problem = server.curl("/any/path")
            self.assertEqual(problem.field("content-type"), "application/problem+json")
            problem = problem.json()
            self.assertEqual(problem["status"], 503)
            first = problem["errors"][0]
            self.assertEqual((first["file"], first["line"]), ("main.c", 2))

            page = server.curl("/any/path", *BROWSER)
            self.assertEqual(page.status, 503)
            self.assertEqual(page.field("content-type"), "text/html; charset=utf-8")
            text = page.body.decode()
            self.assertIn("return &lt;oops&gt;;", text)
            self.assertIn(f"vscode://file{self.folder.resolve()}/main.c:2:", text)
            self.assertNotIn("<oops>", text)
            server.wait_for(lambda program: any("main.c:2:" in line for line in program.err))

            self.edit("2")
            self.until_answer(server, "2")

    def test_shows_what_cmake_says(self):
        (self.folder / "CMakeLists.txt").write_text(CMAKE + "find_package(Nothing REQUIRED)\n")
        with self.start() as server:
            first = server.curl("/").json()["errors"][0]
            self.assertEqual((first["file"], first["line"]), ("CMakeLists.txt", 6))
            (self.folder / "CMakeLists.txt").write_text(CMAKE)
            self.until_answer(server, "1")

    def test_shows_how_the_program_crashed(self):
        with self.start() as server:
            self.until_answer(server, "1")
            answer = server.curl("/crash")
            self.assertEqual(answer.status, 503)
            self.assertEqual(answer.json()["title"], "The program crashed")
            self.assertIn("SIGABRT", answer.json()["detail"])
            self.assertIn("about to crash in 1", answer.json()["output"])
            self.assertEqual(server.curl("/").status, 503)
            self.edit("2")
            self.until_answer(server, "2")

    def test_shows_why_the_program_does_not_start(self):
        self.edit("ends")
        with self.start() as server:
            answer = server.curl("/", *BROWSER)
            self.assertEqual(answer.status, 503)
            self.assertIn("exit status 3", answer.body.decode())
            self.assertIn("no &lt;database&gt; at all", answer.body.decode())
            self.edit("2")
            self.until_answer(server, "2")

    def test_pages_are_told_to_load_anew(self):
        with self.start() as server:
            self.until_answer(server, "1")
            page = server.curl("/page", *BROWSER)
            text = page.body.decode()
            self.assertIn("<h1>1</h1>", text)
            generation = re.search(
                r'<script src="/_armature/dev/reload.js" data-generation="(\d+)"></script>', text)[1]
            self.assertEqual(page.field("content-length"), str(len(page.body)))
            self.assertEqual(page.field("cache-control"), "no-store")
            again = server.curl("/page", *BROWSER, "--header", 'If-None-Match: "same"')
            self.assertEqual(again.status, 200)
            self.assertIn("EventSource", server.curl("/_armature/dev/reload.js").body.decode())
            self.assertIn(' nonce="c2VjcmV0">', server.curl("/strict", *BROWSER).body.decode())

            with server.connect() as events:
                events.send(b"GET /_armature/dev/events HTTP/1.1\r\nHost: x\r\n\r\n")
                events.read_until(f"data: {generation}\n".encode())
                self.edit("2")
                events.read_until(f"data: {int(generation) + 1}\n".encode())

    def test_parts_of_pages_and_data_stay_as_they_are(self):
        with self.start() as server:
            self.until_answer(server, "1")
            part = server.curl("/page", *BROWSER, "--header", "Sec-Fetch-Dest: empty")
            self.assertNotIn(b"_armature", part.body)
            self.assertNotIn(b"_armature", server.curl("/", *BROWSER).body)
            self.assertEqual(server.curl("/page", "--head").body, b"")

    def test_pages_stay_as_they_are_without_reload(self):
        with self.start("--no-reload") as server:
            self.assertNotIn(b"_armature", server.curl("/page", *BROWSER).body)
            self.assertEqual(server.curl("/_armature/dev/reload.js").status, 404)

    def test_content_goes_through_in_both_directions(self):
        with self.start() as server:
            content = bytes(range(256)) * 64 * 1024  # 16 MiB: more than any buffer on the way
            self.assertEqual(server.curl("/repeat", "--data-binary", "@-", data=content).body,
                             content)
            chunked = ("--header", "Transfer-Encoding: chunked", "--data-binary", "@-")
            self.assertEqual(server.curl("/size", *chunked, data=content).body,
                             str(len(content)).encode())

    def test_events_come_as_they_are_sent(self):
        with self.start() as server:
            self.until_answer(server, "1")
            with server.connect() as events:
                events.send(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
                events.read_until(b"data: 1\n")  # the stream goes on for an hour

    def test_websockets_go_through(self):
        with self.start() as server:
            self.until_answer(server, "1")
            with server.connect() as client:
                key = base64.b64encode(bytes(16)).decode()
                client.send(f"GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket"
                            f"\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
                head = client.read_until(b"\r\n\r\n")
                self.assertIn(b"101 Switching Protocols", head)
                proof = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
                self.assertIn(base64.b64encode(proof), head)
                client.send(b"\x81\x85\0\0\0\0hello")  # masked with zeros
                client.read_until(b"\x81\x05hello")
                self.edit("2")  # a restart closes it, as the end of the program does
                client.read_until(b"\x03\xe9")  # a close frame with 1001, going away
            self.until_answer(server, "2")

    def test_what_git_ignores_changes_nothing(self):
        if os.system("git --version >/dev/null 2>&1") != 0:
            self.skipTest("git is not installed")
        os.system(f"git -C {self.folder} init --quiet")
        (self.folder / ".gitignore").write_text("/state.json\n/build\n")
        with self.start() as server:
            process = self.until(lambda: server.curl("/process").body)
            (self.folder / "state.json").write_text("{}")
            (self.folder / "notes.txt").write_text("no source")
            self.assertEqual(server.curl("/process").body, process)
            (self.folder / "settings.json").write_text("{}")  # the program may read it
            self.until(lambda: server.curl("/process").body != process)

    def test_the_end_leaves_no_process_behind(self):
        for number in signal.SIGINT, signal.SIGTERM:
            with self.start() as server:
                process = int(self.until(lambda: server.curl("/process").body))
                self.assertTrue(is_alive(process))
                server.process.send_signal(number)
                self.assertEqual(server.process.wait(harness.TIMEOUT), 0)
                self.assertFalse(is_alive(process))
                server._told_to_stop = True
            self.assertEqual(list(self.temporary.iterdir()), [])

    def test_a_killed_command_takes_its_program_along(self):
        server = self.start()
        process = int(self.until(lambda: server.curl("/process").body))
        server.process.kill()
        self.until(lambda: not is_alive(process))
        server._join()

    def test_says_what_is_missing(self):
        def refusal(*words, folder=self.folder):
            done = harness.subprocess.run([ARMATURE, "dev", "--port", "0", *words], cwd=folder,
                                          capture_output=True, text=True, timeout=harness.TIMEOUT)
            return done.returncode, done.stderr

        with tempfile.TemporaryDirectory() as empty:
            status, text = refusal(folder=empty)
            self.assertEqual(status, 1)
            self.assertIn("there is no CMakeLists.txt", text)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            status, text = refusal("--port", str(taken.getsockname()[1]))
            self.assertEqual(status, 1)
            self.assertIn("the address is in use", text)

    def test_asks_which_program(self):
        (self.folder / "CMakeLists.txt").write_text(
            CMAKE.replace("add_executable(shop", "add_executable(one") + "add_executable(two main.c)\n")
        with self.start() as server:
            self.assertIn("--target: one, two", server.curl("/").json()["detail"])
        with self.start("--target", "two") as server:
            self.until_answer(server, "1")


if __name__ == "__main__":
    unittest.main()

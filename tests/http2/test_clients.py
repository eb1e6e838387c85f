"""HTTP/2 as other people's software speaks it: h2spec, nghttp, h2load, curl, Chromium.

test_clients.py PROGRAM BUILD_FOLDER [unittest's options…]"""

import html
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).parents[1] / "protocols")]

import clients  # noqa: E402
import browser  # noqa: E402
import harness  # noqa: E402

PROGRAM = BUILD_FOLDER = ""
H2SPEC = "github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible"


def find_h2spec():
    """h2spec, which Go installs into the build folder; None without Go or its registry."""
    folder = pathlib.Path(BUILD_FOLDER).resolve() / "h2spec"
    program = folder / "h2spec"
    if not program.exists() and (go := shutil.which("go")):
        done = subprocess.run([go, "install", H2SPEC], env={**os.environ, "GOBIN": str(folder)},
                              capture_output=True, text=True, timeout=200)
        if done.returncode != 0:
            print(done.stderr, file=sys.stderr)
    return str(program) if program.exists() else None


def need(test, tool, package):
    if not shutil.which(tool):
        test.skipTest(f"{tool} is not installed (Debian: {package})")


def run(*command, status=0):
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    if done.returncode != status:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = clients.start(PROGRAM, "--threads", "2", "--max-body", "50000000",
                                   "--static", str(pathlib.Path(__file__).with_name("pages")))
        cls.urls = [f"{scheme}://{cls.server.ready[scheme]}" for scheme in ("http", "https")]

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0, "".join(cls.server.err)

    # --- h2spec ---

    def h2spec(self, scheme, *flags):
        program = find_h2spec()
        if program is None:
            self.skipTest(f"h2spec is not there: `go install {H2SPEC}` needs Go (Debian: golang-go)")
        host, port = self.server.ready[scheme].split(":")
        report = run(program, "-h", host, "-p", port, "-S", *flags)
        total, passed = map(int, re.search(r"(\d+) tests, (\d+) passed", report).groups())
        self.assertEqual((total, passed), (146, 146), report)

    def test_h2spec(self):
        self.h2spec("http")

    def test_h2spec_over_tls(self):
        self.h2spec("https", "-t", "-k")

    # --- nghttp ---

    def nghttp(self, *arguments):
        need(self, "nghttp", "nghttp2-client")
        return run("nghttp", "--no-verify-peer", *arguments)

    def test_nghttp(self):
        for url in self.urls:
            self.assertEqual(self.nghttp(url + "/json"), '{"message":"Hello, World!"}')

    def test_nghttp_upgrades(self):
        log = self.nghttp("-v", "--upgrade", self.urls[0] + "/json")
        self.assertIn("101 Switching Protocols", log)
        self.assertIn('{"message":"Hello, World!"}', log)
        self.assertEqual(len(self.nghttp("--upgrade", self.urls[0] + "/stream")), 10_240)

    def test_who_asks_for_an_upgrade_by_half_gets_http_1_1(self):
        for connection, settings, status in [
                (b"Upgrade, HTTP2-Settings", b"HTTP2-Settings: AAMAAABk", b"101"),
                (b"upgrade,http2-settings", b"http2-settings: AAMAAABk", b"101"),
                (b"Upgrade", b"HTTP2-Settings: AAMAAABk", b"200"),
                (b"Upgrade, HTTP2-Settings", b"X: AAMAAABk", b"200")]:
            with self.server.connect() as opened:
                opened.send(b"GET /json HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: "
                            + connection + b"\r\n" + settings + b"\r\n\r\n")
                self.assertEqual(opened.read_until(b"\r\n").split()[1], status, connection)

    def test_nghttp_sends_continuation_and_padding(self):
        for url in self.urls:
            # nghttp adds six fields of 4 KB each, more than a head may have.
            log = self.nghttp("-v", "--continuation", url + "/headers")
            self.assertRegex(log, r"send HEADERS frame <length=\d{5}")
            self.assertRegex(log, r":status: 431")
            self.assertNotIn("error_code=PROTOCOL", log)
            self.assertEqual(self.nghttp("--padding=200", url + "/"), "Hello, World!")

    def test_nghttp_sends_priorities(self):
        for url in self.urls:
            self.assertEqual(self.nghttp("--weight=200", url + "/", url + "/json"),
                             'Hello, World!{"message":"Hello, World!"}')

    def test_nghttp_uploads_with_trailers_and_padding(self):
        content = bytes(i % 251 for i in range(1_000_000))
        with harness.temporary_folder() as folder:
            path = pathlib.Path(folder, "content")
            path.write_bytes(content)
            for url in self.urls:
                for more in [[], ["--padding=100"], ["--no-content-length"], ["--window-bits=10"]]:
                    done = subprocess.run(
                        ["nghttp", "--no-verify-peer", f"--data={path}", "--trailer=x-sum: 1", *more,
                         url + "/echo"], capture_output=True, timeout=60)
                    self.assertTrue(done.stdout == content, f"other content: {more}")
            log = self.nghttp("-v", f"--data={path}", "--trailer=x-sum: 17", "-n",
                              "--no-content-length", self.urls[0] + "/echo")
            received = re.findall(r"recv \(stream_id=\d+\) x-sum: (\d+)", log)
            self.assertEqual(received, ["17"])

    def test_nghttp_reads_many_at_once(self):
        for url in self.urls:
            log = self.nghttp("-s", "-n", "-m", "100", "--window-bits=14",
                              "--connection-window-bits=16", url + "/bytes/100000")
            self.assertEqual(len(re.findall(r"\s200\s+97K\s", log)), 100, log)

    # --- h2load ---

    def h2load(self, path, *arguments, count=5000):
        need(self, "h2load", "nghttp2-client")
        for url in self.urls:
            report = run("h2load", "-n", str(count), "-c", "8", "-m", "32", *arguments, url + path)
            self.assertRegex(report, rf"\b{count} succeeded, 0 failed, 0 errored, 0 timeout", report)
            self.assertRegex(report, rf"status codes: {count} 2xx", report)

    def test_h2load(self):
        self.h2load("/")
        self.h2load("/users/7")

    def test_h2load_of_large_responses(self):
        self.h2load("/bytes/300000", count=500)
        self.h2load("/stream?chunks=5&bytes=20000", count=500)
        self.h2load("/bytes/300000", "-w", "12", "-W", "14", count=100)

    def test_h2load_of_uploads(self):
        with harness.temporary_folder() as folder:
            path = pathlib.Path(folder, "content")
            path.write_bytes(b"x" * 300_000)
            self.h2load("/echo", "-d", str(path), count=300)

    def test_sigterm_under_load(self):
        """Every request that h2load counts as begun was answered, or was never accepted: h2load
        calls those `errored` that it could not send because of the GOAWAY."""
        need(self, "h2load", "nghttp2-client")
        with clients.start(PROGRAM, "--threads", "2") as server:
            load = subprocess.Popen(["h2load", "-n", "200000", "-c", "4", "-m", "10",
                                     f"http://{server.ready['http']}/"], stdout=subprocess.PIPE,
                                    text=True)
            # It says how far it is: now the server is under load.
            report = ""
            while "progress" not in report:
                line = load.stdout.readline()
                self.assertTrue(line, report)
                report += line
            server.tell_to_stop()
            report += load.communicate(timeout=60)[0]
        done = int(re.search(r"(\d+) done", report)[1])
        succeeded, failed = map(int, re.search(r"(\d+) succeeded, (\d+) failed", report).groups())
        ok = int(re.search(r"status codes: (\d+) 2xx", report)[1])
        self.assertGreater(ok, 100, report)
        self.assertEqual(ok, succeeded, report)
        self.assertLess(done, 200_000, report)

    # --- a browser ---

    def chromium(self, path):
        """The page as a browser has it in the end, over TLS."""
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        if chromium is None:
            self.skipTest("Chromium is not installed (Debian: chromium)")
        return html.unescape(browser.browse(chromium, self.urls[1] + path, "--dump-dom",
                                            "--ignore-certificate-errors"))

    def test_chromium(self):
        shown = self.chromium("/headers")
        self.assertIn('"version":"HTTP/2"', shown)
        self.assertIn('["accept-language"', shown)

    def test_chromium_has_websockets_end_well(self):
        # By its own wish, and by ours for a message that is too large.
        shown = self.chromium("/static/sockets.html")
        self.assertEqual(re.search("<p id=\"ends\">(.*)</p>", shown).group(1),
                         "4001 clean, 4001 clean, 1009 clean, 1009 clean")


if __name__ == "__main__":
    PROGRAM, BUILD_FOLDER = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()

"""TLS as clients meet it: openssl, curl, sslscan and Python's ssl against the showcase.

test_tls.py PROGRAM [unittest's options…]"""

import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).parents[1] / "protocols")]

import clients  # noqa: E402
import harness  # noqa: E402

PROGRAM = ""


def openssl(*arguments, text=""):
    done = subprocess.run(["openssl", *arguments], input=text, capture_output=True, text=True,
                          errors="replace", timeout=harness.TIMEOUT)
    return done.stdout + done.stderr


def make_certificate(folder, name, *more):
    """A key and a certificate for that name, in files; gives their paths."""
    paths = f"{folder}/{name}.pem", f"{folder}/{name}.key"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
            "-out", paths[0], "-keyout", paths[1], *more)
    return paths


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = clients.start(PROGRAM, "--threads", "2", "--header-timeout", "1000")
        cls.address = cls.server.ready["https"]

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0, "".join(cls.server.err)

    def connect(self, *arguments, text=""):
        return openssl("s_client", "-connect", self.address, *arguments, text=text)

    # --- versions and ciphers ---

    def test_only_the_last_two_versions(self):
        for version in ["-tls1", "-tls1_1"]:
            report = self.connect(version, "-cipher", "ALL:@SECLEVEL=0")
            self.assertIn("alert protocol version", report)
        self.assertIn("New, TLSv1.2, Cipher is ECDHE-", self.connect("-tls1_2"))
        self.assertIn("New, TLSv1.3, Cipher is TLS_", self.connect("-tls1_3"))

    def test_only_forward_secrecy_and_authenticated_encryption(self):
        for cipher in ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384",
                       "DHE-RSA-AES128-GCM-SHA256", "AES256-SHA", "eNULL", "aNULL"]:
            report = self.connect("-tls1_2", "-cipher", cipher + ":@SECLEVEL=0")
            self.assertIn("Cipher is (NONE)", report, cipher)
        for cipher in ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
                       "ECDHE-ECDSA-CHACHA20-POLY1305"]:
            self.assertIn(f"Cipher is {cipher}", self.connect("-tls1_2", "-cipher", cipher))

    def test_neither_renegotiation_nor_compression(self):
        report = self.connect("-tls1_2", text="R\n")
        self.assertRegex(report, "no renegotiation|unexpected message")
        self.assertIn("Compression: NONE", self.connect("-comp"))

    def test_sslscan_finds_nothing_weak(self):
        if not shutil.which("sslscan"):
            self.skipTest("sslscan is not installed (Debian: sslscan)")
        report = subprocess.run(["sslscan", "--no-colour", self.address], capture_output=True,
                                text=True, timeout=120).stdout
        for version in ["SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1"]:
            self.assertRegex(report, rf"{version}\s+disabled")
        accepted = re.findall(r"(?:Accepted|Preferred)\s+\S+\s+\d+ bits\s+(\S+)", report)
        self.assertGreaterEqual(len(accepted), 4)
        for cipher in accepted:
            self.assertRegex(cipher, r"^TLS_|^ECDHE-.*(GCM|CHACHA20)")
        self.assertIn("renegotiation not supported", report)

    # --- ALPN ---

    def test_protocols_are_agreed(self):
        for offered, chosen in [("h2", "h2"), ("http/1.1", "http/1.1"), ("http/1.1,h2", "h2"),
                                ("h3,http/1.1", "http/1.1")]:
            self.assertIn(f"ALPN protocol: {chosen}\n", self.connect("-alpn", offered))
        self.assertIn("No ALPN negotiated", self.connect())
        self.assertIn("alert no application protocol", self.connect("-alpn", "spdy/3,h3"))

    def test_http_1_1_without_alpn(self):
        answer = self.server.run_curl("-k", "--no-alpn", "-i", f"https://{self.address}/headers")
        self.assertEqual(harness.Answer(answer).json()["version"], "HTTP/1.1")

    # --- what is no TLS ---

    def answer_to(self, sent):
        with clients.open_socket(self.address) as opened:
            try:
                opened.sendall(sent)
                received = b""
                while data := opened.recv(1000):
                    received += data
                return received
            except ConnectionResetError:
                return b""

    def test_what_is_no_handshake_is_dropped(self):
        for sent in [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"\0" * 100, b"\xff" * 20_000,
                     b"\x16\x03\x01\xff\xff" + b"x" * 70_000, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]:
            received = self.answer_to(sent)
            self.assertTrue(received == b"" or received[0] == 21, received[:20])  # an alert
        self.test_http_1_1_without_alpn()

    def test_a_handshake_has_a_deadline(self):
        for sent in [b"", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"]:
            self.assertEqual(self.answer_to(sent), b"")

    # --- certificates ---

    def test_the_certificate_for_development_has_the_usual_names(self):
        chain = self.connect("-showcerts")
        text = openssl("x509", "-noout", "-text", text=chain)
        for part in ["DNS:localhost", "IP Address:127.0.0.1", "IP Address:0:0:0:0:0:0:0:1",
                     "CA:FALSE", "TLS Web Server Authentication", "ecdsa-with-SHA256"]:
            self.assertIn(part, text)
        with harness.temporary_folder() as folder:  # a client that trusts it finds nothing wrong
            pathlib.Path(folder, "ca.pem").write_text(chain)
            port = self.address.rsplit(":", 1)[1]
            for host in ["localhost", "127.0.0.1"]:
                self.server.run_curl("--cacert", folder + "/ca.pem", "--resolve",
                                     f"localhost:{port}:127.0.0.1", f"https://{host}:{port}/")


class Sessions(unittest.TestCase):
    """Resumption, and certificates that change while the server runs."""

    def setUp(self):
        self.folder = harness.temporary_folder()
        self.addCleanup(self.folder.cleanup)
        self.certificate, self.key = make_certificate(self.folder.name, "one.test")
        self.server = clients.start(PROGRAM, "--threads", "2", "--cert", self.certificate, "--key",
                                    self.key)
        self.address = self.server.ready["https"]

    def tearDown(self):
        self.assertEqual(self.server.stop(), 0, "".join(self.server.err))

    def reload(self, log):
        count = sum(log in line for line in self.server.err)
        self.server.process.send_signal(signal.SIGHUP)
        self.server.wait_for(lambda s: sum(log in line for line in s.err) > count)

    def replace_certificate(self):
        certificate, key = make_certificate(self.folder.name, "two.test")
        shutil.move(certificate, self.certificate)
        shutil.move(key, self.key)

    def name(self):
        report = openssl("s_client", "-connect", self.address)
        return re.search(r"subject=CN = (\S+)", report)[1]

    def context(self, version):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = context.maximum_version = version
        return context

    def session(self, context, session=None):
        """One request; whether its session was resumed, and the session."""
        with clients.open_socket(self.address) as plain, \
                context.wrap_socket(plain, session=session) as opened:
            opened.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            answer = b""
            while data := opened.recv(1000):
                answer += data
            assert answer.endswith(b"Hello, World!"), answer
            return opened.session_reused, opened.session

    def test_sessions_are_resumed_also_after_a_reload(self):
        for version in [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]:
            context = self.context(version)
            resumed, session = self.session(context)
            self.assertFalse(resumed)
            for _ in range(4):  # whichever loop serves it
                resumed, again = self.session(context, session)
                self.assertTrue(resumed)
            self.reload("read the certificates again")
            resumed, again = self.session(context, again)
            self.assertTrue(resumed)

    def test_a_new_certificate_is_shown_after_sighup(self):
        self.assertEqual(self.name(), "one.test")
        self.replace_certificate()
        self.assertEqual(self.name(), "one.test")
        self.reload("read the certificates again")
        self.assertEqual(self.name(), "two.test")

    def test_what_cannot_be_used_changes_nothing(self):
        for break_it in [lambda: pathlib.Path(self.certificate).write_text("no certificate"),
                         lambda: pathlib.Path(self.key).unlink()]:
            break_it()
            before = len(self.server.err)
            self.reload("kept the old certificates")
            self.assertEqual(len(self.server.err), before + 1)
            self.assertIn(self.folder.name, self.server.err[-1])
            self.assertEqual(self.name(), "one.test")

    def test_handshakes_under_way_survive_reloads(self):
        opened = [clients.open_socket(self.address) for _ in range(20)]
        for _ in range(3):
            self.reload("read the certificates again")
        for plain in opened:
            with self.context(ssl.TLSVersion.TLSv1_3).wrap_socket(
                    plain, server_hostname="one.test") as socket_:
                socket_.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                self.assertTrue(socket_.recv(1000).startswith(b"HTTP/1.1 200"))

    def test_reloads_lose_no_request(self):
        faults, counts, over = [], [], threading.Event()

        def run():
            count = 0
            context = self.context(ssl.TLSVersion.TLSv1_3)
            try:
                while not over.is_set():
                    self.session(context)
                    count += 1
            except Exception as error:  # reported by the test's own thread
                faults.append(error)
            counts.append(count)

        threads = [threading.Thread(target=run) for _ in range(3)]
        load = shutil.which("h2load") and subprocess.Popen(
            ["h2load", "-n", "20000", "-c", "4", "-m", "8", f"https://{self.address}/"],
            stdout=subprocess.PIPE, text=True)
        for thread in threads:
            thread.start()
        for _ in range(10):
            self.replace_certificate()
            self.reload("read the certificates again")
        over.set()
        for thread in threads:
            thread.join()
        self.assertEqual(faults, [])
        self.assertGreater(min(counts), 3)
        if load:
            report = load.communicate(timeout=120)[0]
            self.assertIn("20000 succeeded, 0 failed, 0 errored", report)

    def test_a_shutdown_does_not_wait_for_handshakes(self):
        with clients.open_socket(self.address) as opened:
            self.name()  # so that the one before was accepted
            self.server.tell_to_stop()
            self.assertEqual(opened.recv(100), b"")


class Starting(unittest.TestCase):
    def test_files_that_cannot_be_used_stop_the_start(self):
        with harness.temporary_folder() as folder:
            certificate, key = make_certificate(folder, "one.test")
            other = make_certificate(folder, "other.test")[1]
            encrypted, empty = folder + "/encrypted.key", folder + "/empty"
            openssl("ec", "-in", key, "-out", encrypted, "-aes128", "-passout", "pass:secret")
            pathlib.Path(empty).write_text("")
            for files, named in [((certificate, other), "doesn't belong"),
                                 ((certificate, encrypted), "passphrase"),
                                 ((certificate, empty), "private key"),
                                 ((empty, key), "no PEM certificate"),
                                 ((key, key), "no PEM certificate"),
                                 ((certificate, certificate), "private key"),
                                 ((folder, key), folder),
                                 ((certificate, "/no/such.key"), "/no/such.key"),
                                 (("/no/such.pem", key), "/no/such.pem")]:
                with self.subTest(files):
                    done = subprocess.run(
                        [PROGRAM, "--https", "127.0.0.1:0", "--cert", files[0], "--key", files[1]],
                        capture_output=True, text=True, timeout=harness.TIMEOUT,
                        stdin=subprocess.DEVNULL)
                    self.assertEqual((done.returncode, done.stdout), (2, ""))
                    self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                    self.assertIn(named, done.stderr)
                    self.assertNotIn("secret", done.stderr)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()

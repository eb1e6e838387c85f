"""HTTP/3 with the client of the ngtcp2 project, as Debian packages it.

test_gtlsclient.py PROGRAM [unittest's options…]"""

import os
import re
import subprocess
import sys
import tempfile
import unittest

import harness
from harness import Identity, Server, generated, run

PROGRAM = ""
MEGABYTE = 1_000_000
SECRET = "0123456789abcdef0123456789abcdef"


class GtlsClient(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.identity = Identity(cls.folder.name, "localhost", "localhost", "DNS:localhost", "IP:127.0.0.1")
        cls.content = os.urandom(32 * MEGABYTE)
        cls.upload = os.path.join(cls.folder.name, "upload")
        with open(cls.upload, "wb") as file:
            file.write(cls.content)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def serve(self, *options, **more):
        return Server(PROGRAM, [self.identity], *options, **more)

    def send(self, server, path, *options, **more):
        return run(server, path, "-m", "POST", "-d", self.upload, *options, **more)

    def test_a_request_looks_as_on_every_protocol(self):
        with self.serve() as server:
            got = run(server, "/describe?a=1").saved("describe?a=1").decode()
            self.assertIn("method: GET\nscheme: https\n", got)
            self.assertIn(f"authority: localhost:{server.port}\ntarget: /describe?a=1\n", got)
            self.assertIn("path: /describe\nquery: a=1\nprotocol: HTTP/3\npeer: 127.0.0.1\n", got)
            self.assertIn(f"field host: localhost:{server.port}\n", got)

    def test_a_head_request_gets_the_head_only(self):
        with self.serve() as server:
            got = run(server, "/memory/1000", "-m", "HEAD")
            self.assertIn("[content-length: 1000]", got)
            self.assertEqual(got.saved("1000"), b"")

    def test_a_route_has_a_limit_and_a_time_out(self):
        with self.serve() as server:
            self.assertIn("[:status: 413]", self.send(server, "/small"))
            self.assertIn("[:status: 503]", run(server, "/hurry"))

    def test_it_serves_ipv6(self):
        with self.serve(address="::1") as server:
            self.assertIn("peer: ::1\n", run(server, "/describe").saved("describe").decode())

    def test_downloads_are_intact(self):
        size = 32 * MEGABYTE
        with self.serve() as server:
            self.assertEqual(run(server, f"/generate/{size}", verbose=False).saved(str(size)), generated(size))
            self.assertEqual(run(server, f"/memory/{size}", verbose=False).saved(str(size)), b"m" * size)
            self.assertEqual(run(server, f"/sparse/{size}", verbose=False).saved(str(size)), bytes(size))

    def test_an_upload_is_intact_and_so_is_its_echo(self):
        with self.serve() as server:
            self.assertEqual(self.send(server, "/mirror", verbose=False).saved("mirror"), self.content)

    def test_lost_packets_cost_time_but_no_bytes(self):
        with self.serve() as server:
            got = self.send(server, "/mirror", "-t", "0.05", "-r", "0.05", verbose=False)
            self.assertEqual(got.saved("mirror"), self.content)

    def test_many_requests_share_a_connection(self):
        with self.serve() as server:
            got = run(server, ["/"], "-n", 1000, "--no-http-dump")
            self.assertEqual(got.count("HTTP stream [0-9]+ closed with error code 256"), 1000)

    def test_several_workers_share_a_port(self):
        with self.serve("--threads", 2) as server:
            runs = [harness.Run(server, ["/generate/3000000"], verbose=False) for _ in range(6)]
            for each in runs:
                self.assertEqual(each.wait().saved("3000000"), generated(3 * MEGABYTE))

    def test_a_client_may_have_to_prove_its_address(self):
        with self.serve("--retry") as server:
            got = run(server, "/describe")
            self.assertIn("type=Retry", got)
            self.assertTrue(got.saved("describe"))

    def test_a_resumed_session_may_send_its_request_at_once(self):
        with self.serve("--early-data") as server:
            kept = ["--session-file", os.path.join(self.folder.name, "session"),
                    "--tp-file", os.path.join(self.folder.name, "parameters")]
            run(server, "/", *kept, "--timeout=1s", exits=False)  # stays until the ticket came
            got = run(server, "/describe", *kept)
            self.assertIn("method: GET", got.saved("describe").decode())
            self.assertTrue(got.count(r"frm tx \d+ 0RTT STREAM\(0x..\) id=0x0 fin=1"))
            response = re.search(r"frm rx \d+ 1RTT STREAM\(0x..\) id=0x0 fin=1", got.output).start()
            handshake = re.search(r"frm tx \d+ Handshake CRYPTO", got.output).start()
            self.assertLess(response, handshake, "the response didn't come before the handshake's end")

            together = run(server, "/describe", *kept, "--disable-early-data")
            self.assertFalse(together.count("0RTT STREAM"))
            self.assertTrue(together.saved("describe"))

    def test_early_data_is_refused_unless_it_is_turned_on(self):
        with self.serve() as server:
            kept = ["--session-file", os.path.join(self.folder.name, "session2"),
                    "--tp-file", os.path.join(self.folder.name, "parameters2")]
            run(server, "/", *kept, "--timeout=1s", exits=False)
            got = run(server, "/describe", *kept)
            self.assertTrue(got.saved("describe"))
            response = re.search(r"frm rx \d+ 1RTT STREAM\(0x..\) id=0x0 fin=1", got.output).start()
            handshake = re.search(r"frm tx \d+ Handshake CRYPTO", got.output).start()
            self.assertGreater(response, handshake)

    def test_keys_can_be_renewed(self):
        with self.serve() as server:
            got = run(server, f"/generate/{10 * MEGABYTE}", "--key-update=2ms", "--no-http-dump")
            self.assertIn("key update confirmed", got)
            self.assertEqual(got.saved(str(10 * MEGABYTE)), generated(10 * MEGABYTE))

    def test_a_client_may_move_to_another_address(self):
        with self.serve("--threads", 2) as server:
            got = run(server, f"/generate/{10 * MEGABYTE}", "--change-local-addr=5ms", "--no-http-dump")
            self.assertRegex(got.output, "Path validation against path .* succeeded")
            self.assertEqual(got.saved(str(10 * MEGABYTE)), generated(10 * MEGABYTE))

    def test_a_clients_address_may_change_without_its_knowing(self):
        with self.serve("--threads", 2) as server:
            got = self.send(server, "/count", "--change-local-addr=5ms", "--nat-rebinding")
            self.assertTrue(got.count("frm rx .*PATH_CHALLENGE"), "the server didn't ask whether it is the same client")
            self.assertEqual(got.saved("count"), str(len(self.content)).encode())

    def test_unknown_versions_are_told_which_are_known(self):
        with self.serve() as server:
            got = run(server, "/", "-v", "0xdeadbeef")
            self.assertIn("type=VN", got)
            self.assertIn("ERR_RECV_VERSION_NEGOTIATION", got)

    def test_a_restarted_server_ends_connections_that_it_doesnt_know(self):
        server = self.serve("--secret", SECRET)
        client = harness.Run(server, ["/"], "--delay-stream=2s")
        for line in client.process.stdout:
            if b"HANDSHAKE_DONE" in line:
                break
        server.kill()
        with self.serve("--secret", SECRET, port=server.port):
            self.assertIn("ERR_DRAINING", client.wait())

    def test_tcp_announces_it(self):
        with self.serve() as server:
            got = subprocess.run(["curl", "-sk", "-D", "-", f"https://127.0.0.1:{server.port}/"],
                                 capture_output=True, text=True, check=True).stdout
            self.assertIn(f'alt-svc: h3=":{server.port}"; ma=86400', got)

    def test_shutdown_finishes_what_is_under_way(self):
        with self.serve() as server:
            client = harness.Run(server, ["/sleep/1000"], "--no-http-dump")
            for line in client.process.stdout:
                if b"HANDSHAKE_DONE" in line:
                    break
            self.assertEqual(server.stop(), 0)
            self.assertEqual(client.wait().saved("1000"), b"slept")
            self.assertIn("cancelled=0", server.last_words)

    def test_what_takes_longer_than_a_shutdown_waits_is_cancelled(self):
        with self.serve("--shutdown", 300) as server:
            client = harness.Run(server, ["/wait"], "--no-http-dump", "--timeout=5s")
            for line in client.process.stdout:
                if b"HANDSHAKE_DONE" in line:
                    break
            run(server, "/")
            self.assertEqual(server.stop(), 0)
            client.wait()
            self.assertIn("cancelled=1", server.last_words)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)

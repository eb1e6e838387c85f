"""HTTP/3 with aioquic, a QUIC stack that shares no code with ours, as a good client and as a bad one.

test_aioquic.py PROGRAM [unittest's options…]"""

import contextlib
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import unittest

from aioquic_client import REQUEST_CANCELLED, Http, client, frame, qpack
from harness import Identity, Server

PROGRAM = ""

EXCESSIVE_LOAD = 0x107
MESSAGE_ERROR = 0x10E
NO_ERROR = 0x100


class Aioquic(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.identity = Identity(cls.folder.name, "localhost", "localhost", "DNS:localhost", "IP:127.0.0.1")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def serve(self, *options, **more):
        return Server(PROGRAM, [self.identity], *options, **more)

    async def assert_still_serves(self, server):
        async with client(server.address, server.port) as other:
            self.assertEqual((await other.request("GET", "/")).body, b"Hello")

    # --- good clients ---------------------------------------------------------------------------

    async def test_requests_and_their_responses(self):
        with self.serve() as server:
            async with client(server.address, server.port, authority_file=self.identity.certificate) as c:
                got = await c.request("GET", "/")
                self.assertEqual((got.status, bytes(got.body)), (200, b"Hello"))
                self.assertEqual(got.field("server"), "armature")
                self.assertEqual(got.field("content-length"), "5")
                self.assertTrue(got.field("date"))
                self.assertEqual((await c.request("GET", "/nowhere")).status, 404)
                self.assertEqual((await c.request("DELETE", "/")).status, 405)
                got = await c.request("POST", "/small", b"content")
                self.assertEqual(bytes(got.body), b"content")
                got = await c.request("POST", "/small", b"")
                self.assertEqual((got.status, bytes(got.body)), (200, b""))

    async def test_cookies_are_joined_and_fields_keep_their_order(self):
        with self.serve() as server:
            async with client(server.address, server.port) as c:
                got = await c.request("GET", "/describe", fields=[("cookie", "a=1"), ("x-a", "1"), ("cookie", "b=2"),
                                                                  ("x-a", "2")])
                self.assertIn(b"field x-a: 1\nfield x-a: 2\n", got.body)
                self.assertIn(b"field cookie: a=1; b=2\n", got.body)

    async def test_large_content_goes_both_ways_at_once(self):
        content = os.urandom(4_000_000)
        with self.serve() as server:
            async with client(server.address, server.port) as c:
                self.assertEqual(bytes((await c.request("POST", "/mirror", content)).body), content)

    async def test_trailers_go_both_ways(self):
        with self.serve() as server:
            async with client(server.address, server.port) as c:
                got = await c.request("POST", "/count", b"12345", trailers=[(b"x-sum", b"7")])
                self.assertEqual(bytes(got.body), b"5 x-sum=7")
                got = await c.request("POST", "/mirror", b"12345", trailers=[(b"x-sum", b"7")])
                self.assertEqual((bytes(got.body), got.trailers), (b"12345", [("x-sum", "7")]))
                got = await c.request("GET", "/generate/10")
                self.assertEqual(got.trailers, [("x-bytes", "10")])

    async def test_extended_connect_is_a_tunnel(self):
        with self.serve() as server:
            async with client(server.address, server.port) as c:
                head = c.head("CONNECT", "/tunnel", [("sec-websocket-version", "13")])
                stream = c.send_head([(b":protocol", b"echo"), *head], end=False)
                await c.until(lambda: c.answer(stream).fields)
                self.assertEqual(c.answer(stream).status, 200)
                for part in (b"ping", b"pong"):
                    c.send(stream, part, end=False)
                    await c.until(lambda: c.answer(stream).body.endswith(part))
                c.send(stream, b"", end=True)
                self.assertEqual(bytes((await c.response(stream)).body), b"pingpong")

    async def test_each_name_has_its_certificate(self):
        other = Identity(self.folder.name, "other", "other.example", "DNS:other.example", "DNS:*.wild.example")
        with Server(PROGRAM, [self.identity, other]) as server:
            for name, identity in [("localhost", self.identity), ("other.example", other), ("a.wild.example", other)]:
                async with client(server.address, server.port, name=name, authority_file=identity.certificate) as c:
                    self.assertEqual((await c.request("GET", "/")).status, 200, name)

    async def test_renewed_certificates_are_for_new_connections(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        first = Identity(folder.name, "own", "localhost", "DNS:localhost")
        authority = shutil.copy(first.certificate, os.path.join(folder.name, "first.pem"))
        with Server(PROGRAM, [first]) as server:
            async with client(server.address, server.port, authority_file=authority) as before:
                pathlib.Path(first.certificate).write_text("no certificate")
                server.process.send_signal(signal.SIGHUP)  # refused: the old one stays
                async with client(server.address, server.port, authority_file=authority) as c:
                    self.assertEqual((await c.request("GET", "/")).status, 200)
                renewed = Identity(folder.name, "own", "localhost", "DNS:localhost")
                server.process.send_signal(signal.SIGHUP)
                while True:  # the signal takes a moment; the test's time-out ends it
                    with contextlib.suppress(ConnectionError):
                        async with client(server.address, server.port, authority_file=renewed.certificate) as c:
                            self.assertEqual((await c.request("GET", "/")).status, 200)
                            break
                self.assertEqual((await before.request("GET", "/")).status, 200)

    async def test_early_data_carries_safe_methods_only(self):
        with self.serve("--early-data") as server:
            tickets = []
            async with client(server.address, server.port, tickets=tickets.append) as c:
                while not tickets:
                    await c.ping()
            for method, path, content in [("GET", "/", None), ("POST", "/small", b"content")]:
                async with client(server.address, server.port, session_ticket=tickets[-1], waits=False) as c:
                    c.http = Http(c._quic)
                    got = await c.request(method, path, content)
                    self.assertTrue(c._quic.tls.early_data_accepted)
                    self.assertEqual(bytes(got.body), content or b"Hello")
                tickets.pop() if len(tickets) > 1 else None

    async def test_a_replayed_clienthello_gets_no_early_data(self):
        with self.serve("--early-data") as server:
            tickets = []
            async with client(server.address, server.port, tickets=tickets.append) as c:
                while not tickets:
                    await c.ping()
            accepted = []
            for _ in range(2):
                async with client(server.address, server.port, session_ticket=tickets[0]) as c:
                    await c.request("GET", "/")
                    accepted.append(c._quic.tls.early_data_accepted)
            self.assertTrue(accepted[0])

    # --- refusals -------------------------------------------------------------------------------

    async def test_another_protocol_is_refused(self):
        with self.serve() as server:
            with self.assertRaises(ConnectionError):
                async with client(server.address, server.port, protocols=["hq-interop"]) as c:
                    await c.request("GET", "/")
            await self.assert_still_serves(server)

    async def test_malformed_heads_reset_their_stream_only(self):
        def heads(c):
            usual = dict(c.head("GET", "/"))
            yield [(k, v) for k, v in usual.items() if k != b":path"]
            yield [(k, v) for k, v in usual.items() if k != b":method"]
            yield [*usual.items(), (b":path", b"/")]
            yield [*usual.items(), (b"connection", b"close")]
            yield [*usual.items(), (b"transfer-encoding", b"chunked")]
            yield [*usual.items(), (b"te", b"gzip")]
            yield [(b"x-a", b"1"), *usual.items()]
            yield [*usual.items(), (b":unknown", b"1")]
            yield [(k, b"" if k == b":path" else v) for k, v in usual.items()]

        with self.serve() as server:
            async with client(server.address, server.port) as c:
                for fields in heads(c):
                    got = await c.response(c.send_head(fields))
                    self.assertEqual((got.reset, got.status), (MESSAGE_ERROR, None), fields)
                self.assertEqual((await c.request("GET", "/")).status, 200)

    async def test_heads_that_disagree_with_themselves_are_bad_requests(self):
        with self.serve() as server:
            async with client(server.address, server.port) as c:
                got = await c.request("GET", "/", fields=[("host", "other.example")])
                self.assertEqual(got.status, 400)
                got = await c.request("GET", "/", authority="user@localhost")
                self.assertIn(got.status, (400, None))
                got = await c.request("POST", "/small", b"four", fields=[("content-length", "5")])
                self.assertEqual(got.reset, MESSAGE_ERROR)

    async def test_what_is_too_large_is_refused(self):
        with self.serve() as server:
            async with client(server.address, server.port) as c:
                for head, status in [(c.head("GET", "/", [("x-large", "x" * 20_000)]), 431),
                                     (c.head("GET", "/", [("x", "y")] * 150), 431),
                                     (c.head("GET", "/" + "p" * 9_000), 414)]:
                    stream = c._quic.get_next_available_stream_id()
                    c._quic.send_stream_data(stream, frame(1, qpack(head)), end_stream=True)
                    c.transmit()
                    self.assertEqual((await c.response(stream)).status, status)
                got = await c.request("POST", "/small", b"x" * 2_000_000)
                self.assertEqual(got.status, 413)

    async def test_an_answered_upload_may_go_on_for_a_while(self):
        with self.serve() as server:
            async with client(server.address, server.port) as c:
                for content, stopped in [(b"x" * 3_000_000, None), (b"x" * 10_000_000, NO_ERROR)]:
                    stream = c.send_head(c.head("POST", "/unread"), end=False)
                    got = await c.response(stream)
                    self.assertEqual(bytes(got.body), b"not read")
                    c.send(stream, content)
                    while got.stopped is None and stream in c._quic._streams:
                        await c.ping()  # until all of it arrived
                    self.assertEqual(got.stopped, stopped)
                self.assertEqual((await c.request("GET", "/")).status, 200)

    async def test_an_answered_upload_that_stands_still_is_stopped(self):
        with self.serve("--grace", 300) as server:
            async with client(server.address, server.port) as c:
                stream = c.send_head(c.head("POST", "/unread"), end=False)
                got = await c.response(stream)
                await c.until(lambda: got.stopped is not None)
                self.assertEqual(got.stopped, NO_ERROR)
                self.assertEqual((await c.request("GET", "/")).status, 200)

    async def test_a_head_without_end_closes_the_connection(self):
        with self.serve() as server:
            async with client(server.address, server.port) as c:
                stream = c._quic.get_next_available_stream_id()
                c._quic.send_stream_data(stream, frame(1, qpack([(b"x", b"y" * 4_000)] * 40)))
                c.transmit()
                await c.until(lambda: c.closed)
                self.assertEqual(c.closed.error_code, EXCESSIVE_LOAD)
            await self.assert_still_serves(server)

    async def test_an_unread_client_gets_no_more_credit(self):
        with self.serve() as server:
            async with client(server.address, server.port, max_stream_data=1) as c:
                before = server.resident()
                for _ in range(50):
                    c.send_head(c.head("GET", "/generate/100000000"))
                got = await c.request("GET", "/produced")
                await self.assert_still_serves(server)
                self.assertLess(int(got.body or b"0"), 8_000_000)
                self.assertLess(server.resident() - before, 32_000_000)

    async def test_requests_beyond_the_agreed_number_arent_accepted(self):
        with self.serve("--streams", 10) as server:
            async with client(server.address, server.port) as c:
                self.assertEqual(c._quic._remote_max_streams_bidi, 10)
                for _ in range(50):
                    self.assertEqual((await c.request("GET", "/")).status, 200)

    # --- floods and slow clients ----------------------------------------------------------------

    async def test_rapid_resets_close_the_connection(self):
        with self.serve() as server:
            async with client(server.address, server.port) as c:
                try:
                    for _ in range(20):
                        for _ in range(50):
                            stream = c.send_head(c.head("GET", "/wait"))
                            c._quic.reset_stream(stream, REQUEST_CANCELLED)
                            c._quic.stop_stream(stream, REQUEST_CANCELLED)
                        await c.ping()
                except Exception:
                    pass
                await c.until(lambda: c.closed)
                self.assertEqual(c.closed.error_code, EXCESSIVE_LOAD)
            await self.assert_still_serves(server)

    async def test_a_cancelled_request_cancels_its_handler(self):
        with self.serve() as server:
            async with client(server.address, server.port) as c:
                stream = c.send_head(c.head("GET", "/wait"))
                await c.ping()
                c._quic.stop_stream(stream, REQUEST_CANCELLED)
                c._quic.reset_stream(stream, REQUEST_CANCELLED)
                c.transmit()
                await c.ping()
                self.assertEqual(bytes((await c.request("GET", "/cancelled")).body), b"1")

    async def test_a_response_that_isnt_wanted_any_more_is_given_up(self):
        with self.serve() as server:
            async with client(server.address, server.port) as c:
                stream = c.send_head(c.head("POST", "/mirror"), end=False)
                await c.until(lambda: c.answer(stream).fields)
                c._quic.stop_stream(stream, REQUEST_CANCELLED)
                c.send(stream, b"what should be mirrored now", end=False)
                await c.until(lambda: c.answer(stream).stopped is not None)
                self.assertEqual(c.answer(stream).stopped, REQUEST_CANCELLED)
                self.assertEqual((await c.request("GET", "/")).status, 200)

    async def test_a_client_that_leaves_cancels_its_handlers(self):
        with self.serve() as server:
            async with client(server.address, server.port) as c:
                c.send_head(c.head("GET", "/wait"))
                await c.ping()
            async with client(server.address, server.port) as c:
                self.assertEqual(bytes((await c.request("GET", "/cancelled")).body), b"1")

    async def test_content_that_doesnt_come_times_out(self):
        with self.serve("--grace", 300) as server:
            async with client(server.address, server.port) as c:
                got = await c.response(c.send_head(c.head("POST", "/count"), end=False))
                self.assertEqual(got.status, 408)

    async def test_a_response_that_isnt_read_is_given_up(self):
        with self.serve("--grace", 300) as server:
            async with client(server.address, server.port, max_stream_data=1000) as c:
                got = await c.response(c.send_head(c.head("GET", "/memory/100000")))
                self.assertIsNotNone(got)

    async def test_an_unfinished_head_times_out(self):
        with self.serve("--header", 300) as server:
            async with client(server.address, server.port) as c:
                stream = c._quic.get_next_available_stream_id()
                c._quic.send_stream_data(stream, frame(1, qpack([(b"x", b"y" * 500)]))[:300])
                c.transmit()
                self.assertEqual((await c.response(stream)).reset, 0x10D)

    async def test_an_idle_connection_is_closed(self):
        with self.serve("--idle", 500) as server:
            async with client(server.address, server.port) as c:
                await c.request("GET", "/")
                with contextlib.suppress(ConnectionError):
                    while True:  # packets alone don't keep it
                        await c.ping()
                await c.until(lambda: c.closed)
                self.assertEqual(c.closed.error_code, NO_ERROR)

    async def test_a_connections_requests_are_counted(self):
        with self.serve("--requests", 5) as server:
            async with client(server.address, server.port) as c:
                for _ in range(5):
                    self.assertEqual((await c.request("GET", "/")).status, 200)
                await c.until(lambda: c.closed)
                self.assertEqual(c.closed.error_code, NO_ERROR)

    async def test_connections_are_counted(self):
        with self.serve("--connections", 1) as server:
            async with client(server.address, server.port) as c:
                with self.assertRaises(ConnectionError):
                    async with client(server.address, server.port):
                        pass
                self.assertEqual((await c.request("GET", "/")).status, 200)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)

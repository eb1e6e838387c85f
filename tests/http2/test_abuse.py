"""What a hostile HTTP/2 client can do, in raw frames. While it does, another client is served, and
the server's memory stays within bounds.

test_abuse.py PROGRAM [unittest's options…]"""

import pathlib
import re
import struct
import sys
import threading
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).parents[1] / "protocols")]

import clients  # noqa: E402
import harness  # noqa: E402
import http2  # noqa: E402
from http2 import (CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, PRIORITY,  # noqa: E402
                   RST_STREAM, SETTINGS, WINDOW_UPDATE, Closed, encode, frame, request_fields)

PROGRAM = ""
MOST_MIB = 64


def connect(server, settings=None, **more):
    opened = clients.open_socket(server.ready["http"], receive_buffer=more.pop("buffer", None))
    return http2.Connection(opened, settings, **more).start()


class Witness(threading.Thread):
    """Another client, whose every request has to be answered."""

    def __init__(self, server):
        super().__init__()
        self._server, self._over = server, threading.Event()
        self.answered, self.fault = 0, None
        self.start()

    def run(self):
        try:
            with connect(self._server) as connection:
                while not self._over.is_set() or self.answered < 20:
                    stream = connection.request("GET", "/")
                    stream.wait_for_end()
                    assert bytes(stream.data) == b"Hello, World!"
                    self.answered += 1
        except Exception as error:  # reported by the test's own thread
            self.fault = error

    def finish(self):
        self._over.set()
        self.join()
        if self.fault is not None:
            raise self.fault


class Abuse(unittest.TestCase):
    def setUp(self):
        self.server = clients.start(PROGRAM, "--threads", "1", "--header-timeout", "500")
        self.witness = Witness(self.server)

    def tearDown(self):
        try:
            self.witness.finish()
            if not is_instrumented():
                status = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text()
                self.assertLess(int(re.search(r"VmHWM:\s*(\d+)", status)[1]) / 1024, MOST_MIB)
        finally:
            self.assertEqual(self.server.stop(), 0, "".join(self.server.err))

    def flood(self, make, count=100_000, batch=200, before=b"", reads=True):
        """Sends `make(i)` again and again; gives the error of the GOAWAY that stops it, or None if
        nothing does."""
        with connect(self.server) as connection:
            reader = threading.Thread(target=connection.wait_for_close)
            if reads:
                reader.start()
            try:
                connection.send(before)
                for first in range(0, count, batch):
                    connection.send(b"".join(make(i) for i in range(first, first + batch)))
            except Closed:
                pass
            if not reads:
                return None
            if connection.goaway is None:
                try:  # no more input: the reader ends with the connection
                    connection.socket.shutdown(1)
                except OSError:
                    pass
            reader.join()
            return connection.goaway and connection.goaway[1]

    # --- floods of frames ---

    def request(self, number, path="/slow?ms=60000", end=True):
        return frame(HEADERS, END_HEADERS | (END_STREAM if end else 0), number,
                     encode(request_fields("GET", path)))

    def test_rapid_reset(self):  # CVE-2023-44487
        cancel = struct.pack("!I", http2.CANCEL)
        error = self.flood(lambda i: self.request(2 * i + 1) +
                           frame(RST_STREAM, 0, 2 * i + 1, cancel))
        self.assertEqual(error, http2.ENHANCE_YOUR_CALM)

    def test_rapid_reset_of_requests_that_run(self):
        with connect(self.server) as connection:
            with self.assertRaises(Closed):
                for _ in range(100):
                    streams = [connection.request("GET", "/slow?ms=60000") for _ in range(100)]
                    connection.ping()
                    for stream in streams:
                        stream.reset()
                    connection.ping()
            self.assertEqual(connection.goaway[1], http2.ENHANCE_YOUR_CALM)

    def test_making_the_server_reset(self):  # CVE-2025-8671
        for increment in [0, 2**31 - 1]:
            wrong = struct.pack("!I", increment)
            error = self.flood(lambda i: self.request(2 * i + 1) +
                               frame(WINDOW_UPDATE, 0, 2 * i + 1, wrong) * 2)
            self.assertIsNotNone(error)

    def test_malformed_requests(self):
        bad = encode([*request_fields("GET", "/"), ("Upper-Case", "x")])
        error = self.flood(lambda i: frame(HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, bad))
        self.assertIsNotNone(error)

    def test_more_streams_than_allowed(self):
        self.flood(lambda i: self.request(2 * i + 1), count=20_000)

    def test_continuation_flood(self):  # CVE-2024-27316
        for piece in [b"", encode([("x-more", "x" * 1000)])]:
            start = frame(HEADERS, 0, 1, encode(request_fields("GET", "/")))
            error = self.flood(lambda i: frame(CONTINUATION, 0, 1, piece), before=start)
            self.assertIsNotNone(error)

    def test_settings_flood(self):
        self.assertEqual(self.flood(lambda i: frame(SETTINGS)), http2.ENHANCE_YOUR_CALM)

    def test_large_settings(self):
        many = b"".join(struct.pack("!HI", 0x4, i) for i in range(2000))
        error = self.flood(lambda i: frame(SETTINGS, 0, 0, many), count=5000, batch=10)
        self.assertEqual(error, http2.ENHANCE_YOUR_CALM)

    def test_ping_flood(self):
        ping = frame(PING, payload=b"12345678")
        self.assertEqual(self.flood(lambda i: ping), http2.ENHANCE_YOUR_CALM)

    def test_ping_flood_of_a_client_that_does_not_read(self):
        with connect(self.server, buffer=4096) as connection:
            connection.socket.settimeout(1)
            with self.assertRaises(Closed):  # stuck, or cut off
                while True:
                    connection.send(frame(PING, payload=b"12345678") * 1000)

    def test_priority_flood(self):
        self.assertEqual(self.flood(lambda i: frame(PRIORITY, 0, 2 * i + 1, b"\0\0\0\0\x10")),
                         http2.ENHANCE_YOUR_CALM)

    def test_window_update_flood(self):
        one = frame(WINDOW_UPDATE, payload=struct.pack("!I", 1))
        self.assertEqual(self.flood(lambda i: one), http2.ENHANCE_YOUR_CALM)

    def test_window_updates_of_a_fast_reader(self):
        with connect(self.server) as connection:  # which sends two for each frame
            stream = connection.request("GET", "/bytes/60000000")
            stream.wait_for_end()
            self.assertEqual(len(stream.data), 60_000_000)

    def test_flood_of_empty_data(self):
        start = self.request(1, "/echo", end=False).replace(b"GET", b"PUT")
        self.assertEqual(self.flood(lambda i: frame(DATA, 0, 1), before=start),
                         http2.ENHANCE_YOUR_CALM)

    def test_flood_of_unknown_frames(self):
        self.assertEqual(self.flood(lambda i: frame(0xEE, 0, 0, b"x")), http2.ENHANCE_YOUR_CALM)

    def test_unknown_frames_are_ignored(self):
        with connect(self.server) as connection:
            for kind in [0x0A, 0x0B, 0x2A, 0xEE, 0xFF]:
                connection.send(frame(kind, 0, 0, b"x"))
            self.assertEqual(connection.request("GET", "/json").wait_for_end(), None)
            self.assertIsNone(connection.goaway)

    # --- heads ---

    def test_a_small_head_that_unpacks_to_a_huge_one(self):
        # One field of 4,000 bytes goes into the table; then each byte stands for it once more.
        block = encode(request_fields("GET", "/"))
        block += b"\x40" + http2.integer(1, 7) + b"x" + http2.integer(4000, 7) + b"x" * 4000
        with connect(self.server) as connection:
            stream = connection.open_stream()
            connection.send(http2.head_frames(stream.number, block + b"\xbe" * 12_000, END_STREAM))
            self.assertEqual(connection.wait_for_close(), http2.ENHANCE_YOUR_CALM)
            self.assertIsNone(stream.status)

    def test_trailers_that_unpack_to_a_huge_section(self):
        block = b"\x40" + http2.integer(1, 7) + b"x" + http2.integer(4000, 7) + b"x" * 4000
        with connect(self.server) as connection:
            stream = connection.request("POST", "/echo", end=False)
            connection.send(http2.head_frames(stream.number, block + b"\xbe" * 12_000, END_STREAM))
            self.assertEqual(connection.wait_for_close(), http2.ENHANCE_YOUR_CALM)

    def test_a_head_that_is_never_finished(self):
        with connect(self.server) as connection:
            connection.send(frame(HEADERS, 0, 1, encode(request_fields("GET", "/"))))
            connection.wait_for_close()

    def test_a_preface_that_is_never_finished(self):
        for part in [http2.PREFACE[:10], http2.PREFACE, http2.PREFACE + frame(SETTINGS)[:5]]:
            with clients.open_socket(self.server.ready["http"]) as opened:
                opened.sendall(part)
                while opened.recv(1000):
                    pass

    # --- windows ---

    def test_a_window_that_overflows(self):
        most = struct.pack("!I", 2**31 - 1)
        with connect(self.server) as connection:
            stream = connection.request("GET", "/slow?ms=60000")
            connection.send(frame(WINDOW_UPDATE, 0, stream.number, most) * 2)
            stream.connection.wait(lambda _: stream.error is not None)
            self.assertEqual(stream.error, http2.FLOW_CONTROL_ERROR)
            connection.send(frame(WINDOW_UPDATE, 0, 0, most) * 2)
            self.assertEqual(connection.wait_for_close(), http2.FLOW_CONTROL_ERROR)

    def test_content_beyond_the_window(self):
        with connect(self.server, {http2.SETTINGS_INITIAL_WINDOW_SIZE: 0}) as connection:
            stream = connection.request("POST", "/echo", end=False)
            try:
                connection.send(frame(DATA, 0, stream.number, b"x" * 16384) * 100)
                connection.wait(lambda _: stream.error is not None)
            except Closed:
                pass
            self.assertEqual(stream.error or connection.goaway[1], http2.FLOW_CONTROL_ERROR)

    def test_tiny_windows_and_large_responses(self):
        with connect(self.server, {http2.SETTINGS_INITIAL_WINDOW_SIZE: 1}, reads=False) as connection:
            streams = [connection.request("GET", "/bytes/1000000000") for _ in range(100)]
            streams += [connection.request("GET", "/json") for _ in range(20)]
            for _ in range(50):  # byte by byte
                connection.send(b"".join(frame(WINDOW_UPDATE, 0, stream.number,
                                               struct.pack("!I", 1)) for stream in streams[:20]))
                connection.ping()
            connection.wait(lambda _: all(len(stream.data) == 51 for stream in streams[:20]))
            self.assertEqual({len(stream.data) for stream in streams[20:]}, {1})

    def test_uploads_that_nobody_reads(self):
        # Full windows on all streams of ten connections; the connection's window bounds them.
        connections = [connect(self.server, {http2.SETTINGS_INITIAL_WINDOW_SIZE: 0}, reads=False)
                       for _ in range(10)]
        try:
            for connection in connections:
                for _ in range(100):
                    stream = connection.request("POST", "/echo", end=False)
                    room = min(connection.credit, stream.credit, 100_000)
                    stream.send(b"x" * room)
                connection.ping()
        finally:
            for connection in connections:
                connection.socket.close()

    # --- streams that never end ---

    def test_an_upload_that_was_answered_is_stopped(self):
        with connect(self.server) as connection:
            stream = connection.request("POST", "/nope", end=False)
            with self.assertRaises(Closed):
                stream.send(b"x" * 10_000_000)
            self.assertEqual((stream.status, stream.ended, stream.error), (404, True, 0))
            again = connection.request("GET", "/")
            again.wait_for_end()

    def test_content_that_never_comes(self):
        """Takes as long as ServerLimits::transfer_grace, 20 seconds."""
        with connect(self.server) as connection, \
                connect(self.server, {http2.SETTINGS_INITIAL_WINDOW_SIZE: 0}) as other:
            # On a busy machine its end comes later than what other tests wait for.
            for waiting in (connection, other):
                waiting.socket.settimeout(3 * harness.TIMEOUT)
            fields = [("content-type", "application/json")]
            late = [connection.request("POST", "/api/users", fields, end=False) for _ in range(100)]
            for _ in range(20):
                other.request("GET", "/bytes/1000")
            other.ping()
            # Answered at once, though its end never comes.
            answered = [connection.request("GET", "/", end=False) for _ in range(20)]
            for stream in late:
                stream.wait_for_end()
                self.assertEqual(stream.status, 408)
            connection.wait(lambda _: all(stream.error is not None for stream in answered))
            self.assertEqual({(stream.status, stream.error) for stream in answered}, {(200, 0)})
            other.wait_for_close()  # nor does one that gives no credit stay for ever

    def test_many_connections_that_wait(self):
        connections = [connect(self.server) for _ in range(200)]
        try:
            for connection in connections:
                for _ in range(20):
                    connection.request("GET", "/slow?ms=60000")
                connection.ping()
        finally:
            for connection in connections:
                connection.socket.close()


class Ending(unittest.TestCase):
    """SIGTERM: everything that was accepted is answered."""

    def setUp(self):
        self.server = clients.start(PROGRAM, "--threads", "2")

    def tearDown(self):
        self.assertEqual(self.server.stop(), 0, "".join(self.server.err))

    def test_what_is_under_way_is_answered(self):
        with connect(self.server) as connection:
            slow = [connection.request("GET", "/slow?ms=500") for _ in range(20)]
            echo = connection.request("POST", "/echo", end=False)
            connection.ping()
            self.server.tell_to_stop()
            connection.wait(lambda c: c.goaway is not None)
            self.assertEqual(connection.goaway, (2**31 - 1, http2.NO_ERROR))
            # A client that didn't know yet.
            late = connection.request("GET", "/json")
            connection.wait(lambda c: c.goaway[0] < 2**31 - 1)
            if connection.goaway[0] >= late.number:
                late.wait_for_end()
                self.assertEqual(late.status, 200)
            # One that should have known is not answered, and disturbs nothing.
            ignored = connection.request("GET", "/json")
            echo.send(b"content", end=True)
            for stream in [*slow, echo]:
                stream.wait_for_end()
                self.assertEqual(stream.status, 200)
            self.assertEqual(bytes(echo.data), b"content")
            self.assertEqual(connection.wait_for_close(), http2.NO_ERROR)
            self.assertIsNone(ignored.status)

    def test_idle_connections_are_closed(self):
        with connect(self.server) as connection:
            self.server.tell_to_stop()
            self.assertEqual(connection.wait_for_close(), http2.NO_ERROR)

    def test_no_accepted_request_is_lost_under_load(self):
        """Clients that send without pause until they are told to stop, and then read on: what the
        last GOAWAY covers was answered, all of it."""
        faults, answered, begun = [], [], threading.Barrier(5)

        def run():
            try:
                with connect(self.server) as connection:
                    streams = []
                    while connection.goaway is None:
                        streams += [connection.request("GET", f"/users/{len(streams)}")
                                    for _ in range(50)]
                        connection.wait(lambda c: streams[-50].ended or c.goaway)
                        if len(streams) == 500:
                            begun.wait(harness.TIMEOUT)
                    connection.wait_for_close()
                    last = connection.goaway[0]
                    for stream in streams:
                        whole = stream.ended and stream.status == 200
                        if whole != (stream.number <= last):
                            faults.append((stream.number, last, stream.status, stream.ended))
                    answered.append(sum(stream.ended for stream in streams))
            except Exception as error:  # reported by the test's own thread
                faults.append(error)
                begun.abort()

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        begun.wait(harness.TIMEOUT)
        self.server.tell_to_stop()
        for thread in threads:
            thread.join()
        self.assertEqual(faults, [])
        self.assertGreaterEqual(min(answered), 450)


def is_instrumented():
    """A sanitizer's memory says nothing about ours."""
    symbols = pathlib.Path(PROGRAM).read_bytes()
    return b"__asan_init" in symbols or b"__tsan_init" in symbols


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()

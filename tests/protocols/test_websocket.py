"""A WebSocket is the same whatever protocol carries it: each behaviour is one test here, over an
HTTP/1.1 upgrade (RFC 6455), HTTP/2 (RFC 8441) and HTTP/3 (RFC 9220) against the showcase. The
frames are wsproto's.

test_websocket.py PROGRAM [unittest's options…]"""

import base64
import hashlib
import json
import os
import re
import sys
import unittest

import clients
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Message, Ping, Pong, TextMessage
from wsproto.extensions import PerMessageDeflate

PROGRAM = ""
LISTENERS = ["http", "https"] + ["http3"] * bool(clients.http3)


class Upgraded:
    """An HTTP/1.1 connection that became another protocol's."""

    def __init__(self, connection, path, fields):
        self._connection = connection
        key = base64.b64encode(os.urandom(16))
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
        connection.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key.decode()}\r\n"
                        f"{lines}\r\n".encode())
        self.head = clients.harness.Answer(connection.read_until(b"\r\n\r\n").replace(
            b"HTTP/1.1 101", b"HTTP/1.1 200"))
        proof = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        assert self.head.field("sec-websocket-accept") == base64.b64encode(proof).decode()

    def send(self, data):
        self._connection.send(data)

    def read_some(self):
        return self._connection.read_some()


class WebSocket:
    def __init__(self, connection, version, path, fields=(), compressed=False):
        fields = [("Sec-WebSocket-Version", "13"), *fields]
        deflate = PerMessageDeflate()
        if compressed:
            fields.append(("Sec-WebSocket-Extensions", f"permessage-deflate; {deflate.offer()}"))
        if version == "HTTP/1.1":
            self.stream = Upgraded(connection, path, fields)
            head = self.stream.head
        else:
            self.stream = connection.connect(path, "websocket", fields)
            head = self.stream.head()
        assert head.status == 200, head.status
        agreed = head.field("sec-websocket-extensions")
        if compressed:
            deflate.finalize(agreed)
        else:
            assert agreed is None, agreed
        self._frames = Connection(ConnectionType.CLIENT, [deflate] if compressed else [])
        self._events = []

    def send(self, event):
        self.stream.send(self._frames.send(event))

    def next(self):
        while not self._events:
            self._frames.receive_data(self.stream.read_some() or None)
            self._events += self._frames.events()
        return self._events.pop(0)

    def message(self):
        """The content of the next message, which may come in parts."""
        parts = []
        while True:
            part = self.next()
            assert isinstance(part, Message), part
            parts.append(part.data)
            if part.message_finished:
                return type(part.data)().join(parts)


class Behaviours:
    """Mixed into one test case for each protocol, which is in `protocol`."""

    @classmethod
    def setUpClass(cls):
        if cls.protocol.missing:
            raise unittest.SkipTest(cls.protocol.missing)
        cls.server = clients.start(PROGRAM, "--threads", "2",
                                   listeners=LISTENERS)

    @classmethod
    def tearDownClass(cls):
        if status := cls.server.stop():
            raise AssertionError(f"exit status {status}:\n" + "".join(cls.server.err))

    def open(self, path="/ws/echo", protocol=None, **more):
        protocol = protocol or self.protocol
        connection = protocol.connect(self.server)
        self.addCleanup(connection.__exit__, None, None, None)
        return WebSocket(connection, protocol.version, path, **more)

    def assert_echoes(self, socket, content):
        kind = TextMessage if isinstance(content, str) else BytesMessage
        socket.send(kind(content))
        got = socket.message()
        self.assertTrue(got == content, f"{len(got)} other bytes than {len(content)}")

    def test_echoes_texts_and_bytes(self):
        for compressed in [False, True]:
            socket = self.open(compressed=compressed)
            for content in ["a", "κόσμε", "x" * 126, '{"n":1},' * 9_000,
                            b"\0", bytes(range(256)) * 256, bytes(65_535)]:
                self.assert_echoes(socket, content)

    def test_a_large_message_goes_both_ways(self):
        self.assert_echoes(self.open(), bytes(range(251)) * 40_000)

    def test_pings_are_answered(self):
        socket = self.open()
        socket.send(Ping(b"are you there"))
        pong = socket.next()
        self.assertIsInstance(pong, Pong)
        self.assertEqual(bytes(pong.payload), b"are you there")

    def test_the_close_code_is_answered_and_the_stream_ends(self):
        socket = self.open()
        socket.send(CloseConnection(4001, "done"))
        closed = socket.next()
        self.assertIsInstance(closed, CloseConnection)
        self.assertEqual(closed.code, 4001)
        self.assertEqual(socket.stream.read_some(), b"")

    def test_a_broken_frame_closes_with_its_code(self):
        for frame, code in [(b"\xc1\x80\0\0\0\0", 1002),           # a reserved bit
                            (b"\x81\x81\0\0\0\0\xff", 1007),       # no UTF-8
                            (b"\x82\xff" + b"\0\0\0\0\x7f" + bytes(7), 1009)]:  # too large
            socket = self.open()
            socket.stream.send(frame)
            closed = socket.next()
            self.assertIsInstance(closed, CloseConnection)
            self.assertEqual(closed.code, code)

    def test_a_room_spans_the_protocols(self):
        members = [self.open("/ws/room/spanning", protocol) for protocol in clients.PROTOCOLS
                   if not protocol.missing]
        # Who echoes has joined: a message goes to everyone in the room, its sender included.
        for member in members:
            member.send(TextMessage("here"))
            while json.loads(member.message())["text"] != "here":
                pass
        mine = self.open("/ws/room/spanning")
        mine.send(TextMessage("hello, everyone"))
        for member in [mine, *members]:
            while json.loads(member.message())["text"] != "hello, everyone":
                pass

    def test_is_told_when_the_server_ends(self):
        with clients.start(PROGRAM, "--threads", "1",
                           listeners=LISTENERS) as server:
            with self.protocol.connect(server) as connection:
                socket = WebSocket(connection, self.protocol.version, "/ws/echo")
                self.assert_echoes(socket, "before")
                server.tell_to_stop()
                closed = socket.next()
                self.assertIsInstance(closed, CloseConnection)
                self.assertEqual(closed.code, 1001)
                socket.send(closed.response())
                self.assertEqual(server.stop(), 0)


for protocol in clients.PROTOCOLS:
    name = "Over_" + re.sub(r"\W", "_", protocol.name)
    globals()[name] = type(name, (Behaviours, unittest.TestCase), {"protocol": protocol})
del protocol, name


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()

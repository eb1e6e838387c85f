"""A client on aioquic: whole requests, or frames and streams that no decent client would send."""

import asyncio
import contextlib
import ssl

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, StopSendingReceived, StreamReset

TIMEOUT = 30


class Answer:
    """What came on a stream so far."""

    def __init__(self):
        self.interim, self.fields, self.trailers = [], None, None
        self.body = bytearray()
        self.reset = None
        self.stopped = None
        self.ended = False

    @property
    def status(self):
        return int(self.field(":status")) if self.fields else None

    def field(self, name):
        return next((value for key, value in self.fields if key == name), None)


class Client(QuicConnectionProtocol):
    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.http = None
        self.answers = {}
        self.closed = None
        self.changed = asyncio.Condition()
        self.handshake = None

    def quic_event_received(self, event):
        if self.http is None and not isinstance(event, ConnectionTerminated):
            self.http = H3Connection(self._quic)
        if isinstance(event, StreamReset):
            self.answer(event.stream_id).reset = event.error_code
            self.answer(event.stream_id).ended = True
        elif isinstance(event, StopSendingReceived):
            self.answer(event.stream_id).stopped = event.error_code
        elif isinstance(event, ConnectionTerminated):
            self.closed = event
        if self.http is not None:
            for happened in self.http.handle_event(event):
                self.http_event(happened)
        asyncio.ensure_future(self._notify())

    async def _notify(self):
        async with self.changed:
            self.changed.notify_all()

    def http_event(self, event):
        answer = self.answer(event.stream_id)
        if isinstance(event, HeadersReceived):
            fields = [(name.decode(), value.decode()) for name, value in event.headers]
            if fields and fields[0][0] == ":status" and fields[0][1].startswith("1"):
                answer.interim.append(int(fields[0][1]))
            elif answer.fields is None:
                answer.fields = fields
            else:
                answer.trailers = fields
        elif isinstance(event, DataReceived):
            answer.body += event.data
        answer.ended = answer.ended or getattr(event, "stream_ended", False)

    def answer(self, stream):
        return self.answers.setdefault(stream, Answer())

    async def until(self, condition):
        async with self.changed:
            await asyncio.wait_for(self.changed.wait_for(lambda: condition() or self.closed), TIMEOUT)
        return condition()

    def head(self, method, path, fields=(), authority="localhost"):
        pseudo = [(":method", method), (":scheme", "https"), (":authority", authority), (":path", path)]
        return [(name.encode(), value.encode()) for name, value in [*pseudo, *fields]]

    def send_head(self, fields, end=True):
        stream = self._quic.get_next_available_stream_id()
        self.http.send_headers(stream, fields, end_stream=end)
        self.transmit()
        return stream

    def send(self, stream, data, end=True):
        self.http.send_data(stream, data, end_stream=end)
        self.transmit()

    async def request(self, method, path, content=None, fields=(), trailers=None, **more):
        stream = self.send_head(self.head(method, path, fields, **more), end=content is None)
        if content is not None:
            self.send(stream, content, end=trailers is None)
            if trailers is not None:
                self.http.send_headers(stream, trailers, end_stream=True)
                self.transmit()
        return await self.response(stream)

    async def response(self, stream):
        await self.until(lambda: self.answer(stream).ended)
        return self.answer(stream)


@contextlib.asynccontextmanager
async def client(server, *, name="localhost", authority_file=None, waits=True, **settings):
    """A connection to the server."""
    configuration = QuicConfiguration(is_client=True, alpn_protocols=settings.pop("protocols", H3_ALPN),
                                      server_name=name, verify_mode=ssl.CERT_NONE)
    tickets = settings.pop("tickets", None)
    for key, value in settings.items():
        setattr(configuration, key, value)
    if authority_file:
        configuration.verify_mode = ssl.CERT_REQUIRED
        configuration.load_verify_locations(authority_file)
    async with connect(server.address, server.port, configuration=configuration, create_protocol=Client,
                       session_ticket_handler=tickets, wait_connected=waits) as made:
        if waits:
            await made.until(lambda: made.http)
        yield made

"""A client on aioquic: whole requests, or frames and streams that no decent client would send."""

import asyncio
import contextlib
import ssl

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.buffer import encode_uint_var
from aioquic.h3.connection import H3_ALPN, H3Connection, HeadersState
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, StopSendingReceived, StreamReset

TIMEOUT = 30
REQUEST_CANCELLED = 0x10C
LARGE = 3_000  # bytes of a head, beyond which aioquic's encoder gives up


def integer(first, bits, value):
    """RFC 7541 section 5.1."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    text, value = [first | most], value - most
    while value >= 128:
        text.append(value & 127 | 128)
        value >>= 7
    return bytes([*text, value])


def qpack(fields):
    """Fields without any compression (RFC 9204 section 4.5.6), of any size."""
    return b"\0\0" + b"".join(integer(0x20, 3, len(name)) + name + integer(0, 7, len(value)) + value
                              for name, value in fields)


def frame(kind, content):
    return encode_uint_var(kind) + encode_uint_var(len(content)) + content


def head_frame(fields):
    return frame(1, qpack(fields))


def is_interim(fields):
    return fields[:1] and fields[0][0] == b":status" and fields[0][1].startswith(b"1")


class Http(H3Connection):
    """With what aioquic 1.2 takes for an error: interim responses, and the length of an answer to
    HEAD."""

    def __init__(self, quic):
        super().__init__(quic)
        self.heads = set()  # streams whose request was HEAD

    def _check_content_length(self, stream):
        if stream.content_length or stream.stream_id not in self.heads:
            super()._check_content_length(stream)

    def _handle_request_or_push_frame(self, *, stream, **frame):
        events = super()._handle_request_or_push_frame(stream=stream, **frame)
        if any(isinstance(e, HeadersReceived) and is_interim(e.headers) for e in events):
            stream.headers_recv_state = HeadersState.INITIAL
        return events


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
            self.http = Http(self._quic)
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
            if is_interim(event.headers):
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

    def send_raw(self, data, end=False):
        """Opens a stream."""
        stream = self._quic.get_next_available_stream_id()
        self._quic.send_stream_data(stream, data, end_stream=end)
        self.transmit()
        return stream

    def cancel(self, stream):
        self._quic.stop_stream(stream, REQUEST_CANCELLED)
        self._quic.reset_stream(stream, REQUEST_CANCELLED)
        self.transmit()

    def give_no_more_credit(self):
        """Streams keep the credit that they began with, as if nothing was read from them."""
        self._quic._write_stream_limits = lambda *_, **__: None

    def send_head(self, fields, end=True):
        if sum(len(name) + len(value) for name, value in fields) > LARGE:
            return self.send_raw(head_frame(fields), end)
        stream = self._quic.get_next_available_stream_id()
        if (b":method", b"HEAD") in fields:
            self.http.heads.add(stream)
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
async def client(address, port, *, name="localhost", authority_file=None, waits=True, **settings):
    """A connection to a server."""
    configuration = QuicConfiguration(is_client=True, alpn_protocols=settings.pop("protocols", H3_ALPN),
                                      server_name=name, verify_mode=ssl.CERT_NONE)
    tickets = settings.pop("tickets", None)
    for key, value in settings.items():
        setattr(configuration, key, value)
    if authority_file:
        configuration.verify_mode = ssl.CERT_REQUIRED
        configuration.load_verify_locations(authority_file)
    async with connect(address, int(port), configuration=configuration, create_protocol=Client,
                       session_ticket_handler=tickets, wait_connected=waits) as made:
        if waits:
            await made.until(lambda: made.http)
        yield made

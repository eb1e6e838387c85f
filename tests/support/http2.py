"""A client's side of HTTP/2 (RFC 9113) in raw frames, which sends exactly what a test tells it to."""

import ctypes
import ctypes.util
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

(DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE,
 CONTINUATION) = range(10)
END_STREAM = ACK = 0x1
END_HEADERS = 0x4
PADDED = 0x8

NO_ERROR, PROTOCOL_ERROR = 0x0, 0x1
FLOW_CONTROL_ERROR, STREAM_CLOSED = 0x3, 0x5
REFUSED_STREAM, CANCEL = 0x7, 0x8
ENHANCE_YOUR_CALM = 0xB

SETTINGS_HEADER_TABLE_SIZE = 0x1
SETTINGS_INITIAL_WINDOW_SIZE = 0x4


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack("!I", len(payload))[1:] + struct.pack("!BBI", kind, flags, stream) + payload


def head_frames(stream, block, flags=0):
    """HEADERS, and CONTINUATION as far as the block needs them."""
    pieces = [block[at:at + 16384] for at in range(0, len(block), 16384)]
    frames = b""
    for index, piece in enumerate(pieces):
        last = END_HEADERS if index + 1 == len(pieces) else 0
        frames += frame(CONTINUATION if index else HEADERS, last | (0 if index else flags), stream,
                        piece)
    return frames


def settings(values):
    return frame(SETTINGS, payload=b"".join(struct.pack("!HI", *item) for item in values.items()))


def integer(value, prefix_bits, first=0):
    """RFC 7541 §5.1."""
    most = (1 << prefix_bits) - 1
    if value < most:
        return bytes([first | value])
    encoded = bytearray([first | most])
    value -= most
    while value >= 128:
        encoded.append(value % 128 + 128)
        value //= 128
    return bytes(encoded + bytes([value]))


def encode(fields):
    """A field section of literals that enter no table, without Huffman coding."""
    block = b""
    for name, value in fields:
        name, value = (x.encode("latin-1") if isinstance(x, str) else x for x in (name, value))
        block += b"\0" + integer(len(name), 7) + name + integer(len(value), 7) + value
    return block


def request_fields(method, path, fields=(), authority="localhost", scheme="http"):
    return [(":method", method), (":scheme", scheme), (":authority", authority), (":path", path),
            *fields]


class _Field(ctypes.Structure):
    _fields_ = [("name", ctypes.POINTER(ctypes.c_char)), ("value", ctypes.POINTER(ctypes.c_char)),
                ("name_size", ctypes.c_size_t), ("value_size", ctypes.c_size_t),
                ("flags", ctypes.c_uint8)]


class Decoder:
    """HPACK by nghttp2, whose library is there wherever the server runs."""

    def __init__(self):
        self._library = ctypes.CDLL("libnghttp2.so.14")
        self._library.nghttp2_hd_inflate_hd2.restype = ctypes.c_ssize_t
        self._inflater = ctypes.c_void_p()
        assert self._library.nghttp2_hd_inflate_new(ctypes.byref(self._inflater)) == 0

    def __del__(self):
        self._library.nghttp2_hd_inflate_del(self._inflater)

    def decode(self, block):
        fields, final, emit = [], 1, 2
        while True:
            field, flags = _Field(), ctypes.c_int()
            used = self._library.nghttp2_hd_inflate_hd2(
                self._inflater, ctypes.byref(field), ctypes.byref(flags), block,
                ctypes.c_size_t(len(block)), 1)
            assert used >= 0, f"a malformed field section: {used}"
            block = block[used:]
            if flags.value & emit:
                fields.append((field.name[:field.name_size].decode("latin-1"),
                               field.value[:field.value_size].decode("latin-1")))
            if flags.value & final:
                self._library.nghttp2_hd_inflate_end_headers(self._inflater)
                return fields


class Closed(Exception):
    """The server closed the connection."""


class Stream:
    """What came on one stream so far, and what may still be sent on it."""

    def __init__(self, connection, number):
        self.connection = connection
        self.number = number
        self.interim, self.fields, self.status, self.trailers = [], None, None, []
        self.data = bytearray()
        self.ended, self.error = False, None
        self.credit = connection.peer_window

    def send(self, data, end=False):
        """Content, as the server's windows allow."""
        while data or end:
            room = min(self.credit, self.connection.credit, 16384)
            if room <= 0 and data:
                self.connection.read_frame()
                if self.error is not None:
                    raise Closed(f"stream reset: {self.error}")
                continue
            piece, data = data[:room], data[room:]
            last = end and not data
            self.connection.send(frame(DATA, END_STREAM if last else 0, self.number, piece))
            self.credit -= len(piece)
            self.connection.credit -= len(piece)
            if last:
                return

    def send_trailers(self, fields):
        self.connection.send(frame(HEADERS, END_HEADERS | END_STREAM, self.number, encode(fields)))

    def reset(self, error=CANCEL):
        self.connection.send(frame(RST_STREAM, 0, self.number, struct.pack("!I", error)))

    def wait(self, condition):
        while not condition(self):
            if self.error is not None:
                raise Closed(f"stream reset: {self.error}")
            self.connection.read_frame()

    def wait_for_end(self):
        self.wait(lambda stream: stream.ended)


class Connection:
    """Over a connected socket. Answers SETTINGS and PING, and gives credit for content unless
    `reads` is False."""

    def __init__(self, opened, client_settings=None, reads=True):
        self.socket = opened
        self.buffer = b""
        self.reads = reads
        self.streams = {}
        self.decoder = Decoder()
        self.peer_settings, self.peer_window, self.credit = None, 65535, 65535
        self.goaway, self.pings, self.settings_acks = None, [], 0
        self.next_stream = 1
        self._client_settings = client_settings or {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def start(self):
        self.send(PREFACE + settings(self._client_settings))
        while self.peer_settings is None:
            self.read_frame()
        return self

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Closed(str(error)) from error

    def request(self, method, path, fields=(), end=True, **more):
        stream = self.open_stream()
        block = encode(request_fields(method, path, fields, **more))
        self.send(head_frames(stream.number, block, END_STREAM if end else 0))
        return stream

    def open_stream(self):
        stream = self.streams[self.next_stream] = Stream(self, self.next_stream)
        self.next_stream += 2
        return stream

    def receive(self, size):
        while len(self.buffer) < size:
            try:
                data = self.socket.recv(1 << 18)
            except TimeoutError:
                raise AssertionError("the server sends nothing") from None
            except OSError as error:
                raise Closed(str(error)) from error
            if not data:
                raise Closed("end of the connection")
            self.buffer += data
        found, self.buffer = self.buffer[:size], self.buffer[size:]
        return found

    def read_frame(self):
        """Reads a frame, does what it asks for, and gives (type, flags, stream, payload)."""
        head = self.receive(9)
        kind, flags, number = struct.unpack("!BBI", head[3:])
        payload = self.receive(int.from_bytes(head[:3], "big"))
        while kind == HEADERS and not flags & END_HEADERS:
            more = self.receive(9)
            flags |= more[4] & END_HEADERS
            payload += self.receive(int.from_bytes(more[:3], "big"))
        getattr(self, f"_on_{kind}", lambda *_: None)(flags, self.streams.get(number), payload)
        return kind, flags, number, payload

    def wait(self, condition):
        while not condition(self):
            self.read_frame()

    def wait_for_close(self):
        """Reads until the server closed; gives the last GOAWAY's error, or None without one."""
        try:
            while True:
                self.read_frame()
        except Closed:
            return self.goaway and self.goaway[1]

    def ping(self, data=b"12345678"):
        """A round trip: the server has dealt with all that was sent before."""
        count = len(self.pings)
        self.send(frame(PING, payload=data))
        self.wait(lambda connection: len(connection.pings) > count)

    # --- what the frames mean, by their types ---

    def _on_0(self, flags, stream, payload):
        if self.reads and payload:
            credit = struct.pack("!I", len(payload))
            self.send(frame(WINDOW_UPDATE, payload=credit))
            if stream and not flags & END_STREAM:
                self.send(frame(WINDOW_UPDATE, 0, stream.number, credit))
        if stream:
            stream.data += payload
            stream.ended = stream.ended or bool(flags & END_STREAM)

    def _on_1(self, flags, stream, payload):
        fields = self.decoder.decode(payload)
        if not stream:
            return
        if stream.status is not None:
            stream.trailers = fields
        elif fields[0][1].startswith("1"):
            stream.interim.append(int(fields[0][1]))
        else:
            assert fields[0][0] == ":status", fields
            stream.status, stream.fields = int(fields[0][1]), fields[1:]
        stream.ended = stream.ended or bool(flags & END_STREAM)

    def _on_3(self, flags, stream, payload):
        if stream:
            stream.error = struct.unpack("!I", payload)[0]

    def _on_4(self, flags, stream, payload):
        if flags & ACK:
            self.settings_acks += 1
            return
        self.peer_settings = {key: value for key, value in struct.iter_unpack("!HI", payload)}
        window = self.peer_settings.get(SETTINGS_INITIAL_WINDOW_SIZE, self.peer_window)
        for other in self.streams.values():
            other.credit += window - self.peer_window
        self.peer_window = window
        self.send(frame(SETTINGS, ACK))

    def _on_6(self, flags, stream, payload):
        if flags & ACK:
            self.pings.append(payload)
        else:
            self.send(frame(PING, ACK, payload=payload))

    def _on_7(self, flags, stream, payload):
        self.goaway = struct.unpack("!II", payload[:8])

    def _on_8(self, flags, stream, payload):
        credit = struct.unpack("!I", payload)[0]
        if stream:
            stream.credit += credit
        else:
            self.credit += credit

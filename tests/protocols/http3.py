"""HTTP/3 by aioquic, with the interface of the other connections of clients.py. aioquic is
asynchronous: one loop in a thread of its own runs every connection."""

import argparse
import asyncio
import concurrent.futures
import contextlib
import gzip
import threading

import aioquic_client
from aioquic.h3.connection import ErrorCode
from answer import Answer


loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()


def wait(coroutine):
    return asyncio.run_coroutine_threadsafe(coroutine, loop).result(aioquic_client.TIMEOUT + 5)


class Http3Stream:
    def __init__(self, client, number):
        self._client, self._number, self._read = client, number, 0

    @property
    def _got(self):
        return self._client.answer(self._number)

    async def _until(self, condition):
        got = self._got
        await self._client.until(lambda: condition(got) or got.ended)
        if got.reset is not None:
            raise AssertionError(f"stream reset: {ErrorCode(got.reset).name}")
        assert condition(got), f"ended: {self._client.closed or bytes(got.body)!r}"

    def _answer(self, body=b""):
        got = self._got
        fields = [pair for pair in got.fields if pair[0] != ":status"]
        return Answer(got.status, fields, body, got.interim, got.trailers or [])

    def send(self, data):
        async def send():
            if self._got.stopped is None:  # or nobody wants it
                self._client.send(self._number, data, end=False)
        wait(send())

    def finish(self, trailers=()):
        async def finish():
            if self._got.stopped is not None:
                return
            if trailers:
                self._client.http.send_headers(
                    self._number, [(name.lower().encode(), value.encode())
                                   for name, value in trailers], end_stream=True)
                self._client.transmit()
            else:
                self._client.send(self._number, b"")
        wait(finish())

    def wait_for_permission(self):
        """To send content, as 100 (Continue) or as a final answer."""
        wait(self._until(lambda got: got.interim or got.fields))

    def head(self):
        wait(self._until(lambda got: got.fields))
        return self._answer()

    def read(self, size):
        end = self._read + size
        wait(self._until(lambda got: len(got.body) >= end))
        found, self._read = bytes(self._got.body[self._read:end]), end
        return found

    def read_some(self):
        """What came and was not read; nothing at the end."""
        wait(self._until(lambda got: len(got.body) > self._read or got.ended))
        found, self._read = bytes(self._got.body[self._read:]), len(self._got.body)
        return found

    def answer(self):
        wait(self._until(lambda got: got.ended))
        return self._answer(bytes(self._got.body))

    def leave(self):
        async def leave():
            self._client.cancel(self._number)
        wait(leave())


class Http3Connection:
    def __init__(self, address, receive_buffer=None):
        self._address, self._port = address.rsplit(":", 1)
        self._limited = {"max_stream_data": receive_buffer} if receive_buffer else {}
        opened = concurrent.futures.Future()
        asyncio.run_coroutine_threadsafe(self._run(opened), loop)
        self._client = opened.result(aioquic_client.TIMEOUT)

    async def _run(self, opened):
        self._left = asyncio.Event()
        try:
            async with aioquic_client.client(self._address, self._port, **self._limited) as client:
                if self._limited:
                    client.give_no_more_credit()
                opened.set_result(client)
                await self._left.wait()
        except Exception as error:
            if not opened.done():
                opened.set_exception(error)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        loop.call_soon_threadsafe(self._left.set)

    def request(self, method, path, fields=(), end=True, authority="localhost"):
        async def request():
            head = self._client.head(method, path, [(name.lower(), value)
                                                    for name, value in fields], authority)
            return Http3Stream(self._client, self._client.send_head(head, end))
        return wait(request())

    def connect(self, path, protocol, fields=()):
        """Extended CONNECT (RFC 9220)."""
        return self.request("CONNECT", path, [(":protocol", protocol), *fields], end=False)

    def begin_request(self):
        async def begin():
            head = aioquic_client.head_frame(self._client.head("GET", "/"))
            self._client.send_raw(head[:-1])
        wait(begin())

    def wait_for_close(self):
        assert wait(self._client.until(lambda: self._client.closed))


def curl(address, path, *arguments, data=None):
    """What `curl` would get for those of its arguments that the tests use."""
    parser = argparse.ArgumentParser()
    for name in ["--request", "--request-target", "--data-binary", "--range", "--cookie",
                 "--expect100-timeout"]:
        parser.add_argument(name)
    parser.add_argument("--header", action="append", default=[])
    for name in ["--head", "--compressed", "--path-as-is"]:  # the path always is
        parser.add_argument(name, action="store_true")
    asked = parser.parse_args(arguments)

    given = [tuple(part.strip() for part in header.split(":", 1)) for header in asked.header]
    fields = {name.lower(): value for name, value in given if value}
    authority = fields.pop("host", address)
    if asked.range:
        fields["range"] = f"bytes={asked.range}"
    if asked.cookie:
        fields["cookie"] = asked.cookie
    has_content = asked.data_binary == "@-"
    if has_content:
        fields.setdefault("content-type", "application/x-www-form-urlencoded")
        if fields.pop("transfer-encoding", None) is None:
            fields["content-length"] = str(len(data))
    if asked.compressed:
        fields["accept-encoding"] = "gzip"
    method = asked.request or ("HEAD" if asked.head else "POST" if has_content else "GET")

    with Http3Connection(address) as connection:
        stream = connection.request(method, asked.request_target or path, fields.items(),
                                    end=not has_content, authority=authority)
        if has_content:
            if "expect" in fields:
                stream.wait_for_permission()
            stream.send(data)
            stream.finish()
        answer = stream.answer()
        if asked.compressed and answer.field("content-encoding") == "gzip":
            answer.body = gzip.decompress(answer.body)
        return answer

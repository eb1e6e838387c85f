"""Two visitors meet in a room of the chat, in a real browser.

test_chat.py PROGRAM CHROMIUM [--screenshot FILE]"""

import base64
import contextlib
import pathlib
import sys
import threading
import unittest

import harness
from browser import Page

PROGRAM = CHROMIUM = ""
SCREENSHOT = None


def start():
    def address(program):
        for line in program.err:
            if '"listening"' in line:
                return harness.json.loads(line)["address"]
        return None

    return harness.Program([PROGRAM, "127.0.0.1:0"], address)


class Chat(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = start()

    @classmethod
    def tearDownClass(cls):
        status = cls.server.stop()
        if status != 0:
            raise AssertionError(f"exit status {status}")

    def page(self, name):
        return f"{self.server.url}/?room=tea&name={name}"

    def enter(self, name):
        """A visitor of bare bytes, as a browser would come."""
        connection = self.server.connect()
        connection.send(f"GET /rooms/tea?name={name} HTTP/1.1\r\nHost: {self.server.address}\r\n"
                        f"Origin: {self.server.url}\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
        self.assertIn(b" 101 ", connection.read_until(b"\r\n\r\n"))
        return connection

    @staticmethod
    def read_message(connection):
        first, size = connection.read_exactly(2)
        assert first == 0x81 and size < 127
        if size == 126:
            size = int.from_bytes(connection.read_exactly(2), "big")
        return harness.json.loads(connection.read_exactly(size))

    @staticmethod
    def say(connection, text):
        connection.send(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text.encode())

    def test_shows_what_others_say(self):
        with self.enter("Grace") as grace:
            self.assertEqual(self.read_message(grace)["text"], "Grace came in")

            def answer():
                while self.read_message(grace)["text"] != "Ada came in":
                    pass
                self.say(grace, "Hello <b>Ada</b>!")

            answering = threading.Thread(target=answer)
            answering.start()
            with harness.temporary_folder() as profile, contextlib.closing(
                    Page(CHROMIUM, profile, "--window-size=800,500")) as page:
                page.open(self.page("Ada"))
                shown = page.run("""
                    const html = () => document.documentElement.outerHTML;
                    for (let n = 0; n < 1000 && !html().includes('Hello &lt;b&gt;Ada'); ++n)
                        await new Promise((done) => setTimeout(done, 20));
                    return html();""")
                if SCREENSHOT:
                    picture = page.call("Page.captureScreenshot")["data"]
                    pathlib.Path(SCREENSHOT).write_bytes(base64.b64decode(picture))
            self.assertIn("Ada came in", shown)
            self.assertIn("2 here", shown)
            self.assertIn("<b>Grace</b>Hello &lt;b&gt;Ada&lt;/b&gt;!</article>", shown)
            answering.join(harness.TIMEOUT)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    CHROMIUM = sys.argv.pop(1)
    if sys.argv[1:2] == ["--screenshot"]:
        SCREENSHOT = sys.argv[2]
        del sys.argv[1:3]
    unittest.main()

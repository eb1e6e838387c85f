"""A real browser shows what the showcase serves.

test_browser.py PROGRAM CHROMIUM [--screenshot FILE]"""

import html
import pathlib
import sys
import unittest

import browser
import harness
from test_showcase import start
import test_showcase

CHROMIUM = ""
SCREENSHOT = None


def browse(url, *flags):
    return browser.browse(CHROMIUM, url, *flags)


class Browser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = start()

    @classmethod
    def tearDownClass(cls):
        status = cls.server.stop()
        if status != 0:
            raise AssertionError(f"exit status {status}")

    def test_shows_the_root_page(self):
        self.assertIn("Hello, World!", browse(self.server.url + "/", "--dump-dom"))

    def test_shows_json(self):
        page = html.unescape(browse(self.server.url + "/users/42", "--dump-dom"))
        self.assertIn('{"id":42,"name":"User 42","email":"user42@example.com"}', page)

    def test_follows_a_redirect(self):
        page = html.unescape(browse(self.server.url + "/redirect?to=/users/7", "--dump-dom"))
        self.assertIn('"id":7', page)

    def run_script(self, script):
        """What a script of a page of the showcase writes by `done(text)`."""
        with harness.temporary_folder() as folder:
            page = pathlib.Path(folder, "page.html")
            # The browser waits for an image that comes late, but for no socket.
            page.write_text(f"<p id=p></p><img id=late src='{self.server.url}/slow?ms=20000'>"
                            "<script>const done = (t) => {p.textContent = t; late.src = ''};"
                            f"const at = '{self.server.address}';{script}</script>")
            # The file's origin is "null": only where a route allows that, or has no such check.
            return html.unescape(browse(f"file://{page}", "--dump-dom", "--allow-file-access-from-files",
                                        "--disable-web-security", "--virtual-time-budget=5000"))

    def test_receives_events(self):
        self.assertIn("1:{\"n\":1} 2:{\"n\":2} 3:{\"n\":3} ", self.run_script("""
            let seen = '';
            const source = new EventSource(`http://${at}/events?n=3&every_ms=1`);
            source.addEventListener('tick', (e) => {
              seen += `${e.lastEventId}:${e.data} `;
              if (e.lastEventId === '3') { source.close(); done(seen); }
            });"""))

    def test_receives_an_event_of_two_lines(self):
        self.assertIn("line1|line2", self.run_script("""
            const source = new EventSource(`http://${at}/events/multiline`);
            source.onmessage = (e) => { source.close(); done(e.data.replace('\\n', '|')); };"""))

    def test_may_not_open_a_websocket_from_another_origin(self):
        self.assertIn("refused 1006", self.run_script("""
            const socket = new WebSocket(`ws://${at}/ws/echo`);
            socket.onclose = (e) => done(`refused ${e.code}`);"""))

    def test_takes_a_screenshot(self):
        with harness.temporary_folder() as folder:
            picture = pathlib.Path(SCREENSHOT or folder + "/root.png")
            browse(self.server.url + "/", f"--screenshot={picture}", "--window-size=800,200")
            self.assertEqual(picture.read_bytes()[:8], b"\x89PNG\r\n\x1a\n")


if __name__ == "__main__":
    test_showcase.PROGRAM = sys.argv.pop(1)
    CHROMIUM = sys.argv.pop(1)
    if sys.argv[1:2] == ["--screenshot"]:
        SCREENSHOT = sys.argv[2]
        del sys.argv[1:3]
    unittest.main()

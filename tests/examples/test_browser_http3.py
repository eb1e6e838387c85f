"""A real browser, told by Alt-Svc that the showcase also speaks HTTP/3, changes over to it.

test_browser_http3.py PROGRAM CHROMIUM"""

import base64
import contextlib
import hashlib
import json
import pathlib
import subprocess
import sys
import unittest

import harness
from browser import Page

PROGRAM = CHROMIUM = ""


class Identity:
    """A certificate for localhost that signed itself, and what names its key to Chromium."""

    def __init__(self, folder):
        self.certificate, self.key = f"{folder}/cert.pem", f"{folder}/key.pem"
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                      "-nodes", "-days", "10", "-subj", "/CN=localhost",
                      "-addext", "subjectAltName=DNS:localhost",
                      "-keyout", self.key, "-out", self.certificate)
        public = self._openssl("pkey", "-in", self.key, "-pubout", "-outform", "der")
        self.pin = base64.b64encode(hashlib.sha256(public).digest()).decode()

    @staticmethod
    def _openssl(*arguments):
        return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout


class BrowserOverHttp3(unittest.TestCase):
    def test_changes_over_from_http2(self):
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(harness.temporary_folder())
            identity = Identity(folder)
            ready = lambda server: json.loads(server.out[0]) if server.out else {}
            # To Chromium localhost is ::1, and QUIC tries no second address.
            server = stack.enter_context(harness.Program(
                [PROGRAM, "--https", "[::1]:0", "--http3", "[::1]:0", "--max-body", "5000000",
                 "--cert", identity.certificate, "--key", identity.key],
                lambda server: ready(server).get("https")))
            port = server.address.rsplit(":", 1)[1]
            # QUIC accepts such a certificate only of hosts that are named here; port 1 is not
            # ours, so nothing is forced and it is Alt-Svc that leads there.
            page = Page(CHROMIUM, pathlib.Path(folder, "profile"),
                        "--origin-to-force-quic-on=localhost:1",
                        f"--ignore-certificate-errors-spki-list={identity.pin}")
            stack.callback(page.close)

            page.open(f"https://localhost:{port}/json")
            self.assertEqual(
                page.run("return performance.getEntriesByType('navigation')[0].nextHopProtocol"),
                "h2")
            # The connection is made beside the one that works, so some requests still take that.
            seen = page.run("""
                for (let n = 0; n < 200; ++n) {
                    const url = `/headers?n=${n}`;
                    const answer = await fetch(url);
                    const {version} = await answer.json();
                    const [entry] = performance.getEntriesByName(location.origin + url);
                    if (entry?.nextHopProtocol === 'h3') return [entry.nextHopProtocol, version];
                    await new Promise((done) => setTimeout(done, 20));
                }""")
            self.assertEqual(seen, ["h3", "HTTP/3"])
            self.assertEqual(page.run("""
                const content = new Uint8Array(3000000).fill(7);
                const answer = await fetch('/echo', {method: 'POST', body: content});
                const got = new Uint8Array(await answer.arrayBuffer());
                const entry = performance.getEntriesByName(location.origin + '/echo')[0];
                return [entry.nextHopProtocol, got.length, got.every((byte) => byte === 7)];"""),
                ["h3", 3_000_000, True])
            # Chromium looks at an answer only when its request is out.
            self.assertEqual(page.run("""
                const content = new Uint8Array(8000000);
                const answer = await fetch('/echo?large', {method: 'POST', body: content});
                const {status} = await answer.json();
                const entry = performance.getEntriesByName(location.origin + '/echo?large')[0];
                return [entry.nextHopProtocol, answer.status, status];"""), ["h3", 413, 413])


if __name__ == "__main__":
    PROGRAM, CHROMIUM = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()

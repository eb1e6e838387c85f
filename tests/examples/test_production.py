"""The showcase as strangers may reach it: docs/production.md, over sockets and behind a proxy's fields.

test_production.py PROGRAM [unittest's options…]"""

import base64
import hashlib
import hmac
import json
import subprocess
import sys
import time
import unittest

import harness
from harness import Program

PROGRAM = ""
SECRET = "a secret of these tests, long enough for HS256"
STRANGER = ("--header", "X-Forwarded-For: 203.0.113.9")  # as a proxy on this machine says it


def ready_address(program):
    return json.loads(program.out[0])["http"] if program.out else None


def token(secret=SECRET, kind="at+jwt", **claims):
    """An access token (RFC 9068) of HS256, made by Python's own library."""
    claims = {"iss": "showcase", "aud": "showcase", "sub": "ann", "exp": int(time.time()) + 600, **claims}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
             for part in ({"alg": "HS256", "typ": kind}, claims)]
    mac = hmac.new(secret.encode(), b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, base64.urlsafe_b64encode(mac).rstrip(b"=")]).decode()


def bearer(text):
    return ("--header", f"Authorization: Bearer {text}")


class Production(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = harness.temporary_folder()
        cls.server = Program([PROGRAM, "--http", "127.0.0.1:0", "--production", cls.folder.__enter__(),
                              "--proxy", "127.0.0.1"], ready_address,
                             environment={"SHOWCASE_SECRET": SECRET})
        cls.curl = staticmethod(cls.server.curl)

    @classmethod
    def tearDownClass(cls):
        try:
            if cls.server.stop() != 0:
                raise AssertionError("".join(cls.server.err))
        finally:
            cls.folder.__exit__(None, None, None)

    def test_shows_operators_what_others_may_not_see(self):
        for path in ("/metrics", "/health/live", "/health/ready"):
            self.assertEqual(self.curl(path).status, 200, path)
            self.assertEqual(self.curl(path, *STRANGER).status, 403, path)

    def test_believes_nobody_but_the_proxy_about_clients(self):
        claimed = ("--header", "X-Forwarded-For: 127.0.0.1, 203.0.113.9")
        self.assertEqual(self.curl("/metrics", *claimed).status, 403)

    def test_tells_browsers_to_be_careful_and_nobody_what_serves(self):
        for protocol in ("--http1.1", "--http2-prior-knowledge"):
            answer = self.curl("/", protocol, *STRANGER)
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.field("x-content-type-options"), "nosniff")
            self.assertIn("default-src", answer.field("content-security-policy"))
            self.assertTrue(answer.field("x-request-id"))
            self.assertIsNone(answer.field("server"))

    def test_lets_one_other_site_ask(self):
        preflight = ("--request", "OPTIONS", "--header", "Access-Control-Request-Method: POST", *STRANGER)
        own = self.curl("/api/users", *preflight, "--header", "Origin: https://shop.example")
        self.assertEqual(own.field("access-control-allow-origin"), "https://shop.example")
        other = self.curl("/api/users", *preflight, "--header", "Origin: https://shop.example.evil.example")
        self.assertIsNone(other.field("access-control-allow-origin"))

    def test_does_the_jobs_of_who_has_a_token(self):
        order = ("/orders/7", "--request", "POST", *STRANGER)
        self.assertEqual(self.curl(*order).status, 401)
        self.assertEqual(self.curl(*order, *bearer(token(secret="x" * 40))).status, 401)
        self.assertEqual(self.curl(*order, *bearer(token(aud="another"))).status, 401)
        self.assertEqual(self.curl(*order, *bearer(token(exp=1))).status, 401)
        self.assertEqual(self.curl(*order, *bearer(token(kind="refresh+jwt"))).status, 401)
        self.assertEqual(self.curl(*order, *bearer(token())).status, 202)
        ends = time.monotonic() + harness.TIMEOUT
        while not self.curl("/orders/7", *STRANGER, *bearer(token())).json()["packed"]:
            self.assertLess(time.monotonic(), ends)

    def test_keeps_other_sites_out_of_sessions(self):
        rename = ("--request", "PUT", "--json", '{"name":"Ada"}', *STRANGER)
        other = self.curl("/account", *rename, "--header", "Sec-Fetch-Site: cross-site")
        self.assertEqual(other.status, 403)
        own = self.curl("/account", *rename, "--header", "Sec-Fetch-Site: same-origin")
        self.assertEqual(own.status, 204)
        cookie = own.field("set-cookie")
        self.assertTrue(cookie.startswith("__Host-session="), cookie)
        for attribute in ("Secure", "HttpOnly", "SameSite"):
            self.assertIn(attribute, cookie)
        cookie = cookie.split(";")[0]
        self.assertEqual(self.curl("/account", "--header", f"Cookie: {cookie}").json(), {"name": "Ada"})
        middle = len(cookie) // 2
        forged = cookie[:middle] + ("A" if cookie[middle] != "A" else "B") + cookie[middle + 1:]
        self.assertEqual(self.curl("/account", "--header", f"Cookie: {forged}").json(), {"name": ""})

    def test_serves_nothing_whose_token_is_in_its_source(self):
        self.assertEqual(self.curl("/private/me", *bearer("showcase-token")).status, 404)

    def test_bounds_what_one_client_asks(self):
        greedy = ("--header", "X-Forwarded-For: 203.0.113.77")
        statuses = self.server.run_curl("--output", "/dev/null", "--write-out", "%{http_code} ", *greedy,
                                        self.server.url + "/json?[1-160]").decode().split()
        self.assertIn("429", statuses)
        self.assertEqual(self.curl("/json", *STRANGER).status, 200)

    def test_writes_down_who_asked_but_no_secret(self):
        asked = self.curl("/json?token=hush", "--header", "X-Forwarded-For: 203.0.113.5", *bearer("hush-hush"))
        self.assertEqual(asked.status, 200)
        self.server.wait_for_log("203.0.113.5")
        self.assertFalse([line for line in self.server.err if "hush" in line])


class Starting(unittest.TestCase):
    def test_refuses_to_run_without_a_secret(self):
        for environment in ({}, {"SHOWCASE_SECRET": "short"}):
            with harness.temporary_folder() as folder:
                done = subprocess.run([PROGRAM, "--http", "127.0.0.1:0", "--production", folder],
                                      env=environment, capture_output=True, timeout=harness.TIMEOUT)
            self.assertEqual(done.returncode, 2)
            self.assertEqual(done.stderr.count(b"\n"), 1)
            self.assertIn(b"SHOWCASE_SECRET", done.stderr)

    def test_refuses_a_proxy_that_nothing_would_look_at(self):
        done = subprocess.run([PROGRAM, "--proxy", "127.0.0.1"], capture_output=True, timeout=harness.TIMEOUT)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"--proxy goes with --production", done.stderr)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()

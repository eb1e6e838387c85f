"""The smallest example. It has no flags: it serves 127.0.0.1:8080, so the test waits for that port.

test_hello.py PROGRAM [unittest's options…]"""

import socket
import sys
import unittest

from harness import Program

PROGRAM = ""
ADDRESS = "127.0.0.1:8080"


def port_is_free():
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", 8080))
        except OSError:
            return False
        return True


class Hello(unittest.TestCase):
    def test_greets(self):
        if not port_is_free():
            self.skipTest(f"{ADDRESS} is in use by another program")
        with Program([PROGRAM], lambda program: any(ADDRESS in line for line in program.err)
                     and ADDRESS) as server:
            answer = server.curl("/")
            self.assertEqual((answer.status, answer.body), (200, b"Hello, World!"))
            self.assertEqual(answer.field("content-type"), "text/plain; charset=utf-8")
            self.assertEqual(server.curl("/other").status, 404)
            self.assertEqual(server.curl("/", "--request", "POST").status, 405)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()

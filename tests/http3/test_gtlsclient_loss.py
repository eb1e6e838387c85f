"""100 MB each way with 2 % of the packets lost, by Debian's ngtcp2 client.

test_gtlsclient_loss.py PROGRAM [unittest's options…]"""

import os
import sys
import tempfile
import unittest

from harness import Identity, Server, generated, run

PROGRAM = ""
SIZE = 100_000_000
LOSS = ("-t", "0.02", "-r", "0.02")


class Loss(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.identity = Identity(self.folder, "localhost", "localhost", "DNS:localhost")

    def test_a_download_is_intact(self):
        with Server(PROGRAM, [self.identity]) as server:
            got = run(server, f"/generate/{SIZE}", *LOSS, verbose=False).saved(str(SIZE))
            self.assertTrue(got == generated(SIZE), f"{len(got)} bytes, or others")

    def test_an_upload_is_intact_and_so_is_its_echo(self):
        content = os.urandom(SIZE)
        upload = os.path.join(self.folder, "upload")
        with open(upload, "wb") as file:
            file.write(content)
        with Server(PROGRAM, [self.identity]) as server:
            got = run(server, "/mirror", "-m", "POST", "-d", upload, *LOSS, verbose=False)
            self.assertTrue(got.saved("mirror") == content, f"{len(got.saved('mirror'))} bytes, or others")


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)

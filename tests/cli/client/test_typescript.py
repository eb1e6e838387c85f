"""Generated TypeScript: type-checked with --strict, and run by Node against a service.

test_typescript.py ARMATURE SHOWCASE [unittest's options…]"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import clients  # noqa: E402

ARMATURE, SHOWCASE = (str(pathlib.Path(sys.argv.pop(1)).resolve()) for _ in range(2))


class TypeScript(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.client = pathlib.Path(self.folder.name, "client")

    def round_trip(self, service, document, test):
        said = clients.generate(ARMATURE, "typescript", document, self.client)
        source = self.client / "src"
        shutil.copy(clients.HERE / test, source / "a.test.ts")
        (source / "address.ts").write_text(f'export const address = "{service.url}";\n')
        done = subprocess.run(["tsc", "-p", "."], cwd=self.client, capture_output=True, text=True)
        self.assertEqual(done.stdout, "")
        done = subprocess.run(["node", "dist/a.test.js"], cwd=self.client, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"^\d\d+ checks\n$")
        return said

    def test_everything_that_a_client_can_do(self):
        with clients.shop() as service:
            said = self.round_trip(service, clients.HERE / "shop.yaml", "shop.test.ts")
        self.assertIn("cookie parameters are sent outside of browsers only", said)
        readme = (self.client / "README.md").read_text()
        self.assertIn("cookie parameters are sent outside of browsers only", readme)
        self.assertNotIn('"dependencies"', (self.client / "package.json").read_text())

    def test_a_running_showcase(self):
        with clients.showcase(SHOWCASE) as service:
            said = self.round_trip(service, f"{service.url}/openapi.json", "showcase.test.ts")
        self.assertIn("an operation that upgrades to a WebSocket has no function", said)


if __name__ == "__main__":
    unittest.main()

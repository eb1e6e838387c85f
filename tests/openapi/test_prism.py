"""The tests of the todo service again, with Prism between it and its clients: an answer that its
document doesn't describe becomes a 500.

test_prism.py PROGRAM [unittest's options…]"""

import json
import pathlib
import re
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "examples"))

import harness  # noqa: E402
import test_rest_api  # noqa: E402

# What Prism answers itself, because the document doesn't name it or it is no JSON, and what is about
# the program's start.
ABOUT_OTHER_THINGS = ["test_its_document", "test_content_that_is_no_json", "test_commands_of_the_readme",
                      "test_settings_come_from_a_file_too", "test_does_not_start_without_its_database",
                      "test_nobody_writes_without_a_secret_in_the_settings",
                      "test_does_not_start_with_a_short_secret", "test_its_migrations"]


class Proxy:
    """Prism before a program, which it stands in for."""

    def __init__(self, program, document):
        self._program = program
        # What clients send is passed on as it is: many tests send what is wrong.
        self._prism = harness.Program(
            ["prism", "proxy", document, f"http://{program.address}", "--errors", "--port", "0",
             "--validate-request=false"], self._find_address)

    @staticmethod
    def _find_address(prism):
        for line in prism.out:
            if found := re.search(r"listening on http://([\d.]+:\d+)", line):
                return found[1]
        return None

    def __enter__(self):
        return self._prism

    def __exit__(self, *error):
        self._prism.process.terminate()
        self._prism.process.wait(harness.TIMEOUT)
        return self._program.__exit__(*error)


class ThroughPrism(test_rest_api.RestApi):
    def setUp(self):
        super().setUp()
        self.document = pathlib.Path(self.folder.name) / "api.json"
        self.document.write_bytes(subprocess.check_output([test_rest_api.PROGRAM, "--openapi"]))

    def start(self, *flags, **more):
        return Proxy(super().start(*flags, **more), str(self.document))


    def test_prism_notices_what_the_document_does_not_say(self):
        document = json.loads(self.document.read_text())
        listing = document["paths"]["/todos"]["get"]["responses"]["200"]["content"]
        listing["application/json"]["schema"] = {"type": "string"}
        self.document.write_text(json.dumps(document))
        with self.start() as server:
            self.assertEqual(server.curl("/todos").status, 500)


for name in ABOUT_OTHER_THINGS:
    setattr(ThroughPrism, name, None)

if __name__ == "__main__":
    test_rest_api.PROGRAM = sys.argv.pop(1)
    unittest.main(defaultTest="ThroughPrism")

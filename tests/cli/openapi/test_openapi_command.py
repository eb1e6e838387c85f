"""`armature openapi` as its users meet it: what it says where, and with which exit status.

test_openapi_command.py ARMATURE"""

import functools
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
API = """openapi: 3.1.0
info: {title: Notes, version: '1'}
paths:
  /notes:
    get:
      operationId: list
      responses: {'200': {description: Notes}}
"""


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class OpenApi(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "api.yaml").write_text(API)

    def openapi(self, *words):
        return subprocess.run([PROGRAM, "openapi", *words], capture_output=True, text=True, timeout=60,
                              cwd=self.folder)

    def test_a_sound_document_is_said_to_be_one(self):
        done = self.openapi("validate", "api.yaml")
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertIn("1 operation", done.stderr)

    def test_findings_have_place_and_remedy_and_fail(self):
        (self.folder / "bad.yaml").write_text(API.replace("operationId", "operationid"))
        done = self.openapi("validate", "bad.yaml")
        self.assertEqual(done.returncode, 1)
        self.assertIn('bad.yaml:6: error: an operation has no "operationid"; did you mean "operationId"?',
                      done.stdout)
        findings = json.loads(self.openapi("validate", "--json", "bad.yaml").stdout)
        self.assertEqual([(one["rule"], one["line"]) for one in findings],
                         [("operation-id-missing", 5), ("unknown-field", 6)])

    def test_what_is_no_document_fails_with_one_line(self):
        (self.folder / "text.yaml").write_text("a: [1\n")
        for name, words in (("none.yaml", "No such file"), ("text.yaml", "text.yaml:2: not valid YAML")):
            done = self.openapi("validate", name)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn(words, done.stderr)

    def test_documents_come_from_urls_with_their_references(self):
        (self.folder / "more.yaml").write_text(
            API.replace("{'200': {description: Notes}}", "{'200': {$ref: 'parts/r.yaml#/r'}}"))
        (self.folder / "parts").mkdir()
        (self.folder / "parts/r.yaml").write_text("r: {description: Notes}\n")
        handler = functools.partial(QuietHandler, directory=self.folder)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever).start()
            try:
                url = f"http://127.0.0.1:{server.server_port}"
                self.assertEqual(self.openapi("validate", f"{url}/more.yaml").returncode, 0)
                self.assertEqual(self.openapi("validate", f"{url}/none.yaml").returncode, 1)
            finally:
                server.shutdown()

    def test_breaking_changes_have_an_exit_status_of_their_own(self):
        (self.folder / "new.yaml").write_text(API.replace("'200'", "'201'"))
        self.assertEqual(self.openapi("diff", "api.yaml", "api.yaml").returncode, 0)
        done = self.openapi("diff", "api.yaml", "new.yaml")
        self.assertEqual(done.returncode, 2)
        self.assertIn("breaking GET /notes: the response 200 is gone (response-success-status-removed, "
                      "api.yaml:7)", done.stdout)
        changes = json.loads(self.openapi("diff", "--json", "api.yaml", "new.yaml").stdout)
        self.assertEqual([one["level"] for one in changes], ["breaking", "info"])

    def test_converts_to_the_other_notation_and_back(self):
        (self.folder / "api.json").write_text(self.openapi("convert", "--json", "api.yaml").stdout)
        (self.folder / "back.yaml").write_text(self.openapi("convert", "--yaml", "api.json").stdout)
        self.assertEqual(json.loads((self.folder / "api.json").read_text())["info"]["version"], "1")
        self.assertEqual(self.openapi("diff", "api.yaml", "back.yaml").returncode, 0)

    def test_a_wrong_command_line_is_told(self):
        for words in ["openapi", "validat", "x"], ["openapi", "diff", "one"], ["client", "x"]:
            done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=60)
            self.assertEqual((done.returncode, done.stdout), (2, ""))

    def test_what_is_for_the_projects_own_document_is_refused_for_others(self):
        for words in (["validate", "api.yaml", "--preset", "dev"], ["validate", "api.yaml", "--program", "x"],
                      ["validate", "api.yaml", "--yaml"], ["diff", "api.yaml", "api.yaml", "--preset", "dev"],
                      ["diff", "api.yaml", "api.yaml", "--program", "x"], ["diff", "api.yaml", "api.yaml", "--yaml"],
                      ["convert", "api.yaml", "--yaml", "--preset", "dev"]):
            done = self.openapi(*words)
            option = [word for word in words if word.startswith("--")][-1]
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertIn(f"openapi {words[0]} has no {option}\n", done.stderr)


class Client(unittest.TestCase):
    def test_folders_with_other_files_are_left_alone(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "api.yaml").write_text(API)
            command = [PROGRAM, "client", "-l", "typescript", "-o", name, str(folder / "api.yaml")]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 1)
            self.assertIn("is not empty", done.stderr)
            self.assertFalse((folder / "src").exists())

    def test_what_is_no_longer_made_is_removed_and_other_files_are_kept(self):
        with tempfile.TemporaryDirectory() as name:
            folder, api = pathlib.Path(name, "client"), pathlib.Path(name, "api.yaml")
            api.write_text(API)
            for language in "typescript", "cpp":
                done = subprocess.run([PROGRAM, "client", "-l", language, "-o", str(folder), str(api)],
                                      capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 0, done.stderr)
                (folder / "mine.txt").write_text("mine")
            self.assertFalse((folder / "src/types.ts").exists())
            self.assertTrue((folder / "api.hpp").exists())
            self.assertTrue((folder / "mine.txt").exists())

    def test_a_document_with_errors_is_refused_unless_told_otherwise(self):
        with tempfile.TemporaryDirectory() as name:
            api = pathlib.Path(name, "api.yaml")
            api.write_text(API + "components: {schemas: {A: {$ref: '#/none'}}}\n")
            command = [PROGRAM, "client", "-l", "typescript", "-o", f"{name}/out", str(api)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 1)
            self.assertIn("api.yaml:8: error: the reference", done.stderr)
            done = subprocess.run([*command, "--keep-going"], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()

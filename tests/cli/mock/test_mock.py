"""`armature mock` over real sockets: what it answers, keeps, delays, records and checks.

test_mock.py ARMATURE [unittest's options…]"""

import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "examples"))

import harness  # noqa: E402

ARMATURE = os.path.abspath(sys.argv.pop(1))
DOCUMENTS = pathlib.Path(__file__).parent / "documents"
PETS, SHOP = str(DOCUMENTS / "pets.yaml"), str(DOCUMENTS / "shop.yaml")


def start(*words, cwd=None):
    def find(program):
        for line in program.err:
            if found := re.search(r"http://([\d.]+:\d+)/", line):
                return found[1]
        return None

    return harness.Program([ARMATURE, "mock", "--port", "0", *words], find, cwd=cwd)


def send(server, method, path, content=None, *more):
    if content is None:
        return server.curl(path, "--request", method, *more)
    return server.curl(path, "--request", method, "--header", "Content-Type: application/json",
                       "--data-binary", json.dumps(content), *more)


class Refusals(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = start(PETS).__enter__()
        cls.addClassCleanup(cls.server.__exit__, None, None, None)

    def refusal(self, status, answer):
        self.assertEqual(answer.status, status)
        self.assertEqual(answer.field("content-type"), "application/problem+json")
        self.assertEqual(answer.json()["status"], status)
        return answer.json().get("validation", [])

    def test_names_each_fault_of_content_and_its_place(self):
        answer = send(self.server, "POST", "/pets", {"name": "", "kind": "fish", "a/b": 1})
        found = {(tuple(one["location"]), one["code"]) for one in self.refusal(422, answer)}
        self.assertEqual(found, {(("body", "name"), "minLength"), (("body", "kind"), "enum"),
                                 (("body",), "additionalProperties")})
        self.assertEqual(json.loads(answer.field("sl-violations")), answer.json()["validation"])

    def test_names_faults_of_parameters(self):
        found = self.refusal(422, self.server.curl("/pets?limit=0&tags=dog,fish",
                                                   "--header", "X-Trace: none"))
        self.assertEqual({tuple(one["location"]) for one in found},
                         {("query", "limit"), ("query", "tags", "1"), ("header", "X-Trace")})

    def test_takes_only_the_content_types_of_the_document(self):
        answer = self.server.curl("/pets", "--data", "x", "--header", "Content-Type: text/csv")
        self.assertIn("application/json", self.refusal(415, answer)[0]["message"])

    def test_asks_for_credentials(self):
        answer = self.server.curl("/owner")
        self.refusal(401, answer)
        self.assertEqual(answer.field("www-authenticate"), "Bearer")

    def test_says_what_no_json_is(self):
        answer = self.server.curl("/pets", "--header", "Content-Type: application/json", "--data", "{")
        self.assertEqual(self.refusal(400, answer)[0]["code"], "parse")

    def test_uses_the_documents_own_form_of_an_error(self):
        answer = send(self.server, "PATCH", "/pets/1", {"name": ""})
        self.assertEqual(answer.status, 422)
        self.assertEqual(set(answer.json()), {"code", "message"})
        self.assertIn("minLength", answer.field("sl-violations"))

    def test_knows_paths_with_the_servers_and_without(self):
        self.assertEqual(self.server.curl("/v1/pets").status, 200)
        self.refusal(404, self.server.curl("/v2/pets"))
        answer = self.server.curl("/health", "--request", "DELETE")
        self.refusal(405, answer)
        self.assertEqual(answer.field("allow"), "GET")

    def test_prefers_literal_paths(self):
        self.assertEqual(self.server.curl("/pets/mine").status, 401)

    def test_tells_of_deprecation(self):
        self.assertEqual(send(self.server, "DELETE", "/pets/99").field("deprecation"), "true")

    def test_writes_xml_for_who_asks(self):
        answer = self.server.curl("/pets/1", "--header", "Accept: application/xml")
        self.assertEqual(answer.field("content-type"), "application/xml")
        self.assertIn(b"<Pet><id>", answer.body)


class Kept(unittest.TestCase):
    def test_a_thing_is_made_found_listed_changed_replaced_and_removed(self):
        with start(PETS) as server:
            made = send(server, "POST", "/pets", {"name": "Ada", "kind": "cat"})
            self.assertEqual(made.status, 201)
            pet = made.json()
            place = made.field("location")
            self.assertEqual(place, f"/pets/{pet['id']}")
            self.assertEqual(server.curl(place).json(), pet)
            self.assertIn(pet, server.curl("/pets").json())
            self.assertEqual(len(server.curl("/pets").json()), 3)  # beside those of the example
            self.assertEqual(len(server.curl("/pets?limit=1").json()), 1)

            changed = send(server, "PATCH", place, {"owner": "Grace"})
            self.assertEqual(changed.json(), {**pet, "owner": "Grace"})
            self.assertEqual(server.curl(place).json(), {**pet, "owner": "Grace"})

            send(server, "PUT", place, {"name": "Alan", "kind": "dog"})
            self.assertEqual(server.curl(place).json(),
                             {"id": pet["id"], "name": "Alan", "kind": "dog"})

            self.assertEqual(send(server, "DELETE", place).status, 204)
            self.assertEqual(server.curl(place).status, 404)
            self.assertEqual(send(server, "DELETE", place).status, 404)
            self.assertNotIn(pet["id"], [one["id"] for one in server.curl("/pets").json()])

    def test_the_documents_own_things_can_be_changed_and_removed(self):
        with start(PETS) as server:
            send(server, "PATCH", "/pets/1", {"name": "Max"})
            self.assertEqual(server.curl("/pets").json()[0]["name"], "Max")
            send(server, "DELETE", "/pets/2")
            self.assertEqual([one["id"] for one in server.curl("/pets").json()], [1])
            self.assertEqual(send(server, "POST", "/_armature/mock/reset").status, 204)
            self.assertEqual([one["name"] for one in server.curl("/pets").json()], ["Rex", "Tom"])
            self.assertEqual(server.curl("/pets/1").json()["name"], "Rex")

    def test_a_list_and_its_items_agree(self):
        with start(SHOP) as server:
            items = server.curl("/products").json()["items"]
            self.assertGreaterEqual(len(items), 2)
            for item in items:
                self.assertEqual(server.curl(f"/products/{item['sku']}").json(), item)

    def test_nothing_is_kept_without_state(self):
        with start(PETS, "--no-state") as server:
            send(server, "DELETE", "/pets/1")
            self.assertEqual(server.curl("/pets/1").status, 200)
            self.assertEqual(len(server.curl("/pets").json()), 2)


class Made(unittest.TestCase):
    def test_the_same_seed_gives_the_same_bytes(self):
        def answers(*words):
            with start(SHOP, *words) as server:
                return [server.curl(path).body for path in ("/products", "/measures", "/categories")]

        self.assertEqual(answers("--seed", "7"), answers("--seed", "7"))
        self.assertNotEqual(answers("--seed", "7"), answers("--seed", "8"))

    def test_values_belong_together(self):
        with start(PETS) as server:
            owner = server.curl("/owner", "--header", "Authorization: Bearer x").json()
            self.assertEqual(owner["email"].split("@")[0], owner["name"].lower().replace(" ", "."))
            self.assertNotIn("password", owner)  # which is for requests only

    def test_dynamic_leaves_examples_out(self):
        with start(PETS) as server:
            self.assertNotEqual(server.curl("/pets/1", "--header", "Prefer: dynamic=true").json()["name"],
                                "Rex")
        with start(PETS, "--dynamic") as server:
            self.assertNotIn("Rex", [one["name"] for one in server.curl("/pets").json()])


class Weather(unittest.TestCase):
    def test_failures_depend_on_the_seed(self):
        def statuses(seed):
            with start(PETS, "--error-rate", "0.3:503", "--seed", seed) as server:
                answers = [server.curl("/health") for _ in range(30)]
                for answer in answers:
                    if answer.status == 503:
                        self.assertEqual(answer.field("retry-after"), "1")
                server.wait_for_log(f"of seed {seed}")
                return [answer.status for answer in answers]

        first = statuses("1")
        self.assertEqual(set(first), {200, 503})
        self.assertEqual(first, statuses("1"))
        self.assertNotEqual(first, statuses("2"))

    def test_answers_can_be_late(self):
        with start(PETS, "--delay", "150±50") as server:
            begun = time.monotonic()
            self.assertEqual(server.curl("/health").status, 200)
            self.assertGreaterEqual(time.monotonic() - begun, 0.1)

    def test_says_how_to_write_them(self):
        for words in (("--delay", "soon"), ("--delay", "10±20"), ("--error-rate", "2:503"),
                      ("--error-rate", "0.1:200"), ("--record", "x"), ()):
            document = (PETS,) if words else ()
            done = subprocess.run([ARMATURE, "mock", *document, *words], capture_output=True, text=True,
                                  timeout=harness.TIMEOUT)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn("armature", done.stderr)

    def test_pages_of_other_origins_may_ask(self):
        ask = ("--request", "OPTIONS", "--header", "Origin: http://page.example", "--header",
               "Access-Control-Request-Method: PUT")
        with start(PETS, "--cors") as server:
            self.assertEqual(server.curl("/pets/1", *ask).status, 204)
            answer = server.curl("/pets", "--header", "Origin: http://page.example")
            self.assertEqual(answer.field("access-control-allow-origin"), "*")
        with start(PETS) as server:
            answer = server.curl("/pets", "--header", "Origin: http://page.example")
            self.assertIsNone(answer.field("access-control-allow-origin"))


class Watched(unittest.TestCase):
    def test_a_changed_document_counts_from_the_next_request_on(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "api.yaml")
            text = pathlib.Path(PETS).read_text()
            file.write_text(text)
            with start(str(file), "--watch") as server:
                self.assertEqual(server.curl("/wellness").status, 404)
                file.write_text(text.replace("/health:", "/wellness:"))
                server.wait_for_log("read the document again")
                self.assertEqual(server.curl("/wellness").status, 200)
                file.write_text("{")
                server.wait_for_log("the old document goes on")
                self.assertEqual(server.curl("/wellness").status, 200)


class Real(http.server.BaseHTTPRequestHandler):
    """The server behind the proxy: it doesn't quite do what its document says."""

    def do_GET(self):
        if self.path.startswith("/pets/3"):
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            return
        wrong = self.path == "/pets/2"
        self.answer({"id": "two" if wrong else 1, "name": "Real", "kind": "dog",
                     "access_token": "s3cret-in-a-body"})

    def do_POST(self):
        size = int(self.headers["Content-Length"])
        pet = json.loads(self.rfile.read(size))
        self.answer({"id": 5, **pet}, 201)

    def answer(self, value, status=200):
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Set-Cookie", "session=s3cret-in-a-cookie")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class Proxy(unittest.TestCase):
    def setUp(self):
        real = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Real)
        threading.Thread(target=real.serve_forever).start()
        self.addCleanup(real.server_close)
        self.addCleanup(real.shutdown)
        self.url = f"http://127.0.0.1:{real.server_address[1]}"

    def test_checks_both_ways(self):
        with start(PETS, "--proxy", self.url) as server:
            good = server.curl("/pets/1")
            self.assertEqual((good.status, good.json()["name"]), (200, "Real"))
            self.assertIsNone(good.field("sl-violations"))
            bad = server.curl("/pets/2")
            self.assertEqual(bad.status, 200)
            self.assertEqual(json.loads(bad.field("sl-violations"))[0]["location"],
                             ["response", "body", "id"])
            server.wait_for_log("GET /pets/2: response/body/id must be integer")
            bad = send(server, "POST", "/pets", {"name": "Rex"})
            self.assertEqual(bad.status, 201)
            self.assertIn("kind", bad.field("sl-violations"))
            self.assertEqual(server.curl("/pets/3").field("location"), "/elsewhere")

    def test_what_breaks_the_contract_can_be_an_error(self):
        with start(PETS, "--proxy", self.url, "--errors") as server:
            self.assertEqual(server.curl("/pets/1").status, 200)
            self.assertEqual(server.curl("/pets/2").status, 500)
            self.assertEqual(send(server, "POST", "/pets", {"name": "Rex"}).status, 422)

    def test_says_when_nobody_is_there(self):
        with start(PETS, "--proxy", "http://127.0.0.1:1") as server:
            self.assertEqual(server.curl("/pets/1").status, 502)

    def test_records_without_secrets_and_replays(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "calls.jsonl")
            secrets = ("--header", "Authorization: Bearer s3cret-1", "--header", "X-Api-Key: s3cret-2",
                       "--header", "Cookie: a=s3cret-3")
            with start(PETS, "--proxy", self.url, "--record", str(file)) as server:
                server.curl("/pets/1?api_key=s3cret-4", *secrets)
                send(server, "POST", "/pets", {"name": "Rex", "kind": "dog", "password": "s3cret-5"})
            text = file.read_text()
            self.assertNotIn("s3cret", text)
            self.assertIn("[redacted]", text)
            self.assertEqual(len(text.splitlines()), 2)
            self.assertEqual(file.stat().st_mode & 0o777, 0o600)
            with start(PETS, "--replay", str(file)) as server:
                self.assertEqual(server.curl("/pets/1?api_key=other").json()["name"], "Real")
                self.assertEqual(server.curl("/pets/1").json()["name"], "Rex")  # the mock's
                again = send(server, "POST", "/pets",
                             {"name": "Rex", "kind": "dog", "password": "another"})
                self.assertEqual((again.status, again.json()["id"]), (201, 5))


if __name__ == "__main__":
    unittest.main()

"""The todo service with its database: from a first start to a restart, and its README's commands.

test_rest_api.py PROGRAM [unittest's options…]"""

import functools
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import threading
import time
import unittest

import harness
from harness import Program

PROGRAM = ""
SECRET = "a secret of the tests, long enough for HS256"
README = pathlib.Path(__file__).parents[2] / "examples/rest_api/README.md"


@functools.cache
def token(secret=SECRET, user="ann"):
    command = [PROGRAM, f"--secret={secret}", f"--issue={user}"]
    return subprocess.check_output(command, text=True).strip()


def bearer(user="ann"):
    return "--header", f"Authorization: Bearer {token(user=user)}"


def listening(program):
    for line in program.err:
        record = json.loads(line)
        if record["message"] == "listening":
            return record["address"]
    return None


class RestApi(unittest.TestCase):
    def setUp(self):
        self.folder = harness.temporary_folder()
        self.addCleanup(self.folder.cleanup)

    def start(self, *flags, listen="127.0.0.1:0"):
        return Program([PROGRAM, f"--listen={listen}", f"--secret={SECRET}", *flags], listening,
                       cwd=self.folder.name)

    @staticmethod
    def send(server, method, path, content, media_type="application/json"):
        text = content if isinstance(content, str) else json.dumps(content)
        return server.curl(path, "--request", method, "--header", f"Content-Type: {media_type}",
                           *bearer(), "--data-binary", "@-", data=text.encode())

    def add(self, server, title):
        answer = self.send(server, "POST", "/todos", {"title": title})
        self.assertEqual(answer.status, 201, answer.body)
        return answer.json()["id"]

    def assert_problem(self, answer, status):
        self.assertEqual(answer.status, status)
        self.assertEqual(answer.field("content-type"), "application/problem+json")
        self.assertEqual(answer.json()["status"], status)
        return answer.json()

    def test_a_todo_from_its_creation_to_its_end(self):
        with self.start() as server:
            self.assertEqual(server.curl("/todos").body, b'{"items":[],"total":0}')
            made = self.send(server, "POST", "/todos", {"title": "Rest", "extra": 1})
            self.assertEqual((made.status, made.body),
                             (201, b'{"id":1,"title":"Rest","done":false}'))
            self.assertEqual(made.field("location"), "/todos/1")
            self.assertEqual(server.curl("/todos/1").body, made.body)
            changed = self.send(server, "PUT", "/todos/1", {"title": "Rest more", "done": True})
            self.assertEqual((changed.status, changed.body),
                             (200, b'{"id":1,"title":"Rest more","done":true}'))
            self.assertEqual(server.curl("/todos").json()["total"], 1)
            gone = server.curl("/todos/1", "--request", "DELETE", *bearer())
            self.assertEqual((gone.status, gone.body), (204, b""))
            self.assert_problem(server.curl("/todos/1"), 404)
            self.assertEqual(self.add(server, "Again"), 2)

    def test_what_is_not_there(self):
        with self.start() as server:
            self.assert_problem(server.curl("/todos/1"), 404)
            self.assert_problem(server.curl("/todos/1", "--request", "DELETE", *bearer()), 404)
            self.assert_problem(self.send(server, "PUT", "/todos/1", {"title": "x"}), 404)
            self.assert_problem(server.curl("/todos/one"), 400)
            self.assert_problem(server.curl("/"), 404)
            self.assert_problem(server.curl("/todos/1", "--request", "POST"), 405)

    def test_titles_are_unique(self):
        with self.start() as server:
            self.add(server, "One")
            second = self.add(server, "Two")
            self.assert_problem(self.send(server, "POST", "/todos", {"title": "One"}), 409)
            self.assert_problem(self.send(server, "PUT", f"/todos/{second}", {"title": "One"}), 409)
            self.assertEqual(server.curl("/todos").json()["total"], 2)

    def test_content_that_breaks_the_rules(self):
        with self.start() as server:
            for content, pointers in [({}, ["/title"]), ({"title": ""}, ["/title"]),
                                      ({"title": "x" * 201, "done": 1}, ["/done", "/title"])]:
                problem = self.assert_problem(self.send(server, "POST", "/todos", content), 422)
                self.assertEqual(sorted(e["pointer"] for e in problem["errors"]), pointers)
            self.assertEqual(server.curl("/todos").json()["total"], 0)

    def test_content_that_is_no_json(self):
        with self.start() as server:
            self.assert_problem(self.send(server, "POST", "/todos", "{"), 400)
            self.assert_problem(self.send(server, "POST", "/todos", "{}", "text/plain"), 415)
            self.assertEqual(server.curl("/todos").json()["total"], 0)

    def test_only_writers_write(self):
        with self.start() as server:
            write = ["/todos", "--header", "Content-Type: application/json", "--data", "{}"]
            nobody = server.curl(*write)
            self.assert_problem(nobody, 401)
            self.assertRegex(nobody.field("www-authenticate"), "^Bearer")
            others = token(SECRET[::-1])
            for wrong in ["guess", others, token() + "x", token()[:-2]]:
                answer = server.curl(*write, "--header", f"Authorization: Bearer {wrong}")
                self.assert_problem(answer, 401)
                self.assertIn('error="invalid_token"', answer.field("www-authenticate"))
            self.assertEqual(server.curl("/todos").json()["total"], 0)

    def test_nobody_writes_without_a_secret_in_the_settings(self):
        with Program([PROGRAM, "--listen=127.0.0.1:0"], listening, cwd=self.folder.name) as server:
            for field in ["", "Bearer", "Bearer ", "Bearer secret", f"Bearer {token()}"]:
                answer = server.curl("/todos", "--data", "{}", "--header", f"Authorization: {field}")
                self.assertIn(answer.status, (401, 403), field)

    def test_its_document(self):
        with self.start() as server:
            document = server.curl("/openapi.json").json()
            self.assertEqual(sorted(document["paths"]), ["/exports", "/exports/{id}", "/health/live", "/health/ready",
                                                         "/metrics", "/todos", "/todos/{id}"])
            self.assertIn("NewTodo", document["components"]["schemas"])
            limited = [(path, method) for path, methods in document["paths"].items()
                       for method, operation in methods.items() if "429" in operation["responses"]]
            self.assertEqual(sorted(limited), [("/exports", "post"), ("/todos", "post"),
                                               ("/todos/{id}", "delete"), ("/todos/{id}", "put")])
            self.assertIn("401", document["paths"]["/todos"]["post"]["responses"])
            self.assertEqual(server.curl("/docs").status, 200)

    def test_values_never_become_sql(self):
        title = "'); DROP TABLE todos; -- \" \u0000 é"
        with self.start() as server:
            number = self.add(server, title)
            self.assertEqual(server.curl(f"/todos/{number}").json()["title"], title)
            self.assertEqual(server.curl("/todos").json()["total"], 1)

    def test_pages(self):
        with self.start() as server:
            for number in range(5):
                self.add(server, f"Todo {number}")
            page = server.curl("/todos?limit=2&page=2").json()
            self.assertEqual([todo["title"] for todo in page["items"]], ["Todo 2", "Todo 3"])
            self.assertEqual(page["total"], 5)
            self.assertEqual(server.curl("/todos?page=9").json(), {"items": [], "total": 5})
            for query in ["page=0", "page=x", "limit=0", "limit=101", "limit=" + "9" * 30]:
                self.assert_problem(server.curl(f"/todos?{query}"), 422)

    def test_an_export_is_made_by_a_job(self):
        with self.start("--database=jobs.db") as server:
            self.add(server, "Rest")
            made = server.curl("/exports", "--request", "POST", *bearer())
            self.assertEqual((made.status, made.json()),
                             (201, {"id": 1, "state": "waiting", "todos": []}))
            where = made.field("location")
            export = made.json()
            end = time.monotonic() + harness.TIMEOUT
            while export["state"] == "waiting" and time.monotonic() < end:
                export = server.curl(where, *bearer()).json()
            done = {"id": 1, "state": "done", "todos": [{"id": 1, "title": "Rest", "done": False}]}
            self.assertEqual(export, done)
        with sqlite3.connect(pathlib.Path(self.folder.name) / "jobs.db") as database:
            self.assertEqual(database.execute("SELECT count(*) FROM armature_jobs").fetchone(), (0,))
        with self.start("--database=jobs.db") as server:
            self.assertEqual(server.curl(where, *bearer()).json(), done)
            self.assert_problem(server.curl(where), 401)
            self.assert_problem(server.curl("/exports/2", *bearer()), 404)

    def test_writes_of_a_user_are_limited(self):
        with self.start("--writes_per_minute=2") as server:
            self.add(server, "One")
            self.add(server, "Two")
            refused = self.send(server, "POST", "/todos", {"title": "Three"})
            self.assert_problem(refused, 429)
            self.assertGreater(int(refused.field("retry-after")), 0)
            self.assertEqual(server.curl("/todos").json()["total"], 2)
            gone = server.curl("/todos/1", "--request", "DELETE", *bearer(user="bob"))
            self.assertEqual(gone.status, 204)

    def test_what_operators_ask(self):
        with self.start() as server:
            self.assertEqual(server.curl("/health/live").json(), {"status": "pass"})
            self.assertEqual(server.curl("/health/ready").json(),
                             {"status": "pass", "checks": {"database": {"status": "pass"}}})
            for number in (7, 8):
                missing = server.curl(f"/todos/{number}")
                self.assertRegex(missing.field("x-request-id"), "^[0-9a-f-]{36}$")
                self.assertEqual(missing.field("x-content-type-options"), "nosniff")
            metrics = server.curl("/metrics").body.decode()
            self.assertIn('http_server_requests_total{method="GET",route="/todos/{id}",code="404"} 2',
                          metrics.splitlines())

    def test_todos_outlive_the_process(self):
        with self.start("--database=kept.db") as server:
            number = self.add(server, "Kept")
        with self.start("--database=kept.db") as server:
            self.assertEqual(server.curl(f"/todos/{number}").json()["title"], "Kept")
            self.assert_problem(self.send(server, "POST", "/todos", {"title": "Kept"}), 409)

    def test_many_clients_at_once(self):
        faults = []

        def client(number):
            try:
                with server.connect() as connection:
                    for i in range(10):
                        content = json.dumps({"title": f"{number}/{i}"}).encode()
                        connection.send(b"POST /todos HTTP/1.1\r\nHost: x\r\nContent-Type: "
                                        b"application/json\r\nAuthorization: Bearer %s\r\n"
                                        b"Content-Length: %d\r\n\r\n%s"
                                        % (token().encode(), len(content), content))
                        answer = connection.read_answer()
                        if answer.status != 201 or answer.json()["title"] != f"{number}/{i}":
                            faults.append(answer.body)
            except Exception as error:  # reported by the test's own thread
                faults.append(error)

        with self.start() as server:
            threads = [threading.Thread(target=client, args=[number]) for number in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(faults, [])
            self.assertEqual(server.curl("/todos").json()["total"], 80)

    def test_settings_come_from_a_file_too(self):
        folder = pathlib.Path(self.folder.name)
        (folder / "rest_api.toml").write_text('database = "from_file.db"\n')
        with self.start():
            self.assertTrue((folder / "from_file.db").exists())
        (folder / "rest_api.toml").write_text('databse = "x"\n')
        self.assert_refuses_to_start("databse")

    def migrate(self, *words):
        return subprocess.run([PROGRAM, "migrate", *words], cwd=self.folder.name,
                              env={**os.environ, "TODO_DATABASE": "migrated.db"},
                              capture_output=True, text=True, timeout=harness.TIMEOUT)

    def test_its_migrations(self):
        self.assertEqual(self.migrate("status", "--exit-code").returncode, 2)
        self.assertEqual(self.migrate("up").returncode, 0)
        self.assertIn("2 applied, 0 pending", self.migrate("status", "--exit-code").stdout)
        self.assertEqual(self.migrate("diff").stdout, "the database is as the models say\n")
        self.assertEqual(self.migrate("verify").returncode, 0)
        with sqlite3.connect(pathlib.Path(self.folder.name) / "migrated.db") as database:
            database.execute("ALTER TABLE todos ADD COLUMN due TEXT")
        diff = self.migrate("diff", "--exit-code")
        self.assertEqual((diff.returncode, diff.stdout),
                         (2, "extra column    todos.due: TEXT, which no member has\n"))

    def test_does_not_start_with_a_short_secret(self):
        self.assert_refuses_to_start("at least 32", "--secret=short")

    def test_does_not_start_without_its_database(self):
        self.assert_refuses_to_start("/no/such/folder/x.db", "--database=/no/such/folder/x.db")

    def assert_refuses_to_start(self, reason, *flags):
        done = subprocess.run([PROGRAM, "--listen=127.0.0.1:0", *flags], cwd=self.folder.name,
                              capture_output=True, text=True, timeout=harness.TIMEOUT)
        self.assertEqual(done.returncode, 2)
        self.assertIn(reason, done.stderr)

    def test_commands_of_the_readme(self):
        text = README.read_text()
        commands = re.findall(r"^(curl .*)$", text, re.MULTILINE)
        expected = re.findall(r"^# (\d{3})$", text, re.MULTILINE)
        self.assertGreater(len(commands), 5)
        self.assertEqual(len(commands), len(expected))
        with self.start() as server:
            for command, status in zip(commands, expected):
                shown = subprocess.run(
                    ["bash", "-c", command.replace("127.0.0.1:8080", server.address)],
                    capture_output=True, text=True, timeout=harness.TIMEOUT,
                    env={**os.environ, "TOKEN": token()}).stdout
                self.assertIn(f" {status} ", shown.splitlines()[0], command)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()

"""What `armature new` and `armature generate` make, built against the installed package as its
users build it: without a warning, its tests pass, and it answers curl.

test_projects.py PREFIX [unittest's options…]"""
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "examples"))
import harness
from support import Armature, InAFolder, Postgres

armature = Armature(sys.argv.pop(1) + "/bin/armature")


def listening(program):
    for line in program.err:
        if '"listening"' in line:
            return json.loads(line)["address"]
    return None


class Project(InAFolder):
    def make(self, name, template, *words):
        self.succeeds(armature("new", name, "--template", template, *words, cwd=self.folder))
        self.root = self.folder / name

    def run_in(self, *command):
        return self.succeeds(armature.run(command, cwd=self.root))

    def ask(self, *words):
        return self.succeeds(armature(*words, cwd=self.root)).stdout

    def serve(self, *flags):
        """scripts/run, as a user starts it."""
        return harness.Program([str(self.root / "scripts/run"), "--listen=127.0.0.1:0", *flags],
                               listening, cwd=self.root, environment=armature.environment)


class Minimal(Project):
    def test_is_built_tested_asked_and_served(self):
        self.make("hello", "minimal")
        self.run_in("./scripts/test")
        routes = json.loads(self.ask("routes", "--json"))
        self.assertEqual([route["pattern"] for route in routes], ["/", "/hello/{name}"])
        self.assertIn("listen", self.ask("config"))
        with self.serve() as server:
            self.assertEqual(server.curl("/hello/Ada").body, b"Hello, Ada!")
        done = armature("routes", "--why", "GET /nothing", cwd=self.root)
        self.assertEqual(done.returncode, 1)
        (self.root / "src/app.cpp").write_text("nonsense\n")
        self.fails(armature("routes", cwd=self.root), 1, "src/app.cpp:1", "the build failed")


class Microservice(Project):
    def test_is_built_tested_and_served(self):
        self.make("relay-station", "microservice")
        self.run_in("./scripts/test")
        unit = (self.root / "deploy/relay-station.service").read_text()
        self.assertIn("ExecStart=/usr/local/bin/relay-station\n", unit)
        if harness.find_tool("systemd-analyze"):
            score = armature.run(["systemd-analyze", "security", "--offline=true",
                                  "--threshold=20", str(self.root / "deploy/relay-station.service")])
            self.assertEqual(score.returncode, 0, score.stdout[-300:] + score.stderr)
        with self.serve("--upstream=http://127.0.0.1:1") as server:
            self.assertEqual(server.curl("/health/ready").status, 200)
            self.assertEqual(server.curl("/relay").status, 502)
            self.assertIn(b"process_", server.curl("/metrics").body)


class Full(Project):
    """The template full with everything in it that can be generated: one build for all."""

    def test_is_built_tested_and_served_with_all_that_can_be_generated(self):
        self.make("shop", "full")
        for words in [["controller", "report-list"], ["controller", "sales", "daily", "by-region"],
                      ["guard", "admin"], ["middleware", "timing"], ["module", "billing"],
                      ["service", "price-list"], ["model", "coin", "value:decimal?"],
                      ["resource", "order-item", "label:string:unique", "text:text?",
                       "count:integer", "price:decimal", "weight:float?", "is_open:boolean",
                       "day:date", "at:datetime?", "code:uuid", "mail:email", "site:url?"],
                      ["resource", "review", "text:text", "order-item:belongs_to",
                       "coin_id:references?:coins:unique", "answer_id:references?:reviews",
                       "created_at:datetime", "updated_at:datetime", "deleted_at:datetime?"],
                      ["resource", "draft", "title:string:unique", "review:belongs_to",
                       "version:integer"],
                      ["migration", "add_size_to_order_items", "size:integer?"]]:
            self.ask("generate", *words)
        self.run_in("./scripts/test")

        self.assertIn("6 pending", self.ask("migrate", "status"))
        self.ask("migrate", "up")
        self.ask("migrate", "verify")
        self.assertIn("20 inserted", self.ask("db:seed", "--class", "OrderItems", "--count", "20"))
        self.assertIn("30 inserted", self.ask("db:seed", "--class", "Drafts", "--count", "30"))
        chain = json.loads(self.ask("routes", "--json", "--path", "/sales/*"))
        self.assertEqual([route["pattern"] for route in chain], ["/sales/daily", "/sales/by-region"])
        self.assertIn("timing", chain[0]["middleware"])
        self.assertIn("/order-items/{id}", json.loads(self.ask("openapi"))["paths"])

        secret = "a secret of the tests, 32 bytes or more"
        (self.root / ".env").write_text(f"SHOP_SECRET='{secret}'\n")
        settings = self.ask("config")
        self.assertRegex(settings, r"(?m)^secret +\[redacted\] +\.env:1$")
        self.assertNotIn(secret, settings)
        token = self.ask("run", "token", "ada").strip()
        with self.serve() as server:
            me = server.curl("/me", "--header", f"Authorization: Bearer {token}")
            self.assertEqual(me.body, b'{"user":"ada"}')
            self.assertEqual(server.curl("/me").status, 401)
            self.assertIn(b"<h1>Shop</h1>", server.curl("/").body)
            self.assertEqual(server.curl("/reports/sales", "--request", "POST").status, 202)
            server.wait_for_log("report made")
            self.assertEqual(server.curl("/billing").body, b"Billing")
            self.assertEqual(server.curl("/billing").field("x-timing"), "passed")


@unittest.skipUnless(Postgres.programs(), "PostgreSQL isn't installed (Debian: postgresql)")
class OnPostgres(Project):
    """The template api with PostgreSQL, and resources that refer to each other."""

    def test_is_built_tested_and_served(self):
        self.make("shop", "api", "--database", "postgresql")
        for words in [["author", "name:string:unique", "created_at:datetime",
                       "updated_at:datetime"],
                      ["book", "title:string", "author:belongs_to", "price:decimal",
                       "published:date?", "is_open:boolean", "code:uuid", "version:integer"],
                      ["copy", "shelf:integer", "book:belongs_to", "of_id:references?:copies",
                       "at:datetime", "weight:float", "deleted_at:datetime?"]]:
            self.ask("generate", "resource", *words)
        with Postgres() as postgres:
            environment = {"SHOP_TEST_SERVER": postgres.url, "SHOP_DATABASE": postgres.url + "shop"}
            armature.environment.update(environment)
            self.addCleanup(lambda: [armature.environment.pop(name) for name in environment])
            self.assertIn("no such database yet", armature("doctor", cwd=self.root).stdout)
            self.run_in("./scripts/test")
            left = self.run_in(str(postgres.programs() / "psql"), postgres.url + "postgres", "-Atc",
                               "SELECT datname FROM pg_database WHERE datname LIKE 'shop%'")
            self.assertEqual(left.stdout, "")  # each test removed its own
            with self.serve() as server:
                author = server.curl("/authors", "--json", '{"name":"Ada"}')
                self.assertEqual(author.status, 201)
                book = {"title": "Notes", "author_id": 1, "price": "12.50", "is_open": True,
                        "code": "01890a5d-ac96-774b-bcce-b302099a8057"}
                self.assertEqual(server.curl("/books", "--json", json.dumps(book)).status, 201)
                self.assertEqual(server.curl("/books").json()[0]["author"]["name"], "Ada")
                unknown = json.dumps({**book, "author_id": 99})
                self.assertEqual(server.curl("/books", "--json", unknown).status, 409)
                self.assertEqual(server.curl("/authors/1", "--request", "DELETE").status, 409)
            self.assertIn("25 inserted", self.ask("db:seed", "--class", "Copies", "--count", "25"))
            self.ask("migrate", "verify")
            self.assertIn("PostgreSQL answers", armature("doctor", cwd=self.root).stdout)


if __name__ == "__main__":
    unittest.main()

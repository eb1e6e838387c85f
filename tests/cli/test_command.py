"""The command `armature` without a build: what it says and where, what it writes and refuses.

test_command.py PROGRAM [unittest's options…]"""
import json
import os
import sqlite3
import sys
import unittest

from support import Armature, InAFolder, tree

armature = Armature(sys.argv.pop(1))

COMMANDS = ["new", "doctor", "completions", "generate", "g", "destroy", "run", "routes", "openapi",
            "config", "migrate", "db:seed", "test", "bench"]
GENERATORS = {"controller": [], "guard": [], "middleware": [], "module": [], "service": [],
              "model": ["name:string"], "migration": [],
              "resource": ["name:string", "price:decimal"]}


class Help(InAFolder):
    def test_goes_to_standard_output_without_colours(self):
        for words in [], ["help"], ["--help"]:
            done = self.succeeds(armature(*words))
            self.assertIn("Usage: armature COMMAND", done.stdout)
            self.assertIn("armature new shop --template api", done.stdout)
            self.assertNotIn("\x1b", done.stdout)
            self.assertEqual(done.stderr, "")

    def test_lists_and_explains_every_command(self):
        listed = armature("help").stdout
        for command in COMMANDS:
            self.assertRegex(listed, rf"(?m)^  {command} +\w")
            self.assertIn(f"Usage: armature {command}",
                          self.succeeds(armature("help", command)).stdout)

    def test_tells_on_standard_error_what_is_wrong(self):
        for words, text in [(["migrat"], "did you mean armature migrate?"),
                            (["generat"], "did you mean armature generate?"),
                            (["new", "--templat=api", "a"], "did you mean --template?"),
                            (["new", "a", "--template", "apy"], "did you mean api?"),
                            (["new"], "armature new shop"),
                            (["new", "7up"], "begins with a letter"),
                            (["new", "namespace"], "means something in C++"),
                            (["completions", "tcsh"], "bash, zsh and fish"),
                            (["doctor", "now"], "one word too many")]:
            self.fails(armature(*words, cwd=self.folder), 2, text)

    def test_says_where_a_project_is_missing(self):
        for words in ["routes"], ["generate", "service", "a"], ["config"], ["run"], ["db:seed"]:
            self.fails(armature(*words, cwd=self.folder), 1, "armature new NAME")


class New(InAFolder):
    def make(self, *words, **options):
        return armature("new", *words, "--no-check", cwd=self.folder, **options)

    def test_makes_a_project_of_each_template(self):
        listed = self.succeeds(armature("new", "--list")).stdout
        templates = [line.split()[0] for line in listed.splitlines()]
        self.assertEqual(templates, ["api", "full", "microservice", "minimal"])
        for template in templates:
            done = self.succeeds(self.make("web-shop", "--directory", template, "--template",
                                           template))
            self.assertEqual(done.stdout, "")
            self.assertNotIn("\x1b", done.stderr)
            made = self.folder / template
            for path in ["CMakeLists.txt", "CMakePresets.json", ".gitignore", ".env.example",
                         ".clang-format", "README.md", "src/main.cpp", "src/app.cpp",
                         "tests/app_test.cpp"]:
                self.assertTrue((made / path).is_file(), path)
            for script in "run", "test":
                self.assertTrue(os.access(made / "scripts" / script, os.X_OK))
            self.assertTrue((made / ".git").is_dir())
            self.assertFalse((made / "template").exists())
            for path in tree(made):
                text = (made / path).read_text()
                self.assertNotRegex(text, r"\{\{[A-Za-z_.]+\}\}", path)
                self.assertNotRegex(path, r"[{}]")
            self.assertIn("project(web_shop ", (made / "CMakeLists.txt").read_text())
            for line in (made / ".env.example").read_text().splitlines():
                self.assertNotRegex(line, r"(?i)(secret|password|token)\S*=\S", line)

    def test_makes_it_on_postgresql(self):
        for template in "api", "full":
            self.succeeds(self.make("web-shop", "-d", template, "-t", template, "--database",
                                    "postgresql"))
            made = self.folder / template
            self.assertIn("WEB_SHOP_DATABASE=postgresql:///web_shop\n",
                          (made / ".env.example").read_text())
            self.assertIn("migrate create", (made / "scripts/run").read_text())
            self.assertIn("WEB_SHOP_TEST_SERVER", (made / "tests/test_settings.hpp").read_text())
            sql = next((made / "db/migrations").glob("*_create_notes.sql")).read_text()
            self.assertIn("GENERATED ALWAYS AS IDENTITY", sql)
        self.fails(self.make("shop", "--database", "mysql", "-t", "api"), 2, "sqlite and postgresql")
        self.fails(self.make("shop", "--database", "postgresql"), 2, "minimal has no database")

    def test_leaves_a_folder_alone_that_has_something_in_it(self):
        (self.folder / "shop").mkdir()
        (self.folder / "shop/mine").write_text("mine")
        self.fails(self.make("shop"), 1, "is there already")
        self.assertEqual(list(tree(self.folder)), ["shop/mine"])

    def test_makes_it_without_a_repository(self):
        self.succeeds(self.make("shop", "--no-git"))
        self.assertFalse((self.folder / "shop/.git").exists())

    def test_says_what_to_install(self):
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "dpkg-query").write_text(
            "#!/bin/sh\nshift 3\nfor name; do\n"
            "  [ $name = libgtest-dev ] || [ $name = libre2-dev ] || echo $name installed\ndone\n")
        (tools / "dpkg-query").chmod(0o755)
        for tool in "c++", "cmake", "git":
            (tools / tool).write_text("#!/bin/sh\n")
            (tools / tool).chmod(0o755)
        environment = {"PATH": f"{tools}:/nowhere"}
        done = armature("new", "shop", cwd=self.folder, environment=environment)
        self.fails(done, 1, "\n  sudo apt-get install -y ninja-build libre2-dev libgtest-dev\n")
        self.assertFalse((self.folder / "shop").exists())

    def test_takes_templates_of_ones_own(self):
        own = self.folder / "own/new/ours"
        (own / "src").mkdir(parents=True)
        (own / "template").write_text("summary: ours\nextends: minimal\ncomponents: armature\n")
        (own / "README.md").write_text("{{Title}} is ours\n")
        listed = armature("new", "--list", "--templates", "own", cwd=self.folder).stdout
        self.assertIn("ours          ours\n", listed)
        self.succeeds(self.make("shop", "--templates", "own", "--template", "ours"))
        self.assertEqual((self.folder / "shop/README.md").read_text(), "Shop is ours\n")
        self.assertTrue((self.folder / "shop/src/app.cpp").is_file())

        (own / "README.md").write_text("1\n{{Titel}}\n")
        self.fails(self.make("other", "--templates", "own", "--template", "ours"), 1,
                   "new/ours/README.md:2: {{Titel}}")
        self.assertFalse((self.folder / "other").exists())


class Generate(InAFolder):
    def setUp(self):
        super().setUp()
        self.succeeds(armature("new", "shop", "--template", "api", "--no-check", "--no-git",
                               cwd=self.folder))
        self.shop = self.folder / "shop"

    def generate(self, *words, cwd=None):
        return armature("generate", *words, cwd=cwd or self.shop)

    def test_writes_undoes_and_does_nothing_twice(self):
        before = tree(self.shop)
        for kind, fields in GENERATORS.items():
            self.succeeds(self.generate(kind, "order-item", *fields))
            made = tree(self.shop)
            self.assertGreater(len(made), len(before), kind)
            again = self.succeeds(self.generate(kind, "OrderItem", *fields))
            self.assertIn("Nothing to do", again.stderr)
            self.assertEqual(tree(self.shop), made, kind)
            self.succeeds(armature("destroy", kind, "order_item", *fields, cwd=self.shop))
            self.assertEqual(tree(self.shop), before, kind)

    def test_shows_what_it_would_do(self):
        before = tree(self.shop)
        done = self.succeeds(self.generate("controller", "report", "--dry-run"))
        self.assertEqual(tree(self.shop), before)
        self.assertRegex(done.stdout, r"(?m)^create  src/report_controller.hpp$")
        self.assertRegex(done.stdout, r"(?m)^change  src/app.cpp$")
        self.assertIn('          + #include "report_controller.hpp"\n', done.stdout)
        self.assertIn("          + .controller<ReportController>()\n", done.stdout)
        changes = json.loads(self.generate("controller", "report", "-n", "--json").stdout)
        self.assertEqual({change["path"]: change["action"] for change in changes},
                         {"src/report_controller.cpp": "create",
                          "src/report_controller.hpp": "create",
                          "tests/report_controller_test.cpp": "create", "src/app.cpp": "change"})

    def test_puts_its_lines_at_their_marks(self):
        self.succeeds(self.generate("middleware", "timing", cwd=self.shop / "src"))
        text = (self.shop / "src/app.cpp").read_text()
        self.assertIn('#include "timing.hpp"\n// armature:includes\n', text)
        self.assertIn("        .wrap(Timing{})\n        // armature:middleware\n", text)

        app = self.shop / "src/app.cpp"
        app.write_text(text.replace("// armature:routes", ""))
        before = tree(self.shop)
        self.fails(self.generate("module", "billing"), 1,
                   'src/app.cpp: no line has "// armature:routes"', ".imports(billing_module)")
        self.assertEqual(tree(self.shop), before)

    def test_replaces_nothing_that_was_edited(self):
        self.succeeds(self.generate("guard", "admin"))
        edited = self.shop / "src/admin_guard.cpp"
        edited.write_text("// mine\n")
        self.fails(self.generate("guard", "admin"), 1, "src/admin_guard.cpp is there already",
                   "Nothing was written")
        done = self.succeeds(armature("destroy", "guard", "admin", cwd=self.shop))
        self.assertIn("keep    src/admin_guard.cpp", done.stdout)
        self.assertEqual(edited.read_text(), "// mine\n")
        self.succeeds(armature("destroy", "guard", "admin", "--force", cwd=self.shop))
        self.assertFalse(edited.exists())

    def test_refuses_fields_that_cannot_be(self):
        for words, text in [(["resource", "a"], "needs a field"),
                            (["resource", "a", "price"], "name:type"),
                            (["resource", "a", "price:dezimal"], "did you mean decimal?"),
                            (["resource", "a", "price:decimal", "price:float"], "given twice"),
                            (["resource", "a", "id:uuid"], "id is there by itself"),
                            (["model", "a", "class:string"], "means something in C++"),
                            (["service", "a", "b"], "one word too many"),
                            (["resourse", "a"], "did you mean resource?"),
                            (["resource", "a", "b:belong_to"], "did you mean belongs_to?"),
                            (["resource", "a", "parent_id:references:as"], "belongs_to?"),
                            (["resource", "a", "note:belongs_to?", "note_id:integer"], "given twice"),
                            (["model", "a", "n:text", "created_at:datetime"], "come together"),
                            (["model", "a", "version:integer"], "that its users may set"),
                            (["migration", "a", "b:string"], "create_TABLE"),
                            (["migration", "add_a_to_b", "a:string"], "rows that are there")]:
            self.fails(self.generate(*words), 2, text)

    def test_lets_resources_refer_to_each_other(self):
        self.fails(self.generate("resource", "book", "title:string", "author:belongs_to"), 1,
                   "no model in src/ is kept in a table authors", "author_id:references:TABLE")
        self.succeeds(self.generate("model", "person", "name:string"))
        self.succeeds(self.generate("resource", "book", "title:string",
                                    "author_id:references:people", "editor_id:references?:people",
                                    "next_id:references?:books:unique"))
        header = (self.shop / "src/book.hpp").read_text()
        self.assertIn('#include "person.hpp"\n', header)
        self.assertIn("    std::int64_t author_id = 0;\n    armature::db::One<Person> author;", header)
        self.assertIn("    std::optional<std::int64_t> next_id;\n    armature::db::One<Book> next;",
                      header)
        self.assertIn("belongs_to<&Book::author, &Book::author_id>", header)
        sql = next((self.shop / "db/migrations").glob("*_create_books.sql")).read_text()
        self.assertIn("author_id INTEGER NOT NULL REFERENCES people (id),\n"
                      "    editor_id INTEGER REFERENCES people (id),\n"
                      "    next_id INTEGER UNIQUE REFERENCES books (id)\n", sql)
        self.assertIn("CREATE INDEX books_author_id ON books (author_id);", sql)
        self.assertNotIn("books_next_id", sql)
        (self.shop / "src/person_seeds.hpp").unlink()
        self.fails(self.generate("resource", "diary", "text:text", "person:belongs_to"), 1,
                   "src/person_seeds.hpp: has no function person_factory()")

    def test_knows_columns_that_a_repository_looks_after(self):
        self.succeeds(self.generate("resource", "page", "title:string", "version:integer",
                                    "created_at:datetime", "updated_at:datetime",
                                    "deleted_at:datetime?"))
        header = (self.shop / "src/page.hpp").read_text()
        for text in ["(version, read_only)", "timestamps<&Page::created_at, &Page::updated_at>",
                     "soft_delete<&Page::deleted_at>", "version<&Page::version>"]:
            self.assertIn(text, header)
        self.assertIn("IfMatch::required", (self.shop / "src/pages.cpp").read_text())
        self.succeeds(self.generate("resource", "slide", "version:string", "deleted_at:date"))
        self.assertNotIn("read_only", (self.shop / "src/slide.hpp").read_text().replace(
            "(id, read_only)", ""))

    def test_writes_migrations_that_lead_there_and_back(self):
        for words in [["migration", "create_boxes", "label:string:unique", "weight:float?"],
                      ["migration", "remove_weight_from_boxes", "weight:float?"],
                      ["migration", "add_size_to_boxes", "size:integer?", "code:string?:unique"],
                      ["migration", "add_note_to_boxes", "note:belongs_to?"],
                      ["migration", "other"],
                      ["resource", "category", "name:string", "at:datetime", "day:date?",
                       "key:uuid", "is_open:boolean", "mail:email?", "site:url", "count:integer"]]:
            self.succeeds(self.generate(*words))
        files = sorted(path.name for path in (self.shop / "db/migrations").iterdir())
        self.assertEqual([name.partition("_")[2] for name in files],
                         ["create_notes.sql", "create_boxes.sql",
                          "remove_weight_from_boxes.sql", "add_size_to_boxes.sql",
                          "add_note_to_boxes.sql", "other.sql", "create_categories.sql"])
        self.assertEqual(len({name[:14] for name in files}), len(files))
        # Outside of a project's program: `armature` itself migrates.
        environment = {"DATABASE_URL": "sqlite:test.db"}
        (self.shop / "CMakeLists.txt").rename(self.shop / "CMakeLists.gone")
        for command in ["check"], ["up"], ["to", "0"], ["up"]:
            self.succeeds(armature("migrate", *command, cwd=self.shop, environment=environment))
        with sqlite3.connect(self.shop / "test.db") as database:
            columns = [row[1] for row in database.execute("PRAGMA table_info(boxes)")]
            self.assertEqual(columns, ["id", "label", "size", "code", "note_id"])

    def test_writes_sql_of_the_projects_database(self):
        (self.shop / ".env").write_text("SHOP_DATABASE=postgresql://localhost/shop\n")
        self.succeeds(self.generate("model", "coin", "value:decimal"))
        sql = next((self.shop / "db/migrations").glob("*_create_coins.sql")).read_text()
        self.assertIn("id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,\n    value NUMERIC "
                      "NOT NULL", sql)

    def test_takes_generators_of_ones_own(self):
        own = self.shop / "own/generate/policy"
        own.mkdir(parents=True)
        (own / "template").write_text(
            "summary: what may be\ninsert: src/app.cpp | // armature:includes | // {{Thing}}\n")
        (own / "{{thing}}.policy").write_text("{{title}}\n")
        self.assertIn("policy      what may be\n",
                      self.generate("--templates", "own").stdout)
        self.succeeds(self.generate("policy", "refund-rule", "--templates", "own"))
        self.assertEqual((self.shop / "refund_rule.policy").read_text(), "Refund rule\n")
        self.assertIn("// RefundRule\n", (self.shop / "src/app.cpp").read_text())

    def test_says_that_a_project_has_no_database(self):
        self.succeeds(armature("new", "bare", "--no-check", "--no-git", cwd=self.folder))
        self.fails(self.generate("resource", "a", "name:string", cwd=self.folder / "bare"), 1,
                   "--template api")


class Doctor(InAFolder):
    def test_names_each_thing_with_its_remedy(self):
        tools = self.folder / "tools"
        tools.mkdir()
        for name, text in {"c++": "g++ (Debian) 11.2.0", "cmake": "cmake version 3.18.4",
                           "git": "git version 2.39.5"}.items():
            (tools / name).write_text(f"#!/bin/sh\necho '{text}'\n")
            (tools / name).chmod(0o755)
        done = armature("doctor", "--json", cwd=self.folder,
                        environment={"PATH": str(tools), "CXX": ""})
        self.assertEqual(done.returncode, 1)
        findings = {finding["what"]: finding for finding in json.loads(done.stdout)}
        self.assertEqual(findings["git"]["verdict"], "good")
        self.assertIn("older than g++ 12", findings["compiler"]["found"])
        self.assertIn("3.25 or newer", findings["cmake"]["found"])
        self.assertEqual(findings["ninja"]["remedy"], "sudo apt-get install -y ninja-build")
        self.assertEqual(findings["armature"]["verdict"], "fault")
        self.assertNotIn("database", findings)
        text = armature("doctor", cwd=self.folder, environment={"PATH": str(tools)}).stdout
        self.assertRegex(text, r"(?m)^fault   ninja: .*\n +sudo apt-get install -y ninja-build$")


    def test_asks_a_projects_database(self):
        self.succeeds(armature("new", "shop", "-t", "api", "--no-check", "--no-git",
                               "--database", "postgresql", cwd=self.folder))
        for url, verdict, text in [("sqlite:shop.db", "good", "SQLite"),
                                   (f"postgresql://a:secret@%2F{self.folder}/shop", "fault",
                                    "doesn't answer"),
                                   ("postgresql://a b/", "fault", "")]:
            done = armature("doctor", "--json", cwd=self.folder / "shop",
                            environment={"SHOP_DATABASE": url})
            found = {each["what"]: each for each in json.loads(done.stdout)}["database"]
            self.assertEqual(found["verdict"], verdict, found)
            self.assertIn(text, found["found"])
            self.assertNotIn("secret", done.stdout + done.stderr)
            self.assertEqual("remedy" in found, verdict != "good")


class Migrate(InAFolder):
    def test_migrates_without_a_program_of_ones_own(self):
        files = self.folder / "db/migrations"
        files.mkdir(parents=True)
        (files / "20260101120000_users.sql").write_text(
            "-- migrate:up\nCREATE TABLE users (id INTEGER);\n-- migrate:down\nDROP TABLE users;\n")
        self.succeeds(armature("migrate", "up", cwd=self.folder,
                               environment={"DATABASE_URL": "sqlite:app.db"}))
        with sqlite3.connect(self.folder / "app.db") as database:
            self.assertEqual(database.execute("SELECT count(*) FROM users").fetchone(), (0,))


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""check_docs.py finds what it is there to find."""

import pathlib
import tempfile
import unittest

import check_docs

SOURCE = """int main() {
    // [hello]
    int x = 1;
    if (x) {
        x = 2;
    }
    // [/hello]
}
"""
HELLO = "int x = 1;\nif (x) {\n    x = 2;\n}"


class CheckDocs(unittest.TestCase):
    def faults(self, text, compiled=True):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder).resolve()
            (root / "main.cpp").write_text(SOURCE)
            (root / "demo").write_text("#!/bin/sh\n./scripts/test   # all of it\ncurl \\\n  -i URL\n")
            (root / "other.md").write_text("# A `word`, and more\n\n# Twice\n\n# Twice\n")
            (root / "README.md").write_text(text)
            checker = check_docs.Checker(root, {root / "main.cpp"} if compiled else set())
            checker.check(root / "README.md")
            return checker.faults

    def assert_good(self, text):
        self.assertEqual(self.faults(text), [])

    def assert_bad(self, text, why, **options):
        faults = self.faults(text, **options)
        self.assertEqual(len(faults), 1, faults)
        self.assertIn(why, faults[0])

    def test_accepts_a_snippet_that_equals_its_source(self):
        self.assert_good(f"<!-- snippet: main.cpp hello -->\n```cpp\n{HELLO}\n```\n")

    def test_accepts_a_snippet_within_a_list(self):
        code = "\n".join("  " + line for line in HELLO.splitlines())
        self.assert_good(f"- one\n\n  <!-- snippet: main.cpp hello -->\n  ```cpp\n{code}\n  ```\n")

    def test_refuses_a_snippet_that_differs(self):
        self.assert_bad("<!-- snippet: main.cpp hello -->\n```cpp\nint x = 2;\n```\n", "differs")

    def test_refuses_a_snippet_of_a_file_that_is_not_compiled(self):
        self.assert_bad(f"<!-- snippet: main.cpp hello -->\n```cpp\n{HELLO}\n```\n",
                        "not compiled", compiled=False)

    def test_refuses_a_snippet_without_markers(self):
        self.assert_bad("<!-- snippet: main.cpp bye -->\n```cpp\nx\n```\n", "has not one")

    def test_refuses_cpp_without_a_source(self):
        self.assert_bad("```cpp\nint x;\n```\n", "no <!-- snippet")
        self.assert_bad("<!-- no-run: x -->\n```c++\nint x;\n```\n", "no <!-- snippet")

    def test_a_directive_holds_for_the_next_block_only(self):
        self.assert_bad(f"<!-- snippet: main.cpp hello -->\n```cpp\n{HELLO}\n```\n```cpp\nx\n```\n",
                        "no <!-- snippet")

    def test_accepts_commands_that_a_script_runs(self):
        self.assert_good("<!-- run: demo -->\n```sh\n./scripts/test\ncurl -i URL # shows\n```\n")
        self.assert_good("<!-- run: demo -->\n```console\n$ ./scripts/test\n3 passed\n```\n")

    def test_refuses_commands_that_the_script_does_not_run(self):
        self.assert_bad("<!-- run: demo -->\n```sh\n./scripts/tset\n```\n", "does not run")

    def test_refuses_shell_without_a_script_or_reason(self):
        self.assert_bad("```sh\nls\n```\n", "no <!-- run")
        self.assert_bad("<!-- no-run: -->\n```sh\nls\n```\n", "no <!-- run")

    def test_accepts_a_reason(self):
        self.assert_good("<!-- no-run: waits for a key -->\n```sh\nless README.md\n```\n")

    def test_refuses_a_block_without_a_language(self):
        self.assert_bad("```\nx\n```\n", "names no language")

    def test_accepts_links_to_what_exists(self):
        self.assert_good("# Top\n[a](other.md) [b](other.md#a-word-and-more) [c](#top) "
                         "[d](https://example.com/x) [e](other.md#twice-1)\n\n[f]: main.cpp\n")

    def test_refuses_dead_links(self):
        self.assert_bad("[a](nowhere.md)\n", "dead link")
        self.assert_bad("![a](nowhere.png)\n", "dead link")
        self.assert_bad("[![a](nowhere.png)](other.md)\n", "dead link")
        self.assert_bad("[a]: nowhere.md\n", "dead link")
        self.assert_bad("[a](other.md#nowhere)\n", "no heading")

    def test_ignores_links_within_code(self):
        self.assert_good("Write `[a](nowhere.md)`.\n\n```text\n[a](nowhere.md)\n```\n")


if __name__ == "__main__":
    unittest.main()

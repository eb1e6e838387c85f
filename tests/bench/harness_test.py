#!/usr/bin/env python3
"""The parts of `scripts/bench` that judge and write: what a wrong one would let pass unseen."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from harness import costs, document, gate, instructions, micro, system_calls  # noqa: E402
from harness.servers import BenchError  # noqa: E402
from harness.tables import Table  # noqa: E402


def file_of(text):
    file = tempfile.NamedTemporaryFile("w", suffix=".txt")
    file.write(text)
    file.flush()
    return file


class Gate(unittest.TestCase):
    def verdicts(self, figures, baseline):
        base = {"instructions/greet_request": 1_000}
        return {row[0]: row[4] for row in gate.judge(base | figures, base | baseline) if row[4]}

    def test_lets_the_same_pass(self):
        figures = {"instructions/json": 1_700, "allocations/json": 1, "system_calls/plain": 3.0}
        self.assertEqual(self.verdicts(figures, figures), {})

    def test_refuses_one_allocation_more(self):
        self.assertIn("allocations/json", self.verdicts({"allocations/json": 1.01}, {"allocations/json": 1}))

    def test_refuses_one_byte_more(self):
        self.assertIn("response_bytes/plain", self.verdicts({"response_bytes/plain": 149}, {"response_bytes/plain": 148}))

    def test_refuses_a_system_call_in_ten_requests(self):
        self.assertIn("system_calls/json", self.verdicts({"system_calls/json": 3.1}, {"system_calls/json": 3.0}))

    def test_allows_what_another_compiler_makes_of_a_program(self):
        self.assertEqual(self.verdicts({"hello/bytes": 1_040_000}, {"hello/bytes": 1_000_000}), {})
        self.assertIn("hello/bytes", self.verdicts({"hello/bytes": 1_060_000}, {"hello/bytes": 1_000_000}))

    def test_holds_to_a_promise_whatever_the_baseline_says(self):
        figures = {"system_calls/plain": 4}
        self.assertIn("promised", self.verdicts(figures, figures)["system_calls/plain"])

    def test_refuses_a_figure_that_is_not_measured_any_more(self):
        self.assertIn("allocations/json", self.verdicts({}, {"allocations/json": 1}))


class Counts(unittest.TestCase):
    def test_of_strace_leave_out_the_total(self):
        with file_of("% time     seconds  usecs/call     calls    errors syscall\n"
                     "------ ----------- ----------- --------- --------- ----------------\n"
                     " 60.00    0.000300           3       100           sendto\n"
                     " 40.00    0.000200           2       102         2 recvfrom\n"
                     "100.00    0.000500           2       202         2 total\n") as summary:
            self.assertEqual(system_calls.counts(Path(summary.name)), {"sendto": 100, "recvfrom": 102})

    def test_of_callgrind_are_apart_for_each_function(self):
        with file_of("fn=(1) serve\n+3 10\ncfn=(2) malloc\ncalls=2 0\n+1 50\n* 5\nfn=(2)\n-2 50\ntotals: 65\n") as out:
            profile = instructions.counts(out.name)
        self.assertEqual((profile.instructions, profile.allocations), (65, 2))
        self.assertEqual(profile.own, {"serve": 15, "malloc": 50})

    def test_each_part_of_a_request_has_its_functions(self):
        self.assertEqual(costs.part_of("armature::Router::match(std::string_view)"), "routing")
        self.assertEqual(costs.part_of("malloc"), "the allocator")
        self.assertEqual(costs.part_of("something else"), costs.REST)


class Reference(unittest.TestCase):
    def why(self, **nanoseconds):
        table = micro.reference({"rows": [{"id": key, "ns": ns} for key, ns in nanoseconds.items()]})
        return {row[0]: row[-1] for row in table.rows if row[1] != "not built"}

    def test_asks_for_an_explanation_below_five_times(self):
        rows = {row.key: row for row in micro.ROADMAP}
        self.assertEqual(self.why(**{"micro_json/json_handler": 100}), {"JSON handler": ""})
        self.assertEqual(self.why(**{"micro_json/json_handler": 1_000}), {"JSON handler": "UNEXPLAINED"})
        self.assertEqual(self.why(**{"micro_state/data_clone": 10}), {"Data clone": "limit"})
        self.assertEqual(rows["micro_state/data_clone"].why, "limit")


class Document(unittest.TestCase):
    def test_replaces_what_is_between_its_markers(self):
        with file_of("before\n<!-- bench: a -->\nold\n<!-- /bench -->\n<!-- bench: b -->\nkept\n<!-- /bench -->\n") as page:
            document.rewrite(Path(page.name), {"a": "new\\1"})
            self.assertEqual(Path(page.name).read_text(),
                             "before\n<!-- bench: a -->\nnew\\1\n<!-- /bench -->\n"
                             "<!-- bench: b -->\nkept\n<!-- /bench -->\n")

    def test_refuses_a_page_without_them(self):
        with file_of("nothing\n") as page, self.assertRaises(BenchError):
            document.rewrite(Path(page.name), {"a": "new"})

    def test_tables_become_markdown(self):
        table = Table("title", ["a", "b"])
        table.add("1|2", "3")
        table.note("a note")
        self.assertEqual(table.markdown(), "| a | b |\n|---|---|\n| 1\\|2 | 3 |\n\na note")


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""What the harness of scripts/bench reads, reckons, judges and writes, without a server: bench/harness."""

import sys
import tempfile
import unittest
import xml.etree.ElementTree
from email.message import Message
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from harness import chart, costs, document, gate, http3, instructions, micro, peer_servers, peers  # noqa: E402
from harness import servers, service, slices, system_calls  # noqa: E402
from harness.servers import BenchError  # noqa: E402
from harness.tables import Table, page  # noqa: E402
from harness.workloads import WORKLOADS, Workload  # noqa: E402


def file_of(text):
    file = tempfile.NamedTemporaryFile("w", suffix=".txt")
    file.write(text)
    file.flush()
    return file


def slice_of(cpu_us, per_second=1000.0, ticks=(1, 3)):
    return SimpleNamespace(cpu_us=cpu_us, per_second=per_second, p50_us=1.0, p99_us=2.0, ticks=list(ticks))


class Server:
    def __init__(self, name, cpu_us):
        self.name, self.cpu_us = name, cpu_us


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


class PairedSlices(unittest.TestCase):
    OPTIONS = SimpleNamespace(rounds=3, seconds=0.1, connections=4, load_waits="poll")

    def paired(self, contenders, every, fails=()):
        """On a machine that is slower by a tenth with each slice."""
        self.order = []

        def measure(build, server, workload, seconds, connections, waits):
            self.assertEqual(waits, "poll")
            self.order.append(server.name)
            if server.name in fails:
                raise BenchError(f"{server.name} broke")
            return slice_of(server.cpu_us * (1 + 0.1 * len(self.order)))

        with mock.patch.object(slices, "Slice", measure):
            return slices.paired(None, WORKLOADS[0], contenders, Server("floor", 10), self.OPTIONS, every)

    def test_a_server_lies_between_two_slices_of_the_base(self):
        self.paired([Server("a", 10), Server("b", 20)], every=1)
        self.assertEqual(self.order, ["floor", *["a", "floor", "b", "floor"] * 3])

    def test_a_group_lies_between_two_slices_of_the_base(self):
        self.paired([Server("a", 10), Server("b", 20), Server("c", 20)], every=2)
        self.assertEqual(self.order, ["floor", *["a", "b", "floor", "c", "floor"] * 3])

    def test_a_steady_drift_of_the_machine_cancels(self):
        _, figures, failed = self.paired([Server("a", 20)], every=1)
        self.assertEqual(failed, {})
        for share, _, _ in figures["a"]:
            self.assertAlmostEqual(share, 0.5)

    def test_a_server_that_fails_is_not_asked_again(self):
        _, figures, failed = self.paired([Server("a", 10), Server("b", 20)], every=1, fails={"a"})
        self.assertEqual(failed, {"a": "a broke"})
        self.assertEqual(self.order.count("a"), 1)
        self.assertEqual(len(figures["b"]), 3)


class Turns(unittest.TestCase):
    ROUNDS = 3

    def rows(self, cpu, fails=()):
        """`cpu`: by server, what a request costs on a machine that is slower by a tenth with each round."""
        self.asked, self.failures = [], []

        def measure(server, warm):
            self.asked.append((server.name, warm is None))
            if server.name in fails:
                raise BenchError("broke")
            round_of_it = self.asked.count((server.name, True)) + self.asked.count((server.name, False))
            return cpu[server.name] * (1 + 0.1 * round_of_it), 1000.0

        rows = peers.in_turns("http3", [Server(name, None) for name in cpu], self.ROUNDS, self.failures, measure)
        return {row["server"]: row for row in rows}

    def test_every_round_gives_each_server_one_and_the_first_warms_up(self):
        self.rows({"armature": 10, "b": 20})
        self.assertEqual(self.asked, [("armature", True), ("b", True), *[("armature", False), ("b", False)] * 3])

    def test_ratios_are_those_within_a_round_of_ours(self):
        row = self.rows({"armature": 10, "b": 25})["b"]
        self.assertEqual((row["workload"], row["per_second"]), ("http3", 1000))
        for ratio in row["cpu_by_ours"]:
            self.assertAlmostEqual(ratio, 2.5)

    def test_a_server_that_fails_is_not_asked_again(self):
        self.assertEqual(list(self.rows({"armature": 10, "b": 20}, fails={"b"})), ["armature"])
        self.assertEqual(self.asked.count(("b", True)), 1)
        self.assertEqual(self.failures, ["b, GET / by HTTP/3: broke"])

    def test_nothing_stands_without_ours(self):
        with self.assertRaisesRegex(BenchError, "armature, GET / by HTTP/3: broke"):
            self.rows({"armature": 10, "b": 20}, fails={"armature"})

    def test_slow_servers_are_asked_less(self):
        self.assertEqual(peers.requests_of_a_round(5_000, None, 2), 500)
        self.assertEqual(peers.requests_of_a_round(5_000, (9.0, 100_000.0), 2), 5_000)
        self.assertEqual(peers.requests_of_a_round(5_000, (999.0, 600.7), 2), 1_200)
        self.assertEqual(peers.requests_of_a_round(40, (9e9, 0.1), 2), http3.CLIENTS)


class Statistics(unittest.TestCase):
    def test_quartiles(self):
        self.assertEqual(slices.quartiles([5, 1, 3, 2, 4]), (2, 3, 4))
        self.assertEqual(slices.quartiles([7]), (7, 7, 7))

    def test_ratios_are_those_within_a_round(self):
        self.assertEqual(peers.times([2, 40, 6], [1, 20, 3]), (2, 2, 2))

    def test_time_is_split_by_the_ticks_of_all_slices(self):
        row = peers.row_of("plain", "a", [(1, 1, slice_of(10, ticks=(3, 1))), (1, 1, slice_of(12, ticks=(1, 3)))])
        self.assertEqual((row["cpu_us"], row["user_us"], row["system_us"]), (11, 5.5, 5.5))

    def test_instructions_that_perf_counted(self):
        self.assertEqual(peers.counted_by_perf("123456,,instructions:u,99,100.00,,\n"), 123456)

    def test_instructions_that_the_machine_cannot_count(self):
        self.assertIsNone(peers.counted_by_perf("<not supported>,,instructions:u,0,100.00,,\n"))


class Requests(unittest.TestCase):
    BY_KEY = {workload.key: workload for workload in service.MEASURED}

    def test_content_has_its_length(self):
        head, _, content = self.BY_KEY["create"].request().partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"POST /api/users HTTP/1.1\r\n"))
        self.assertIn(b"Content-Length: %d" % len(content), head)
        self.assertEqual(content, b'{"name":"Ada Lovelace","email":"ada@example.com","age":36}')

    def test_content_that_the_load_makes_up_is_announced_only(self):
        workload = Workload("upload", "upload", "/upload", "5000", content=5_000)
        head, _, content = workload.request().partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"POST /upload HTTP/1.1\r\n"))
        self.assertIn(b"Content-Length: 5000", head)
        self.assertEqual((content, workload.made_up), (b"", 5_000))

    def test_content_of_no_bytes_is_a_post(self):
        request = Workload("upload", "upload", "/upload", "0", content=0).request()
        self.assertTrue(request.startswith(b"POST ") and b"Content-Length: 0\r\n" in request)

    def test_the_load_is_told_everything(self):
        server = SimpleNamespace(address="127.0.0.1:1", extra_fields="X: 1\r\n", expected=lambda asked: asked.body)
        with servers.load_command(Path("build"), server, self.BY_KEY["create"], 8, idle=2, rate=50) as command:
            options = dict(zip(command[1::2], map(str, command[2::2])))
            self.assertIn(b"X: 1\r\n", Path(options.pop("--request")).read_bytes())
            self.assertEqual(Path(options.pop("--expect-file")).read_bytes(), self.BY_KEY["create"].body.encode())
        self.assertEqual(options, {"--to": "127.0.0.1:1", "--status": "201", "--content": "0", "--variants": "1",
                                   "--depth": "1", "--connections": "8", "--idle": "2", "--rate": "50"})

    def test_a_frame_is_masked_and_comes_back_unmasked(self):
        files = self.BY_KEY["websocket"].files_of_load("", None)
        sent, back = files["--request"], files["--expect-file"]
        self.assertEqual((sent[0], sent[1], back[0], back[1]), (0x81, 0x80 | 32, 0x81, 32))
        mask, payload = sent[2:6], sent[6:]
        self.assertEqual(bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)), back[2:])

    def test_every_workload_has_a_name_in_the_summary(self):
        self.assertEqual({*self.BY_KEY, "http2", *service.HTTP3}, set(peers.SHORT))
        self.assertEqual(set(peers.TITLES), set(peers.SHORT))


class Answers(unittest.TestCase):
    def wrong(self, status=200, content=b"ok", fields=(("Content-Type", "text/plain; charset=utf-8"),
                                                       ("X-Service", "peers"))):
        headers = Message()
        for name, value in fields:
            headers[name] = value
        return service.wrong(SimpleNamespace(status=status, headers=headers), content, 200, b"ok", "text/plain", True)

    def test_the_right_one(self):
        self.assertIsNone(self.wrong())

    def test_wrong_ones(self):
        marked = ("X-Service", "peers")
        for given in ({"status": 404}, {"content": b"ok "}, {"fields": [("Content-Type", "text/html"), marked]},
                      {"fields": [("Content-Type", "text/plain; charset=latin1"), marked]}, {"fields": [marked]},
                      {"fields": [("Content-Type", "text/plain")]}):
            with self.subTest(given):
                self.assertIsNotNone(self.wrong(**given))


class ByHttp3(unittest.TestCase):
    FILE = service.content_of("1MiB.bin")

    def check(self, has=("http3", "files"), address="127.0.0.1:1", **changed):
        contents = {"/": b"Hello, World!", "/files/1MiB.bin": self.FILE} | changed
        server = SimpleNamespace(name="a", http3_address=address)
        with mock.patch.object(http3, "content_of", lambda _, path: contents[path]):
            service.check_http3(server, set(has))

    def test_the_right_one(self):
        self.check()

    def test_every_byte_is_compared(self):
        for path, wrong in (("/", b"Hello, World?"), ("/files/1MiB.bin", self.FILE[:-1])):
            with self.subTest(path), self.assertRaisesRegex(BenchError, f"a answers HTTP/3 wrongly: GET {path}: "):
                self.check(**{path: wrong})

    def test_files_are_asked_of_those_that_have_them(self):
        self.check(has=["http3"], **{"/files/1MiB.bin": b""})

    def test_an_address_is_announced(self):
        with self.assertRaisesRegex(BenchError, "a announces no address for HTTP/3"):
            self.check(address=None)

    def test_the_address_is_that_of_the_ready_line(self):
        for line, address in (('"http3":"127.0.0.1:3"', "127.0.0.1:3"), ('"http2":"127.0.0.1:2"', None)):
            server = servers.Server("a", ["echo", '{"ready":true,"http":"127.0.0.1:1",%s}' % line])
            with server.start():
                self.assertEqual((server.address, server.http3_address), ("127.0.0.1:1", address))

    def test_what_is_missing_is_a_package(self):
        with tempfile.TemporaryDirectory() as build, mock.patch.object(http3, "program", {"openssl": "/openssl"}.get):
            self.assertIn("libngtcp2-dev", http3.missing(Path(build)))
            Path(build, "bin").mkdir()
            Path(build, "bin", "armature_http3_server").touch()
            self.assertEqual(http3.missing(Path(build)), "ngtcp2-client")


class Peers(unittest.TestCase):
    def test_armature_is_the_first_and_names_are_unique(self):
        names = [peer.name for peer in peer_servers.PEERS]
        self.assertEqual(names[0], "armature")
        self.assertEqual(len(names), len(set(names)))

    def test_only_those_with_http3_are_given_an_identity(self):
        def command(identity, **options):
            return peer_servers.Peer("a", "Go", None, command=["a"], **options).server(Path("files"), identity).command

        without = peer_servers.everything_but("http3")
        self.assertEqual(command(None), ["a", "files"])
        self.assertEqual(command(Path("identity.pem")), ["a", "files", "identity.pem"])
        self.assertEqual(command(Path("identity.pem"), has=without), ["a", "files"])

    def test_an_unknown_name_is_refused(self):
        with self.assertRaisesRegex(BenchError, "no peer raptor; there are armature, axum"):
            peer_servers.build_all(Path("."), ["raptor"], print)

    def test_a_program_that_is_missing_is_one_sentence(self):
        with self.assertRaisesRegex(BenchError, "^no-such-program is not installed$"):
            peer_servers.run(["no-such-program"], Path("."))


class Output(unittest.TestCase):
    def row(self, server, cpu):
        return {"workload": "plain", "server": server, "cpu_us": cpu, "cpu_us_q1": cpu, "cpu_us_q3": cpu,
                "per_second": 1e6 / cpu, "cpu_by_ours": (cpu / 10, cpu / 10, cpu / 10)}

    def setUp(self):
        self.result = {"rows": [self.row("floor", 9), self.row("armature", 10), self.row("a|b", 900)],
                       "processes": [{"server": "armature", "language": "C++", "size": 1 << 20, "p99_us": 120.0}],
                       "missing": {"axum": "cargo is not installed"}, "wrong": {}, "failures": [],
                       "counted_by": None, "rounds": 5, "slice_seconds": 0.25, "steal": 0.0}

    def test_tables_become_markdown(self):
        table = Table("T", ["server", "figure ", "name"])
        table.add("a|b", "1.5", "c")
        table.note("A note.")
        markdown = "| server | figure | name |\n|---|--:|---|\n| a\\|b | 1.5 | c |\n\nA note."
        self.assertEqual(table.markdown(), markdown)
        self.assertEqual(page([table, table]), f"## T\n\n{markdown}\n\n## T\n\n{markdown}\n")

    def test_what_is_left_out_is_said(self):
        self.assertIn("Left out: axum: cargo is not installed", peers.report(self.result))
        self.assertIn("| armature | 1.00 |", peers.report(self.result))

    def test_the_chart_is_well_formed(self):
        xml.etree.ElementTree.fromstring(chart.draw({"peers": self.result}))


if __name__ == "__main__":
    unittest.main()

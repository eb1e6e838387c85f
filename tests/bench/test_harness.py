"""What the harness of scripts/bench reads and reckons, without a server: bench/harness."""

import sys
import unittest
import xml.etree.ElementTree
from email.message import Message
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from harness import chart, peer_servers, peers, service, slices  # noqa: E402
from harness.servers import BenchError  # noqa: E402
from harness.tables import Table  # noqa: E402
from harness.workloads import WORKLOADS  # noqa: E402


def slice_of(cpu_us, per_second=1000.0, ticks=(1, 3)):
    return SimpleNamespace(cpu_us=cpu_us, per_second=per_second, p50_us=1.0, p99_us=2.0, ticks=list(ticks))


class Server:
    def __init__(self, name, cpu_us):
        self.name, self.cpu_us = name, cpu_us


class PairedSlices(unittest.TestCase):
    OPTIONS = SimpleNamespace(rounds=3, seconds=0.1, connections=4)

    def paired(self, contenders, every, fails=()):
        """On a machine that is slower by a tenth with each slice."""
        self.order = []

        def measure(build, server, workload, seconds, connections, rate=0):
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

    def test_a_frame_is_masked_and_comes_back_unmasked(self):
        files = self.BY_KEY["websocket"].files_of_load("", None)
        sent, back = files["--request"], files["--expect-file"]
        self.assertEqual((sent[0], sent[1], back[0], back[1]), (0x81, 0x80 | 32, 0x81, 32))
        mask, payload = sent[2:6], sent[6:]
        self.assertEqual(bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)), back[2:])

    def test_every_workload_has_a_name_in_the_summary(self):
        self.assertEqual({*self.BY_KEY, "http2"}, set(peers.SHORT))


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


class Peers(unittest.TestCase):
    def test_armature_is_the_first_and_names_are_unique(self):
        names = [peer.name for peer in peer_servers.PEERS]
        self.assertEqual(names[0], "armature")
        self.assertEqual(len(names), len(set(names)))

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

    def test_markdown(self):
        table = Table("T", ["server", "figure"])
        table.add("a|b", "1.5")
        table.note("A note.")
        self.assertEqual(table.markdown(), "## T\n\n| server | figure |\n|---|--:|\n| a\\|b | 1.5 |\n\nA note.\n")

    def test_what_is_left_out_is_said(self):
        self.assertIn("Left out: axum: cargo is not installed", peers.markdown(self.result))
        self.assertIn("| armature | 1.00 |", peers.markdown(self.result))

    def test_the_chart_is_well_formed(self):
        xml.etree.ElementTree.fromstring(chart.draw({"peers": self.result}))


if __name__ == "__main__":
    unittest.main()

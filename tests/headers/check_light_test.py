#!/usr/bin/env python3
"""check_light.py finds what it is there to find."""

import argparse
import pathlib
import sys
import tempfile
import unittest

import check_light

COMPILER = "c++"


class CheckLight(unittest.TestCase):
    def faults(self, **files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = pathlib.Path(folder, name.replace("__", "/") + ".hpp")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("#pragma once\n" + text)
            return check_light.faults(COMPILER, pathlib.Path(folder))

    def test_accepts_light_headers(self):
        self.assertEqual(self.faults(armature__armature="#include <armature/core/a.hpp>\n",
                                     armature__core__a="#include <string>\n"), [])

    def test_refuses_a_heavy_header_and_shows_the_way_to_it(self):
        found = self.faults(armature__armature="",
                            armature__core__a="#include <armature/core/b.hpp>\n",
                            armature__core__b="#include <boost/fake.hpp>\n",
                            boost__fake="struct Heavy {};\n")
        self.assertEqual(len(found), 1)
        self.assertRegex(found[0], r"(?s)core/a\.hpp.*core/b\.hpp.*boost/fake\.hpp")

    def test_lets_an_opt_in_header_reach_what_it_is_for(self):
        heavy = {"armature__json__nlohmann": "#include <nlohmann/json.hpp>\n",
                 "nlohmann__json": "struct Heavy {};\n"}
        self.assertEqual(self.faults(armature__armature="", **heavy), [])
        self.assertEqual(len(self.faults(
            armature__armature="#include <armature/json/nlohmann.hpp>\n", **heavy)), 1)

    def test_refuses_an_umbrella_over_its_budget(self):
        found = self.faults(armature__armature="int x;\n" * (check_light.MAX_LINES + 1))
        self.assertEqual(len(found), 1)
        self.assertIn("more than", found[0])

    def test_refuses_a_missing_umbrella(self):
        self.assertIn("does not exist", self.faults(armature__core__a="")[0])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--compiler", required=True)
    options, rest = parser.parse_known_args()
    COMPILER = options.compiler
    unittest.main(argv=[sys.argv[0], *rest])

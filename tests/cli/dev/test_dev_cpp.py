"""`armature dev` with a program of C++ against the installed framework, and what it costs.

test_dev_cpp.py ARMATURE STAGE COMPILER LAUNCHER [unittest's options…]
With MEASURE=n in the environment it says how long n changes take until they answer, beside a plain
build of the same change."""

import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "examples"))

import harness  # noqa: E402

ARMATURE, STAGE, COMPILER, LAUNCHER = sys.argv[1:5]
del sys.argv[1:5]
ARMATURE = os.path.abspath(ARMATURE)

CMAKE = """cmake_minimum_required(VERSION 3.25)
project(shop LANGUAGES CXX)
find_package(armature REQUIRED)
add_executable(shop main.cpp products.cpp)
target_link_libraries(shop PRIVATE armature::armature)
"""
MAIN = """#include <armature/armature.hpp>

armature::Scope products();

int main() {
    return armature::App::create()
        .route("/", armature::get([] { return "version 1"; }))
        .service(products())
        .run("127.0.0.1:8080");
}
"""
PRODUCTS = """#include <armature/armature.hpp>

#include <mutex>
#include <vector>

using namespace armature;

struct Product {
    std::string name;
    double price = 0;
};
ARMATURE_DESCRIBE(Product, (name, min_length(1)), price);

struct Products {
    std::mutex mutex;
    std::vector<Product> all;
};

Json<std::vector<Product>> list(State<Products> products) {
    const std::lock_guard lock{products->mutex};
    return Json{products->all};
}

Response add(Json<Product> product, State<Products> products) {
    const std::lock_guard lock{products->mutex};
    products->all.push_back(*product);
    return Response{Status::created};
}

Scope products() {
    return scope("/products").data(std::make_shared<Products>()).route("/", get(list).post(add));
}
"""


class DevWithCpp(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name, text in {"CMakeLists.txt": CMAKE, "main.cpp": MAIN, "products.cpp": PRODUCTS}.items():
            (self.folder / name).write_text(text)

    def edit(self, version):
        (self.folder / "main.cpp").write_text(MAIN.replace("version 1", f"version {version}"))

    def start(self):
        def find(program):
            for line in program.err:
                if found := re.search(r"http://([^/]+)/", line):
                    return found[1]
            return None

        environment = {"CMAKE_PREFIX_PATH": STAGE, "CXX": COMPILER,
                       "CMAKE_CXX_COMPILER_LAUNCHER": LAUNCHER}
        return harness.Program([ARMATURE, "dev", "--port", "0"], find, cwd=self.folder,
                               environment=environment)

    def until_version(self, server, version):
        wanted = f"version {version}".encode()
        end = time.monotonic() + 300
        while True:
            # It waits for the compiler, longer than other requests may take.
            done = subprocess.run(["curl", "--silent", "--show-error", "--include", server.url + "/"],
                                  capture_output=True, timeout=300)
            self.assertEqual(done.returncode, 0, done.stderr.decode())
            answer = harness.Answer(done.stdout)
            if answer.body == wanted:
                return
            self.assertEqual(answer.status, 200, answer.body.decode())
            self.assertLess(time.monotonic(), end)

    def test_an_edit_of_cpp_is_answered_by_the_new_program(self):
        with self.start() as server:
            self.until_version(server, 1)
            self.assertEqual(server.curl("/products").body, b"[]")
            self.edit(2)
            self.until_version(server, 2)
            if "MEASURE" in os.environ:
                self.measure(server, int(os.environ["MEASURE"]))

    def measure(self, server, count):
        changed, plain = [], []
        for version in range(10, 10 + count):
            begun = time.monotonic()
            self.edit(version)
            self.until_version(server, version)
            changed.append(time.monotonic() - begun)
        server.stop()
        for version in range(100, 100 + count):
            self.edit(version)
            begun = time.monotonic()
            subprocess.run(["ninja", "-C", "build/dev", "shop"], cwd=self.folder, check=True,
                           stdout=subprocess.DEVNULL)
            plain.append(time.monotonic() - begun)
        for name, times in (("change to answer", changed), ("ninja", plain)):
            print(f"{name}: median {statistics.median(times):.3f} s, "
                  f"{min(times):.3f} to {max(times):.3f}", file=sys.stderr)


if __name__ == "__main__":
    unittest.main()

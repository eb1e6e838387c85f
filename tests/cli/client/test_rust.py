"""Generated Rust: compiled, and run against a service. Skipped without a cargo that is new enough, or where
the crates can't be had.

test_rust.py FOLDER ARMATURE SHOWCASE: the folder keeps what was compiled."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import clients  # noqa: E402

LEAST = (1, 85)  # what the crates ask for that reqwest stands on


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


folder, armature, showcase = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
cargo = shutil.which("cargo")
if cargo is None or shutil.which("node") is None:
    skip("cargo or node is not installed")
version = re.search(r"cargo (\d+)\.(\d+)", subprocess.check_output([cargo, "--version"], text=True))
if tuple(map(int, version.groups())) < LEAST:
    skip(f"cargo {version[1]}.{version[2]} is older than {LEAST[0]}.{LEAST[1]}, which the crates need")

environment = {**os.environ, "CARGO_TARGET_DIR": str(folder / "target"), "RUSTFLAGS": "-D warnings"}
with clients.shop() as shop, clients.showcase(str(showcase)) as live:
    for name, service, document in (("shop", shop, clients.HERE / "shop.yaml"),
                                    ("showcase", live, f"{live.url}/openapi.json")):
        crate = folder / name
        shutil.rmtree(crate, ignore_errors=True)
        shutil.rmtree(f"{crate}-again", ignore_errors=True)
        clients.generate(str(armature), "rust", document, crate, "--package", name)
        (crate / "examples").mkdir()
        shutil.copy(clients.HERE / f"{name}.rs", crate / "examples/trip.rs")
        # TLS needs a C compiler and half a minute more; the services here have none.
        command = [cargo, "run", "--quiet", "--no-default-features", "--example", "trip"]
        with open(crate / "Cargo.toml", "a") as file:
            file.write('\n[dev-dependencies]\ntokio = { version = "1", features = ["macros", "rt"] }\n')
        if name == "shop":
            found = subprocess.run([cargo, "fetch", "--quiet"], cwd=crate, env=environment,
                                   capture_output=True, text=True)
            if found.returncode != 0:
                skip(f"the crates can't be had: {found.stderr.strip()[:300]}")
        done = subprocess.run([*command, "--", service.url], cwd=crate, env=environment,
                              capture_output=True, text=True)
        if done.returncode != 0 or not done.stdout.endswith(" checks\n"):
            raise SystemExit(done.stdout + done.stderr)
        print(name, done.stdout, end="")

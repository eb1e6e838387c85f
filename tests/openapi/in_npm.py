"""Runs a test that needs packages from npm, in a folder of the build that is filled once.

in_npm.py FOLDER SOURCE SCRIPT [arguments…]
SOURCE has package.json, package-lock.json and the scripts, which also find tools/chromium.mjs and
tools/server.mjs beside them; a script may be anywhere, and one in Python finds the packages' commands
in PATH. Exit code 77, which skips the test, when the packages can't be had."""

import os
import pathlib
import shutil
import subprocess
import sys

folder, source, script, *arguments = sys.argv[1:]
folder, source = pathlib.Path(folder), pathlib.Path(source)
wanted, done = (source / "package-lock.json").read_text(), folder / "installed.json"
if not shutil.which("npm"):
    print("skipped: npm is not installed (Debian: nodejs npm)")
    sys.exit(77)
if not done.exists() or done.read_text() != wanted:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(source / name, folder)
    if subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=folder).returncode != 0:
        print("skipped: the packages can't be installed")
        sys.exit(77)
    done.write_text(wanted)
tools = pathlib.Path(__file__).parent / "tools"
# Beside node_modules, where their imports are looked for.
for file in {tools / "chromium.mjs", tools / "server.mjs", *source.glob("*.mjs")}:
    shutil.copy(file, folder)
if script.endswith(".mjs") and pathlib.Path(script).is_absolute():
    script = pathlib.Path(shutil.copy(script, folder)).name
os.environ["PATH"] = f"{folder / 'node_modules/.bin'}{os.pathsep}{os.environ['PATH']}"
command = [sys.executable, "-B", script] if script.endswith(".py") else ["node", str(folder / script)]
os.execvp(command[0], [*command, *arguments])

"""Runs a test that needs packages from PyPI, in an environment of its own that is made once.

in_venv.py FOLDER REQUIREMENTS SCRIPT [arguments…]
Exit code 77, which skips the test, when the packages can't be had."""

import os
import pathlib
import subprocess
import sys
import venv

folder, requirements, *command = sys.argv[1:]
folder, wanted = pathlib.Path(folder), pathlib.Path(requirements).read_text()
python, done = folder / "bin/python", folder / "installed.txt"
if not done.exists() or done.read_text() != wanted:
    venv.create(folder, with_pip=True, clear=True)
    made = subprocess.run([python, "-m", "pip", "install", "--quiet", "--requirement", requirements])
    if made.returncode != 0:
        print("skipped: the packages can't be installed")
        sys.exit(77)
    done.write_text(wanted)
os.execv(python, [python, "-B", *command])

"""A generated client as a program, against its service.

test_program.py shop|showcase PROGRAM [SHOWCASE]"""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import clients  # noqa: E402

service, program, *showcase = sys.argv[1:]
with clients.shop() if service == "shop" else clients.showcase(*showcase) as running:
    done = subprocess.run([program, running.url], capture_output=True, text=True,
                          timeout=4 * clients.harness.TIMEOUT)
if done.returncode != 0 or not done.stdout.endswith(" checks\n"):
    raise SystemExit(done.stdout + done.stderr)
print(done.stdout, end="")

"""Schemathesis makes requests of the showcase's document: no 5xx, no answer that the document
doesn't have.

test_schemathesis.py PROGRAM"""

import json
import pathlib
import subprocess
import sys
import tempfile

# What answers for ever or on purpose with 5xx, or needs a protocol that it doesn't speak.
EXCLUDED = ["/events", "/events/firehose", "/slow", "/stream", "/panic", "/status/{code}",
            "/ws/echo", "/ws/room/{name}", "/bytes/{n}"]
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"

program = subprocess.Popen([sys.argv[1], "--http", "127.0.0.1:0", "--log", "off"],
                           stdout=subprocess.PIPE)
try:
    address = json.loads(program.stdout.readline())["http"]
    command = [pathlib.Path(sys.executable).parent / "schemathesis",
               "--config-file", pathlib.Path(__file__).resolve().parent / "schemathesis.toml", "run",
               f"http://{address}/openapi.json", "--checks", CHECKS, "--max-examples", "20",
               "--seed", "1", "--generation-database", "none", "--request-timeout", "10",
               "--header", "Authorization: Bearer showcase-token"]
    for path in EXCLUDED:
        command += ["--exclude-path", path]
    with tempfile.TemporaryDirectory() as folder:  # it keeps what it found where it runs
        tested = subprocess.run(command, cwd=folder)
finally:
    program.terminate()
    ended = program.wait(30)
sys.exit(tested.returncode or ended)

"""`scripts/bench memory`: resident memory per idle keep-alive connection that has served a request."""

import re
import socket
import struct
import time
from pathlib import Path

from . import servers
from .servers import BenchError
from .tables import Table
from .workloads import WORKLOADS

BASE, STEPS = 100, (1_000, 10_000)


def resident_bytes(pid):
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Rss: +(\d+) kB", rollup, re.M)[1]) * 1024


def open_one(server, request, response_bytes):
    host, port = server.address.rsplit(":", 1)
    connection = socket.create_connection((host, int(port)), timeout=10)
    # Closing with a reset leaves no TIME_WAIT behind, so the bench can run again at once.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.sendall(request)
    left = response_bytes
    while left > 0:
        piece = connection.recv(left)
        if not piece:
            raise BenchError(f"{server.name} closed a connection that should stay open")
        left -= len(piece)
    return connection


def measure(server, settle):
    servers.allow_many_files()
    workload = WORKLOADS[0]
    request, response_bytes = workload.request(server.extra_fields), len(server.response(workload))
    row = {"server": server.name, "idle_bytes": resident_bytes(server.pid)}
    connections = []
    try:
        def grow(count):
            while len(connections) < count:
                connections.append(open_one(server, request, response_bytes))
            time.sleep(settle)
            return resident_bytes(server.pid)

        base = grow(BASE)
        for step in STEPS:
            row[f"per_connection_{step}"] = (grow(BASE + step) - base) / step
    finally:
        for connection in connections:
            connection.close()
    return row


def run(build, options):
    contenders = [servers.ours(build, options.server), servers.floor(build)]
    if options.peers:
        contenders += servers.peers(build)
    rows = []
    for server in contenders:
        with server.start():
            try:
                rows.append(measure(server, options.settle))
            except (BenchError, OSError) as error:
                if server is contenders[0]:
                    raise
                rows.append({"server": server.name, "failure": str(error)})
    return {"settle_seconds": options.settle, "rows": rows}


def table(result):
    table = Table("Resident memory (lower is better)",
                  ["server", "idle process KiB", *(f"bytes/connection of {step:,}" for step in STEPS)])
    for row in result["rows"]:
        if "failure" in row:
            table.add(row["server"], "–", *("–" for _ in STEPS))
        else:
            table.add(row["server"], f"{row['idle_bytes'] / 1024:,.0f}",
                      *(f"{row[f'per_connection_{step}']:,.0f}" for step in STEPS))
    return table

"""How large a hello world is: its program without symbols, and how many shared libraries come with it."""

import subprocess
import tempfile
from pathlib import Path

from .servers import BenchError


def figures(build):
    program = build / "bin" / "hello"
    if not program.exists():
        raise BenchError(f"no {program}; build the target hello")
    with tempfile.TemporaryDirectory(prefix="bench-binary-") as directory:
        stripped = Path(directory, "hello")
        subprocess.run(["strip", "-o", stripped, program], check=True)
        size = stripped.stat().st_size
    linked = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    libraries = [line.split("=>")[1].split()[0] for line in linked.splitlines() if "=>" in line]
    return {"bytes": size, "libraries": len(libraries),
            "library_bytes": sum(Path(library).stat().st_size for library in libraries)}

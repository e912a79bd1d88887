"""The processes of this computer, for tests that none is left: from /proc, or by `ps` where there is none."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PROC = Path("/proc")


def commands() -> dict[int, str]:
    """Command line of every process that runs; one that has ended and waits to be collected has none."""
    if (PROC / "self" / "cmdline").exists():
        return dict(_from_proc())
    listed = subprocess.run(["ps", "-ww", "-axo", "pid=,stat=,command="], capture_output=True, text=True, check=True)
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return {int(row[0]): row[2] for row in rows if len(row) == 3 and not row[1].startswith("Z")}


def _from_proc() -> list[tuple[int, str]]:
    found = []
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                text = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
            except OSError:  # it has ended since
                continue
            if text:
                found.append((int(folder.name), text))
    return found


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Whether `condition` becomes true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True

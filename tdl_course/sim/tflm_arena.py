"""tflm_arena: how large an arena TensorFlow Lite for Microcontrollers wants for a model, as it says itself.

In: .tflite bytes. Out: the bytes that its recording allocator reports, and the smallest arena with which it runs, which
may be larger. Both with the reference kernels on this computer, whose pointers have 64 bits.
Run as a program of its own (`python -m tdl_course.sim.tflm_arena MODEL`), because TFLM prints the figures to stderr
from C++, and because an interpreter that fails must not end the caller.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tdl_course.sim.tflm import TflmMissing, available

LARGEST = 1 << 26
STEP = 16
SECONDS = 300
REPORTED = re.compile(r"Arena allocation total (\d+) bytes")
SMALLEST = re.compile(r"^smallest (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class TflmArena:
    """Bytes on a 64-bit host: `used`, as TFLM reports; `smallest`, with which it runs, in steps of 16."""

    used: int
    smallest: int


def tflm_arena(tflite: bytes) -> TflmArena:
    """Ask TFLM.

    Raises
    ------
    TflmMissing
        The wheel is not installed.
    RuntimeError
        TFLM does not run the model; the message ends with its own words.
    """
    if not available():
        raise TflmMissing("the tflite-micro wheel is not installed (it exists for Linux on x86-64 only)")
    with tempfile.TemporaryDirectory(prefix="tdl-") as folder:
        path = Path(folder) / "model.tflite"
        path.write_bytes(tflite)
        command = [sys.executable, "-m", "tdl_course.sim.tflm_arena", str(path)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, errors="replace", timeout=SECONDS
        )
    used, smallest = REPORTED.search(done.stderr), SMALLEST.search(done.stdout)
    if done.returncode or not used or not smallest:
        words = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise RuntimeError(f"TFLM does not run the model in an arena of {LARGEST:,} bytes; it said: {words}")
    return TflmArena(int(used[1]), int(smallest[1]))


def main(path: str) -> None:
    """Print the smallest arena to stdout; TFLM prints what it uses to stderr."""
    tflite = Path(path).read_bytes()
    attempt(tflite, LARGEST, report=True)
    low, high = 0, LARGEST
    while high - low > STEP:
        middle = (low + high) // (2 * STEP) * STEP
        try:
            attempt(tflite, middle)
            high = middle
        except RuntimeError:
            low = middle
    print("smallest", high)


def attempt(tflite: bytes, arena: int, report: bool = False) -> None:
    """One inference of zeros; RuntimeError where the arena is too small."""
    import numpy as np
    from tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(tflite, arena_size=arena)
    facts = interpreter.get_input_details(0)
    interpreter.set_input(np.zeros(facts["shape"], facts["dtype"]), 0)
    interpreter.invoke()
    if report:
        interpreter.print_allocations()


if __name__ == "__main__":
    main(sys.argv[1])

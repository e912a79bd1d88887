"""A C compiler that knows nothing of this project: zig's, with a bare command line; and what a model has to compute."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

from tdl_course.compiler import interpret, read_tflite
from tests.golden_vectors import golden_vector

ZIG = (sys.executable, "-m", "ziglang")
STRICT = ("-Wall", "-Wextra", "-Wconversion", "-Werror")


def run(*command: object) -> str:
    """What a command prints; fails where it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def expected(kind: str) -> tuple[bytes, bytes]:
    """Input and outputs of the golden model of operator `kind`, as the bytes that lie in memory."""
    tflite, x, _ = golden_vector(kind)
    outputs = interpret(read_tflite(tflite), x)
    return x.tobytes(), b"".join(np.ascontiguousarray(y).tobytes() for y in outputs)

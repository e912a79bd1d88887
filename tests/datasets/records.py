"""Made-up files: writers of PhysioNet's formats (the inverse of `wfdb`), and a copy of the synthetic arrays."""

import struct
from functools import lru_cache

import numpy as np

from tdl_course.datasets import synthetic
from tdl_course.datasets.wfdb import AUX, BEAT_CODES, NUM, SKIP

stored = lru_cache(synthetic.make)


def stand_in(name):
    """`synthetic.make(name)`, made once a session; the copy may be changed."""
    return {part: {key: array.copy() for key, array in arrays.items()} for part, arrays in stored(name).items()}


CODES = {symbol: code for code, symbol in BEAT_CODES.items()}


def header_text(name, samples, leads=("MLII", "V5"), gain="200", zero=1024, hz="360", fmt="212"):
    lines = [f"{name} {len(leads)} {hz} {samples}"]
    lines += [f"{name}.dat {fmt} {gain} 11 {zero} 995 -22131 0 {lead}" for lead in leads]
    return "\n".join([*lines, "# 69 M 1085 1629 x1", "# Aldomet, Inderal"]) + "\n"


def dat_bytes(first, second):
    """Format 212: two signed 12-bit samples in three bytes."""
    a, b = (np.asarray(lead).astype(np.int64) & 0xFFF for lead in (first, second))
    return np.stack([a & 0xFF, a >> 8 | b >> 8 << 4, b & 0xFF], axis=1).astype(np.uint8).tobytes()


def atr_bytes(positions, symbols, rhythm=True):
    """Annotations; with a rhythm comment and a number in front, as real files have. Large steps use SKIP."""
    content = struct.pack("<HH4s", 28 << 10 | 5, AUX << 10 | 3, b"(N\0\0") if rhythm else b""
    time = 5 if rhythm else 0
    for position, symbol in zip(positions, symbols, strict=True):
        step = position - time
        if step > 1023:
            content += struct.pack("<HHH", SKIP << 10, step >> 16, step & 0xFFFF)
            step = 0
        content += struct.pack("<HH", CODES[symbol] << 10 | step, NUM << 10 | 1)
        time = position
    return content + b"\0\0"

"""Streams of bytes for the serial port, good and damaged, and what the device must answer to each: the fuzzer.

`fuzz` runs `count` streams against the real firmware on the simulated core and compares every answer with
`protocol_oracle`. Each stream ends with a load, an inference and its output, so that a device that was wedged or whose
data were spoilt is found. `tools/fuzz_uart.py` runs it by hand.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator

import numpy as np

from tdl_course import toolchain
from tdl_course.sim.device import Device
from tests.firmware.conftest import INPUTS, make_toy, toy_reference
from tests.firmware.protocol_oracle import Model, Oracle, masked

MOST_INFERENCES = 3000  # a stream that asks for more is left out: it would only take long
KIND = re.compile(r"e-\[\w+ ['\w]+|x-layer|x-output|m-buffer|[a-z]-[a-z]+(?:-[a-z]+)?|EXIT")
COMMANDS = (b"help", b"name", b"profile", b"profile layers", b"timestamp", b"db print", b"results", b"x-output")
WRONG = (
    b"%",
    b"\r\n%",
    b"names%",
    b"db%",
    b"db 0%",
    b"profile layers 1%",
    b"profile x%",
    b"a" * 256 + b"%",
    b"x-exit%",
)
ODD_BYTES = b"%% \r\n\t\x00\x01\x1b\x7f\x80\xa5\xfe\xff0129afAFgxdb-."


def toy_model(keeps_input: bool, answer_to_help: str) -> Model:
    """The toy of conftest.py, as the host sees it."""

    def infer(data: bytes) -> bytes:
        return toy_reference(np.frombuffer(data, np.int8)).tobytes()

    def results(data: bytes) -> str:
        return ",".join(f"{(int(q) + 128) / 256:.3f}" for q in np.frombuffer(data, np.int8))

    return Model("toy", INPUTS, ("add_one", "fold"), keeps_input, infer, results, answer_to_help)


def session(rng: random.Random) -> bytes:
    """Up to ten commands as a host sends them, most of them right."""
    return b"".join(_command(rng) for _ in range(rng.randrange(11)))


def _command(rng: random.Random) -> bytes:
    match rng.randrange(8):
        case 0 | 1:
            return rng.choice(COMMANDS) + b"%"
        case 2:
            return f"infer {rng.choice((0, 1, 1, 2, 3, 20, '-1', 'x'))} {rng.choice((0, 0, 1, 5, ''))}%".encode()
        case 3:
            return f"db load {rng.choice((INPUTS, INPUTS, INPUTS, 0, 7, 21, 640, 'ten', ''))}%".encode()
        case 4:
            return b"db " + rng.randbytes(rng.choice((1, 3, 10, 20, 21, 126, 127))).hex().encode() + b"%"
        case 5:
            return rng.choice(WRONG)
        case _:
            return load(rng.randbytes(INPUTS), rng.randrange(1, 32)) + rng.choice((b"", b"infer 1 0%", b"x-output%"))


def load(data: bytes, step: int) -> bytes:
    """The commands that load an input, `step` bytes at a time."""
    parts = [f"db {data[i : i + step].hex()}%" for i in range(0, len(data), step)]
    return f"db load {len(data)}%{''.join(parts)}".encode()


def damage(stream: bytes, rng: random.Random) -> bytes:
    """None to four kinds of damage at random places."""
    out = bytearray(stream)
    for _ in range(rng.choice((0, 1, 1, 2, 4))):
        at, size = rng.randrange(len(out) + 1), rng.choice((1, 1, 2, 8, 30))
        match rng.randrange(6):
            case 0:
                out[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del out[at : at + size]
            case 2:
                out[at:at] = out[rng.randrange(len(out) + 1) :][:size]
            case 3:
                out[at:at] = bytes(rng.choices(ODD_BYTES, k=size))
            case 4:
                out[at:at] = bytes([rng.choice(ODD_BYTES)]) * rng.choice((1, 250, 256, 300))
            case 5:
                out[at:at] = rng.randbytes(size)
    return bytes(out)


def streams(seed: int, count: int) -> Iterator[tuple[int, bytes]]:
    """(number, bytes) of each stream; the same for the same number."""
    for number in range(seed, seed + count):
        rng = random.Random(number)
        stream = damage(session(rng), rng)
        yield number, stream + b"%" + load(rng.randbytes(INPUTS), 20) + b"infer 1 0%x-output%name%"


def fuzz(seed: int, count: int, keeps_input: bool) -> Counter[str]:
    """Compare the device with the oracle on `count` streams; returns how often each kind of line was answered.

    Raises AssertionError with the number of the stream where they differ, SimulatorError where the firmware faults.
    """
    device = Device(toolchain.build(make_toy(keeps_input=keeps_input)), counting=False)
    model = toy_model(keeps_input, device.send(b"help%").decode("ascii").removesuffix("m-ready\r\n"))
    seen: Counter[str] = Counter()
    for number, stream in streams(seed, count):
        oracle = Oracle(model)
        expected = oracle.send(stream)
        if oracle.inferences > MOST_INFERENCES:
            seen["left out"] += 1
            continue
        device.reset()
        answer = masked(device.send(stream).decode("ascii"))
        assert answer == expected, f"stream {number}, {stream!r}: answered {answer!r}, expected {expected!r}"
        seen.update(match[0] for line in answer.splitlines() if (match := KIND.match(line)))
    return seen

"""Random and damaged streams on the serial port: the device answers each as the protocol's description in Python does.

`python tools/fuzz_uart.py --count 100000` is the same by hand.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.firmware import fuzz_uart
from tests.firmware.protocol_oracle import Oracle

pytestmark = pytest.mark.sim

# Every kind of line that the protocol has.
KINDS = [
    "m-ready",
    "m-name-dut",
    "m-profile",
    "m-model",
    "m-lap-us",
    "m-load-done",
    "m-buffer",
    "m-warmup-start",
    "m-warmup-done",
    "m-infer-start",
    "m-infer-done",
    "m-results",
    "x-output",
    "x-layer",
    "EXIT",
]
ERRORS = [
    "Empty command",
    "Unknown command",
    "Command longer",
    "Too many",
    "Command 'profile",
    "Command 'db",
    "Only 'db",
    "Wrong number",
    "Invalid hex",
    "Hex digits",
    "No load",
    "No input",
    "No results",
    "Input incomplete",
    "Inference iterations",
    "Inference warmup",
]


def _fuzzed(seed: int, count: int) -> None:
    for keeps_input in (True, False):
        seen = fuzz_uart.fuzz(seed, count, keeps_input)
        assert seen["left out"] < count / 50
        missing = [kind for kind in KINDS if seen[kind] < count / 100]
        missing += [error for error in ERRORS if not _count(seen, f"e-[{error}")]
        assert not missing, f"never or seldom answered: {missing} of {seen}"


def _count(seen: Counter[str], beginning: str) -> int:
    return sum(count for line, count in seen.items() if line.startswith(beginning))


def test_a_thousand_streams_are_answered_as_described() -> None:
    _fuzzed(seed=0, count=500)


@pytest.mark.slow
def test_three_thousand_more() -> None:
    _fuzzed(seed=1_000_000, count=1_500)


def test_the_oracle_objects_to_a_wrong_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """An oracle that cannot object proves nothing: one byte of one inference is wrong."""
    right = Oracle._infer_once

    def wrong(self: Oracle, times: int) -> list[str]:
        right(self, times)
        self._output = bytes([self._output[0] ^ 1]) + self._output[1:]
        return []

    monkeypatch.setattr(Oracle, "_infer_once", wrong)
    with pytest.raises(AssertionError, match="stream 0"):
        fuzz_uart.fuzz(0, 1, keeps_input=True)

"""A device of the MLPerf Tiny protocol in Python, for tests: what it sends can be cut, damaged, delayed or stopped.

Its model answers with the first bytes of its input, each plus one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tdl_course.sim.result import SimulatorError

INPUT, OUTPUT = 300, 5


def model(x: np.ndarray) -> np.ndarray:
    """int8 [n, INPUT] -> int8 [n, OUTPUT]."""
    return (x[:, :OUTPUT].astype(np.int16) + 1).astype(np.int8)


class FakeDevice:
    """A `Link`.

    `before` is what it has sent already; `unfinished` a command that somebody broke off. `packet(n)` says how many of n
    bytes that wait arrive at once. `answers` replaces the answers of commands by their first words. What it sends and
    receives passes through `sending` and `receiving`. After `lives` bytes it is gone.
    """

    def __init__(
        self,
        before: bytes = b"m-init-done\r\nm-ready\r\n",
        unfinished: bytes = b"",
        packet: Callable[[int], int] = lambda waiting: waiting,
        answers: dict[str, str] | None = None,
        sending: Callable[[bytes], bytes] = lambda data: data,
        receiving: Callable[[bytes], bytes] = lambda data: data,
        lives: int | None = None,
    ) -> None:
        self._waiting = bytearray(before)
        self._command = bytearray(unfinished)
        self._packet, self._answers = packet, answers or {}
        self._sending, self._receiving, self._lives = sending, receiving, lives
        self._input, self._expected = b"", 0
        self.total = 0

    def send(self, data: bytes) -> None:
        *commands, rest = (bytes(self._command) + self._receiving(data)).split(b"%")
        self._command[:] = rest
        for command in commands:
            text = command.decode("latin-1").strip()
            lines = self._answer(text)
            self._waiting += self._sending("".join(f"{line}\r\n" for line in [*lines, "m-ready"]).encode("latin-1"))

    def receive(self, timeout: float) -> bytes:
        size = min(len(self._waiting), max(1, self._packet(len(self._waiting))))
        if self._lives is not None:
            size = min(size, self._lives)
            self._lives -= size
            if self._lives == 0:
                raise SimulatorError("the fake is gone")
        data = bytes(self._waiting[:size])
        del self._waiting[:size]
        self.total += size
        return data

    def close(self) -> None:
        pass

    def _answer(self, text: str) -> list[str]:
        for start, answer in self._answers.items():
            if text.startswith(start):
                return [answer] if answer else []
        word, *words = text.split() or [""]
        if word == "db" and words[:1] == ["load"]:
            self._input, self._expected = b"", INPUT
            right = words[1:] == [str(INPUT)]
            return [f"m-[Expecting {INPUT} bytes]" if right else "e-[Wrong number of bytes]"]
        if word == "db" and len(words) == 1:
            try:
                data = bytes.fromhex(words[0])
            except ValueError:
                return ["e-[Hex digits must come in pairs, without spaces]"]
            if len(self._input) + len(data) > self._expected:
                return ["e-[Too many bytes]"]
            self._input += data
            return ["m-load-done"] if len(self._input) == INPUT else []
        if word == "infer" and words[:1] == ["1"] and len(self._input) == INPUT:
            return ["m-warmup-start-0", "m-warmup-done", "m-infer-start-1", "m-lap-us-1", "m-lap-us-2", "m-infer-done"]
        if word == "x-output" and not words:
            output = model(np.frombuffer(self._input, np.int8)[None])[0]
            return ["x-output-" + output.tobytes().hex("-")]
        return [f"e-[Unknown command: {word[:24]}]"]

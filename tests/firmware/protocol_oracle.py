"""What the firmware must answer: the serial protocol once more, in Python, for streams of any bytes.

In: a `Model` and bytes for the device. Out: the exact text of its answer, but for numbers that are times: `masked`
makes them '#' in what the device says. Written from the protocol's description, not from the C.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

LONGEST, LONGEST_ECHO, MOST = 255, 24, 1_000_000
MOST_WORDS = {
    "help": 0,
    "name": 0,
    "profile": 1,
    "timestamp": 0,
    "db": 2,
    "infer": 2,
    "results": 0,
    "x-output": 0,
    "x-exit": 0,
}
FIRMWARE = "ULPMark for tinyML Firmware V0.0.1"
TIMES = re.compile(r"(m-lap-us-|x-layer-\d+-\w+-)\d+")


@dataclass(frozen=True)
class Model:
    """A model as the host sees it: `infer` gives output bytes for input bytes, `results` their real values."""

    name: str
    input_bytes: int
    layers: tuple[str, ...]
    keeps_input: bool
    infer: Callable[[bytes], bytes]
    results: Callable[[bytes], str]
    help: str


@dataclass
class Oracle:
    """A device just booted. `inferences`: how many it was asked for, which says how long it takes."""

    model: Model
    inferences: int = 0
    ended: bool = False
    _text: bytearray = field(default_factory=bytearray)
    _input: bytearray = field(default_factory=bytearray)
    _state: str = "loaded"
    _output: bytes = b""

    def __post_init__(self) -> None:
        self._input = bytearray(self.model.input_bytes)

    def send(self, data: bytes) -> str:
        """What the device answers to `data`, times masked."""
        said = []
        for byte in data:
            if self.ended:
                break
            if byte != ord("%"):
                self._text.append(byte)
                continue
            lines = self._command(bytes(self._text))
            self._text.clear()
            said += lines if self.ended else [*lines, "m-ready"]
        return "".join(f"{line}\r\n" for line in said)

    def _command(self, raw: bytes) -> list[str]:
        raw = raw.lstrip(b"\r\n")
        if len(raw) > LONGEST:
            return ["e-[Command longer than 255 characters]"]
        text = "".join(chr(byte) if 32 <= byte < 127 else "?" for byte in raw.rstrip(b"\r\n"))
        name, *words = text.split() or [""]
        if not name:
            return ["e-[Empty command: send 'help%']"]
        if name not in MOST_WORDS:
            return [f"e-[Unknown command: {name[:LONGEST_ECHO]}]"]
        if len(words) > MOST_WORDS[name]:
            return [f"e-[Too many words behind '{name}': at most {MOST_WORDS[name]}]"]
        lines: list[str] = getattr(self, "_" + name.replace("-", "_"))(*words)
        return lines

    def _help(self) -> list[str]:
        return self.model.help.splitlines()

    def _name(self) -> list[str]:
        return ["m-name-dut-[tdl_course]"]

    def _timestamp(self) -> list[str]:
        return ["m-lap-us-#"]

    def _profile(self, what: str | None = None) -> list[str]:
        if what is None:
            return [f"m-profile-[{FIRMWARE}]", f"m-model-[{self.model.name}]"]
        if what != "layers":
            return ["e-[Command 'profile' takes nothing or 'layers']"]
        return (
            self._missing()
            or self._infer_once(1)
            or [f"x-layer-{index}-{layer}-#" for index, layer in enumerate(self.model.layers)]
        )

    def _infer(self, times: str = "1", warmup: str = "10") -> list[str]:
        if not _number(times) or not 1 <= int(times) <= MOST:
            return ["e-[Inference iterations must be 1 to 1000000]"]
        if not _number(warmup) or int(warmup) > MOST:
            return ["e-[Inference warmup must be 0 to 1000000]"]
        return (
            self._missing()
            or self._infer_once(int(times) + int(warmup))
            or [
                f"m-warmup-start-{int(warmup)}",
                "m-warmup-done",
                f"m-infer-start-{int(times)}",
                *["m-lap-us-#"] * 2,
                "m-infer-done",
                *self._results(),
            ]
        )

    def _results(self) -> list[str]:
        return self._no_output() or [f"m-results-[{self.model.results(self._output)}]"]

    def _x_output(self) -> list[str]:
        return self._no_output() or [f"x-output-{self._output.hex('-')}"]

    def _x_exit(self) -> list[str]:
        self.ended = True
        return ["EXIT 0"]

    def _db(self, what: str | None = None, size: str | None = None) -> list[str]:
        if what is None:
            return ["e-[Command 'db' requires a subcommand: load, print or hex digits]"]
        if what == "load":
            return self._load(size)
        if size is not None:
            return ["e-[Only 'db load' takes a second word; hex digits come without spaces]"]
        return self._print() if what == "print" else self._store(what)

    def _load(self, size: str | None) -> list[str]:
        self._state, total = "refused", self.model.input_bytes
        if size is None or not _number(size):
            return ["e-[Command 'db load' requires the number of bytes]"]
        if int(size) != total:
            return [f"e-[Wrong number of bytes: got {int(size)}, the model's input has {total}]"]
        self._state = "loading"
        self._input.clear()
        return [f"m-[Expecting {total} bytes]"]

    def _print(self) -> list[str]:
        rows = range(0, self.model.input_bytes, 8)
        return self._missing() or [f"m-buffer-{bytes(self._input[row : row + 8]).hex('-')}" for row in rows]

    def _store(self, digits: str) -> list[str]:
        wrong = re.search("[^0-9a-fA-F]", digits)
        if wrong:
            return [f"e-[Invalid hex digit '{wrong[0]}']"]
        if len(digits) % 2:
            return ["e-[Hex digits must come in pairs]"]
        if self._state != "loading":
            return ["e-[No load in progress: send 'db load N' first]"]
        missing = self.model.input_bytes - len(self._input)
        if len(digits) // 2 > missing:
            return [f"e-[Too many bytes: got {len(digits) // 2}, missing {missing}]"]
        self._input += bytes.fromhex(digits)
        if len(self._input) < self.model.input_bytes:
            return []
        self._state = "loaded"
        return ["m-load-done"]

    def _missing(self) -> list[str]:
        if self._state == "loading":
            return [f"e-[Input incomplete: {len(self._input)} bytes of {self.model.input_bytes}]"]
        if self._state == "refused":
            return ["e-[No input: the last 'db load' was refused]"]
        if self._state == "inferred" and not self.model.keeps_input:
            return ["e-[No input: inference has used it up, send 'db load N' again]"]
        return []

    def _no_output(self) -> list[str]:
        return [] if self._state == "inferred" else ["e-[No results: no inference since the input was loaded]"]

    def _infer_once(self, times: int) -> list[str]:
        """However often it infers, the results are those of the input."""
        self.inferences += times
        self._output = self.model.infer(bytes(self._input))
        self._state = "inferred"
        return []


def masked(answer: str) -> str:
    """The device's answer without its times."""
    return TIMES.sub(r"\1#", answer)


def _number(word: str) -> bool:
    return re.fullmatch("[0-9]{1,9}", word) is not None

"""MLCommons' runner in small: the dialogue of its DUT and SerialDevice classes with a device, and what they read of it.

In: an open pyserial port. Facts from github.com/mlcommons/tiny, benchmark/runner (device_under_test.py,
serial_device.py, script.py): a thread reads byte by byte and keeps whole lines; a command is written and then its '%';
an answer is the lines up to one with "m-ready", each within 5 s; data go as 31 hex pairs a command, 26 in energy mode.
"""

from __future__ import annotations

import queue
import re
import threading
from dataclasses import dataclass

LINE_SECONDS = 5.0


@dataclass(frozen=True)
class Inference:
    """What the runner keeps of one `infer`."""

    results: list[float]
    elapsed_us: int


class Runner:
    """One session with a device; `with` starts and ends it."""

    def __init__(self, port, bytes_per_command=31):
        self.port, self.bytes_per_command = port, bytes_per_command
        self.port.timeout = 0.1
        self._lines = queue.Queue()
        self._running = True
        self._thread = threading.Thread(target=self._read)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._running = False
        self._thread.join()
        self.port.close()

    def _read(self):
        line = ""
        while self._running:
            char = self.port.read(1).decode()
            if char == "\n":
                self._lines.put(line)
                line = ""
            elif char not in "\r\0":
                line += char

    def command(self, text):
        self.port.write(text.encode())
        self.port.write(b"%")
        lines = []
        while not lines or "m-ready" not in lines[-1]:
            lines.append(self._lines.get(timeout=LINE_SECONDS))
        return lines

    def identity(self):
        """Name, profile and model, as its first three commands find them."""
        said = self.command("name") + self.command("profile")
        patterns = [r"^m-name-dut-\[([^]]+)]$", r"^m-profile-\[([^]]+)]$", r"^m-model-\[([^]]+)]$"]
        return [next(match[1] for line in said if (match := re.match(pattern, line))) for pattern in patterns]

    def load(self, data):
        assert self.command(f"db load {len(data)}") == [f"m-[Expecting {len(data)} bytes]", "m-ready"]
        for at in range(0, len(data), self.bytes_per_command):
            last = self.command("db " + data[at : at + self.bytes_per_command].hex())
        assert last == ["m-load-done", "m-ready"]

    def infer(self, count, warmup):
        said = self.command(f"infer {count} {warmup}")
        laps = [int(match[1]) for line in said if (match := re.match(r"^m-lap-us-([0-9]+)$", line))]
        found = [match[1] for line in said if (match := re.match(r"^m-results-\[([^]]+)\]$", line))]
        assert (len(laps), len(found)) == (2, 1), said
        return Inference([float(value) for value in found[0].split(",")], laps[1] - laps[0])

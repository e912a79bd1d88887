"""`tdl serve` as a process of its own, for tests."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

END_SECONDS = 20


@dataclass
class Server:
    """A running server: `pty` and `url` are the names of its ports, where it has them."""

    process: subprocess.Popen[str]
    pty: str | None
    url: str | None

    def stop(self, number: int = signal.SIGINT) -> int:
        """Send a signal; returns the exit status."""
        self.process.send_signal(number)
        return self.process.wait(END_SECONDS)


@contextmanager
def serving(elf: Path, *options: str) -> Iterator[Server]:
    """Starts it, waits until the device has booted, and ends it."""
    command = [sys.executable, "-m", "tdl_course.cli", "serve", str(elf), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            said = ""
            while "Ctrl-C" not in said:
                line = process.stdout.readline()
                assert line, said + process.stderr.read()
                said += line
            pty, url = re.search(r"/dev/\S+$", said, re.MULTILINE), re.search(r"socket://127\.0\.0\.1:\d+", said)
            yield Server(process, pty and pty[0], url and url[0])
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise

"""Silence for what prints from Python and past it: C++ libraries write to file descriptors 1 and 2.

In: a block of code. Out: nothing on the screen; the text is kept for the error message of a failure.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import IO


class Noise:
    """What was printed while silenced."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file

    def last_line(self) -> str:
        """The last line printed so far, or an empty string."""
        self.file.seek(0)
        lines = self.file.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


@contextmanager
def silenced() -> Iterator[Noise]:
    """Send the process's standard output and error to a file while the block runs; warnings and logging too."""
    _flush()
    with (
        tempfile.TemporaryFile() as sink,
        open(sink.fileno(), "w", encoding="utf-8", closefd=False) as text,
        warnings.catch_warnings(),
        redirect_stdout(text),
        redirect_stderr(text),
    ):
        warnings.simplefilter("ignore")
        logging_before = logging.root.manager.disable
        logging.disable(logging.WARNING)
        kept = [(descriptor, os.dup(descriptor)) for descriptor in (1, 2)]
        for descriptor, _ in kept:
            os.dup2(sink.fileno(), descriptor)
        try:
            yield Noise(sink)
        finally:
            _flush()
            for descriptor, copy in kept:
                os.dup2(copy, descriptor)
                os.close(copy)
            logging.disable(logging_before)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()

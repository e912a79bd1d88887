"""tdl: the command line.

In: arguments. Out: text, files, an exit status: 0 done, 1 a check failed, 2 a clear error. Each command is one
function; the work is in the library.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tdl_course.cli import classroom, course, device, offline, pages
from tdl_course.cli.options import PROGRAM, Command

GROUPS = (course, device, pages, classroom, offline)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; expected failures are printed as one message, without a stack trace."""
    options = parser().parse_args(arguments)
    try:
        with signals_like_ctrl_c():
            return int(options.command(options))
    except (ValueError, RuntimeError, OSError) as error:
        print(f"{PROGRAM}: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{PROGRAM}: interrupted", file=sys.stderr)
        return 130


@contextmanager
def signals_like_ctrl_c() -> Iterator[None]:
    """A closed terminal or a `kill` ends a command as Ctrl-C does: what it started ends too."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    in_main = threading.current_thread() is threading.main_thread()
    # What somebody else has set stays: nohup ignores SIGHUP.
    heard = [number for number in numbers if in_main and signal.getsignal(number) == signal.SIG_DFL]
    for number in heard:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, signal.SIG_DFL)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog=PROGRAM, description="Tiny Deep Learning: from a notebook to a simulated Cortex-M."
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, function: Command, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=function)
        return sub

    for group in GROUPS:
        group.add_commands(command)
    return top

"""What several commands share: the program's name, how a command is added, options of the same meaning."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Protocol

from tdl_course.boards import BOARDS

PROGRAM = "tdl"
Command = Callable[[argparse.Namespace], int]


class AddCommand(Protocol):
    """Adds a command by name, function and one line of help; options are then added to its parser."""

    def __call__(self, name: str, function: Command, text: str, /) -> argparse.ArgumentParser: ...


def add_board(sub: argparse._ActionsContainer, default: str | None) -> None:
    found = "the one that report.json beside the ELF names" if default is None else default
    sub.add_argument("--board", choices=tuple(BOARDS), default=default, help=f"default: {found}")


def add_goal(sub: argparse.ArgumentParser) -> None:
    text = "size: as little flash as the kernels can do with, speed second (default: %(default)s)"
    sub.add_argument("--optimize", choices=("speed", "size"), default="speed", help=text)

"""The sandboxed process: takes the cells of one notebook, defines functions by name, calls them.

In, on stdin: frames: `{"limits": ..., "cells": [...]}`, then `{"define": name}`, `{"call": name, "with": [...]}`.
Out, on stdout: one frame for each: `{"returned": value, "changed": arguments}`, `{"raised": [kind, text, line]}`,
`{"defined": True}` or `{"missing": why}`. It knows no check, no reference and no case. What the student's code prints
goes nowhere. Nothing here has to be safe from the student's code: the other end believes none of it.

    python -m tdl_course.classroom.worker
"""

from __future__ import annotations

import ast
import builtins
import linecache
import os
import struct
import sys
import traceback
import warnings
from typing import Any, BinaryIO

import numpy as np

from tdl_course.classroom.codec import decode, encode
from tdl_course.classroom.definitions import Statement, needed, statements

MAGIC = b"TDL1"


def main() -> None:
    requests, replies, first = begin()
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    notebook = Notebook(first["cells"])
    send(replies, {"ready": True})
    while True:
        request = receive(requests)
        if "define" in request:
            send(replies, notebook.define(request["define"]))
        else:
            send(replies, notebook.call(request["call"], request["with"]))


def begin() -> tuple[BinaryIO, BinaryIO, Any]:
    """The two pipes, out of reach of what prints or reads, and the first frame, whose limits hold from now on."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    first = receive(requests)
    limit(first["limits"])
    return requests, replies, first


def receive(stream: BinaryIO) -> Any:
    """The next frame's value; ends the process where the other side has closed the pipe."""
    head = stream.read(12)
    if len(head) < 12:
        os._exit(0)
    return decode(stream.read(struct.unpack(">Q", head[4:])[0]))


def send(stream: BinaryIO, value: Any) -> None:
    data = encode(value)
    stream.write(MAGIC + struct.pack(">Q", len(data)) + data)
    stream.flush()


def limit(limits: dict[str, int]) -> None:
    """Hard limits of this process and its children, by their names in `resource`, where the system has them."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for name, value in limits.items():
        number = getattr(resource, name, None)
        if number is not None:
            hard = resource.getrlimit(number)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(number, (value, value))


class Notebook:
    """The statements of a notebook, of which those are run that a function needs, each once."""

    def __init__(self, cells: list[str]) -> None:
        self.cells = cells
        self.statements, self.broken = statements(cells)
        self.done: set[int] = set()
        self.failed: list[str] = []
        self.names: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
        self.names |= {"display": _inert, "get_ipython": _inert}
        for number, source in enumerate(cells):
            lines = [line + "\n" for line in source.splitlines()]
            linecache.cache[f"cell {number}"] = (len(source), None, lines, f"cell {number}")

    def define(self, name: str) -> dict[str, Any]:
        """Run what the function `name` needs; says whether it is there."""
        wanted = needed(name, self.statements)
        if not wanted:
            return {"missing": self._why_missing(name)}
        for statement in wanted:
            if id(statement) not in self.done:
                self.done.add(id(statement))
                self._run(statement)
        if name not in self.names:
            return {"missing": f"`{name}` could not be defined. {' '.join(self.failed)}".strip()}
        return {"defined": True, "failed": " ".join(self.failed)}

    def _why_missing(self, name: str) -> str:
        for number, why in self.broken.items():
            if f"def {name}" in self.cells[number]:
                return f"The cell that defines `{name}` is not Python: {why}."
        return f"There is no function `{name}` in the notebook."

    def _run(self, statement: Statement) -> None:
        try:
            code = compile(ast.Module([statement.node], []), f"cell {statement.cell}", "exec")
            exec(code, self.names)
        except Exception as error:
            line = ast.unparse(statement.node).splitlines()[0][:80]
            self.failed.append(f"The line `{line}` raised {type(error).__name__}.")

    def call(self, name: str, arguments: list[Any]) -> dict[str, Any]:
        """What the function does with these arguments, and what it did to them."""
        function = self.names[name]
        if not callable(function):
            return {"raised": ["TypeError", f"`{name}` is not a function", ""]}
        try:
            returned = function(*arguments)
        except Exception as error:
            last = traceback.format_exception_only(error)[-1].strip()
            return {"raised": [type(error).__name__, last[:500], _line_of(error)]}
        return {"returned": returned, "changed": arguments}


def _line_of(error: BaseException) -> str:
    """The line of the notebook where it raised; "" if it is none."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith("cell ")]
    return linecache.getline(frames[-1].filename, frames[-1].lineno or 0).strip()[:200] if frames else ""


def _inert(*_arguments: object, **_named: object) -> None:
    """Stands for what a notebook shows: nothing is shown here."""


if __name__ == "__main__":
    main()
    sys.exit()

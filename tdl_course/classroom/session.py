"""The functions of one submission, callable from here while they run in the sandbox.

In: the cells of a notebook. Out: for a name a Python function that sends its arguments over and returns what came back;
it can be given to any check. A process that ended is started anew for the next function, so that one endless loop costs
one exercise. Nothing that comes back is trusted: `Stopped` where it is not an answer.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tdl_course.classroom.codec import CodecError, decode, encode
from tdl_course.classroom.sandbox import Limits, Sandbox, Stopped

WORKER = "tdl_course.classroom.worker"


class MissingFunction(LookupError):
    """The notebook has no function of that name; the message says why."""


@dataclass
class Session:
    """One submission's process, started when it is first needed. A context manager."""

    cells: list[str]
    limits: Limits = field(default_factory=Limits)
    isolated: bool = True
    notes: str = ""
    line: str = ""
    _sandbox: Sandbox | None = field(default=None, init=False, repr=False)

    def __enter__(self) -> Session:
        self._stack = ExitStack()
        self._until = time.monotonic() + self.limits.total_seconds
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self._sandbox = None

    def function(self, name: str) -> Callable[..., Any]:
        """The function `name` of the notebook. `notes` then says which of the lines that it needs raised.

        Raises
        ------
        MissingFunction
            There is none.
        Stopped
            The process ended over it.
        """
        reply = self._ask({"define": name}, self.limits.start_seconds)
        if "defined" not in reply:
            raise MissingFunction(str(reply.get("missing", ""))[:500])
        self.notes = str(reply.get("failed", ""))[:500]
        self.line = ""
        return functools.partial(self._call, name)

    def _call(self, name: str, *arguments: Any) -> Any:
        """What the function returns; what it did to its arguments is done to these. Raises what it raised."""
        reply = self._ask({"call": name, "with": list(arguments)}, self.limits.seconds)
        if "raised" in reply:
            kind, text, self.line = _three_texts(reply["raised"])
            raise type(kind, (Exception,), {"__module__": "builtins"})(text.removeprefix(f"{kind}: "))
        if "returned" not in reply:
            raise self._stopped("It wrote into the connection to the grader.")
        changed = reply.get("changed")
        if isinstance(changed, list) and len(changed) == len(arguments):
            for argument, after in zip(arguments, changed, strict=True):
                change(argument, after)
        return reply["returned"]

    def _ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        if time.monotonic() > self._until:
            raise self._stopped(f"The submission as a whole took more than {self.limits.total_seconds:g} seconds.")
        try:
            if self._sandbox is None:
                self._sandbox = self._stack.enter_context(Sandbox(WORKER, self.limits, self.isolated))
                first = {"limits": self.limits.resources, "cells": self.cells}
                self._sandbox.exchange(encode(first), self.limits.start_seconds)
            reply = decode(self._sandbox.exchange(encode(request), seconds))
        except CodecError as error:
            raise self._stopped(f"It wrote into the connection to the grader ({error}).") from None
        except Stopped:
            self.__exit__()
            raise
        if not isinstance(reply, dict):
            raise self._stopped("It wrote into the connection to the grader.")
        return reply

    def _stopped(self, why: str) -> Stopped:
        self.__exit__()
        return Stopped(why)


def _three_texts(value: Any) -> tuple[str, str, str]:
    """Kind, message and line of what was raised, whatever came back for them."""
    texts = [str(part) for part in value] if isinstance(value, list) else []
    kind, text, line = (texts + ["", "", ""])[:3]
    return (kind if kind.isidentifier() and len(kind) < 60 else "Exception"), text[:500], line[:200]


def change(argument: Any, after: Any) -> None:
    """Make an argument what the function made of its copy, where that can be done in place."""
    if isinstance(argument, np.ndarray):
        same = isinstance(after, np.ndarray) and (after.shape, after.dtype) == (argument.shape, argument.dtype)
        if same and argument.flags.writeable:
            argument[...] = after
    elif isinstance(argument, list) and isinstance(after, list):
        argument[:] = after
    elif isinstance(argument, dict) and isinstance(after, dict):
        argument.clear()
        argument.update(after)

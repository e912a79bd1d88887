"""Exercise checks: a learner's function goes in, one of three verdicts comes out.

In: a function. Out: `CheckResult`: not written yet | wrong (expected, got, hint) | correct (what it means).
This module knows no lesson. A check never raises in a notebook, so that the notebook runs on; with `TDL_STRICT=1` in
the environment, which is how the solutions are executed, everything but *correct* raises AssertionError.

A lesson's checks live in `tdl_course/checks/lesson_NN.py`, one `Check` an exercise:

    def _no_bias(inputs, units):
        return inputs * units

    dense_parameters = Check(
        name="dense_parameters",
        exercise="1.1",
        reference=lambda inputs, units: inputs * units + units,
        cases=((3, 4), (256, 10), (1, 1)),
        misconceptions=(
            Misconception("bias forgotten", "Every unit has one more parameter: its bias.", _no_bias),
            Misconception("bias per input", "The bias belongs to the output: one a unit.", lambda i, u: i * u + i),
        ),
        meaning="You can now predict the flash that a dense layer needs.",
    )

and `tdl_course/checks/__init__.py` exports it by name. The hint is chosen by comparing what the learner's function
returns with what each wrong function returns, so the cases must tell all of them apart; tests/checks tests that, and
runs at least two independently written wrong answers against every check.
"""

from __future__ import annotations

import copy
import html
import linecache
import os
import re
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tdl_course.checks.compare import Difference, constant_factor, difference, show

State = Literal["not written yet", "wrong", "correct"]
Function = Callable[..., Any]

# Okabe and Ito's palette: distinct to colour-blind readers, and the word stands beside it anyway.
COLOURS: dict[State, str] = {"not written yet": "#0072B2", "wrong": "#D55E00", "correct": "#009E73"}

BY_HAND = "Work this case by hand, and compare each step with your code's."


@dataclass(frozen=True)
class CheckResult:
    """The verdict on one exercise. Shows itself in a notebook and in a terminal."""

    name: str
    exercise: str
    state: State
    message: str
    call: str = ""
    expected: str = ""
    got: str = ""
    misconception: str = ""

    @property
    def rows(self) -> list[tuple[str, str]]:
        """What was called, expected and got, with labels; empty where nothing was compared."""
        labelled = (("call", self.call), ("expected", self.expected), ("got", self.got))
        return [(label, value) for label, value in labelled if value]

    @property
    def title(self) -> str:
        return f"Exercise {self.exercise}, {self.name}: {self.state}"

    def __repr__(self) -> str:
        return "\n".join([self.title, *(f"  {label:9}{value}" for label, value in self.rows), f"  {self.message}"])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{label}</th><td style='text-align:left'><code>{html.escape(value)}</code>"
            "</td></tr>"
            for label, value in self.rows
        )
        return (
            f"<div role='status' style='border-left:6px solid {COLOURS[self.state]};padding:0.2em 0.8em'>"
            f"<strong>{html.escape(self.title)}</strong>{f'<table>{rows}</table>' if rows else ''}"
            f"<p>{message_html(self.message)}</p></div>"
        )


def message_html(message: str) -> str:
    """A message as HTML: what stands between backticks becomes code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(message))


@dataclass(frozen=True)
class Misconception:
    """A wrong answer that many give: its name, the hint that leads out of it, and a function that makes it."""

    name: str
    hint: str
    wrong: Function


@dataclass(frozen=True)
class Raised:
    """Stands for the result of a call that raised."""

    kind: str
    text: str
    line: str = ""


@dataclass(frozen=True, repr=False)
class Check:
    """The check of one exercise: call it with the learner's function.

    Parameters
    ----------
    name : str
        The function's name in the lesson, the library and here.
    exercise : str
        Its number, "2.1".
    reference : function
        The right answer.
    cases : tuple of tuples
        Arguments to call it with. Avoid ties of rounding, unless the lesson is about them.
    misconceptions : tuple of Misconception
        At least two; the first that fits is the one whose hint is shown.
    meaning : str
        What a correct answer means, one sentence.
    rtol, atol : float
        Tolerance of float comparison; integers and bools are compared exactly.
    """

    name: str
    exercise: str
    reference: Function
    cases: tuple[tuple[Any, ...], ...]
    misconceptions: tuple[Misconception, ...]
    meaning: str
    rtol: float = 1e-5
    atol: float = 1e-8

    def __call__(self, candidate: Function) -> CheckResult:
        """The verdict on `candidate`.

        Raises
        ------
        AssertionError
            The verdict is not *correct* and the environment says TDL_STRICT=1.
        """
        result = judge(self, candidate)
        if result.state != "correct" and os.environ.get("TDL_STRICT") == "1":
            raise AssertionError(repr(result))
        return result

    def __repr__(self) -> str:
        return f"<check of exercise {self.exercise}: call tdl.checks.{self.name}({self.name})>"


def judge(check: Check, candidate: Function) -> CheckResult:
    """Run `candidate` on every case of `check` and compare. Never raises, whatever the candidate does."""
    if not callable(candidate):
        message = f"Give the check the function itself, without calling it: tdl.checks.{check.name}({check.name})"
        return CheckResult(check.name, check.exercise, "wrong", message, got=show(candidate))
    try:
        results = [outcome(candidate, case) for case in check.cases]
    except KeyboardInterrupt:
        return CheckResult(check.name, check.exercise, "wrong", "You stopped it. Does every loop come to an end?")
    missing = [result.text for result in results if isinstance(result, Raised) and result.kind == "NotImplementedError"]
    if missing:
        return CheckResult(check.name, check.exercise, "not written yet", _what_is_missing(check, missing[0]))
    wanted = [outcome(check.reference, case) for case in check.cases]
    found = [_differs(check, w, r) for w, r in zip(wanted, results, strict=True)]
    failing = [index for index, difference_ in enumerate(found) if difference_]
    if not failing:
        message = f"{len(check.cases)} visible checks passed. {check.meaning}"
        return CheckResult(check.name, check.exercise, "correct", message)
    known = _recognise(check, results, failing)
    at = failing[0]
    first = found[at]
    assert first is not None
    message = known.hint if known else _what_differs(wanted, results, failing) or first.why or BY_HAND
    call = f"{check.name}({', '.join(show(argument) for argument in check.cases[at])})"
    misconception = known.name if known else ""
    return CheckResult(
        check.name, check.exercise, "wrong", message, call, first.expected, first.got, misconception=misconception
    )


def outcome(function: Function, case: tuple[Any, ...]) -> Any:
    """What `function` returns for `case` (a copy: it may write into it), or `Raised`."""
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(*copy.deepcopy(case))
    except Exception as error:  # whatever a learner's code raises is part of its answer
        return Raised(type(error).__name__, _last_line(error), _line_of(function, error))


def _what_differs(wanted: list[Any], results: list[Any], failing: list[int]) -> str:
    """What all failing cases have in common, if it is a constant factor."""
    return constant_factor([wanted[index] for index in failing], [results[index] for index in failing])


def _what_is_missing(check: Check, text: str) -> str:
    """What to write next: the exercise itself, or the one of a function that it calls."""
    named = re.search(r"Exercise (\d+\.\d+)", text)
    if named and named[1] != check.exercise:
        return (
            f"Your code calls the function of exercise {named[1]}, which is not written yet. Write that first, or call "
            "the library's own, which the text names."
        )
    return "Replace the line `raise NotImplementedError` with your code, and run the cell again."


def _differs(check: Check, wanted: Any, result: Any) -> Difference | None:
    if isinstance(wanted, Raised):
        if isinstance(result, Raised) and result.kind == wanted.kind:
            return None
        return Difference(f"raises {wanted.kind}", result.text if isinstance(result, Raised) else show(result))
    if isinstance(result, Raised):
        where = f"It stopped at the line `{result.line}`." if result.line else ""
        return Difference(show(wanted), result.text, where)
    return difference(wanted, result, check.rtol, check.atol)


def _recognise(check: Check, results: list[Any], failing: list[int]) -> Misconception | None:
    """The misconception that gives the same results on every case; else the one that explains most failing cases.

    It must explain at least half of them: learners combine a misconception with a slip of their own.
    """
    best, most = None, len(failing) / 2
    for misconception in check.misconceptions:
        wrong = [outcome(misconception.wrong, case) for case in check.cases]
        same = [_gives(check, w, r) for w, r in zip(wrong, results, strict=True)]
        if all(same):
            return misconception
        explained = sum(same[index] for index in failing)
        if explained >= most and (best is None or explained > most):
            best, most = misconception, explained
    return best


def _gives(check: Check, wrong: Any, result: Any) -> bool:
    """Whether a misconception explains a result; an error only if it says the same, since many raise a ValueError."""
    if isinstance(wrong, Raised) and isinstance(result, Raised):
        return (wrong.kind, wrong.text) == (result.kind, result.text)
    return _differs(check, wrong, result) is None


def _last_line(error: BaseException) -> str:
    return traceback.format_exception_only(error)[-1].strip()


def _line_of(function: Function, error: BaseException) -> str:
    """The source line, in the file or cell that defines `function`, where it raised; "" if it cannot be had."""
    code = getattr(function, "__code__", None)
    lines = [
        linecache.getline(frame.filename, frame.lineno or 0).strip()
        for frame in traceback.extract_tb(error.__traceback__)
        if code is not None and frame.filename == code.co_filename
    ]
    return lines[-1] if lines else ""

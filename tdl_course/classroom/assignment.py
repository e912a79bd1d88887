"""assignment.toml -> Assignment: lesson, points of each exercise, deadline, what late costs, a model's budgets.

In: a file that an instructor edits, or nothing but a lesson's number. Out: an `Assignment`. It reads no submission.
"""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tdl_course import checks
from tdl_course.boards import BOARDS
from tdl_course.checks import Check

FILE = "assignment.toml"
POINTS = 1.0  # of an exercise, where the file does not say otherwise
MEASURED = ("accuracy", "flash_bytes", "ram_bytes", "cycles")
DAY = 86400


class AssignmentError(ValueError):
    """The assignment cannot be what it says; the message names the entry and what is allowed."""


@dataclass(frozen=True)
class Late:
    """What handing in late costs: per cent of the points for each day begun, and nothing is left after `days`."""

    percent_per_day: float = 10.0
    days: float = 7.0

    def share(self, seconds: float) -> float:
        """The share of the points that is kept, 0 to 1, `seconds` after the deadline."""
        if seconds <= 0:
            return 1.0
        if seconds > self.days * DAY:
            return 0.0
        return max(0.0, 1 - self.percent_per_day / 100 * math.ceil(seconds / DAY))


@dataclass(frozen=True)
class Budget:
    """One thing that is measured of a model, its limit, and the points for keeping it."""

    what: str
    limit: float
    points: float

    @property
    def at_least(self) -> bool:
        """Whether the limit is one from below; else from above."""
        return self.what == "accuracy"

    def met(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True)
class ModelTask:
    """A model that is handed in beside the notebook: its file, and what it is measured with, and against."""

    dataset: str
    board: str
    budgets: tuple[Budget, ...]
    file: str = "model.tflite"
    samples: int = 0  # of the test part, evenly chosen; 0 is all


@dataclass(frozen=True)
class Assignment:
    """What is graded. `lesson` is two digits; `points` has the exercises that differ from the default."""

    lesson: str
    name: str = ""
    points: tuple[tuple[str, float], ...] = ()
    due: datetime | None = None
    late: Late = Late()
    model: ModelTask | None = None

    @property
    def checks(self) -> tuple[Check, ...]:
        return tuple(check for check in checks_of(self.lesson) if self.worth(check.name) > 0)

    def worth(self, name: str) -> float:
        """Points of the exercise `name`; one with 0 points is left out."""
        return dict(self.points).get(name, POINTS)

    @property
    def out_of(self) -> float:
        budgets = self.model.budgets if self.model else ()
        return sum(self.worth(check.name) for check in self.checks) + sum(budget.points for budget in budgets)


def checks_of(lesson: str) -> tuple[Check, ...]:
    """The checks of a lesson, in the order of its exercises; empty where it has none."""
    found = [c for c in vars(checks).values() if isinstance(c, Check) and lesson_of(c) == lesson]
    return tuple(sorted(found, key=lambda check: [int(part) for part in check.exercise.split(".")]))


def lesson_of(check: Check) -> str:
    return f"{int(check.exercise.split('.')[0]):02}"


def lessons() -> list[str]:
    """The numbers of all lessons that have exercises, "00", "01", ..."""
    return sorted({lesson_of(check) for check in vars(checks).values() if isinstance(check, Check)})


def lesson_number(text: str) -> str:
    """Two digits, for "02_quantization", "02" or "2".

    Raises
    ------
    AssignmentError
        There is no such lesson, or it has no exercises.
    """
    digits = re.match(r"\d+", text)
    number = f"{int(digits[0]):02}" if digits else ""
    if number not in lessons():
        raise AssignmentError(f"{text!r} is no lesson with exercises; there are {', '.join(lessons())}")
    return number


def parse_time(text: str) -> datetime:
    """A time with its zone; without one it is the local time of this computer.

    Raises
    ------
    AssignmentError
        It is not ISO 8601.
    """
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise AssignmentError(f"{text!r} is no time; write 2026-12-01T23:59 or 2026-12-01T23:59+01:00") from None


def read_assignment(path: Path) -> Assignment:
    """The assignment that a file describes.

    Raises
    ------
    AssignmentError
        It is no TOML, names something unknown, or has a value that cannot be.
    """
    try:
        plain = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{path} is not TOML: {error}") from None
    _only(plain, ("lesson", "due", "points", "late", "model"), f"{path}")
    if "lesson" not in plain:
        raise AssignmentError(f'{path} names no lesson; write for instance lesson = "02_quantization"')
    name = str(plain["lesson"])
    number = lesson_number(name)
    known = {check.name for check in checks_of(number)}
    points = _table(plain, "points", path)
    _only(points, sorted(known), f"{path}, [points]")
    late = _table(plain, "late", path)
    _only(late, [field.name for field in fields(Late)], f"{path}, [late]")
    return Assignment(
        number,
        name,
        tuple((key, _number(value, f"{path}, {key}")) for key, value in points.items()),
        parse_time(str(plain["due"])) if "due" in plain else None,
        Late(**{key: _number(value, f"{path}, {key}") for key, value in late.items()}),
        _model(_table(plain, "model", path), path) if "model" in plain else None,
    )


def _model(plain: dict[str, Any], path: Path) -> ModelTask:
    _only(plain, ("file", "dataset", "board", "samples", *MEASURED), f"{path}, [model]")
    for key in ("dataset", "board"):
        if key not in plain:
            raise AssignmentError(f"{path}, [model] has no {key}")
    if plain["board"] not in BOARDS:
        raise AssignmentError(f"{path}: there is no board {plain['board']!r}; there are {', '.join(BOARDS)}")
    budgets = []
    for what in (key for key in MEASURED if key in plain):
        entry = _table(plain, what, path)
        side = "at_least" if what == "accuracy" else "at_most"
        _only(entry, (side, "points"), f"{path}, [model] {what}")
        if side not in entry:
            raise AssignmentError(f"{path}, [model] {what} needs {side}")
        points = _number(entry.get("points", POINTS), f"{path}, {what} points")
        budgets.append(Budget(what, _number(entry[side], f"{path}, {what} {side}"), points))
    samples = int(_number(plain.get("samples", 0), f"{path}, samples"))
    file = str(plain.get("file", ModelTask.file))
    return ModelTask(str(plain["dataset"]), plain["board"], tuple(budgets), file, samples)


def _table(plain: dict[str, Any], key: str, path: Path) -> dict[str, Any]:
    value = plain.get(key, {})
    if not isinstance(value, dict):
        raise AssignmentError(f"{path}: {key} is {value!r}; a table is expected, as tdl release writes it")
    return value


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise AssignmentError(f"{where} is {value!r}; a number from 0 is expected")
    return float(value)


def _only(plain: dict[str, Any], allowed: Any, where: str) -> None:
    unknown = sorted(set(plain) - set(allowed))
    if unknown:
        raise AssignmentError(f"{where} has {', '.join(unknown)}; known are {', '.join(allowed)}")

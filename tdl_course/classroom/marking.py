"""Submission -> Marks: each exercise's check, run here, on a function that runs in the sandbox.

In: an `Assignment`, a `Submission`. Out: `Marks`. The reference, the cases and the comparison never leave this process,
so there is nothing to forge: a submission can only return values. It knows no files but the submission's own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np

from tdl_course.checks import Check, CheckResult
from tdl_course.checks.framework import BY_HAND, judge
from tdl_course.classroom import measure
from tdl_course.classroom.assignment import DAY, Assignment, Budget, ModelTask
from tdl_course.classroom.fresh import fresh
from tdl_course.classroom.sandbox import Limits, Stopped
from tdl_course.classroom.session import MissingFunction, Session
from tdl_course.classroom.submission import Submission

LONGEST = 300  # characters of one value in a report
HIDDEN = "The visible checks pass, but a case that the notebook does not show fails: "


@dataclass(frozen=True)
class Mark:
    """One exercise or budget of one student."""

    name: str
    exercise: str
    state: str
    message: str
    points: float
    out_of: float
    rows: tuple[tuple[str, str], ...] = ()
    misconception: str = ""


@dataclass(frozen=True)
class Marks:
    """All of one student. `share` is what lateness leaves of the points; `problem` says why nothing was graded."""

    student: str
    file: str
    handed_in: datetime | None
    late_days: float
    share: float
    marks: tuple[Mark, ...]
    notes: tuple[str, ...] = ()
    problem: str = ""

    @property
    def reached(self) -> float:
        """Points before lateness."""
        return sum(mark.points for mark in self.marks)

    @property
    def points(self) -> float:
        return round(self.share * self.reached, 2)

    @property
    def out_of(self) -> float:
        return sum(mark.out_of for mark in self.marks)


@dataclass(frozen=True)
class Grader:
    """How submissions are graded: within which limits, isolated or not, with which seed of the hidden cases."""

    assignment: Assignment
    limits: Limits = Limits()
    isolated: bool = True
    seed: int = 0

    @cached_property
    def test_part(self) -> tuple[np.ndarray, np.ndarray]:
        """What handed-in models are measured with."""
        assert self.assignment.model is not None
        return measure.test_part(self.assignment.model)

    def grade_all(self, submissions: list[Submission], jobs: int) -> Iterator[Marks]:
        """Marks as they are ready, `jobs` submissions at a time."""
        with ThreadPoolExecutor(jobs) as pool:
            started = [pool.submit(self.grade, submission) for submission in submissions]
            try:
                for done in as_completed(started):
                    yield done.result()
            finally:
                for each in started:
                    each.cancel()

    def grade(self, submission: Submission) -> Marks:
        """The marks of one student; whatever the submission does, it returns."""
        late, share = self._late(submission.handed_in)
        with ExitStack() as stack:
            session = stack.enter_context(Session(list(submission.cells), self.limits, self.isolated))
            marks = tuple(self._exercise(check, session, submission) for check in self.assignment.checks)
        marks += self._model(submission)
        file = submission.path.name if submission.path else ""
        handed_in, notes = submission.handed_in, submission.notes
        return Marks(submission.student, file, handed_in, late, share, marks, notes, submission.problem)

    def _model(self, submission: Submission) -> tuple[Mark, ...]:
        """One mark for each budget of the model that lies beside the notebook."""
        task = self.assignment.model
        if task is None:
            return ()
        blank = [Mark(b.what, "", "not handed in", f"There is no {task.file}.", 0.0, b.points) for b in task.budgets]
        path = submission.beside(task.file)
        if path is None or not os.path.lexists(path):
            return tuple(blank)
        try:
            found = measure.measure(path, task.board, *self.test_part, self.isolated)
        except measure.MeasureError as error:
            return tuple(replace(mark, state="not measured", message=f"{error}") for mark in blank)
        return tuple(_budget_mark(budget, task, getattr(found, budget.what)) for budget in task.budgets)

    def _verdict(self, check: Check, function: Callable[..., object]) -> CheckResult:
        """On the cases of the notebook, then on the hidden ones."""
        visible, hidden = verdict(check, function), fresh(check, self.seed)
        if visible.state != "correct" or hidden is None:
            return visible
        result = verdict(hidden, function)
        if result.state == "correct":
            return replace(visible, message=f"All checks passed, {len(hidden.cases)} hidden ones too. {check.meaning}")
        return replace(result, state="wrong", message=HIDDEN + result.message)

    def _late(self, handed_in: datetime | None) -> tuple[float, float]:
        """Days after the deadline, and the share of the points that is kept."""
        if self.assignment.due is None or handed_in is None:
            return 0.0, 1.0
        seconds = (handed_in - self.assignment.due).total_seconds()
        return round(max(0.0, seconds / DAY), 2), self.assignment.late.share(seconds)

    def _exercise(self, check: Check, session: Session, submission: Submission) -> Mark:
        worth = self.assignment.worth(check.name)
        mark = Mark(check.name, check.exercise, "not handed in", submission.problem, 0.0, worth)
        if submission.path is None:
            return mark
        try:
            result = self._verdict(check, session.function(check.name))
        except MissingFunction as missing:
            return replace(mark, state="not found", message=f"{missing}")
        except Stopped as stopped:
            return replace(mark, state="stopped", message=f"{stopped}")
        message = result.message
        if result.state == "wrong" and message.endswith(BY_HAND) and session.line:
            message = message.removesuffix(BY_HAND) + f"It stopped at the line `{session.line}`."
        if result.state != "correct" and session.notes:
            message = f"{message} {session.notes}"
        return replace(
            mark,
            state=result.state,
            message=message,
            points=worth if result.state == "correct" else 0.0,
            rows=tuple((label, value[:LONGEST]) for label, value in result.rows),
            misconception=result.misconception,
        )


def _budget_mark(budget: Budget, task: ModelTask, value: float) -> Mark:
    met = budget.met(value)
    asked = f"at {'least' if budget.at_least else 'most'} {budget.limit:,g}"
    message = f"{value:,g} ({measure.KIND[budget.what]}) on {task.board}; {asked} was asked."
    points = budget.points if met else 0.0
    return Mark(budget.what, "", "met" if met else "not met", message, points, budget.points)


def verdict(check: Check, function: Callable[..., object]) -> CheckResult:
    """What the check says about values from the sandbox, also where they are such that it cannot compare them."""
    try:
        return judge(check, function)
    except Exception as error:
        message = f"What it returns cannot be compared ({type(error).__name__})."
        return CheckResult(check.name, check.exercise, "wrong", message)

"""Marks -> files: grades.csv, grades.json, a page of feedback for each student, a summary.

In: `Marks`, a folder. Out: files that are whole or not there, pages that need nothing else, not even the network. Text
that comes from submissions is escaped: for HTML, and for spreadsheets, which run cells that begin like a formula.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from tdl_course.checks.framework import COLOURS, message_html
from tdl_course.classroom.assignment import Assignment
from tdl_course.classroom.marking import Mark, Marks
from tdl_course.files import write_atomically
from tdl_course.report import Table, write_page

Section = tuple[str, Sequence[object]]
FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLOUR_OF = {str(state): colour for state, colour in COLOURS.items()}
COLOUR_OF |= {"met": COLOURS["correct"], "not met": COLOURS["wrong"]}
STUDENT_COLUMNS = ("student", "points", "days late", "remarks")
OTHER_COLOUR = "#CC79A7"  # of Okabe and Ito's palette too: not handed in, not found, stopped


@dataclass(frozen=True)
class Feedback:
    """One mark as a student sees it: words first, a coloured edge beside them."""

    mark: Mark

    def _repr_html_(self) -> str:
        mark = self.mark
        colour = COLOUR_OF.get(mark.state, OTHER_COLOUR)
        rows = "".join(
            f"<tr><th scope='row' style='text-align:left'>{html.escape(label)}</th>"
            f"<td style='white-space:normal'><code>{html.escape(value)}</code></td></tr>"
            for label, value in mark.rows
        )
        return (
            f"<section style='border-left:6px solid {colour};padding:0.2em 0.8em;margin:1rem 0'>"
            f"<h3 style='margin:0'>{html.escape(title(mark))}</h3>{f'<table>{rows}</table>' if rows else ''}"
            f"<p>{message_html(mark.message)}</p></section>"
        )


@dataclass(frozen=True)
class Students:
    """A row for each student, who links to the page of feedback."""

    all_marks: tuple[Marks, ...]

    def _repr_html_(self) -> str:
        head = "".join(f"<th scope='col' style='text-align:left'>{name}</th>" for name in STUDENT_COLUMNS)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(map(self._row, self.all_marks))}</tbody></table>"

    def _row(self, marks: Marks) -> str:
        page = quote(f"feedback/{file_name(marks.student)}.html")
        remark = html.escape(" ".join(remarks(marks)))
        return (
            f"<tr><th scope='row' style='text-align:left'><a href='{page}'>{html.escape(marks.student)}</a></th>"
            f"<td style='text-align:right'>{marks.points:g} of {marks.out_of:g}</td>"
            f"<td style='text-align:right'>{marks.late_days:g}</td><td style='white-space:normal'>{remark}</td></tr>"
        )


def title(mark: Mark) -> str:
    exercise = f"Exercise {mark.exercise}, {mark.name}" if mark.exercise else f"Model, {mark.name}"
    return f"{exercise}: {mark.state} ({mark.points:g} of {mark.out_of:g} points)"


def write_feedback(marks: Marks, assignment: Assignment, out: Path) -> Path:
    """The page of one student, feedback/NAME.html."""
    facts = [f"{marks.points:g} of {marks.out_of:g} points."]
    if marks.file:
        facts.append(f"Graded was {marks.file}, handed in {_time(marks.handed_in)}.")
    if marks.late_days:
        facts.append(
            f"It came {marks.late_days:g} days after the deadline, {_time(assignment.due)}: {marks.share:.0%} of the "
            f"{marks.reached:g} points reached are kept."
        )
    facts += marks.notes
    if marks.problem:
        facts.append(f"Nothing could be graded. {marks.problem}")
    sections: list[Section] = [("Result", facts)]
    if not marks.problem:
        sections.append(("Exercises", [Feedback(mark) for mark in marks.marks]))
    heading = f"{assignment.name or f'Lesson {assignment.lesson}'}: {marks.student}"
    return write_page(out / "feedback" / f"{file_name(marks.student)}.html", heading, sections)


def write_gradebook(all_marks: list[Marks], assignment: Assignment, out: Path, conditions: str) -> list[Path]:
    """grades.csv, grades.json and summary.html of a whole class."""
    ordered = sorted(all_marks, key=lambda marks: marks.student)
    return [
        write_atomically(out / "grades.csv", _csv(ordered)),
        write_atomically(out / "grades.json", _json(ordered, assignment, conditions)),
        write_page(out / "summary.html", *_summary(ordered, assignment, conditions)),
    ]


def _csv(all_marks: list[Marks]) -> str:
    names = [mark.name for mark in all_marks[0].marks] if all_marks else []
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["student", "points", "out_of", "file", "handed_in", "late_days", "kept", *names, "remarks"])
    for marks in all_marks:
        points = [f"{mark.points:g}" for mark in marks.marks]
        head = [marks.student, f"{marks.points:g}", f"{marks.out_of:g}", marks.file, _time(marks.handed_in)]
        row = [*head, f"{marks.late_days:g}", f"{marks.share:.2f}", *points, " ".join(remarks(marks))]
        writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row])
    return text.getvalue()


def _json(all_marks: list[Marks], assignment: Assignment, conditions: str) -> str:
    students = [{**asdict(marks), "points": marks.points, "out_of": marks.out_of} for marks in all_marks]
    plain = {"lesson": assignment.lesson, "due": assignment.due, "graded": conditions, "students": students}
    return json.dumps(plain, indent=1, default=lambda value: value.isoformat()) + "\n"


def remarks(marks: Marks) -> list[str]:
    """What an instructor should see at a glance: problems, notes, and exercises whose code was stopped."""
    stopped = [f"{mark.name}: {mark.message}" for mark in marks.marks if mark.state == "stopped"]
    return [*filter(None, [marks.problem]), *marks.notes, *stopped]


def _summary(all_marks: list[Marks], assignment: Assignment, conditions: str) -> tuple[str, list[Section]]:
    mean = sum(marks.points for marks in all_marks) / max(len(all_marks), 1)
    text = f"{len(all_marks)} students; mean {mean:.2f} of {assignment.out_of:g} points. {conditions}"
    columns = ("exercise", "function", "correct", "wrong", "not written yet", "else", "commonest misconception")
    exercises = tuple(_exercise(column) for column in zip(*(marks.marks for marks in all_marks), strict=True))
    sections: list[Section] = [
        ("Class", [text, Table("Students by exercise", columns, exercises)]),
        ("Students", [Students(tuple(all_marks))]),
    ]
    return f"{assignment.name or f'Lesson {assignment.lesson}'}: grades", sections


def _exercise(column: tuple[Mark, ...]) -> tuple[str, ...]:
    states = [mark.state for mark in column]
    counted = [states.count(state) for state in ("correct", "wrong", "not written yet")]
    names = [mark.misconception for mark in column if mark.misconception]
    commonest = max(sorted(set(names)), key=names.count, default="")
    commonest = f"{commonest} ({names.count(commonest)})" if commonest else ""
    numbers = [str(count) for count in (*counted, len(states) - sum(counted))]
    return (column[0].exercise, column[0].name, *numbers, commonest)


def file_name(student: str) -> str:
    """A file's name for a student's, without anything that a system may object to."""
    clean = re.sub(r"[^\w.@ -]", "_", student).strip(". ")[:80]
    return clean if clean == student else f"{clean}-{zlib.crc32(student.encode()):08x}"  # no two have the same


def _time(value: datetime | None) -> str:
    return value.strftime("%Y-%m-%d %H:%M UTC") if value else ""

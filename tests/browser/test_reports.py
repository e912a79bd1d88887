"""Pages that are files, as axe sees them: a report with table and picture, a class's summary, a student's feedback."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tdl_course.boards import board
from tdl_course.classroom.assignment import Assignment
from tdl_course.classroom.gradebook import write_feedback, write_gradebook
from tdl_course.classroom.marking import Mark, Marks
from tdl_course.report import bars, write_page

pytestmark = pytest.mark.browser

MARKS = (
    Mark("quantize", "2.2", "correct", "You can round.", 1, 1),
    Mark("dequantize", "2.3", "wrong", "Take `zero_point` away first.", 0, 1, (("expected", "0.5"), ("got", "-12.5"))),
    Mark("requantize", "2.6", "not written yet", "The stub is still there.", 0, 1),
)
CLASS = [
    Marks("ana", "ana/02.ipynb", None, 0, 1.0, MARKS),
    Marks("ben", "", None, 0, 1.0, tuple(replace(mark, state="no file", points=0) for mark in MARKS), problem="Empty."),
]


def test_axe_finds_nothing_serious_in_a_report(page: Page, axe: Callable[..., list[str]], tmp_path: Path) -> None:
    picture = bars({"flash": 20.0, "RAM": 2.0}, "KB (measured)", "What it takes")
    path = write_page(
        tmp_path / "report.html", "A report", [("Board", [board("tiny32k")]), ("Sizes", [picture])], "MADE UP"
    )
    page.goto(path.as_uri())
    assert page.get_by_role("img").get_attribute("alt")
    assert axe(page) == []


def test_axe_finds_nothing_serious_in_what_a_class_gets(
    page: Page, axe: Callable[..., list[str]], tmp_path: Path
) -> None:
    lesson = Assignment("02")
    for marks in CLASS:
        page.goto(write_feedback(marks, lesson, tmp_path).as_uri())
        assert axe(page) == []
    write_gradebook(CLASS, lesson, tmp_path, "as a test")
    page.goto((tmp_path / "summary.html").as_uri())
    page.get_by_role("link", name="ana").click()
    assert page.get_by_text("Take zero_point away first.").is_visible()
    page.go_back()
    assert axe(page) == []

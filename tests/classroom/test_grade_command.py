"""tdl grade as a process: without isolation, interrupted, and what a spreadsheet or a browser would run."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tdl_course.classroom.assignment import Assignment
from tdl_course.classroom.gradebook import write_feedback, write_gradebook
from tdl_course.classroom.marking import Grader
from tdl_course.classroom.submission import Submission
from tdl_course.cli import main

RIGHT = "def milliseconds(cycles, clock_hz):\n    return 1000 * cycles / clock_hz\n"
ENDLESS = "def milliseconds(cycles, clock_hz):\n    while True:\n        pass\n"


def hand_in(folder, **students):
    folder.mkdir()
    for name, code in students.items():
        cells = [{"cell_type": "code", "source": code}]
        (folder / f"{name}_00_start_here.ipynb").write_text(json.dumps({"cells": cells}), "utf-8")
    return folder


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_without_isolation_time_is_limited_all_the_same(tmp_path, capsys):
    folder = hand_in(tmp_path / "class", anna=RIGHT, bob=ENDLESS)
    assert main(["grade", str(folder), "--no-isolation", "--seconds", "1", "--jobs", "2"]) == 0
    rows = list(csv.DictReader((tmp_path / "class-grades/grades.csv").open(encoding="utf-8")))
    assert [(row["student"], row["points"]) for row in rows] == [("anna", "1"), ("bob", "0")]
    assert "did not come to an end within 1 seconds" in capsys.readouterr().out
    assert "not isolated" in (tmp_path / "class-grades/summary.html").read_text("utf-8")


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_an_interrupted_grading_leaves_whole_files_and_no_process(tmp_path):
    folder = hand_in(tmp_path / "class", anna=RIGHT, bob=ENDLESS, carl=ENDLESS)
    command = [sys.executable, "-m", "tdl_course.cli", "grade", str(folder), "--no-isolation", "--jobs", "1"]
    grading = subprocess.Popen([*command, "--seconds", "2"], stderr=subprocess.PIPE, text=True, start_new_session=True)
    page, until = tmp_path / "class-grades/feedback/anna.html", time.monotonic() + 60
    while not page.exists() and time.monotonic() < until:
        time.sleep(0.05)
    grading.send_signal(signal.SIGINT)
    assert grading.wait(timeout=60) == 130 and "interrupted" in grading.stderr.read()
    grading.stderr.close()
    assert page.read_text("utf-8").endswith("</html>\n")
    assert not (tmp_path / "class-grades/grades.csv").exists()
    assert not list((tmp_path / "class-grades").rglob(".*"))


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_late_is_counted_from_the_deadline_and_the_page_says_what_it_cost(tmp_path):
    folder = hand_in(tmp_path / "class", anna=RIGHT, bob=RIGHT)
    for name, day in (("anna", 1), ("bob", 3)):
        at = datetime(2026, 12, day, 12, tzinfo=UTC).timestamp()
        os.utime(folder / f"{name}_00_start_here.ipynb", (at, at))
    (folder / "assignment.toml").write_text('lesson = "00"\n[points]\nmilliseconds = 4\n[late]\npercent_per_day = 25\n')
    assert main(["grade", str(folder), "--no-isolation", "--due", "2026-12-01T12:00Z", "--out", str(tmp_path)]) == 0
    rows = list(csv.DictReader((tmp_path / "grades.csv").open(encoding="utf-8")))
    assert [(row["points"], row["late_days"], row["kept"]) for row in rows] == [("4", "0", "1.00"), ("2", "2", "0.50")]
    page = (tmp_path / "feedback/bob.html").read_text("utf-8")
    assert "2 days after the deadline, 2026-12-01 12:00 UTC: 50% of the 4 points reached are kept" in page


def test_names_that_a_spreadsheet_or_a_browser_would_run_are_text(tmp_path):
    name = "=HYPERLINK(1)<script>alert(1)</script>"
    submission = Submission(name, None, (), None, "<b>nothing</b>")
    marks = Grader(Assignment("00"), isolated=False).grade(submission)
    page = write_feedback(marks, Assignment("00"), tmp_path)
    files = write_gradebook([marks, replace(marks, student="zoe")], Assignment("00"), tmp_path, "test")
    for path in (page, files[2]):
        assert path.parent in (tmp_path, tmp_path / "feedback")
        text = path.read_text("utf-8")
        assert "<script" not in text and "<b>" not in text and "&lt;script&gt;" in text
    assert list(csv.reader(files[0].open(encoding="utf-8")))[1][0] == f"'{name}"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--lesson", "04", "--assignment", "assignment.toml"], "is not the lesson of"),
        (["--lesson", "quantization"], "no lesson with exercises"),
        (["--jobs", "0"], "must be above 0"),
        (["--due", "tomorrow"], "2026-12-01T23:59"),
    ],
)
def test_wrong_arguments_say_what_is_right(tmp_path, monkeypatch, capsys, arguments, says):
    folder = hand_in(tmp_path / "class", anna=RIGHT)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "assignment.toml").write_text('lesson = "00"\n')
    assert main(["grade", str(folder), "--no-isolation", *arguments]) == 2
    assert says in capsys.readouterr().err

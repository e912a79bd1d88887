"""Folders as they come from a platform: renamed, doubled, half-saved, of another lesson, late."""

import json
import os
from datetime import UTC, datetime

import pytest

from tdl_course.classroom.assignment import (
    Assignment,
    AssignmentError,
    Late,
    lesson_number,
    parse_time,
    read_assignment,
)
from tdl_course.classroom.marking import Grader
from tdl_course.classroom.submission import common_lesson, find_submissions, student_of

QUANTIZE = "def quantize(real, scale, zero_point):\n    raise NotImplementedError\n"
PRUNE = "def magnitude_mask(weights, sparsity):\n    raise NotImplementedError\n"


def notebook(*cells, metadata=None):
    code = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    return json.dumps({"cells": code, "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def hand_in(tmp_path):
    def put(name, content, at=1_800_000_000):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.utime(path, (at, at))
        return tmp_path

    return put


@pytest.mark.parametrize(
    ("stem", "student"),
    [
        ("anna_02_quantization", "anna"),
        ("van_der_berg_02_quantization (1)", "van_der_berg"),
        ("Anna Müller_123_assignsubmission_file_02_quantization", "Anna Müller"),
        ("homework-final", "homework-final"),
    ],
)
def test_whose_a_file_is(stem, student):
    assert student_of(stem) == student


def test_a_renamed_notebook_is_recognised_by_what_it_defines(hand_in):
    folder = hand_in("anna/final FINAL (3).ipynb", notebook("import numpy as np", QUANTIZE))
    assert common_lesson(folder) == "02"
    (found,) = find_submissions(folder, "02")
    assert (found.student, found.path.name, found.problem) == ("anna", "final FINAL (3).ipynb", "")


def test_a_notebook_without_functions_is_recognised_by_what_release_wrote(hand_in):
    folder = hand_in("anna.ipynb", notebook("1 + 1", metadata={"tdl_course": {"lesson": "02_quantization"}}))
    assert common_lesson(folder) == "02"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty"),
        (notebook(QUANTIZE).encode()[:-9], "it is not whole"),
        (b'{"a": 1}', "it has no cells"),
        (b"[" * 100_000, "not"),
        (b"\xff\xfe\x00", "not text"),
        (notebook("print(1)").encode(), "none of the course's lessons"),
        (notebook(PRUNE).encode(), "it is lesson 04, not 02"),
    ],
)
def test_a_file_that_is_none_is_told(hand_in, content, says):
    hand_in("anna/good.ipynb", notebook(QUANTIZE))
    anna, bob = find_submissions(hand_in("bob/x.ipynb", content), "02")
    assert anna.path and bob.path is None and says in bob.problem
    (mark, *_) = Grader(Assignment("02")).grade(bob).marks
    assert (mark.points, mark.state) == (0, "not handed in") and says in mark.message


def test_the_newest_whole_one_of_two_counts_and_the_page_says_so(hand_in):
    hand_in("anna/a.ipynb", notebook(QUANTIZE), at=1_800_000_000)
    hand_in("anna/b.ipynb", notebook(QUANTIZE), at=1_800_000_500)
    folder = hand_in("anna/c.ipynb", notebook(QUANTIZE)[:50], at=1_800_000_900)
    hand_in("anna/.ipynb_checkpoints/d.ipynb", notebook(QUANTIZE), at=1_900_000_000)
    (found,) = find_submissions(folder, "02")
    assert found.path.name == "b.ipynb" and len(found.notes) == 2
    assert "c.ipynb: it is not whole" in found.notes[0] and "a.ipynb is older" in found.notes[1]


def test_a_link_is_not_followed(hand_in, tmp_path):
    folder = hand_in("anna/mine.ipynb", notebook(QUANTIZE))
    (folder / "bob").mkdir()
    (folder / "bob" / "mine.ipynb").symlink_to(folder / "anna" / "mine.ipynb")
    _, bob = find_submissions(folder, "02")
    assert bob.path is None and "link" in bob.problem


def test_a_model_lies_beside_the_notebook_or_has_the_students_name(hand_in):
    hand_in("anna/x.ipynb", notebook(QUANTIZE))
    anna, bob = find_submissions(hand_in("bob_02_quantization.ipynb", notebook(QUANTIZE)), "02")
    assert (anna.beside("model.tflite").name, bob.beside("model.tflite").name) == ("model.tflite", "bob_model.tflite")


def test_no_folder_and_no_notebook_are_told(tmp_path):
    with pytest.raises(ValueError, match="not a folder"):
        find_submissions(tmp_path / "none", "02")
    with pytest.raises(ValueError, match="anna/02_quantization.ipynb"):
        find_submissions(tmp_path, "02")


def test_nbgraders_time_counts_before_the_files(hand_in):
    folder = hand_in("anna/x.ipynb", notebook(QUANTIZE))
    hand_in("anna/timestamp.txt", "2026-12-02 10:00:00.000000 UTC")
    (found,) = find_submissions(folder, "02")
    assert found.handed_in == datetime(2026, 12, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(("hours", "share"), [(-1, 1.0), (0, 1.0), (1, 0.9), (24, 0.9), (25, 0.8), (24 * 8, 0.0)])
def test_late_costs_by_the_day_begun(hours, share):
    assert Late(percent_per_day=10, days=7).share(3600 * hours) == pytest.approx(share)


def test_an_assignment_is_read(tmp_path):
    path = tmp_path / "assignment.toml"
    path.write_text(
        'lesson = "02_quantization"\ndue = "2026-12-01T23:59+01:00"\n[points]\nquantize = 3\ndequantize = 0\n'
        '[model]\ndataset = "ecg"\nboard = "stm32f405"\ncycles = { at_most = 1e6, points = 2 }\n'
    )
    found = read_assignment(path)
    assert (found.lesson, found.out_of, len(found.checks)) == ("02", 3 + 5 + 2, 6)
    assert found.due == datetime(2026, 12, 1, 22, 59, tzinfo=UTC)
    assert found.model.budgets[0].met(1e6) and not found.model.budgets[0].met(1e6 + 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("lesson = ", "is not TOML"),
        ("x = 1", "has x"),
        ("[late]\ndays = 3", "names no lesson"),
        ('lesson = "99"', "no lesson with exercises"),
        ('lesson = "02"\n[points]\nquantise = 1', "known are affine_params"),
        ('lesson = "02"\n[points]\nquantize = -1', "a number from 0"),
        ('lesson = "02"\ndue = "soon"', "no time"),
        ('lesson = "02"\n[model]\ndataset = "ecg"\nboard = "pi"', "no board"),
        ('lesson = "02"\n[model]\ndataset = "ecg"\nboard = "tiny32k"\nram_bytes = { points = 1 }', "needs at_most"),
    ],
)
def test_a_wrong_assignment_names_the_entry(tmp_path, text, says):
    path = tmp_path / "assignment.toml"
    path.write_text(text)
    with pytest.raises(AssignmentError, match=says):
        read_assignment(path)


def test_lessons_and_times_are_read_in_several_forms():
    assert {lesson_number(text) for text in ("2", "02", "02_quantization")} == {"02"}
    assert parse_time("2026-12-01T00:00+01:00") == parse_time("2026-11-30T23:00Z")

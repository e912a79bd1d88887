"""An instructor's whole way: release a lesson, collect thirty notebooks, some hostile, grade, read the results."""

import csv
import json
import os
import shutil
import socket
import time
from pathlib import Path

import pytest

from tdl_course.cli import main
from tests.classroom import hostile

ROOT = Path(__file__).resolve().parent.parent.parent
LESSON = "02_quantization"
SECONDS = 60  # for the class, on two cores that have nothing else to do
STUB = "def dequantize(q, scale, zero_point):\n    raise NotImplementedError\n"
NOT_WIDENED = """def affine_params(r_min, r_max):
    scale = (r_max - r_min) / 255
    return scale, int(np.clip(round(-128 - r_min / scale), -128, 127))
"""
NO_COLON = "def quantize(real, scale, zero_point)\n    return real\n"


def edited(notebook, **functions):
    """A copy of a notebook where the cells that define these functions have other code."""
    plain = json.loads(json.dumps(notebook))
    for cell in plain["cells"]:
        source = "".join(cell["source"])
        for name, code in functions.items():
            if cell["cell_type"] == "code" and f"def {name}(" in source:
                cell["source"] = code
    return plain


@pytest.fixture(scope="module")
def klass(need, tmp_path_factory):
    """The folder of the class, what was written about it, and what the hostile ones aimed at."""
    need("bwrap")
    home = tmp_path_factory.mktemp("class")
    assert main(["release", "02", "--out", str(home / "course")]) == 0
    blank = json.loads((home / f"course/release/{LESSON}/{LESSON}.ipynb").read_text("utf-8"))
    right = json.loads((ROOT / f"solutions/{LESSON}.ipynb").read_text("utf-8"))
    folder, victim = home / "submitted", home / "instructor" / "exam.txt"
    victim.parent.mkdir()
    victim.write_text("the exam")
    students = {f"right{number}": right for number in range(5)}
    students |= {"blank": blank, "half": edited(right, dequantize=STUB), "gone": edited(right, dequantize="pass")}
    students |= {"wrong": edited(right, affine_params=NOT_WIDENED), "syntax": edited(right, quantize=NO_COLON)}
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        for name, code in hostile.CODE.items():
            code = code.replace("$PORT", str(server.getsockname()[1])).replace("$VICTIM", str(victim))
            students[name] = edited(right, quantize=code)
        for name, notebook in students.items():
            path = folder / name / LESSON / f"{LESSON}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(notebook), "utf-8")
        (folder / "truncated").mkdir()
        (folder / "truncated" / "x.ipynb").write_text(json.dumps(right)[:5000], "utf-8")
        start, busy = time.monotonic(), os.getloadavg()[0] / (os.cpu_count() or 1)
        arguments = ["grade", str(folder), "--out", str(home / "out")]
        status = main([*arguments, *["--jobs", "2", "--seconds", "2", "--seed", "7"]])
        seconds = (time.monotonic() - start) / max(1.0, busy)
        with pytest.raises(TimeoutError):
            server.accept()
    rows = {row["student"]: row for row in csv.DictReader((home / "out/grades.csv").open(encoding="utf-8"))}
    plain = json.loads((home / "out/grades.json").read_text("utf-8"))
    assert status == 0 and len(students) + 1 == len(rows) == len(plain["students"]) == 30
    return home / "out", rows, {each["student"]: each for each in plain["students"]}, victim, seconds


def mark(student, name):
    (found,) = [each for each in student["marks"] if each["name"] == name]
    return found


@pytest.mark.slow
def test_right_ones_get_all_points_and_nobody_else_changes_that(klass):
    _, rows, *_ = klass
    assert [rows[f"right{number}"]["points"] for number in range(5)] == ["7"] * 5


@pytest.mark.slow
def test_a_blank_one_gets_none_and_reads_what_to_do(klass):
    out, rows, students, *_ = klass
    assert rows["blank"]["points"] == "0"
    assert {each["state"] for each in students["blank"]["marks"]} == {"not written yet"}
    assert (out / "feedback/blank.html").read_text("utf-8").count("not written yet") == 7


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "exercise", "state", "says"),
    [
        ("half", "dequantize", "not written yet", "Replace the line"),
        ("wrong", "affine_params", "wrong", "Zero is not representable"),
        ("gone", "dequantize", "not found", "There is no function `dequantize`"),
        ("syntax", "quantize", "not found", "is not Python"),
    ],
)
def test_one_wrong_exercise_costs_that_exercise_and_explains(klass, name, exercise, state, says):
    _, rows, students, *_ = klass
    assert rows[name]["points"] == "6" and rows[name][exercise] == "0"
    found = mark(students[name], exercise)
    assert found["state"] == state and says in found["message"]


@pytest.mark.slow
@pytest.mark.parametrize("name", hostile.CODE)
def test_a_hostile_one_loses_that_exercise_only_and_gets_a_clear_line(klass, name):
    out, rows, students, *_ = klass
    found = mark(students[name], "quantize")
    if name in hostile.HARMLESS:
        assert found["state"] == "correct"
    else:
        assert found["points"] == 0
        said = [found["message"], *(value for _, value in found["rows"])]
        assert hostile.SAYS[name] in " ".join(said)
    assert float(rows[name]["points"]) == (7 if name in hostile.HARMLESS else 6)
    assert (out / f"feedback/{name}.html").is_file()


@pytest.mark.slow
def test_disks_other_than_its_own_take_nothing(klass):
    _, _, students, *_ = klass
    said = dict(mark(students["fills_other_disks"], "quantize")["rows"])["got"]
    written = int(said.split(": ")[1].split()[0])
    assert written <= 64  # its own /dev/shm, as large as --size says


@pytest.mark.slow
def test_a_file_cut_off_is_told_and_not_graded(klass):
    _, rows, *_ = klass
    assert rows["truncated"]["points"] == "0" and "it is not whole" in rows["truncated"]["remarks"]


@pytest.mark.slow
def test_the_instructors_files_are_as_they_were_and_nothing_is_left_running(klass):
    *_, victim, _ = klass
    assert victim.read_text() == "the exam" and [path.name for path in victim.parent.iterdir()] == ["exam.txt"]
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if os.access(path, os.R_OK)]
    assert not [command for command in commands if b"tdl_course.classroom.worker" in command]


@pytest.mark.slow
def test_a_class_of_thirty_is_graded_within_a_minute(klass):
    *_, seconds = klass
    assert seconds < SECONDS


def test_without_bubblewrap_it_refuses_and_says_what_to_do(monkeypatch, capsys, tmp_path):
    (tmp_path / "anna.ipynb").write_text("{}")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert main(["grade", str(tmp_path), "--lesson", "02"]) == 2
    said = capsys.readouterr().err
    assert "apt install bubblewrap" in said and "--no-isolation" in said

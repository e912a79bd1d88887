"""tdl release: what nbgrader takes, what a student gets, and that neither has what it must not have."""

import re
import zipfile
from pathlib import Path

import nbformat
import pytest

from tdl_course.classroom.assignment import MEASURED, checks_of, read_assignment
from tdl_course.classroom.release import ReleaseError, find_lessons, release

LESSONS = Path(__file__).resolve().parent.parent.parent / "lessons"
GRADE_ID = re.compile(r"[a-zA-Z0-9_\-]+")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    out = tmp_path_factory.mktemp("course")
    release(["02", "12"], LESSONS, out, seed=4711)
    return out


def cells(course, kind, lesson="02_quantization"):
    return nbformat.read(course / kind / lesson / f"{lesson}.ipynb", as_version=4).cells


def validate(path):
    """By nbgrader itself where it is installed, else by the rules of its metadata, version 3."""
    try:
        from nbgrader.nbgraderformat import read
    except ImportError:
        notebook, seen = nbformat.read(path, as_version=4), set()
        nbformat.validate(notebook)
        for cell in notebook.cells:
            if "nbgrader" in cell.metadata:
                plain = dict(cell.metadata["nbgrader"])
                assert GRADE_ID.fullmatch(plain["grade_id"]) and plain["grade_id"] not in seen
                seen.add(plain.pop("grade_id"))
                assert plain.pop("schema_version") == 3 and plain.pop("task") is False
                assert not plain["grade"] or plain.pop("points") >= 0
                assert {key: type(value) for key, value in plain.items()} == dict.fromkeys(
                    ("grade", "locked", "solution"), bool
                )
    else:
        read(str(path), as_version=4)


@pytest.mark.parametrize("lesson", ["02_quantization", "12_agriculture"])
@pytest.mark.parametrize("kind", ["source", "release"])
def test_metadata_is_what_nbgrader_takes(course, kind, lesson):
    validate(course / kind / lesson / f"{lesson}.ipynb")


def test_every_exercise_has_an_answer_cell_and_a_locked_test_with_points(course):
    marked = [cell for cell in cells(course, "release") if "nbgrader" in cell.metadata]
    for check in checks_of("02"):
        answer, test = (cell for cell in marked if check.name in cell.metadata["nbgrader"]["grade_id"].split("test_"))
        assert answer.metadata["nbgrader"]["solution"] and f"def {check.name}(" in answer.source
        plain = test.metadata["nbgrader"]
        assert plain["grade"] and plain["locked"] and not plain["solution"] and plain["points"] == 1
        assert test.metadata["editable"] is False and test.metadata["deletable"] is False


def test_the_student_version_has_stubs_and_no_answers_and_no_hidden_tests(course):
    source, student = (cells(course, kind) for kind in ("source", "release"))
    assert [cell.id for cell in source] == [cell.id for cell in student]
    text = "\n".join(cell.source for cell in student)
    assert text.count("raise NotImplementedError") == 7 and 'NotImplementedError("Exercise 2.7")' in text
    for secret in ("4711", "hidden", "SOLUTION", "scale * (q.astype(np.int32) - zero_point)"):
        assert secret not in text
        assert secret in "\n".join(cell.source for cell in source)


def test_the_tests_of_source_pass_answers_and_fail_stubs(course):
    import tdl_course as tdl

    for kind, passes in (("source", True), ("release", False)):
        names = {"tdl": tdl, "display": lambda value: None}
        exec("import numpy as np", names)
        answers = [c.source for c in cells(course, kind) if c.metadata.get("nbgrader", {}).get("solution")]
        tests = [c.source for c in cells(course, "source") if c.metadata.get("nbgrader", {}).get("grade")]
        for code in answers:
            exec(code, names)
        for code in tests:
            if passes:
                exec(code, names)
            else:
                with pytest.raises(AssertionError):
                    exec(code, names)


def test_the_zip_has_the_student_version(course):
    with zipfile.ZipFile(course / "02_quantization.zip") as file:
        assert file.namelist() == ["02_quantization/02_quantization.ipynb"]
        packed = file.read("02_quantization/02_quantization.ipynb")
    assert packed == (course / "release/02_quantization/02_quantization.ipynb").read_bytes()


def test_edited_points_are_kept_and_reach_nbgrader(tmp_path):
    release(["02"], LESSONS, tmp_path)
    toml = tmp_path / "source/02_quantization/assignment.toml"
    toml.write_text(toml.read_text("utf-8").replace("\nquantize = 1 ", "\nquantize = 3 "), "utf-8")
    first = (tmp_path / "02_quantization.zip").read_bytes()
    release(["02"], LESSONS, tmp_path)
    assert read_assignment(toml).worth("quantize") == 3
    marked = [cell.metadata["nbgrader"] for cell in cells(tmp_path, "release") if "nbgrader" in cell.metadata]
    points = {each["grade_id"]: each.get("points") for each in marked}
    assert points["test_quantize"] == 3 and points["test_dequantize"] == 1
    assert first != (tmp_path / "02_quantization.zip").read_bytes()


def test_the_template_says_what_could_be_measured(tmp_path):
    release(["00"], LESSONS, tmp_path)
    path = tmp_path / "source/00_start_here/assignment.toml"
    text = path.read_text("utf-8")
    head, model = text.split("# [model]")
    path.write_text(head + "[model]" + re.sub(r"^# ", "", model, flags=re.MULTILINE), "utf-8")
    assert tuple(budget.what for budget in read_assignment(path).model.budgets) == MEASURED


def test_no_lessons_and_unknown_ones_are_told(tmp_path):
    with pytest.raises(ReleaseError, match="clone"):
        find_lessons([], tmp_path)
    with pytest.raises(ValueError, match="no lesson with exercises"):
        find_lessons(["77"], LESSONS)

"""A model beside the notebook: measured on the simulated board, against the budgets of assignment.toml."""

import json

import numpy as np
import pytest

from tdl_course.classroom.assignment import Assignment, Budget, ModelTask
from tdl_course.classroom.marking import Grader
from tdl_course.classroom.measure import MeasureError, measure
from tdl_course.classroom.submission import find_submissions
from tdl_course.compiler import read_tflite
from tdl_course.compress import dequantize
from tests.golden_vectors import golden_vector

TFLITE, X, Y = golden_vector("fully_connected")
ANSWER = "def milliseconds(cycles, clock_hz):\n    return 1000 * cycles / clock_hz\n"
pytestmark = [pytest.mark.sim, pytest.mark.slow]


@pytest.fixture(scope="module")
def part():
    """Real inputs of the model, and labels of which it gets all but the first right."""
    graph = read_tflite(TFLITE)
    source = graph.tensors[graph.inputs[0]]
    one = dequantize(X, source.scale, source.zero_point).astype(np.float32)
    x, y = np.stack([one] * 4), np.repeat(Y.argmax(), 4)
    y[0] += 1
    return x, y


def test_budgets_give_points_and_a_bad_model_costs_its_own_only(need, tmp_path, part):
    need("bwrap")
    x, y = part
    for name, model in (("anna", TFLITE), ("bob", TFLITE[:200]), ("carl", None)):
        (tmp_path / name).mkdir()
        code = {"cell_type": "code", "source": ANSWER}
        (tmp_path / name / "00.ipynb").write_text(json.dumps({"cells": [code]}))
        if model:
            (tmp_path / name / "model.tflite").write_bytes(model)
    right = 1 - 1 / len(y)
    budgets = (Budget("accuracy", right, 2), Budget("flash_bytes", 1e6, 1), Budget("ram_bytes", 1, 1))
    grader = Grader(Assignment("00", model=ModelTask("ecg", "stm32f405", budgets)))
    vars(grader)["test_part"] = x, y
    anna, bob, carl = (grader.grade(submission) for submission in find_submissions(tmp_path, "00"))
    assert [mark.state for mark in anna.marks] == ["correct", "met", "met", "not met"]
    assert (anna.points, anna.out_of) == (4, 5)
    assert "simulated) on stm32f405; at most 1 was asked" in anna.marks[-1].message
    assert bob.points == 1 and {mark.state for mark in bob.marks[1:]} == {"not measured"}
    assert "model.tflite: " in bob.marks[1].message
    assert carl.points == 1 and carl.marks[1].message == "There is no model.tflite."


def test_a_link_to_somebody_elses_model_is_refused(tmp_path, part):
    (tmp_path / "hers.tflite").write_bytes(TFLITE)
    (tmp_path / "model.tflite").symlink_to(tmp_path / "hers.tflite")
    with pytest.raises(MeasureError, match="not a file"):
        measure(tmp_path / "model.tflite", "stm32f405", *part)

"""The firmware's own marks, read over its serial line: as the simulator counts, and refused where they are none."""

from __future__ import annotations

import numpy as np
import pytest

from tdl_course import sim
from tdl_course.sim import SimulatorError
from tdl_course.sim.marks import LayerMark, parse_marks, run_marks


def test_marks_are_read_in_order():
    lines = ["x-layer-0-CONV_2D-1200", "x-layer-1-RELU6-0"]
    assert parse_marks(lines) == [LayerMark("CONV_2D", 1200), LayerMark("RELU6", 0)]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "is its firmware"),
        (["x-layer-1-A-3"], "is its firmware"),
        (["x-layer-0-A-3", "noise"], "is its firmware"),
        (["x-layer-0-A-3", "x-layer-2-A-3"], "is its firmware"),
        (["x-layer-0-A-0", "x-layer-1-B-0"], "stands still"),
    ],
)
def test_anything_else_is_no_profile(lines, said):
    with pytest.raises(SimulatorError, match=said):
        parse_marks(lines)


@pytest.mark.sim
def test_the_firmware_counts_what_the_simulator_counts(toy):
    size = toy.symbol("tdl_input").size
    row = np.zeros(size, np.int8)
    marks = run_marks(toy, row, "unicorn")
    counted = sim.run(toy, row[None]).layers
    assert len(marks) == len(counted)
    for mark, layer in zip(marks, counted, strict=True):
        assert layer.cycles <= mark.cycles < layer.cycles + 200
    with pytest.raises(SimulatorError, match="bytes"):
        run_marks(toy, row[1:], "unicorn")

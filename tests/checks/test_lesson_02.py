"""Lesson 02's checks against answers as learners write them, not as the checks' own wrong functions do."""

import numpy as np
import pytest

from tdl_course import checks


def right(r_min, r_max):
    low, high = np.minimum(r_min, 0), np.maximum(r_max, 0)
    scale = (high - low) / np.float64(255)
    return scale, np.round(127 - high / scale).astype(np.int32)


def zero_outside(r_min, r_max):
    step = (r_max - r_min) / (127 + 128)
    return step, min(127, max(-128, int(np.rint(127 - r_max / step))))


def two_to_the_eight(r_min, r_max):
    step = (max(0, r_max) - min(0, r_min)) / 2**8
    return step, round(-min(0, r_min) / step) - 128


def float_zero_point(r_min, r_max):
    step = (max(0, r_max) - min(0, r_min)) / 255
    return [step, -min(0, r_min) / step - 128]


def plus_r_min(r_min, r_max):
    low = min(0, r_min)
    step = (max(0, r_max) - low) / 255
    return step, max(round(low / step) - 128, -128)


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (zero_outside, "range not widened"),
        (two_to_the_eight, "256 steps"),
        (float_zero_point, "zero point not rounded"),
        (plus_r_min, "sign of the zero point"),
    ],
)
def test_affine_params_recognises(answer, misconception):
    result = checks.affine_params(answer)
    assert (result.state, result.misconception) == ("wrong", misconception)


def test_affine_params_accepts_numpy_numbers():
    assert checks.affine_params(right).state == "correct"

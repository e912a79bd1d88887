"""The checks of lesson 02, quantization. The reference answers are the library's own functions."""

from __future__ import annotations

import numpy as np

from tdl_course import compress
from tdl_course.checks.framework import Check, Misconception


def _not_widened(r_min: float, r_max: float) -> tuple[float, int]:
    scale = (r_max - r_min) / 255
    return scale, int(np.clip(round(-128 - r_min / scale), -128, 127))


def _steps_256(r_min: float, r_max: float) -> tuple[float, int]:
    r_min, r_max = min(r_min, 0.0), max(r_max, 0.0)
    scale = (r_max - r_min) / 256
    return scale, int(np.clip(round(-128 - r_min / scale), -128, 127))


def _not_rounded(r_min: float, r_max: float) -> tuple[float, float]:
    r_min, r_max = min(r_min, 0.0), max(r_max, 0.0)
    scale = (r_max - r_min) / 255
    return scale, -128 - r_min / scale


def _truncated(r_min: float, r_max: float) -> tuple[float, int]:
    scale, zero_point = _not_rounded(r_min, r_max)
    return scale, int(zero_point)


def _sign_flipped(r_min: float, r_max: float) -> tuple[float, int]:
    r_min, r_max = min(r_min, 0.0), max(r_max, 0.0)
    scale = (r_max - r_min) / 255
    return scale, int(np.clip(round(-128 + r_min / scale), -128, 127))


def _unsigned(r_min: float, r_max: float) -> tuple[float, int]:
    r_min, r_max = min(r_min, 0.0), max(r_max, 0.0)
    scale = (r_max - r_min) / 255
    return scale, round(-r_min / scale)


affine_params = Check(
    name="affine_params",
    exercise="2.1",
    reference=compress.affine_params,
    cases=((-0.42, 0.97), (-1.0, 1.55), (0.2, 1.0), (-3.3, -0.7), (-0.013, 6.0), (-8.0, 0.31)),
    misconceptions=(
        Misconception(
            "range not widened",
            "Zero is not representable. Look at the range 0.2 … 1.0: no int8 value stands for 0.0, which padding and "
            "ReLU need. Widen the range to include zero before you divide.",
            _not_widened,
        ),
        Misconception(
            "256 steps",
            "256 values have 255 steps between them, as five fingers have four gaps. With 256, r_max would need the "
            "value 128, which int8 does not have.",
            _steps_256,
        ),
        Misconception(
            "zero point not rounded",
            "The zero point is one of the int8 values, because it stands for the real zero: round it, then return an "
            "int.",
            _not_rounded,
        ),
        Misconception(
            "zero point truncated",
            "int() cuts off towards zero; the nearest integer is wanted. Round first.",
            _truncated,
        ),
        Misconception(
            "sign of the zero point",
            "Put r = r_min and q = -128 into r = s (q - z) and solve for z: mind the sign of r_min / s.",
            _sign_flipped,
        ),
        Misconception(
            "unsigned range",
            "That is the zero point for uint8, 0 … 255. int8 begins at -128: r_min belongs to q = -128.",
            _unsigned,
        ),
    ),
    meaning="Every real number in the range has an int8 neighbour at most half a step away, and zero is exact.",
)

"""Exercise checks, by the name of the function that the learner writes: `tdl.checks.affine_params(affine_params)`.

A check shows *not written yet*, *wrong* or *correct*, and raises only where `TDL_STRICT=1` asks for it. How to write
one: `tdl_course.checks.framework`.
"""

from tdl_course.checks.framework import Check, CheckResult, Misconception
from tdl_course.checks.lesson_02 import affine_params, dequantize, quantize
from tdl_course.checks.lesson_02_integers import dense_int8, requantize
from tdl_course.checks.lesson_02_ranges import percentile_range, quantize_per_channel

__all__ = [
    "Check",
    "CheckResult",
    "Misconception",
    "affine_params",
    "dense_int8",
    "dequantize",
    "percentile_range",
    "quantize",
    "quantize_per_channel",
    "requantize",
]

"""Exercise checks, by the name of the function that the learner writes: `tdl.checks.affine_params(affine_params)`.

A check shows *not written yet*, *wrong* or *correct*, and raises only where `TDL_STRICT=1` asks for it. How to write
one: `tdl_course.checks.framework`.
"""

from tdl_course.checks.framework import Check, CheckResult, Misconception
from tdl_course.checks.lesson_00 import milliseconds
from tdl_course.checks.lesson_01 import conv_cost, peak_bytes, separable_cost
from tdl_course.checks.lesson_01_budget import battery_days, energy_uj, shortlist
from tdl_course.checks.lesson_02 import affine_params, dequantize, quantize
from tdl_course.checks.lesson_02_integers import dense_int8, requantize
from tdl_course.checks.lesson_02_ranges import percentile_range, quantize_per_channel
from tdl_course.checks.lesson_06 import distillation_loss, runner_up, softmax
from tdl_course.checks.lesson_06_judging import hint_loss, largest_student, macro_f1

__all__ = [
    "Check",
    "CheckResult",
    "Misconception",
    "affine_params",
    "battery_days",
    "conv_cost",
    "dense_int8",
    "dequantize",
    "distillation_loss",
    "energy_uj",
    "hint_loss",
    "largest_student",
    "macro_f1",
    "milliseconds",
    "peak_bytes",
    "percentile_range",
    "quantize",
    "quantize_per_channel",
    "requantize",
    "runner_up",
    "separable_cost",
    "shortlist",
    "softmax",
]

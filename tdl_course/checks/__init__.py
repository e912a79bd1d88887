"""Exercise checks, by the name of the function that the learner writes: `tdl.checks.affine_params(affine_params)`.

A check shows *not written yet*, *wrong* or *correct*, and raises only where `TDL_STRICT=1` asks for it. How to write
one: `tdl_course.checks.framework`.
"""

from tdl_course.checks.framework import Check, CheckResult, Misconception
from tdl_course.checks.lesson_02 import affine_params

__all__ = ["Check", "CheckResult", "Misconception", "affine_params"]

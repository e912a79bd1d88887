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
from tdl_course.checks.lesson_05 import centroid_gradient, density_centroids, kmeans_step, shared_bytes
from tdl_course.checks.lesson_05_coding import code_lengths, decode_bits, entropy_bits

__all__ = [
    "Check",
    "CheckResult",
    "Misconception",
    "affine_params",
    "battery_days",
    "centroid_gradient",
    "code_lengths",
    "conv_cost",
    "decode_bits",
    "dense_int8",
    "density_centroids",
    "dequantize",
    "energy_uj",
    "entropy_bits",
    "kmeans_step",
    "milliseconds",
    "peak_bytes",
    "percentile_range",
    "quantize",
    "quantize_per_channel",
    "requantize",
    "separable_cost",
    "shared_bytes",
    "shortlist",
]

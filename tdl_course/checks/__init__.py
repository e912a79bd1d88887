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
from tdl_course.checks.lesson_03 import step_gradient, straight_through
from tdl_course.checks.lesson_03_bits import allocate_bits, pack_int4, ternarize
from tdl_course.checks.lesson_03_ranges import fold_batch_norm, moving_range
from tdl_course.checks.lesson_04 import magnitude_mask, model_masks, n_of_m_mask
from tdl_course.checks.lesson_04_channels import remove_channel
from tdl_course.checks.lesson_04_training import cubic_sparsity, masked_step, winning_ticket
from tdl_course.checks.lesson_05 import centroid_gradient, density_centroids, shared_bytes
from tdl_course.checks.lesson_05_coding import code_lengths, decode_bits, entropy_bits
from tdl_course.checks.lesson_05_kmeans import kmeans_step
from tdl_course.checks.lesson_06 import runner_up, softmax
from tdl_course.checks.lesson_06_judging import largest_student, macro_f1
from tdl_course.checks.lesson_06_loss import distillation_loss, hint_loss
from tdl_course.checks.lesson_11 import log2_fixed, real_time_factor
from tdl_course.checks.lesson_11_noise import mix_at_snr
from tdl_course.checks.lesson_11_smooth import smooth
from tdl_course.checks.lesson_11_stream import detect, false_accepts
from tdl_course.checks.lesson_12 import resampled_accuracy, water_day
from tdl_course.checks.lesson_12_alarms import alarms_right
from tdl_course.checks.lesson_12_life import life_between
from tdl_course.checks.lesson_12_node import charge_per_day, runs_to_match

__all__ = [
    "Check",
    "CheckResult",
    "Misconception",
    "affine_params",
    "alarms_right",
    "allocate_bits",
    "battery_days",
    "centroid_gradient",
    "charge_per_day",
    "code_lengths",
    "conv_cost",
    "cubic_sparsity",
    "decode_bits",
    "dense_int8",
    "density_centroids",
    "dequantize",
    "detect",
    "distillation_loss",
    "energy_uj",
    "entropy_bits",
    "false_accepts",
    "fold_batch_norm",
    "hint_loss",
    "kmeans_step",
    "largest_student",
    "life_between",
    "log2_fixed",
    "macro_f1",
    "magnitude_mask",
    "masked_step",
    "milliseconds",
    "mix_at_snr",
    "model_masks",
    "moving_range",
    "n_of_m_mask",
    "pack_int4",
    "peak_bytes",
    "percentile_range",
    "quantize",
    "quantize_per_channel",
    "real_time_factor",
    "remove_channel",
    "requantize",
    "resampled_accuracy",
    "runner_up",
    "runs_to_match",
    "separable_cost",
    "shared_bytes",
    "shortlist",
    "smooth",
    "softmax",
    "step_gradient",
    "straight_through",
    "ternarize",
    "water_day",
    "winning_ticket",
]

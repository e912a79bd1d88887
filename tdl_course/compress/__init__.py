"""Ways to make a network smaller, from scratch: NumPy arrays in, NumPy arrays out."""

from tdl_course.compress.quantize import (
    affine_params,
    calibrate,
    dense_int8,
    dequantize,
    fake_quantize,
    integer_range,
    quantize,
    quantize_multiplier,
    quantize_weights,
    requantize,
    signal_to_noise_db,
    symmetric_params,
)

__all__ = [
    "affine_params",
    "calibrate",
    "dense_int8",
    "dequantize",
    "fake_quantize",
    "integer_range",
    "quantize",
    "quantize_multiplier",
    "quantize_weights",
    "requantize",
    "signal_to_noise_db",
    "symmetric_params",
]

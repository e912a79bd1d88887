"""Ways to make a network smaller, from scratch.

The quantizer's functions are here. Each other method is a submodule that loads when it is first used, so that importing
this package does not import TensorFlow: some take and give NumPy arrays or numbers (`prune`, `cluster`, `entropy`,
`rounding`, `mixed`, `soft_targets`), one a graph (`thin`), the others Keras models.
"""

from importlib import import_module

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

SUBMODULES = (
    "channels",
    "cluster",
    "distill",
    "entropy",
    "fold",
    "gradual",
    "kernel_maps",
    "mixed",
    "prune",
    "qat",
    "rounding",
    "share",
    "soft_targets",
    "thin",
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
    *SUBMODULES,
]


def __getattr__(name: str) -> object:
    if name in SUBMODULES:
        return import_module(f"tdl_course.compress.{name}")
    raise AttributeError(f"module 'tdl_course.compress' has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted([*globals(), *SUBMODULES])

"""Ways to make a network smaller, from scratch.

The quantizer's functions are here. Each other method is a submodule: `prune`, `cluster`, `entropy` and `soft_targets`
take and give NumPy arrays; `channels` and `distill` take and give Keras models. They load when they are first used, so
that importing this package does not import TensorFlow.
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

SUBMODULES = ("channels", "cluster", "distill", "entropy", "fold", "kernel_maps", "prune", "qat", "soft_targets")

__all__ = [
    "affine_params",
    "calibrate",
    "channels",
    "cluster",
    "dense_int8",
    "dequantize",
    "distill",
    "entropy",
    "fake_quantize",
    "fold",
    "integer_range",
    "kernel_maps",
    "prune",
    "qat",
    "quantize",
    "quantize_multiplier",
    "quantize_weights",
    "requantize",
    "signal_to_noise_db",
    "soft_targets",
    "symmetric_params",
]


def __getattr__(name: str) -> object:
    if name in SUBMODULES:
        return import_module(f"tdl_course.compress.{name}")
    raise AttributeError(f"module 'tdl_course.compress' has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted([*globals(), *SUBMODULES])

"""Types of numbers: which kernel computes with which.

In: the dtype of an operator's values. Out: the suffix of the kernel, and its call. int8 is the type that every operator
has; its kernel lies in <name>_ref.c, those of other types in <name>_<suffix>_ref.c, so that a firmware links what it
needs only.
"""

from __future__ import annotations

from tdl_course.ops.operator import KernelCall, Param

SUFFIXES = {"int8": "s8", "int16": "s16", "uint8": "u8"}


def typed_call(
    name: str,
    suffix: str,
    params: tuple[Param, ...],
    inputs: tuple[int, ...],
    outputs: tuple[int, ...],
    struct: str = "",
    variant: str = "ref",
) -> KernelCall:
    """The call of `tdl_<name>_<suffix>`, whose parameters are `tdl_<struct>_params`; `struct` is `name` by default."""
    source = name if suffix == "s8" else f"{name}_{suffix}"
    return KernelCall(source, f"tdl_{name}_{suffix}", f"tdl_{struct or name}_params", params, inputs, outputs, variant)

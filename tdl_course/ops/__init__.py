"""The operators: one module each, found by TFLite's builtin name. See `operator` for what a module defines.

In: a kind such as "CONV_2D". Out: its module, `conv_2d`. Adding an operator is adding a module, a kernel in
`firmware/kernels`, and a line to `KINDS`.
"""

from __future__ import annotations

from importlib import import_module

from tdl_course.ops.operator import (
    NO_OPTIONS,
    ConstArray,
    KernelCall,
    Operator,
    OperatorError,
    Option,
    OptionTable,
    Param,
)

KINDS = (
    "ABS",
    "ADD",
    "ARG_MAX",
    "AVERAGE_POOL_2D",
    "CONCATENATION",
    "CONV_2D",
    "DEPTHWISE_CONV_2D",
    "DEQUANTIZE",
    "EXPAND_DIMS",
    "FULLY_CONNECTED",
    "HARD_SWISH",
    "LEAKY_RELU",
    "LOGISTIC",
    "MAX_POOL_2D",
    "MEAN",
    "MUL",
    "PAD",
    "PADV2",
    "PRELU",
    "QUANTIZE",
    "RELU",
    "RELU6",
    "RESHAPE",
    "RESIZE_BILINEAR",
    "RESIZE_NEAREST_NEIGHBOR",
    "SOFTMAX",
    "SPLIT",
    "SQUEEZE",
    "STRIDED_SLICE",
    "SUB",
    "SUM",
    "TANH",
    "TRANSPOSE",
    "TRANSPOSE_CONV",
)

OPERATORS: dict[str, Operator] = {kind: import_module(f"tdl_course.ops.{kind.lower()}") for kind in KINDS}


def operator(kind: str) -> Operator:
    """The module of an operator.

    Raises
    ------
    OperatorError
        `kind` is not supported; the message lists the kinds that are.
    """
    if kind not in OPERATORS:
        raise OperatorError(
            f"operator {kind} is not supported; supported are {', '.join(sorted(OPERATORS))}."
            " Rebuild the model from layers that convert to these"
        )
    return OPERATORS[kind]


__all__ = [
    "NO_OPTIONS",
    "OPERATORS",
    "ConstArray",
    "KernelCall",
    "Operator",
    "OperatorError",
    "Option",
    "OptionTable",
    "Param",
    "operator",
]

"""The operators: one module each, found by TFLite's builtin name. See `operator` for what a module defines.

In: a kind such as "CONV_2D". Out: its module. Adding an operator is adding a module here and a kernel in
`firmware/kernels`.
"""

from __future__ import annotations

from tdl_course.ops import (
    add,
    average_pool_2d,
    conv_2d,
    depthwise_conv_2d,
    dequantize,
    expand_dims,
    fully_connected,
    max_pool_2d,
    mean,
    pad,
    padv2,
    quantize,
    relu,
    relu6,
    reshape,
    softmax,
    squeeze,
)
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

OPERATORS: dict[str, Operator] = {
    module.KIND: module
    for module in (
        add,
        average_pool_2d,
        conv_2d,
        depthwise_conv_2d,
        dequantize,
        expand_dims,
        fully_connected,
        max_pool_2d,
        mean,
        pad,
        padv2,
        quantize,
        relu,
        relu6,
        reshape,
        softmax,
        squeeze,
    )
}


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

"""What element-wise operators and reductions do not do, they refuse by name, value and what is allowed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from build_graph import Case, activation, constant, one_op, quantization
from edit_case import assert_refused, assert_taken, operands, option, tensor

from tdl_course.graph import Tensor


def binary(kind: str) -> Case:
    tensors = [activation(name, (2, 3), 0.1, 0) for name in "aby"]
    return one_op(kind, tensors, {"fused_activation_function": "NONE"}, [])


def sub() -> Case:
    return binary("SUB")


def mul() -> Case:
    return binary("MUL")


def prelu() -> Case:
    tensors = [activation("x", (2, 3), 0.1, 0), constant("alpha", np.ones(3, np.int8), quantization(0.1))]
    return one_op("PRELU", [*tensors, activation("y", (2, 3), 0.1, 0)], {}, [])


def unary(kind: str, scale: float = 0.1, zero_point: int = 0, **options: object) -> Case:
    return one_op(kind, [activation("x", (4,), 0.1, 0), activation("y", (4,), scale, zero_point)], options, [])


def leaky_relu() -> Case:
    return unary("LEAKY_RELU", alpha=0.5)


def hard_swish() -> Case:
    return unary("HARD_SWISH")


def logistic() -> Case:
    return unary("LOGISTIC", 1 / 256, -128)


def tanh() -> Case:
    return unary("TANH", 1 / 128)


def summed() -> Case:
    axes = constant("axes", np.array([1], np.int32))
    return one_op("SUM", [activation("x", (2, 3), 0.1, 0), axes, activation("y", (2,), 0.1, 0)], {}, [])


def arg_max() -> Case:
    axis = constant("axis", np.array([-1], np.int32))
    return one_op("ARG_MAX", [activation("x", (2, 3), 0.1, 0), axis, Tensor("y", (2,), "int32")], {}, [])


BUILDERS = (arg_max, hard_swish, leaky_relu, logistic, mul, prelu, sub, summed, tanh)

REFUSED = [
    (sub, tensor(1, shape=(2, 2)), r"\[2, 3\] and \[2, 2\] do not broadcast; .* equal or 1"),
    (sub, tensor(2, quantization=quantization(1e-9)), "out of proportion"),
    (sub, tensor(2, shape=(3,)), r"make it \[2, 3\]"),
    (mul, tensor(2, quantization=quantization(1e-30)), "far too small for its inputs"),
    (mul, option("fused_activation_function", "TANH"), "use one of NONE"),
    (mul, tensor(0, dtype="int32"), "is int32; int8"),
    (prelu, tensor(1, shape=(2, 2, 3)), r"make it \[2, 2, 3\]"),
    (prelu, tensor(2, shape=(3, 3)), r"make it \[2, 3\]"),
    (prelu, operands(0), "has 1 inputs; 2 are needed"),
    (leaky_relu, option("alpha", float("nan")), "alpha is nan; a finite number"),
    (leaky_relu, option("alpha", 1e30), "less than 2"),
    (leaky_relu, tensor(1, shape=(5,)), r"make it \[4\]"),
    (hard_swish, tensor(1, quantization=quantization(1e-4)), "out of proportion"),
    (hard_swish, tensor(0, quantization=quantization(1e9)), r"less than 2\*\*23"),
    (logistic, tensor(1, quantization=quantization(1 / 128, -128)), "0.00390625 and -128 are needed"),
    (tanh, tensor(1, quantization=quantization(1 / 128, 3)), "0.0078125 and 0 are needed"),
    (tanh, tensor(0, quantization=quantization(1e-9)), r"at least 2\*\*-27"),
    (summed, tensor(1, data=np.array([2], np.int32)), "-2 to 1 are allowed"),
    (summed, tensor(1, data=None), "must be known at compile time"),
    (arg_max, tensor(1, data=np.array([2], np.int32)), "one from -2 to 1"),
    (arg_max, tensor(1, dtype="int64"), "is int64; int32"),
    (arg_max, tensor(2, dtype="int64"), "output_type int32"),
    (arg_max, tensor(2, shape=(2, 1)), r"make it \[2\]"),
]


@pytest.mark.parametrize("builder", BUILDERS, ids=lambda builder: builder.__name__)
def test_the_cases_themselves_are_valid(builder: Callable[[], Case]) -> None:
    assert_taken(builder())


@pytest.mark.parametrize(("builder", "edit", "message"), REFUSED, ids=[message for _, _, message in REFUSED])
def test_it_is_refused(builder: Callable[[], Case], edit: Callable[[Case], Case], message: str) -> None:
    assert_refused(edit(builder()), message)

"""What an operator does not do, it refuses, naming itself, the value seen and the values allowed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from build_graph import Case, activation, constant, one_op, quantization
from edit_case import assert_refused, assert_taken, operands, option, tensor

from tdl_course.graph import Tensor
from tdl_course.ops import OperatorError, operator

STRIDES = {"padding": "VALID", "stride_h": 1, "stride_w": 1, "fused_activation_function": "NONE"}


def conv() -> Case:
    tensors = [
        activation("x", (1, 4, 4, 2), 0.1, 0),
        constant("w", np.ones((3, 2, 2, 2), np.int8), quantization([0.1, 0.2, 0.3])),
        constant("b", np.zeros(3, np.int32), quantization([0.01, 0.02, 0.03])),
        activation("y", (1, 3, 3, 3), 0.1, 0),
    ]
    return one_op("CONV_2D", tensors, STRIDES, [])


def depthwise() -> Case:
    tensors = [
        activation("x", (1, 4, 4, 2), 0.1, 0),
        constant("w", np.ones((1, 2, 2, 2), np.int8), quantization(0.1, axis=3)),
        activation("y", (1, 3, 3, 2), 0.1, 0),
    ]
    return one_op("DEPTHWISE_CONV_2D", tensors, STRIDES | {"depth_multiplier": 1}, [])


def wide_depthwise() -> Case:
    """Of int16 values."""
    tensors = [
        Tensor("x", (1, 4, 4, 2), "int16", quantization(0.1)),
        constant("w", np.ones((1, 2, 2, 2), np.int8), quantization(0.1, axis=3)),
        constant("b", np.zeros(2, np.int64), quantization([0.01, 0.01])),
        Tensor("y", (1, 3, 3, 2), "int16", quantization(0.1)),
    ]
    return one_op("DEPTHWISE_CONV_2D", tensors, STRIDES | {"depth_multiplier": 1}, [])


def fully_connected() -> Case:
    tensors = [
        activation("x", (1, 6), 0.1, 0),
        constant("w", np.ones((3, 6), np.int8), quantization(0.1)),
        activation("y", (1, 3), 0.1, 0),
    ]
    return one_op("FULLY_CONNECTED", tensors, {}, [])


def pool() -> Case:
    tensors = [activation("x", (1, 4, 4, 2), 0.1, 3), activation("y", (1, 3, 3, 2), 0.1, 3)]
    return one_op("MAX_POOL_2D", tensors, STRIDES | {"filter_height": 2, "filter_width": 2}, [])


def mean() -> Case:
    tensors = [
        activation("x", (1, 4, 4, 2), 0.1, 3),
        constant("axes", np.array([1, 2], np.int32)),
        activation("y", (1, 2), 0.1, 3),
    ]
    return one_op("MEAN", tensors, {"keep_dims": False}, [])


def softmax() -> Case:
    return one_op(
        "SOFTMAX", [activation("x", (1, 3), 0.1, 3), activation("y", (1, 3), 1 / 256, -128)], {"beta": 1.0}, []
    )


def add() -> Case:
    tensors = [activation("a", (2, 3), 0.1, 0), activation("b", (2, 3), 0.2, 0), activation("y", (2, 3), 0.3, 0)]
    return one_op("ADD", tensors, {"fused_activation_function": "NONE"}, [])


def pad() -> Case:
    tensors = [
        activation("x", (2, 3), 0.1, 0),
        constant("paddings", np.array([[1, 1], [0, 2]], np.int32)),
        activation("y", (4, 5), 0.1, 0),
    ]
    return one_op("PAD", tensors, {}, [])


def reshape() -> Case:
    return one_op("RESHAPE", [activation("x", (2, 3), 0.1, 0), activation("y", (6,), 0.1, 0)], {"new_shape": (6,)}, [])


def quantize() -> Case:
    return one_op("QUANTIZE", [Tensor("x", (3,), "float32"), activation("y", (3,), 0.1, 0)], {}, [])


BUILDERS = (add, conv, depthwise, wide_depthwise, fully_connected, mean, pad, pool, quantize, reshape, softmax)

REFUSED = [
    (conv, operands(0), "has 1 inputs; 2 or 3 are needed"),
    (conv, operands(-1, 1, 2), "input 0 is absent"),
    (conv, tensor(0, dtype="int16"), "'x' is int16 but 'y' is int8"),
    (conv, tensor(0, quantization=None), "has no quantization"),
    (conv, tensor(0, quantization=quantization(0.1, 200)), "zero point 200; -128 to 127"),
    (conv, tensor(0, quantization=quantization(float("nan"))), "scale nan; a finite positive"),
    (conv, tensor(0, quantization=quantization([0.1, 0.2])), "2 scales; one for the whole tensor"),
    (conv, tensor(0, shape=(4, 4, 2)), "4 dimensions are needed"),
    (conv, tensor(1, data=None), "is not a constant"),
    (conv, tensor(1, quantization=quantization([0.1, 0.2])), "2 scales; 1 or 3 are needed"),
    (conv, tensor(1, quantization=quantization([0.1, 0.2, 0.3], axis=3)), "along axis 3; axis 0 is needed"),
    (conv, tensor(1, quantization=quantization([0.1, 0.2, 0.3], 4)), "only 0 is supported"),
    (conv, tensor(2, shape=(4,), data=np.zeros(4, np.int32)), "has 4 values; 3 are needed"),
    (conv, tensor(3, shape=(1, 4, 4, 3)), r"make it \[1, 3, 3, 3\]"),
    (conv, tensor(3, data=np.zeros((1, 3, 3, 3), np.int8)), "which is a constant"),
    (conv, tensor(3, quantization=quantization(1e-30)), "far too small for its inputs"),
    (conv, option("padding", "FULL"), "use one of SAME, VALID"),
    (conv, option("stride_h", 0), "stride_h is 0; at least 1"),
    (conv, option("dilation_w_factor", 5), "reaches over 6 values but the input has 4"),
    (conv, option("fused_activation_function", "TANH"), "'TANH' is not supported; use one of NONE"),
    (conv, tensor(0, shape=(1, 4, 4, 3)), "must be a multiple of the weights'"),
    (depthwise, option("depth_multiplier", 2), "depth_multiplier is 2 but 2 input and 2 output channels make it 1"),
    (depthwise, tensor(0, shape=(1, 4, 4, 3)), "must be a multiple of the input's"),
    (depthwise, operands(0), "has no weights"),
    (conv, tensor(0, dtype="uint8"), "is uint8; int8 or int16 is supported"),
    (conv, tensor(1, dtype="int16", data=np.ones((3, 2, 2, 2), np.int16)), "is int16; int8 or int4 is supported"),
    (conv, tensor(2, dtype="int64", data=np.zeros(3, np.int64)), "is int64; int32 is supported"),
    (wide_depthwise, tensor(0, quantization=quantization(0.1, 1)), "int16 is symmetric, its zero point is 0"),
    (wide_depthwise, tensor(1, dtype="int4"), "is int4; int8 is supported"),
    (wide_depthwise, tensor(2, dtype="int32", data=np.zeros(2, np.int32)), "bias is int32; with int16 values TFLM"),
    (wide_depthwise, tensor(2, data=np.full(2, -(2**47))), r"holds 140737488355328; at most 2\*\*46"),
    (wide_depthwise, tensor(3, quantization=quantization(1e-5)), r"less than 2\*\*7 is supported"),
    (fully_connected, tensor(1, dtype="int4", quantization=quantization([0.1, 0.2, 0.3])), "3 scales; TFLM takes one"),
    (fully_connected, option("weights_format", "SHUFFLED4x16INT8"), "use 'DEFAULT'"),
    (fully_connected, tensor(0, shape=(1, 7)), "not a multiple of the 6 columns"),
    (fully_connected, tensor(2, shape=(2, 3)), "1 rows of 3 are needed"),
    (pool, tensor(1, quantization=quantization(0.2, 3)), "they must be equal"),
    (pool, option("filter_height", 0), "filter_height is 0; at least 1"),
    (mean, tensor(1, data=np.array([1, 4], np.int32)), "-4 to 3 are allowed"),
    (mean, tensor(1, data=None), "must be known at compile time"),
    (mean, option("keep_dims", True), r"make it \[1, 1, 1, 2\]"),
    (softmax, tensor(1, quantization=quantization(1 / 128, -128)), "1/256 and -128 are needed"),
    (softmax, option("beta", 0.0), "over 2"),
    (softmax, tensor(0, shape=(1, 5)), r"make it \[1, 5\]"),
    (add, tensor(1, shape=(1, 2)), "do not broadcast"),
    (add, tensor(2, quantization=quantization(1e-9)), "out of proportion"),
    (pad, tensor(1, data=np.array([[1, 1], [0, -2]], np.int32)), "must not be negative"),
    (pad, tensor(1, data=np.array([[1, 1]], np.int32)), r"\[2, 2\] are needed"),
    (reshape, tensor(1, shape=(7,)), "has 6 values, output"),
    (reshape, tensor(1, dtype="float32"), "they must be equal"),
    (reshape, tensor(1, quantization=quantization(0.2)), "they must be equal"),
    (quantize, tensor(0, dtype="int32"), "is int32; float32 or int8 or int16 or uint8 is supported"),
    (quantize, tensor(1, dtype="uint8"), "is uint8; int8 or int16 is supported"),
    (quantize, tensor(1, shape=(4,)), r"make it \[3\]"),
]


@pytest.mark.parametrize("builder", BUILDERS, ids=lambda builder: builder.__name__)
def test_the_cases_themselves_are_valid(builder: Callable[[], Case]) -> None:
    assert_taken(builder())


@pytest.mark.parametrize(("builder", "edit", "message"), REFUSED, ids=[message for _, _, message in REFUSED])
def test_it_is_refused(builder: Callable[[], Case], edit: Callable[[Case], Case], message: str) -> None:
    assert_refused(edit(builder()), message)


def test_an_unknown_operator_lists_the_known_ones() -> None:
    with pytest.raises(OperatorError, match=r"LSTM is not supported; supported are ABS, ADD, .*CONV_2D"):
        operator("LSTM")

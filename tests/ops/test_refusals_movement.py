"""What operators that move values, or grow images, refuse: themselves, the value seen and the values allowed named."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from build_graph import Case, activation, constant, one_op, quantization
from edit_case import assert_refused, assert_taken, operands, option, outputs, tensor

from tdl_course.graph import Tensor
from tdl_course.ops import OperatorError, operator


def numbers(name: str, *values: int) -> Tensor:
    return constant(name, np.array(values, np.int32))


def concatenation() -> Case:
    tensors = [activation("a", (2, 3), 0.1, 5), activation("b", (2, 4), 0.1, 5), activation("y", (2, 7), 0.1, 5)]
    return one_op("CONCATENATION", tensors, {"axis": 1, "fused_activation_function": "NONE"}, [])


def split() -> Case:
    parts = [activation(name, (2, 3), 0.1, 5) for name in "yz"]
    return one_op("SPLIT", [numbers("axis", 1), activation("x", (2, 6), 0.1, 5), *parts], {"num_splits": 2}, [], 2)


def strided_slice() -> Case:
    ranges = [numbers("begin", 0, 1), numbers("end", 2, 4), numbers("strides", 1, 1)]
    tensors = [activation("x", (2, 6), 0.1, 5), *ranges, activation("y", (2, 3), 0.1, 5)]
    return one_op("STRIDED_SLICE", tensors, {}, [])


def transpose() -> Case:
    tensors = [activation("x", (2, 3), 0.1, 5), numbers("order", 1, 0), activation("y", (3, 2), 0.1, 5)]
    return one_op("TRANSPOSE", tensors, {}, [])


def padv2() -> Case:
    value = constant("value", np.array([7], np.int8), quantization(0.1, 5))
    tensors = [activation("x", (3,), 0.1, 5), numbers("widths", 1, 1), value, activation("y", (5,), 0.1, 5)]
    return one_op("PADV2", tensors, {}, [])


def bilinear() -> Case:
    tensors = [activation("x", (1, 2, 3, 1), 0.1, 5), numbers("size", 4, 6), activation("y", (1, 4, 6, 1), 0.1, 5)]
    return one_op("RESIZE_BILINEAR", tensors, {}, [])


def steep() -> Case:
    """From one row to 600: the step is rounded from 1.7 to 2 parts, and leads to a second row."""
    tensors = [activation("x", (1, 1, 1, 1), 0.1, 5), numbers("size", 600, 1), activation("y", (1, 600, 1, 1), 0.1, 5)]
    return one_op("RESIZE_BILINEAR", tensors, {"half_pixel_centers": True}, [])


def nearest() -> Case:
    tensors = [activation("x", (1, 2, 3, 1), 0.1, 5), numbers("size", 4, 6), activation("y", (1, 4, 6, 1), 0.1, 5)]
    return one_op("RESIZE_NEAREST_NEIGHBOR", tensors, {}, [])


def transpose_conv() -> Case:
    tensors = [
        numbers("shape", 1, 4, 4, 3),
        constant("w", np.ones((3, 2, 2, 2), np.int8), quantization([0.1, 0.2, 0.3])),
        activation("x", (1, 2, 2, 2), 0.1, 0),
        activation("y", (1, 4, 4, 3), 0.1, 0),
    ]
    return one_op("TRANSPOSE_CONV", tensors, {"padding": "SAME", "stride_h": 2, "stride_w": 2}, [])


BUILDERS = (bilinear, concatenation, nearest, padv2, split, steep, strided_slice, transpose, transpose_conv)

REFUSED = [
    (concatenation, operands(), "has no inputs"),
    (concatenation, tensor(1, shape=(3, 4)), "must be equal but for axis 1"),
    (concatenation, tensor(1, shape=(2, 4, 1)), "must be equal but for axis 1"),
    (concatenation, tensor(2, shape=(2, 8)), r"make it \[2, 7\]"),
    (concatenation, tensor(1, quantization=quantization(0.2, 5)), "they must be equal"),
    (concatenation, tensor(1, dtype="int16"), "they must be equal"),
    (concatenation, tensor(1, quantization=None), "has no quantization"),
    (concatenation, option("axis", 2), "axis is 2; -2 to 1 are allowed"),
    (concatenation, option("fused_activation_function", "RELU"), "'RELU' is not supported; use 'NONE'"),
    (split, tensor(0, data=None), "must be known at compile time"),
    (split, tensor(0, data=np.array([3], np.int32)), "axis is 3; -2 to 1 are allowed"),
    (split, tensor(0, data=np.array([0, 1], np.int32), shape=(2,)), "2 values; 1 is needed"),
    (split, tensor(1, shape=(2, 5)), "has length 5, which 2 equal parts do not make up"),
    (split, tensor(3, shape=(3, 3)), r"make it \[2, 3\]"),
    (split, option("num_splits", 3), "num_splits is 3 but there are 2 outputs"),
    (split, outputs(), "has no outputs"),
    (strided_slice, tensor(1, data=None), "must be known at compile time"),
    (strided_slice, tensor(3, data=np.array([1, 0], np.int32)), "0 is not allowed"),
    (strided_slice, tensor(2, data=np.array([2], np.int32), shape=(1,)), "1 values; 2 are needed"),
    (strided_slice, tensor(4, shape=(2, 4)), r"make it \[2, 3\]"),
    (strided_slice, option("ellipsis_mask", 1), "ellipsis_mask is 1; 0 is supported"),
    (strided_slice, option("new_axis_mask", 2), "new_axis_mask is 2; 0 is supported"),
    (strided_slice, option("offset", True), "offset is True; 0 is supported"),
    (transpose, tensor(1, data=np.array([0, 0], np.int32)), "each of the axes 0 to 1 is needed once"),
    (transpose, tensor(1, data=np.array([1, -2], np.int32)), "each of the axes 0 to 1 is needed once"),
    (transpose, tensor(2, shape=(2, 3)), r"make it \[3, 2\]"),
    (transpose, tensor(0, dtype="int64"), "int8 or int16 or int32 or float32 is supported"),
    (transpose, tensor(0, shape=(1,) * 9), "has 9 axes; at most 8"),
    (padv2, tensor(2, quantization=quantization(0.2, 5)), "they must be equal"),
    (padv2, tensor(2, data=np.array([1, 2], np.int8), shape=(2,)), "has 2 values; 1 is needed"),
    (bilinear, tensor(0, shape=(2, 3, 1)), "4 dimensions are needed"),
    (bilinear, tensor(1, data=np.array([4, 6, 1], np.int32)), "has 3 values; height and width"),
    (bilinear, tensor(2, shape=(1, 4, 7, 1)), r"make it \[1, 4, 6, 1\]"),
    (steep, option("half_pixel_centers", False), "leads to pixel 1, which the input does not have"),
    (nearest, tensor(0, shape=(1, 40_000, 3, 1)), "a side is 40000 long; at most 32767"),
    (transpose_conv, operands(0, 1), "has 2 inputs; 3 or 4 are needed"),
    (transpose_conv, tensor(0, data=np.array([1, 4, 5, 3], np.int32)), r"make it \[1, 4, 5, 3\]"),
    (transpose_conv, tensor(2, shape=(1, 2, 2, 4)), "input channels must be equal"),
    (transpose_conv, tensor(2, dtype="int16"), "is int16; int8 is supported"),
    (transpose_conv, option("stride_h", 0), "stride_h is 0; at least 1"),
    (transpose_conv, option("padding", "FULL"), "use one of SAME, VALID"),
]


@pytest.mark.parametrize("builder", BUILDERS, ids=lambda builder: builder.__name__)
def test_the_cases_themselves_are_valid(builder: Callable[[], Case]) -> None:
    assert_taken(builder())


@pytest.mark.parametrize(
    ("builder", "edit", "message"), REFUSED, ids=[f"{builder.__name__}: {text}" for builder, _, text in REFUSED]
)
def test_it_is_refused(builder: Callable[[], Case], edit: Callable[[Case], Case], message: str) -> None:
    assert_refused(edit(builder()), message)


def test_both_ways_to_count_pixels_exclude_each_other() -> None:
    case = option("align_corners", True)(option("half_pixel_centers", True)(bilinear()))
    with pytest.raises(OperatorError, match="only one of them is allowed"):
        operator("RESIZE_BILINEAR").validate(case.graph, case.op)


@pytest.mark.parametrize(("first", "stride"), [(6, 1), (1, -1)], ids=["outside", "backwards"])
def test_a_single_index_lies_inside_its_axis(first: int, stride: int) -> None:
    case = option("shrink_axis_mask", 2)(strided_slice())
    case = tensor(1, data=np.array([0, first], np.int32))(case)
    case = tensor(3, data=np.array([1, stride], np.int32))(case)
    with pytest.raises(OperatorError, match=f"axis 1 of length 6 is indexed by {first} with stride {stride}"):
        operator("STRIDED_SLICE").validate(case.graph, case.op)

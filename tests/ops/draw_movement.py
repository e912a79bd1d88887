"""Cases of operators that move values, and windows that grow."""

from __future__ import annotations

import numpy as np
from build_graph import Case, constant, one_op, quantization
from draw import FUSED, SCALE, ZERO_POINT, Shape, int8_values, out_length, weighted_tensors
from hypothesis import assume
from hypothesis import strategies as st

from tdl_course.graph import Tensor

DTYPES = ("int8", "int8", "int8", "int16", "float32")
"""Most cases are int8, for which most models are made."""


def moved_tensors(draw: st.DrawFn, dtypes: tuple[str, ...], *shapes: Shape) -> list[Tensor]:
    """One activation of each shape, all of one element type and quantization."""
    dtype = draw(st.sampled_from(dtypes))
    quantized = {"int8": quantization(draw(SCALE), draw(ZERO_POINT)), "int16": quantization(draw(SCALE))}
    names = "xyzuvwabcdefg"
    return [Tensor(names[k], shape, dtype, quantized.get(dtype)) for k, shape in enumerate(shapes)]


def values_of(draw: st.DrawFn, tensor: Tensor) -> np.ndarray:
    """Random values of the tensor's element type, all bytes of which vary."""
    values = int8_values(draw, tensor.shape)
    if tensor.dtype == "float32":
        return values / np.float32(3)
    spread = {"int8": 1, "int16": 0x101, "int32": 0x1010101}[tensor.dtype]
    return values.astype(tensor.dtype) * np.dtype(tensor.dtype).type(spread)


def shape_of(draw: st.DrawFn, most: int) -> Shape:
    """Of up to `most` axes; shorter ones where there are many."""
    rank = draw(st.integers(1, most))
    longest = 6 if rank <= 3 else 4
    return tuple(draw(st.lists(st.integers(1, longest), min_size=rank, max_size=rank)))


@st.composite
def concatenation(draw: st.DrawFn) -> Case:
    """Up to six inputs, some constant; TFLM takes up to ten, of up to four axes."""
    shape = shape_of(draw, 4)
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    count = draw(st.sampled_from([2, 3, 2, 4, 6, 1]))
    lengths = [draw(st.integers(1, 6)) for _ in range(count)]
    shapes = [with_length(shape, axis, n) for n in (*lengths, sum(lengths))]
    tensors = moved_tensors(draw, (*DTYPES, "int32"), *shapes)
    values = []
    for k in range(len(lengths)):
        value = values_of(draw, tensors[k])
        if values and draw(st.sampled_from([False, False, True])):
            tensors[k] = constant(tensors[k].name, value, tensors[k].quantization)
        else:
            values.append(value)
    return one_op("CONCATENATION", tensors, {"axis": axis, "fused_activation_function": "NONE"}, values)


def with_length(shape: Shape, axis: int, length: int) -> Shape:
    changed = list(shape)
    changed[axis] = length
    return tuple(changed)


@st.composite
def split(draw: st.DrawFn) -> Case:
    shape, parts = shape_of(draw, 5), draw(st.integers(1, 4))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    whole = with_length(shape, axis, shape[axis] * parts)
    source, *targets = moved_tensors(draw, (*DTYPES, "int32"), whole, *[shape] * parts)
    along = constant("axis", np.array(draw(st.sampled_from([[axis], axis])), np.int32))
    return one_op("SPLIT", [along, source, *targets], {"num_splits": parts}, [values_of(draw, source)], parts)


@st.composite
def strided_slice(draw: st.DrawFn) -> Case:
    """Ranges inside and beyond the input, both directions, and single indices; TFLM takes up to four axes."""
    shape = shape_of(draw, 4)
    begin, end, strides, kept, places = [], [], [], [], []
    masks = {"begin_mask": 0, "end_mask": 0, "shrink_axis_mask": 0}
    for axis, length in enumerate(shape):
        first, last = draw(st.integers(-length - 2, length + 1)), draw(st.integers(-length - 2, length + 2))
        stride = draw(st.sampled_from([1, 1, 1, 2, 3, -1, -2]))
        left_out = [draw(st.sampled_from([False, True])) for _ in range(2)]
        if draw(st.sampled_from([False, False, False, True])):
            first, stride = draw(st.integers(-length, length - 1)), 1
            masks["shrink_axis_mask"] |= 1 << axis
            places.append([0 if left_out[0] else first])
        else:
            bounds = [None if out else number for out, number in zip(left_out, (first, last), strict=True)]
            places.append(list(range(length))[slice(*bounds, stride)])
            assume(places[-1])
            kept.append(len(places[-1]))
        masks["begin_mask"] |= left_out[0] << axis
        masks["end_mask"] |= left_out[1] << axis
        for numbers, number in zip((begin, end, strides), (first, last, stride), strict=True):
            numbers.append(number)
    source, target = moved_tensors(draw, (*DTYPES, "int32"), shape, tuple(kept))
    named = zip(("begin", "end", "strides"), (begin, end, strides), strict=True)
    numbers = [constant(name, np.array(given, np.int32)) for name, given in named]
    return one_op("STRIDED_SLICE", [source, *numbers, target], masks, [values_of(draw, source)])


@st.composite
def transpose(draw: st.DrawFn) -> Case:
    shape = shape_of(draw, 5)
    order = draw(st.permutations(range(len(shape))))
    source, target = moved_tensors(draw, DTYPES, shape, tuple(shape[axis] for axis in order))
    tensors = [source, constant("order", np.array(order, np.int32)), target]
    return one_op("TRANSPOSE", tensors, {}, [values_of(draw, source)])


def pad(kind: str) -> st.SearchStrategy[Case]:
    @st.composite
    def case(draw: st.DrawFn) -> Case:
        shape = shape_of(draw, 5)
        widths = np.array([[draw(st.sampled_from([0, 0, 1, 2, 3])) for _ in range(2)] for _ in shape], np.int32)
        output = tuple(int(n + w.sum()) for n, w in zip(shape, widths, strict=True))
        source, target = moved_tensors(draw, (*DTYPES, "int32"), shape, output)
        tensors = [source, constant("paddings", widths)]
        if kind == "PADV2":
            value = values_of(draw, Tensor("value", (1,), source.dtype))
            tensors.append(constant("value", value, source.quantization))
        return one_op(kind, [*tensors, target], {}, [values_of(draw, source)])

    return case()


def resize(kind: str, dtypes: tuple[str, ...]) -> st.SearchStrategy[Case]:
    @st.composite
    def case(draw: st.DrawFn) -> Case:
        batches, channels = draw(st.integers(1, 2)), draw(st.integers(1, 5))
        size = [draw(st.integers(1, 8)) for _ in range(2)]
        if draw(st.booleans()):
            output = [n * draw(st.integers(1, 4)) for n in size]
        else:
            output = [draw(st.integers(1, 20)) for _ in range(2)]
        corners, half = draw(st.sampled_from([(False, False), (True, False), (False, True), (True, True)]))
        if kind == "RESIZE_BILINEAR":
            assume(not (corners and half))
        source, target = moved_tensors(draw, dtypes, (batches, *size, channels), (batches, *output, channels))
        tensors = [source, constant("size", np.array(output, np.int32)), target]
        options = {"align_corners": corners, "half_pixel_centers": half}
        return one_op(kind, tensors, options, [values_of(draw, source)])

    return case()


@st.composite
def transpose_conv(draw: st.DrawFn) -> Case:
    """Mostly, a convolution would lead from the output to the input; TFLM asks no such thing."""
    padding, column = draw(st.sampled_from(["SAME", "VALID"])), draw(st.sampled_from([False, False, True]))
    kernel, strides, size, output = [], [], [], []
    for axis in range(2):
        if column and axis == 1:
            taps, stride, length = 1, 1, 1
        else:
            taps, stride = draw(st.integers(1, 5)), draw(st.integers(1, 4))
            length = draw(st.integers(1 if padding == "SAME" else taps, 14))
        kernel.append(taps)
        strides.append(stride)
        output.append(length)
        fitting = out_length(length, taps, stride, 1, padding)
        size.append(draw(st.sampled_from([fitting, fitting, fitting, fitting + 1, max(1, fitting - 1)])))
    batches, channels, filters = draw(st.integers(1, 2)), draw(st.integers(1, 6)), draw(st.integers(1, 4))
    shapes = (batches, *size, channels), (filters, *kernel, channels), (batches, *output, filters)
    x, w, *bias, y = weighted_tensors(draw, shapes[0], shapes[1], 0, shapes[2])
    options = {"padding": padding, "stride_h": strides[0], "stride_w": strides[1]}
    options |= {"fused_activation_function": draw(FUSED)}
    tensors = [constant("shape", np.array(shapes[2], np.int32)), w, x, *bias, y]
    return one_op("TRANSPOSE_CONV", tensors, options, [int8_values(draw, shapes[0])])


CASES: dict[str, st.SearchStrategy[Case]] = {
    "CONCATENATION": concatenation(),
    "PAD": pad("PAD"),
    "PADV2": pad("PADV2"),
    "RESIZE_BILINEAR": resize("RESIZE_BILINEAR", ("int8",)),
    "RESIZE_NEAREST_NEIGHBOR": resize("RESIZE_NEAREST_NEIGHBOR", DTYPES),
    "SPLIT": split(),
    "STRIDED_SLICE": strided_slice(),
    "TRANSPOSE": transpose(),
    "TRANSPOSE_CONV": transpose_conv(),
}

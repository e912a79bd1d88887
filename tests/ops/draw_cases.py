"""Hypothesis strategies: a random, valid case of every operator, gathered from the `draw_*` modules.

Each module's `CASES` names its kinds; `draw` has what they share.
"""

from __future__ import annotations

import draw_elementwise
import draw_movement
import draw_types
import numpy as np
from build_graph import Case, activation, constant, one_op
from draw import (
    FUSED,
    SCALE,
    ZERO_POINT,
    int8_values,
    weighted_tensors,
    window_case,
)
from hypothesis import strategies as st

from tdl_course.graph import Tensor


@st.composite
def conv_2d(draw: st.DrawFn) -> Case:
    options, kernel, sizes, output = window_case(draw, dilated=True)
    groups, depth, filters = draw(st.sampled_from([1, 1, 1, 2, 3])), draw(st.integers(1, 6)), draw(st.integers(1, 4))
    shape = (*sizes, groups * depth)
    weights = (groups * filters, *kernel, depth)
    tensors = weighted_tensors(draw, shape, weights, 0, (sizes[0], *output, groups * filters))
    return one_op("CONV_2D", tensors, options, [int8_values(draw, shape)])


@st.composite
def depthwise_conv_2d(draw: st.DrawFn) -> Case:
    options, kernel, sizes, output = window_case(draw, dilated=True)
    channels, multiplier = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    shape = (*sizes, channels)
    outputs = channels * multiplier
    tensors = weighted_tensors(draw, shape, (1, *kernel, outputs), 3, (sizes[0], *output, outputs))
    return one_op("DEPTHWISE_CONV_2D", tensors, options | {"depth_multiplier": multiplier}, [int8_values(draw, shape)])


@st.composite
def fully_connected(draw: st.DrawFn) -> Case:
    rows, inputs, outputs = draw(st.integers(1, 3)), draw(st.integers(1, 70)), draw(st.integers(1, 9))
    tensors = weighted_tensors(draw, (rows, inputs), (outputs, inputs), 0, (rows, outputs))
    options = {"fused_activation_function": draw(FUSED)}
    return one_op("FULLY_CONNECTED", tensors, options, [int8_values(draw, (rows, inputs))])


def pool(kind: str) -> st.SearchStrategy[Case]:
    @st.composite
    def case(draw: st.DrawFn) -> Case:
        options, kernel, sizes, output = window_case(draw, dilated=False)
        channels, scale, zero_point = draw(st.integers(1, 6)), draw(SCALE), draw(ZERO_POINT)
        shape = (*sizes, channels)
        tensors = [
            activation("x", shape, scale, zero_point),
            activation("y", (sizes[0], *output, channels), scale, zero_point),
        ]
        options |= {"filter_height": kernel[0], "filter_width": kernel[1]}
        return one_op(kind, tensors, options, [int8_values(draw, shape)])

    return case()


@st.composite
def rescaled(draw: st.DrawFn, kind: str) -> Case:
    shape = (draw(st.integers(1, 40)),)
    source = activation("x", shape, draw(SCALE), draw(ZERO_POINT))
    if kind == "RELU6" or draw(st.booleans()):
        target = activation("y", shape, source.scale, source.zero_point)
    else:
        target = activation("y", shape, draw(SCALE), draw(ZERO_POINT))
    return one_op(kind, [source, target], {}, [int8_values(draw, shape)])


@st.composite
def quantize_float(draw: st.DrawFn) -> Case:
    shape = (draw(st.integers(1, 40)),)
    target = activation("y", shape, draw(SCALE), draw(ZERO_POINT))
    # halves of a step and their neighbours, and numbers far out of range (but not beyond TFLM's int32)
    steps = draw(st.lists(st.one_of(st.integers(-600, 600), st.integers(-(2**20), 2**20)), min_size=40, max_size=40))
    values = np.array(steps[: shape[0]], np.float32) / 2 * np.float32(target.scale)
    nudge = draw(st.sampled_from([-np.inf, np.inf, 0.0]))
    x = np.nextafter(values, np.float32(nudge)) if draw(st.booleans()) else values
    return one_op("QUANTIZE", [Tensor("x", shape, "float32"), target], {}, [x.astype(np.float32)])


@st.composite
def dequantize(draw: st.DrawFn) -> Case:
    shape = (draw(st.integers(1, 40)),)
    source = activation("x", shape, draw(SCALE), draw(ZERO_POINT))
    return one_op("DEQUANTIZE", [source, Tensor("y", shape, "float32")], {}, [int8_values(draw, shape)])


@st.composite
def reshape(draw: st.DrawFn, kind: str) -> Case:
    rest = draw(st.lists(st.integers(1, 5), min_size=1, max_size=3))
    place = draw(st.integers(0, len(rest)))
    longer = (*rest[:place], 1, *rest[place:])
    scale, zero_point = draw(SCALE), draw(ZERO_POINT)
    shapes = {"RESHAPE": (tuple(rest), (int(np.prod(rest)),)), "SQUEEZE": (longer, tuple(rest))}
    before, after = shapes.get(kind, (tuple(rest), longer))
    tensors = [activation("x", before, scale, zero_point), activation("y", after, scale, zero_point)]
    options: dict[str, object] = {}
    if kind == "RESHAPE":
        options = {"new_shape": after}
        tensors.insert(1, constant("shape", np.array(after, np.int32)))
    elif kind == "SQUEEZE":
        options = {"squeeze_dims": (place,)}
    else:
        tensors.insert(1, constant("axis", np.array([place], np.int32)))
    return one_op(kind, tensors, options, [int8_values(draw, before)])


CASES: dict[str, st.SearchStrategy[Case]] = {
    "AVERAGE_POOL_2D": pool("AVERAGE_POOL_2D"),
    "CONV_2D": draw_types.weighted(conv_2d()),
    "DEPTHWISE_CONV_2D": draw_types.weighted(depthwise_conv_2d(), biases=("int64",)),
    "DEQUANTIZE": st.one_of(dequantize(), draw_types.dequantize()),
    "EXPAND_DIMS": reshape("EXPAND_DIMS"),
    "FULLY_CONNECTED": draw_types.weighted(fully_connected(), per_channel_int4=False),
    "MAX_POOL_2D": pool("MAX_POOL_2D"),
    "MEAN": draw_elementwise.reduction("MEAN"),
    "QUANTIZE": st.one_of(
        quantize_float(),
        rescaled("QUANTIZE"),
        draw_types.quantize_float(),
        draw_types.rescaled("QUANTIZE", draw_types.PAIRS),
    ),
    "RELU": st.one_of(rescaled("RELU"), draw_types.rescaled("RELU", (("int16", "int16"),))),
    "RELU6": st.one_of(rescaled("RELU6"), draw_types.rescaled("RELU6", (("int16", "int16"),))),
    "RESHAPE": reshape("RESHAPE"),
    "SOFTMAX": draw_elementwise.softmax(),
    "SQUEEZE": reshape("SQUEEZE"),
    **draw_elementwise.CASES,
    **draw_movement.CASES,
}
INT16 = ("ADD", "AVERAGE_POOL_2D", "LEAKY_RELU", "MAX_POOL_2D", "MEAN", "MUL", "SUB", "SUM")
CASES |= {kind: draw_types.either(CASES[kind]) for kind in INT16}
CASES |= {kind: st.one_of(CASES[kind], draw_types.sigmoid(kind)) for kind in ("LOGISTIC", "TANH")}
CASES["SOFTMAX"] = st.one_of(CASES["SOFTMAX"], draw_types.softmax())

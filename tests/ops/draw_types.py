"""Cases of other types of numbers than int8: int4 weights, int16 values with int8 weights, and what leads there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from build_graph import Case, activation, constant, one_op, quantization
from draw import SCALE, SEED, ZERO_POINT, int8_values
from hypothesis import strategies as st

from tdl_course.graph import Quantization, Tensor


def int16_values(draw: st.DrawFn, shape: tuple[int, ...]) -> np.ndarray:
    """Uniform values mostly; all lowest, all highest, or near zero sometimes."""
    kind = draw(st.sampled_from(["uniform", "uniform", "lowest", "highest", "narrow"]))
    if kind in ("lowest", "highest"):
        return np.full(shape, -32768 if kind == "lowest" else 32767, np.int16)
    low, high = (-9, 10) if kind == "narrow" else (-32768, 32768)
    return np.random.default_rng(draw(SEED)).integers(low, high, shape).astype(np.int16)


def int16(name: str, shape: tuple[int, ...], scale: float) -> Tensor:
    return Tensor(name, shape, "int16", Quantization((scale,), (0,)))


@st.composite
def scale_of_zero(draw: st.DrawFn, cases: st.SearchStrategy[Case]) -> Case:
    """One channel with scale 0, where there are several: the converter writes that for channels of zeros."""
    case = draw(cases)
    weights = case.graph.tensors[1]
    assert weights.quantization is not None
    scales = list(weights.quantization.scale)
    if len(scales) > 1:
        scales[draw(st.integers(0, len(scales) - 1))] = 0.0
    quantization = replace(weights.quantization, scale=tuple(scales))
    return _with(case, {1: replace(weights, quantization=quantization)})


@st.composite
def int4_weights(draw: st.DrawFn, cases: st.SearchStrategy[Case], per_channel: bool = True) -> Case:
    """A case of int8 with its weights cut to four bits."""
    case = draw(cases)
    weights = case.graph.tensors[1]
    assert weights.data is not None and weights.quantization is not None
    quantization = weights.quantization
    if not per_channel:
        quantization = Quantization(quantization.scale[:1], (0,), quantization.axis)
    return _with(case, {1: replace(weights, dtype="int4", data=weights.data >> 4, quantization=quantization)})


@st.composite
def int16_activations(draw: st.DrawFn, cases: st.SearchStrategy[Case], biases: tuple[str, ...]) -> Case:
    """A case of int8 with values of 16 bits, and a bias of one of the dtypes `biases`.

    The output's scale is drawn near what keeps the outputs inside int16, or anywhere.
    """
    case = draw(cases)
    source, weights, *bias, target = case.graph.tensors
    x = int16_values(draw, source.shape)
    source = int16("x", source.shape, draw(SCALE) / 256)
    assert weights.data is not None and weights.quantization is not None
    terms = weights.data.size // max(weights.data.shape[weights.quantization.axis], 1)
    ratio = 2.0 ** draw(st.one_of(st.floats(-8, -4), st.floats(-30, 5))) / terms**0.5
    scale = float(np.float32(source.scale * max(weights.quantization.scale) / ratio))
    options = case.op.options
    if case.op.kind != "DEPTHWISE_CONV_2D":
        options = {**options, "quantized_bias_type": draw(st.sampled_from([0, 2, 4]))}  # float32, int32, int64
    changed = {0: source, len(case.graph.tensors) - 1: int16("y", target.shape, scale)}
    if bias:
        assert bias[0].data is not None
        dtype = draw(st.sampled_from(biases))
        most = 2**40 if dtype == "int64" else 2**31 - 1
        data = np.clip(bias[0].data.astype(np.int64) * draw(st.sampled_from([1, 2**8, 2**16])), -most, most)
        scales = quantization(np.float32(source.scale) * np.float32(weights.quantization.scale))
        changed[2] = constant("b", data.astype(dtype), scales)
    graph = _with(case, changed).graph
    return Case(replace(graph, ops=(replace(case.op, options=options),)), (x,))


def weighted(
    cases: st.SearchStrategy[Case], per_channel_int4: bool = True, biases: tuple[str, ...] = ("int64", "int32")
) -> st.SearchStrategy[Case]:
    """Cases of int8, and the same with other types of numbers, or a channel whose scale is 0."""
    wide = int16_activations(cases, biases)
    return st.one_of(cases, int4_weights(cases, per_channel_int4), wide, scale_of_zero(cases), scale_of_zero(wide))


PAIRS = (("int8", "int16"), ("int16", "int8"), ("int16", "int16"), ("uint8", "int8"), ("int8", "uint8"))
"""From which dtype to which QUANTIZE goes, int8 to int8 aside."""


@st.composite
def rescaled(draw: st.DrawFn, kind: str, dtypes: tuple[tuple[str, str], ...]) -> Case:
    """An element-wise operator from one dtype to another; RELU6 keeps the scale."""
    before, after = draw(st.sampled_from(dtypes))
    shape = (draw(st.integers(1, 40)),)
    source = _tensor(draw, "x", shape, before)
    target = replace(source, name="y") if kind == "RELU6" or draw(st.booleans()) else None
    if target is None or before != after:
        target = _tensor(draw, "y", shape, after)
    return one_op(kind, [source, target], {}, [VALUES[before](draw, shape)])


@st.composite
def quantize_float(draw: st.DrawFn) -> Case:
    shape = (draw(st.integers(1, 40)),)
    target = _tensor(draw, "y", shape, "int16")
    steps = draw(st.lists(st.integers(-140_000, 140_000), min_size=40, max_size=40))  # halves of a step too
    x = np.array(steps[: shape[0]], np.float32) / 2 * np.float32(target.scale)
    return one_op("QUANTIZE", [Tensor("x", shape, "float32"), target], {}, [x.astype(np.float32)])


@st.composite
def dequantize(draw: st.DrawFn) -> Case:
    shape = (draw(st.integers(1, 40)),)
    source = _tensor(draw, "x", shape, "int16")
    return one_op("DEQUANTIZE", [source, Tensor("y", shape, "float32")], {}, [int16_values(draw, shape)])


@st.composite
def symmetric(draw: st.DrawFn, cases: st.SearchStrategy[Case]) -> Case:
    """A case of int8 with values of 16 bits: zero points gone, scales 256 times finer, also of constant operands."""
    case = draw(cases)
    tensors, inputs = [], []
    for tensor in case.graph.tensors:
        if tensor.dtype == "int8":
            data = int16_values(draw, tensor.shape)
            if tensor.data is not None:
                tensor = replace(tensor, data=data)
            elif len(inputs) < len(case.inputs):
                inputs.append(data)
            tensor = replace(tensor, dtype="int16", quantization=Quantization((tensor.scale / 256,), (0,)))
        tensors.append(tensor)
    return replace(case, graph=replace(case.graph, tensors=tuple(tensors)), inputs=tuple(inputs))


@st.composite
def softmax(draw: st.DrawFn) -> Case:
    shape = tuple(draw(st.lists(st.integers(1, 12), min_size=1, max_size=3)))
    scale = float(np.float32(2.0 ** draw(st.one_of(st.floats(-13, -9), st.floats(-30, 0)))))
    beta = float(np.float32(draw(st.sampled_from([1.0, 0.5, 1.7]))))
    tensors = [int16("x", shape, scale), int16("y", shape, 1 / 32768)]
    return one_op("SOFTMAX", tensors, {"beta": beta}, [int16_values(draw, shape)])


@st.composite
def sigmoid(draw: st.DrawFn, kind: str) -> Case:
    """Also with the scales that need no rounding."""
    shape = (draw(st.integers(1, 40)),)
    exponent = st.one_of(st.sampled_from([-12.0, -11.0]), st.floats(-16, -9), st.floats(-31, 2.4))
    scale = float(np.float32(2.0 ** draw(exponent)))
    tensors = [int16("x", shape, scale), int16("y", shape, 1 / 32768)]
    return one_op(kind, tensors, {}, [int16_values(draw, shape)])


def either(cases: st.SearchStrategy[Case]) -> st.SearchStrategy[Case]:
    """Cases of int8, and the same with int16."""
    return st.one_of(cases, symmetric(cases))


def uint8_values(draw: st.DrawFn, shape: tuple[int, ...]) -> np.ndarray:
    return int8_values(draw, shape).view(np.uint8)


VALUES = {"int8": int8_values, "int16": int16_values, "uint8": uint8_values}


def _tensor(draw: st.DrawFn, name: str, shape: tuple[int, ...], dtype: str) -> Tensor:
    if dtype == "int8":
        return activation(name, shape, draw(SCALE), draw(ZERO_POINT))
    if dtype == "uint8":
        return Tensor(name, shape, dtype, quantization(draw(SCALE), draw(st.integers(0, 255))))
    return int16(name, shape, draw(SCALE) / 256)


def _with(case: Case, changed: dict[int, Tensor]) -> Case:
    tensors = tuple(changed.get(index, tensor) for index, tensor in enumerate(case.graph.tensors))
    return replace(case, graph=replace(case.graph, tensors=tensors))

"""Cases of operators that work element by element, and reductions."""

from __future__ import annotations

import numpy as np
from build_graph import Case, activation, constant, one_op
from draw import FUSED, SCALE, SEED, ZERO_POINT, Shape, int8_values
from hypothesis import strategies as st

from tdl_course.graph import Tensor

LENGTH = st.sampled_from([1, 2, 3, 4])


@st.composite
def broadcast_shapes(draw: st.DrawFn, max_rank: int) -> tuple[Shape, Shape, Shape]:
    """Two operands' shapes and that of the result: equal, or repeated along any axes, or shorter."""
    shape = (*draw(st.lists(LENGTH, max_size=max_rank - 1)), draw(st.integers(1, 24)))
    if draw(st.sampled_from([True, False, False, False])):
        return shape, shape, shape
    operands = [tuple(draw(st.sampled_from([n, n, 1])) for n in shape) for _ in "ab"]
    result = tuple(max(pair) for pair in zip(*operands, strict=True))
    short = draw(st.sampled_from([0, 1, None, None]))
    if short is not None:
        ones = next((i for i, n in enumerate(operands[short]) if n != 1), len(shape))
        operands[short] = operands[short][draw(st.integers(0, ones)) :]  # the leading axes may be missing
    return operands[0], operands[1], result


def binary(kind: str, max_rank: int) -> st.SearchStrategy[Case]:
    @st.composite
    def case(draw: st.DrawFn) -> Case:
        *shapes, output = draw(broadcast_shapes(max_rank))
        operands = [activation(name, s, draw(SCALE), draw(ZERO_POINT)) for name, s in zip("ab", shapes, strict=True)]
        values = [int8_values(draw, s) for s in shapes]
        a, b = (tensor.scale for tensor in operands)
        # mostly a scale at which results fill int8 without saturating
        largest, fitting, limit = (a * b, (7, 9), 14) if kind == "MUL" else (max(a, b), (-1, 1), 6)
        scale = largest * 2.0 ** draw(st.one_of(st.floats(*fitting), st.floats(*fitting), st.floats(-6, limit)))
        fixed = draw(st.sampled_from([None, 0, 1]))
        if fixed is not None:
            tensor = operands[fixed]
            operands[fixed] = constant(tensor.name, values.pop(fixed), tensor.quantization)
        tensors = [*operands, activation("y", output, scale, draw(ZERO_POINT))]
        return one_op(kind, tensors, {"fused_activation_function": draw(FUSED)}, values)

    return case()


@st.composite
def prelu(draw: st.DrawFn) -> Case:
    shape = (*draw(st.lists(LENGTH, max_size=3)), draw(st.integers(1, 24)))
    slopes = tuple(draw(st.sampled_from([n, 1])) for n in shape)
    slopes = slopes[draw(st.sampled_from([0, 0, *range(next((i for i, n in enumerate(slopes) if n != 1), 1))])) :]
    source = activation("x", shape, draw(SCALE), draw(ZERO_POINT))
    slope_scale = draw(SCALE)
    target = activation("y", shape, *output_quantization(draw, source))
    values = [int8_values(draw, shape), int8_values(draw, slopes)]
    slope = activation("alpha", slopes, slope_scale, draw(ZERO_POINT))
    if draw(st.sampled_from([True, True, False])):
        slope = constant("alpha", values.pop(), slope.quantization)
    return one_op("PRELU", [source, slope, target], {}, values)


def output_quantization(draw: st.DrawFn, source: Tensor) -> tuple[float, int]:
    """Scale and zero point: the input's, or a scale near it, or any."""
    near = st.floats(-2, 2).map(lambda exponent: float(np.float32(source.scale * 2.0**exponent)))
    return draw(
        st.one_of(
            st.just((source.scale, source.zero_point)),
            st.tuples(near, ZERO_POINT),
            st.tuples(SCALE, ZERO_POINT),
        )
    )


UNARY_SHAPE = st.one_of(
    st.just((256,)), st.lists(LENGTH, min_size=1, max_size=4).map(tuple), st.integers(1, 40).map(lambda n: (n,))
)
"""Often as long as int8 has values: then the case holds each of them."""


def unary_values(draw: st.DrawFn, shape: Shape) -> np.ndarray:
    if shape == (256,):
        return np.arange(-128, 128).astype(np.int8)
    return int8_values(draw, shape)


@st.composite
def leaky_relu(draw: st.DrawFn) -> Case:
    shape = draw(UNARY_SHAPE)
    source = activation("x", shape, draw(SCALE), draw(ZERO_POINT))
    target = activation("y", shape, *output_quantization(draw, source))
    alpha = draw(st.one_of(st.sampled_from([0.0, 0.01, 0.1, 0.2, 0.3]), st.floats(-1.5, 1.5, width=32)))
    return one_op("LEAKY_RELU", [source, target], {"alpha": float(np.float32(alpha))}, [unary_values(draw, shape)])


@st.composite
def hard_swish(draw: st.DrawFn) -> Case:
    shape = draw(UNARY_SHAPE)
    source = activation("x", shape, 2.0 ** draw(st.one_of(st.floats(-7, -3), st.floats(-37, 12))), draw(ZERO_POINT))
    ratio = 2.0 ** draw(st.one_of(st.floats(-1, 1), st.floats(-6.9, 24)))
    target = activation("y", shape, source.scale * ratio, draw(ZERO_POINT))
    return one_op("HARD_SWISH", [source, target], {}, [unary_values(draw, shape)])


@st.composite
def absolute(draw: st.DrawFn) -> Case:
    shape = draw(UNARY_SHAPE)
    source = activation("x", shape, draw(SCALE), draw(ZERO_POINT))
    target = activation("y", shape, *output_quantization(draw, source))
    return one_op("ABS", [source, target], {}, [unary_values(draw, shape)])


def sigmoid(kind: str, scale: float, zero_point: int) -> st.SearchStrategy[Case]:
    @st.composite
    def case(draw: st.DrawFn) -> Case:
        shape = draw(UNARY_SHAPE)
        source_scale = 2.0 ** draw(st.one_of(st.floats(-7, -3), st.floats(-26, 8)))
        tensors = [activation("x", shape, source_scale, draw(ZERO_POINT)), activation("y", shape, scale, zero_point)]
        return one_op(kind, tensors, {}, [unary_values(draw, shape)])

    return case()


def reduction(kind: str) -> st.SearchStrategy[Case]:
    @st.composite
    def case(draw: st.DrawFn) -> Case:
        shape = tuple(draw(st.lists(st.integers(1, 6), min_size=1, max_size=draw(st.sampled_from([4, 6])))))
        rank = len(shape)
        axes = draw(st.lists(st.integers(-rank, rank - 1), min_size=1, max_size=rank, unique_by=lambda a: a % rank))
        reduced = {a % rank for a in axes}
        keep = draw(st.booleans())
        output = tuple(1 if i in reduced else n for i, n in enumerate(shape) if keep or i not in reduced)
        source = activation("x", shape, draw(SCALE), draw(ZERO_POINT))
        scale, zero_point = output_quantization(draw, source)
        if kind == "SUM" and draw(st.booleans()):
            scale *= float(np.prod([shape[a] for a in axes]))
        tensors = [
            source,
            constant("axes", np.array(axes, np.int32)),
            activation("y", output, scale, zero_point),
        ]
        return one_op(kind, tensors, {"keep_dims": keep}, [int8_values(draw, shape)])

    return case()


@st.composite
def arg_max(draw: st.DrawFn) -> Case:
    shape = tuple(draw(st.lists(st.integers(1, 7), min_size=1, max_size=5)))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    output = tuple(n for i, n in enumerate(shape) if i != axis % len(shape))
    tensors = [
        activation("x", shape, draw(SCALE), draw(ZERO_POINT)),
        constant("axis", np.array([axis] if draw(st.booleans()) else axis, np.int32)),
        Tensor("y", output, "int32"),
    ]
    return one_op("ARG_MAX", tensors, {"output_type": 2}, [int8_values(draw, shape)])


@st.composite
def softmax(draw: st.DrawFn) -> Case:
    beta = float(np.float32(draw(st.sampled_from([1.0, 0.5, 1.7]))))
    shape = tuple(draw(st.lists(st.integers(1, 12), min_size=1, max_size=3)))
    scale = 2.0 ** draw(st.one_of(st.floats(-8, 0), st.floats(-24, 8)))
    values = int8_values(draw, shape)
    if draw(st.integers(0, 19)) == 0:  # long rows, with a peak: TFLM aborts where exponentials add up to 512
        shape, scale = (1, draw(st.integers(13, 8191))), 2.0 ** draw(st.floats(-3, 1))
        values = np.random.default_rng(draw(SEED)).integers(-128, 64, shape).astype(np.int8)
        values[0, draw(st.integers(0, shape[1] - 1))] = 127
    tensors = [activation("x", shape, scale, draw(ZERO_POINT)), activation("y", shape, 1 / 256, -128)]
    return one_op("SOFTMAX", tensors, {"beta": beta}, [values])


CASES: dict[str, st.SearchStrategy[Case]] = {
    "ABS": absolute(),
    "ADD": binary("ADD", 6),
    "ARG_MAX": arg_max(),
    "HARD_SWISH": hard_swish(),
    "LEAKY_RELU": leaky_relu(),
    "LOGISTIC": sigmoid("LOGISTIC", 1 / 256, -128),
    "MUL": binary("MUL", 6),
    "PRELU": prelu(),
    "SUB": binary("SUB", 6),
    "SUM": reduction("SUM"),
    "TANH": sigmoid("TANH", 1 / 128, 0),
}

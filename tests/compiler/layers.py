"""Short words for tests of passes: a sketch that draws nothing, layers with given weights, and equality of outputs."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from tdl_course.compiler import interpret
from tdl_course.graph import Graph, Quantization
from tdl_course.ops import operator
from tests.compiler.sketch import Shape, Sketch

Q = Quantization((0.05,), (3,))
RELU_Q = Quantization((0.05,), (-128,))


def plain_sketch() -> Sketch:
    return Sketch(cast(Any, None), np.random.default_rng(0))


def dense(sketch: Sketch, *shape: int) -> np.ndarray:
    """Weights of which none is zero."""
    return (sketch.rng.integers(1, 128, shape) * sketch.rng.choice([-1, 1], shape)).astype(np.int8)


def constants(
    sketch: Sketch, weights: np.ndarray, bias: list[int] | None, axis: int, per_channel: bool
) -> tuple[int, ...]:
    count = weights.shape[axis] if per_channel else 1
    scales = tuple(float(np.float32(0.002 * (i + 2))) for i in range(count))
    index = sketch.constant(weights, Quantization(scales, (0,) * count, axis))
    return (index,) if bias is None else (index, sketch.constant(np.array(bias, np.int32)))


def conv_2d(
    sketch: Sketch,
    source: int,
    weights: np.ndarray,
    bias: list[int] | None = None,
    output: Quantization = Q,
    per_channel: bool = True,
    **options: object,
) -> int:
    """CONV_2D; stride 1 and VALID unless `options` say otherwise."""
    given = {"padding": "VALID", "stride_h": 1, "stride_w": 1, "fused_activation_function": "NONE"} | options
    shape = (1, *_size(sketch.shape(source), weights.shape, given), weights.shape[0])
    inputs = (source, *constants(sketch, weights, bias, 0, per_channel))
    return sketch.apply("CONV_2D", inputs, shape, output, **given)


def depthwise(
    sketch: Sketch, source: int, weights: np.ndarray, bias: list[int] | None = None, output: Quantization = Q, **options
) -> int:
    given = {"padding": "VALID", "stride_h": 1, "stride_w": 1, "fused_activation_function": "NONE"} | options
    given["depth_multiplier"] = weights.shape[3] // sketch.shape(source)[3]
    shape = (1, *_size(sketch.shape(source), weights.shape, given), weights.shape[3])
    return sketch.apply(
        "DEPTHWISE_CONV_2D", (source, *constants(sketch, weights, bias, 3, True)), shape, output, **given
    )


def fully_connected(
    sketch: Sketch, source: int, weights: np.ndarray, bias: list[int] | None = None, per_channel: bool = False
) -> int:
    inputs = (source, *constants(sketch, weights, bias, 0, per_channel))
    rows = int(np.prod(sketch.shape(source))) // weights.shape[1]
    return sketch.apply("FULLY_CONNECTED", inputs, (rows, weights.shape[0]), Q, fused_activation_function="NONE")


def pad(sketch: Sketch, source: int, widths: list[list[int]], kind: str = "PAD", value: int | None = None) -> int:
    inputs = [source, sketch.constant(np.array(widths, np.int32))]
    if value is not None:
        inputs.append(sketch.constant(np.array([value], np.int8), sketch.quantization(source)))
    shape = tuple(n + sum(w) for n, w in zip(sketch.shape(source), widths, strict=True))
    return sketch.apply(kind, tuple(inputs), shape, sketch.quantization(source))


def unary(sketch: Sketch, kind: str, source: int, output: Quantization | None = None) -> int:
    return sketch.apply(kind, (source,), sketch.shape(source), output or sketch.quantization(source))


def reshape(sketch: Sketch, source: int, *shape: int) -> int:
    return sketch.apply("RESHAPE", (source,), shape, sketch.quantization(source), new_shape=shape)


def kinds(graph: Graph) -> list[str]:
    return [op.kind for op in graph.ops]


def assert_equal(before: Graph, after: Graph) -> None:
    """`after` is valid, and gives the outputs of `before` for inputs of which some reach the ends of the range."""
    for op in after.ops:
        operator(op.kind).validate(after, op)
    rng = np.random.default_rng(1)
    for low, high in ((-128, 127), (-128, 127), (-20, 20), (-128, -128), (127, 127)):
        tensors = [before.tensors[i] for i in before.inputs]
        inputs = [rng.integers(low, high + 1, tensor.shape).astype(tensor.dtype) for tensor in tensors]
        for got, expected in zip(interpret(after, inputs), interpret(before, inputs), strict=True):
            np.testing.assert_array_equal(got, expected)


def _size(source: Shape, weights: Shape, options: dict) -> Shape:
    same = options["padding"] == "SAME"
    return tuple(
        len(range(0, length if same else length - taps + 1, options[f"stride_{axis}"]))
        for axis, length, taps in zip("hw", source[1:3], weights[1:3], strict=True)
    )

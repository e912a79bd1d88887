"""Hypothesis strategy: small random int8 graphs of several operators, as passes and memory planner meet them.

`graphs()` draws a `Graph` and an array for each of its inputs. The graph is a trunk of one to eight steps; a step is an
operator, or a short branch that ADD or CONCATENATION joins to the trunk again. Weights have channels that are all
zero, on the output's side and on the input's; scales keep values spread. Every operator is valid.

Shapes, options and quantization are drawn; the many values come from a generator whose seed is drawn.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import strategies as st

from tdl_course.graph import Graph, Quantization
from tdl_course.ops import OPERATORS
from tests.compiler.sketch import Shape, Sketch

FUSED = ("NONE", "NONE", "RELU", "RELU6")
LONGEST_TRUNK = 8


Step = Callable[[Sketch, int], int]


@st.composite
def graphs(draw: st.DrawFn, max_inputs: int = 1, max_outputs: int = 1) -> tuple[Graph, list[np.ndarray]]:
    """A valid graph and an array for each of its inputs.

    With one input and one output, the default, it is one that firmware can hold. Values that nothing reads may exist.
    """
    sketch = Sketch(draw, np.random.default_rng(draw(st.integers(0, 2**32 - 1))))
    shape = (1, draw(st.integers(1, 7)), draw(st.integers(1, 7)), draw(st.integers(1, 6)))
    inputs = [sketch.activation(shape, drawn_quantization(sketch)) for _ in range(draw(st.integers(1, max_inputs)))]
    trunk = inputs[0]
    for other in inputs[1:]:
        trunk = join_add(sketch, trunk, other)
    for _ in range(draw(st.integers(1, LONGEST_TRUNK))):
        written = [op.outputs[0] for op in sketch.ops]
        # Now and then go on from an earlier value: the later ones are read by nothing, or become outputs.
        source = draw(st.sampled_from(written)) if written and sketch.chance(10) else trunk
        trunk = next_step(sketch, source)
    written = [op.outputs[0] for op in sketch.ops]
    others = draw(st.lists(st.sampled_from(written), max_size=max_outputs - 1, unique=True))
    outputs = (trunk, *(index for index in others if index != trunk))
    graph = sketch.graph(inputs, outputs)
    for op in graph.ops:
        OPERATORS[op.kind].validate(graph, op)
    return graph, [sketch.rng.integers(-128, 128, sketch.shape(index)).astype(np.int8) for index in inputs]


def drawn_quantization(sketch: Sketch) -> Quantization:
    """A scale from 2**-7 to 2**-3, and -128 (what RELU gives), 0 or any zero point."""
    scale = float(np.float32(2.0 ** sketch.rng.uniform(-7, -3)))
    zero_point = sketch.pick(-128, -128, 0, int(sketch.rng.integers(-128, 128)))
    assert isinstance(zero_point, int)
    return Quantization((scale,), (zero_point,))


def weights_and_bias(
    sketch: Sketch, source: int, shape: Shape, output_axis: int, input_axis: int | None, output: Quantization
) -> tuple[int, ...]:
    """Weights with some channels all zero, and perhaps a bias; their scales make the sums fill the output's range."""
    rng, channels = sketch.rng, shape[output_axis]
    values = rng.integers(-127, 128, shape)
    for axis in {output_axis, input_axis} - {None}:
        assert axis is not None
        if sketch.chance(40):
            zero = rng.random(shape[axis]) < sketch.draw(st.sampled_from([0.3, 0.3, 0.7, 1.0]))
            values = values * ~zero.reshape([-1 if i == axis else 1 for i in range(len(shape))])
    spread = 70 * 60 * np.sqrt(max(values.size / channels, 1)) / 50
    scale = output.scale[0] / self_scale(sketch, source) / spread
    scales = scale * 2.0 ** rng.uniform(-1, 1, channels if sketch.chance(50) else 1)
    scales32 = tuple(float(s) for s in scales.astype(np.float32))
    weights = sketch.constant(values.astype(np.int8), Quantization(scales32, (0,) * len(scales32), output_axis))
    if not sketch.chance(70):
        return (weights,)
    limit = sketch.pick(1, 3000, 3000, 3000, 3000, 2**31 - 1)
    assert isinstance(limit, int)
    biases = rng.integers(-limit, limit + 1, channels).astype(np.int32)
    bias_scales = tuple(float(np.float32(self_scale(sketch, source) * s)) for s in scales32)
    return weights, sketch.constant(biases, Quantization(bias_scales, (0,) * len(bias_scales)))


def self_scale(sketch: Sketch, index: int) -> float:
    return sketch.quantization(index).scale[0]


def window(sketch: Sketch, source: int, dilated: bool) -> tuple[dict[str, object], Shape, Shape]:
    """Options, window and size of the output of a window that fits."""
    options: dict[str, object] = {"padding": sketch.pick("SAME", "VALID")}
    kernel, output = [], []
    for axis, length in zip("hw", sketch.shape(source)[1:3], strict=True):
        gap = int(sketch.pick(1, 1, 2)) if dilated else 1  # type: ignore[call-overload]
        most = 3 if options["padding"] == "SAME" else max(1, min(3, (length - 1) // gap + 1))
        taps, stride = sketch.draw(st.integers(1, most)), sketch.draw(st.integers(1, 2))
        options[f"stride_{axis}"] = stride
        if dilated:
            options[f"dilation_{axis}_factor"] = gap
        reach = (taps - 1) * gap + 1
        kernel.append(taps)
        output.append(len(range(0, length if options["padding"] == "SAME" else length - reach + 1, stride)))
    return options, tuple(kernel), tuple(output)


def conv_2d(sketch: Sketch, source: int, same: bool = False) -> int:
    """`same`: output of the input's size and quantization, for a branch that joins again."""
    batches, height, width, channels = sketch.shape(source)
    options, kernel, size = window(sketch, source, dilated=True)
    filters, depth = sketch.draw(st.integers(1, 6)), channels
    if same:
        options |= {"padding": "SAME", "stride_h": 1, "stride_w": 1}
        size, filters = (height, width), channels
    elif channels % 2 == 0 and sketch.chance(15):  # grouped
        depth, filters = channels // 2, 2 * filters
    output = sketch.quantization(source) if same else drawn_quantization(sketch)
    weights = weights_and_bias(sketch, source, (filters, *kernel, depth), 0, 3, output)
    options |= {"fused_activation_function": sketch.pick(*FUSED)}
    return sketch.apply("CONV_2D", (source, *weights), (batches, *size, filters), output, **options)


def depthwise_conv_2d(sketch: Sketch, source: int) -> int:
    batches, _, _, channels = sketch.shape(source)
    options, kernel, size = window(sketch, source, dilated=True)
    multiplier = int(sketch.pick(1, 1, 1, 2))  # type: ignore[call-overload]
    output = drawn_quantization(sketch)
    weights = weights_and_bias(sketch, source, (1, *kernel, channels * multiplier), 3, None, output)
    options |= {"depth_multiplier": multiplier, "fused_activation_function": sketch.pick(*FUSED)}
    shape = (batches, *size, channels * multiplier)
    return sketch.apply("DEPTHWISE_CONV_2D", (source, *weights), shape, output, **options)


def fully_connected(sketch: Sketch, source: int) -> int:
    rows, inputs = sketch.shape(source)
    output, outputs = drawn_quantization(sketch), sketch.draw(st.integers(1, 6))
    weights = weights_and_bias(sketch, source, (outputs, inputs), 0, 1, output)
    weights = weights if len(weights) == 2 else (*weights, -1)  # as the converter says that there is no bias
    fused = sketch.pick(*FUSED)
    return sketch.apply("FULLY_CONNECTED", (source, *weights), (rows, outputs), output, fused_activation_function=fused)


def pool_2d(sketch: Sketch, source: int) -> int:
    batches, _, _, channels = sketch.shape(source)
    options, kernel, size = window(sketch, source, dilated=False)
    options |= {"filter_height": kernel[0], "filter_width": kernel[1], "fused_activation_function": sketch.pick(*FUSED)}
    kind = str(sketch.pick("AVERAGE_POOL_2D", "MAX_POOL_2D"))
    return sketch.apply(kind, (source,), (batches, *size, channels), sketch.quantization(source), **options)


def pad(sketch: Sketch, source: int) -> int:
    """Mostly in space only; one in four also pads batch or channels."""
    before = sketch.rng.integers(0, 3, (4, 2))
    before[[0, 3]] = 0
    if sketch.chance(25):
        before[sketch.pick(0, 3), 1] = 1
    widths = sketch.constant(before.astype(np.int32))
    shape = tuple(int(n + w.sum()) for n, w in zip(sketch.shape(source), before, strict=True))
    return sketch.apply("PAD", (source, widths), shape, sketch.quantization(source))


def flatten(sketch: Sketch, source: int) -> int:
    shape = sketch.shape(source)
    return reshape(sketch, source, (shape[0], int(np.prod(shape[1:]))))


def unflatten(sketch: Sketch, source: int) -> int:
    rows, values = sketch.shape(source)
    channels = sketch.draw(st.sampled_from([n for n in range(1, 7) if values % n == 0]))
    return reshape(sketch, source, (rows, 1, values // channels, channels))


def reshape(sketch: Sketch, source: int, shape: Shape | None = None) -> int:
    """RESHAPE to `shape`, or, of an image, to one with height and width exchanged: another shape, the same bytes."""
    if shape is None:
        batches, height, width, channels = sketch.shape(source)
        shape = (batches, width, height, channels)
    wanted = sketch.constant(np.array(shape, np.int32))
    return sketch.apply("RESHAPE", (source, wanted), shape, sketch.quantization(source), new_shape=shape)


def squeezed_and_back(sketch: Sketch, source: int) -> int:
    """SQUEEZE and EXPAND_DIMS of the batch, one behind the other."""
    shape = sketch.shape(source)
    if shape[0] != 1:
        return reshape(sketch, source, shape)
    squeezed = sketch.apply("SQUEEZE", (source,), shape[1:], sketch.quantization(source), squeeze_dims=(0,))
    axis = sketch.constant(np.array([0], np.int32))
    return sketch.apply("EXPAND_DIMS", (squeezed, axis), shape, sketch.quantization(source))


def unary(sketch: Sketch, source: int) -> int:
    """RELU, RELU6 or QUANTIZE, mostly without a change of scale."""
    kind = str(sketch.pick("RELU", "RELU", "RELU6", "QUANTIZE"))
    rescaled = kind != "RELU6" and sketch.chance(30)
    output = drawn_quantization(sketch) if rescaled else sketch.quantization(source)
    return sketch.apply(kind, (source,), sketch.shape(source), output)


def softmax(sketch: Sketch, source: int) -> int:
    return sketch.apply("SOFTMAX", (source,), sketch.shape(source), Quantization((1 / 256,), (-128,)), beta=1.0)


def mean(sketch: Sketch, source: int) -> int:
    batches, _, _, channels = sketch.shape(source)
    keep = sketch.chance(50)
    shape = (batches, 1, 1, channels) if keep else (batches, channels)
    axes = sketch.constant(np.array([1, 2], np.int32))
    output = sketch.quantization(source) if sketch.chance(50) else drawn_quantization(sketch)
    return sketch.apply("MEAN", (source, axes), shape, output, keep_dims=keep)


def join_add(sketch: Sketch, a: int, b: int) -> int:
    scale = float(np.float32(1.5 * max(self_scale(sketch, a), self_scale(sketch, b))))
    output = Quantization((scale,), drawn_quantization(sketch).zero_point)
    return sketch.apply(
        "ADD", (a, b), sketch.shape(a), output, fused_activation_function=sketch.pick(*FUSED), pot_scale_int16=True
    )


def residual(sketch: Sketch, source: int) -> int:
    """Two branches that ADD joins: one of them a convolution, the other the trunk or a convolution too."""
    other = conv_2d(sketch, source, same=True)
    return join_add(sketch, conv_2d(sketch, source, same=True) if sketch.chance(30) else source, other)


def concatenation(sketch: Sketch, source: int) -> int:
    """The trunk and a convolution of it side by side, along the channels mostly."""
    other = conv_2d(sketch, source, same=True)
    axis = int(sketch.pick(3, 3, 3, 1, -2))  # type: ignore[call-overload]
    shape = list(sketch.shape(source))
    shape[axis] *= 2
    inputs = (source, other) if sketch.chance(50) else (other, source)
    options: dict[str, object] = {"axis": axis, "fused_activation_function": "NONE"}
    return sketch.apply("CONCATENATION", inputs, tuple(shape), sketch.quantization(source), **options)


def scaled(sketch: Sketch, source: int) -> int:
    """ADD, MUL or SUB with a constant: one for each channel, or one for all."""
    channels = sketch.shape(source)[-1] if sketch.chance(70) else 1
    rng, kind = sketch.rng, str(sketch.pick("ADD", "MUL", "SUB"))
    values = rng.integers(-128, 128, (1,) * (len(sketch.shape(source)) - 1) + (channels,)).astype(np.int8)
    own = Quantization((1 / 64,), (0,)) if kind == "MUL" else sketch.quantization(source)
    inputs = (source, sketch.constant(values, own))
    inputs = inputs if sketch.chance(70) else inputs[::-1]
    output = Quantization((float(np.float32(1.5 * self_scale(sketch, source))),), drawn_quantization(sketch).zero_point)
    return sketch.apply(kind, inputs, sketch.shape(source), output, fused_activation_function=sketch.pick(*FUSED))


def curve(sketch: Sketch, source: int) -> int:
    """LOGISTIC or TANH: a constant channel of theirs is seldom the zero point."""
    kind = str(sketch.pick("LOGISTIC", "TANH"))
    output = Quantization((1 / 256,), (-128,)) if kind == "LOGISTIC" else Quantization((1 / 128,), (0,))
    return sketch.apply(kind, (source,), sketch.shape(source), output)


def transpose(sketch: Sketch, source: int) -> int:
    """Any order of the axes but the batch's; mostly the channels stay last."""
    order = (0, *sketch.draw(st.permutations([1, 2])), 3)
    if sketch.chance(25):
        order = (0, *sketch.draw(st.permutations([1, 2, 3])))
    shape = tuple(sketch.shape(source)[axis] for axis in order)
    return sketch.apply(
        "TRANSPOSE", (source, sketch.constant(np.array(order, np.int32))), shape, sketch.quantization(source)
    )


def image(shape: Shape) -> bool:
    return len(shape) == 4


def row(shape: Shape) -> bool:
    return len(shape) == 2


def anything(shape: Shape) -> bool:
    return True


STEPS: tuple[tuple[int, Step, Callable[[Shape], bool]], ...] = (
    (5, conv_2d, image),
    (4, depthwise_conv_2d, image),
    (6, fully_connected, row),
    (2, pool_2d, image),
    (2, pad, image),
    (1, flatten, image),
    (1, unflatten, row),
    (1, reshape, image),
    (1, squeezed_and_back, anything),
    (2, unary, anything),
    (1, softmax, row),
    (1, mean, image),
    (3, residual, image),
    (2, concatenation, image),
    (2, scaled, anything),
    (1, curve, anything),
    (1, transpose, image),
)
"""How often a step is drawn, and for which shapes."""


def next_step(sketch: Sketch, source: int) -> int:
    steps = [step for weight, step, fits in STEPS if fits(sketch.shape(source)) for _ in range(weight)]
    return sketch.draw(st.sampled_from(steps))(sketch, source)

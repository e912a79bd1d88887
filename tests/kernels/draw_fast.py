"""Cases that a fast kernel takes: those of the operator, and some with more channels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from build_graph import Case, activation, one_op
from draw import FUSED, SEED, ZERO_POINT, int8_values, weighted_tensors, window_case
from draw_cases import CASES
from draw_types import int4_weights
from hypothesis import assume
from hypothesis import strategies as st

from tdl_course.graph import Tensor
from tdl_course.kernels import FAST

SHARES = ([1.2**-i for i in range(40)], [2.0**-i for i in range(20)], [1.0] * 5, [1.0, 1.0], [1.0])
"""How often each value of skewed weights comes: series whose codes grow long, some, two, one."""


def forced(case: Case, kernel: str) -> Case:
    """The case with the kernel named; assumes that it takes it."""
    assume(FAST[case.op.kind][kernel].why_not(case.graph, case.op) is None)
    op = replace(case.op, options={**case.op.options, "kernel": kernel})
    return Case(replace(case.graph, ops=(op,)), case.inputs)


def cases(kind: str, kernel: str) -> st.SearchStrategy[Case]:
    """Cases of `kind` that `kernel` takes."""
    drawn = [MADE.get(kind, CASES[kind]), CASES[kind]]
    return st.one_of(NARROW.get((kind, kernel), drawn)).map(lambda case: forced(case, kernel))


@st.composite
def conv_2d(draw: st.DrawFn) -> Case:
    options, kernel, sizes, output = window_case(draw, dilated=True)
    depth, filters = draw(st.sampled_from([1, 2, 3, 4, 5, 8, 13])), draw(st.integers(1, 9))
    shape, weights = (*sizes, depth), (filters, *kernel, depth)
    tensors = weighted_tensors(draw, shape, weights, 0, (sizes[0], *output, filters))
    return one_op("CONV_2D", tensors, options, [int8_values(draw, shape)])


@st.composite
def conv_2d_3x3(draw: st.DrawFn) -> Case:
    """Stride 1, input channels a multiple of 8; padding as in a file, or as a PAD that is merged with it gives."""
    options: dict[str, object] = {"stride_h": 1, "stride_w": 1, "fused_activation_function": draw(FUSED)}
    padding = draw(st.sampled_from(["SAME", "VALID", "given"]))
    pads = [draw(st.integers(0, 3)) if padding == "given" else int(padding == "SAME") for _ in range(4)]
    options |= {"explicit_padding": tuple(pads), "padding": "VALID"} if padding == "given" else {"padding": padding}
    before, after = pads[::2], pads[1::2]
    size = [draw(st.integers(max(1, 3 - before[i] - after[i]), 11)) for i in range(2)]
    batches, depth, filters = draw(st.integers(1, 2)), 8 * draw(st.integers(1, 4)), draw(st.integers(1, 9))
    shape = (batches, *size, depth)
    output = (batches, *(size[i] + before[i] + after[i] - 2 for i in range(2)), filters)
    tensors = weighted_tensors(draw, shape, (filters, 3, 3, depth), 0, output)
    return one_op("CONV_2D", tensors, options, [int8_values(draw, shape)])


@st.composite
def depthwise_conv_2d(draw: st.DrawFn) -> Case:
    options, kernel, sizes, output = window_case(draw, dilated=True)
    channels = draw(st.integers(1, 7))
    shape = (*sizes, channels)
    tensors = weighted_tensors(draw, shape, (1, *kernel, channels), 3, (sizes[0], *output, channels))
    return one_op("DEPTHWISE_CONV_2D", tensors, options | {"depth_multiplier": 1}, [int8_values(draw, shape)])


@st.composite
def depthwise_conv_2d_3x3(draw: st.DrawFn) -> Case:
    """The window that has loops of its own, with strides 1 and 2."""
    stride, channels, size = draw(st.integers(1, 2)), draw(st.integers(2, 7)), [draw(st.integers(1, 9)) for _ in "hw"]
    batches = draw(st.integers(1, 2))
    shape, output = (batches, *size, channels), [-(-length // stride) for length in size]
    tensors = weighted_tensors(draw, shape, (1, 3, 3, channels), 3, (batches, *output, channels))
    options = {"padding": "SAME", "fused_activation_function": draw(FUSED), "depth_multiplier": 1}
    options |= {"stride_h": stride, "stride_w": stride}
    return one_op("DEPTHWISE_CONV_2D", tensors, options, [int8_values(draw, shape)])


@st.composite
def whole_window(draw: st.DrawFn) -> Case:
    """CONV_2D whose window is the whole input."""
    kernel, depth = (draw(st.integers(1, 4)), draw(st.integers(1, 4))), draw(st.sampled_from([1, 3, 4, 8]))
    filters, shape = draw(st.integers(1, 27)), (1, *kernel, depth)
    tensors = weighted_tensors(draw, shape, (filters, *kernel, depth), 0, (1, 1, 1, filters))
    options = {"padding": "VALID", "fused_activation_function": draw(FUSED), "stride_h": 1, "stride_w": 1}
    return one_op("CONV_2D", tensors, options, [int8_values(draw, shape)])


@st.composite
def fully_connected(draw: st.DrawFn) -> Case:
    rows, inputs, outputs = draw(st.integers(1, 7)), draw(st.integers(1, 70)), draw(st.integers(1, 27))
    tensors = weighted_tensors(draw, (rows, inputs), (outputs, inputs), 0, (rows, outputs))
    return one_op(
        "FULLY_CONNECTED", tensors, {"fused_activation_function": draw(FUSED)}, [int8_values(draw, (rows, inputs))]
    )


@st.composite
def fully_connected_large(draw: st.DrawFn) -> Case:
    rows, inputs, outputs = draw(st.integers(1, 3)), draw(st.integers(20, 90)), draw(st.integers(9, 27))
    tensors = weighted_tensors(draw, (rows, inputs), (outputs, inputs), 0, (rows, outputs))
    return one_op(
        "FULLY_CONNECTED", tensors, {"fused_activation_function": draw(FUSED)}, [int8_values(draw, (rows, inputs))]
    )


def pruned(draw: st.DrawFn, weights: Tensor) -> Tensor:
    """The weights with few of them left, or all, or a few; some channels have none."""
    rng = np.random.default_rng(draw(SEED))
    density = draw(st.sampled_from([0.0, 0.01, 0.1, 0.3, 0.6, 1.0]))
    data = np.asarray(weights.data)
    kept = (rng.random(data.shape) < density).reshape(len(data), -1) & (rng.random((len(data), 1)) < 0.8)
    return replace(weights, data=data * kept.reshape(data.shape))


@st.composite
def conv_2d_sparse(draw: st.DrawFn) -> Case:
    """Also with more taps than a step reaches over."""
    case = draw(st.one_of(conv_2d(), conv_2d_3x3(), conv_2d_of_many_taps(), CASES["CONV_2D"]))
    tensors = list(case.graph.tensors)
    tensors[1] = pruned(draw, tensors[1])
    return Case(replace(case.graph, tensors=tuple(tensors)), case.inputs)


@st.composite
def conv_2d_of_many_taps(draw: st.DrawFn) -> Case:
    depth, filters = draw(st.integers(100, 300)), draw(st.integers(1, 4))
    shape = (1, draw(st.integers(1, 2)), draw(st.integers(1, 4)), depth)
    tensors = weighted_tensors(draw, shape, (filters, 1, 1, depth), 0, (*shape[:3], filters))
    options = {"padding": "VALID", "fused_activation_function": draw(FUSED), "stride_h": 1, "stride_w": 1}
    return one_op("CONV_2D", tensors, options, [int8_values(draw, shape)])


@st.composite
def fully_connected_sparse(draw: st.DrawFn) -> Case:
    """On both sides of 256 inputs, from where on a place is no longer a byte."""
    rows, outputs = draw(st.integers(1, 2)), draw(st.integers(1, 9))
    inputs = draw(st.one_of(st.integers(1, 70), st.integers(250, 260), st.integers(300, 700)))
    tensors = weighted_tensors(draw, (rows, inputs), (outputs, inputs), 0, (rows, outputs))
    tensors[1] = pruned(draw, tensors[1])
    options = {"fused_activation_function": draw(FUSED)}
    return one_op("FULLY_CONNECTED", tensors, options, [int8_values(draw, (rows, inputs))])


@st.composite
def skewed(draw: st.DrawFn, made: st.SearchStrategy[Case]) -> Case:
    """A case with weights of which few values are frequent, down to one value."""
    shares = draw(st.sampled_from(SHARES))
    rng = np.random.default_rng(draw(SEED))
    symbols = rng.permutation(np.arange(-128, 128))[: len(shares)]
    return with_weights(draw(made), lambda shape: rng.choice(symbols, shape, p=np.array(shares) / sum(shares)))


@st.composite
def few_values(draw: st.DrawFn, made: st.SearchStrategy[Case]) -> Case:
    """A case whose weights take 16 values or fewer."""
    rng = np.random.default_rng(draw(SEED))
    book = np.append(rng.permutation(np.arange(-128, 128))[: draw(st.sampled_from([0, 1, 14, 15]))], 0)
    return with_weights(draw(made), lambda shape: rng.choice(book, shape))


def with_weights(case: Case, values: Callable[[tuple[int, ...]], np.ndarray]) -> Case:
    weights = case.graph.tensors[1]
    changed = replace(weights, data=values(weights.shape).astype(np.int8))
    tensors = tuple(changed if index == 1 else tensor for index, tensor in enumerate(case.graph.tensors))
    return Case(replace(case.graph, tensors=tensors), case.inputs)


@st.composite
def conv_2d_wide(draw: st.DrawFn, least: int = 1) -> Case:
    """So many weights that their channels are decoded in several turns, or so few that all go at once."""
    depth, filters, size = draw(st.integers(least, 40)), draw(st.integers(least, 40)), draw(st.integers(1, 4))
    kernel, batches = draw(st.sampled_from([1, 2, 3])), draw(st.integers(1, 2))
    shape = (batches, size, draw(st.integers(1, 4)), depth)
    tensors = weighted_tensors(draw, shape, (filters, kernel, kernel, depth), 0, (*shape[:3], filters))
    options = {"padding": "SAME", "fused_activation_function": draw(FUSED), "stride_h": 1, "stride_w": 1}
    return one_op("CONV_2D", tensors, options, [int8_values(draw, shape)])


@st.composite
def add(draw: st.DrawFn) -> Case:
    shape = (draw(st.integers(1, 30)),)
    scales = [draw(st.sampled_from([0.5, 0.5, 0.3, 0.011, 1e-4, 3.0])) for _ in range(2)]
    tensors = [activation(name, shape, scale, draw(ZERO_POINT)) for name, scale in zip("ab", scales, strict=True)]
    target = activation("y", shape, max(scales) * draw(st.sampled_from([0.5, 1.0, 1.7, 9.0])), draw(ZERO_POINT))
    options = {"fused_activation_function": draw(FUSED)}
    return one_op("ADD", [*tensors, target], options, [int8_values(draw, shape), int8_values(draw, shape)])


def pool(kind: str) -> st.SearchStrategy[Case]:
    @st.composite
    def case(draw: st.DrawFn) -> Case:
        options, kernel, sizes, output = window_case(draw, dilated=False)
        channels, zero_point = draw(st.integers(4, 13)), draw(ZERO_POINT)
        shape = (*sizes, channels)
        tensors = [
            activation("x", shape, 0.5, zero_point),
            activation("y", (sizes[0], *output, channels), 0.5, zero_point),
        ]
        options |= {"filter_height": kernel[0], "filter_width": kernel[1]}
        return one_op(kind, tensors, options, [int8_values(draw, shape)])

    return case()


MADE: dict[str, st.SearchStrategy[Case]] = {
    "ADD": add(),
    "AVERAGE_POOL_2D": pool("AVERAGE_POOL_2D"),
    "CONV_2D": conv_2d(),
    "DEPTHWISE_CONV_2D": depthwise_conv_2d(),
    "FULLY_CONNECTED": fully_connected(),
    "MAX_POOL_2D": pool("MAX_POOL_2D"),
}

NARROW: dict[tuple[str, str], list[st.SearchStrategy[Case]]] = {
    ("CONV_2D", "codebook"): [few_values(conv_2d_wide()), few_values(conv_2d()), int4_weights(conv_2d())],
    ("CONV_2D", "huffman"): [skewed(conv_2d_wide(least=12))],
    ("CONV_2D", "rows"): [whole_window()],
    ("CONV_2D", "sparse"): [conv_2d_sparse()],
    ("CONV_2D", "winograd"): [conv_2d_3x3()],
    ("DEPTHWISE_CONV_2D", "planes"): [depthwise_conv_2d_3x3(), depthwise_conv_2d()],
    ("FULLY_CONNECTED", "codebook"): [
        few_values(fully_connected()),
        int4_weights(fully_connected(), per_channel=False),
    ],
    ("FULLY_CONNECTED", "huffman"): [skewed(fully_connected_large())],
    ("FULLY_CONNECTED", "sparse"): [fully_connected_sparse()],
}
"""Instead of these, for kernels that would take few of them, or seldom meet a loop of theirs."""

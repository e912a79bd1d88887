"""fold_dead_channels: what goes, what has to stay, and how far it spreads through what keeps channels apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tdl_course.compiler.passes import dead_channels, fold_dead_channels, fold_input_offset
from tdl_course.graph import Graph, Quantization
from tests.compiler.layers import (
    RELU_Q,
    Q,
    assert_equal,
    conv_2d,
    dense,
    depthwise,
    fully_connected,
    pad,
    plain_sketch,
    reshape,
    unary,
)
from tests.compiler.sketch import Sketch

Layer = Callable[[Sketch, int], int]


def zeroed(weights: np.ndarray, axis: int, *channels: int) -> np.ndarray:
    np.moveaxis(weights, axis, 0)[list(channels)] = 0
    return weights


def widths(graph: Graph) -> list[int]:
    """Channels of what each operator writes."""
    return [graph.tensors[op.outputs[0]].shape[-1] for op in graph.ops]


def chain(*layers: Layer, shape: tuple[int, ...] = (1, 6, 6, 3)) -> Graph:
    sketch = plain_sketch()
    source = last = sketch.activation(shape, Q)
    for layer in layers:
        last = layer(sketch, last)
    return sketch.graph([source], [last])


def assert_widths(graph: Graph, expected: list[int]) -> Graph:
    after = fold_dead_channels(graph)
    assert widths(after) == expected
    assert (after is graph) == (widths(graph) == expected)
    assert fold_dead_channels(after) is after
    assert_equal(graph, after)
    return after


def producer(filters: int, *zero: int, bias: list[int] | None = None, **options: object) -> Layer:
    """A 1 x 1 convolution whose output channels `zero` have no weights."""

    def layer(sketch: Sketch, source: int) -> int:
        weights = zeroed(dense(sketch, filters, 1, 1, sketch.shape(source)[3]), 0, *zero)
        return conv_2d(sketch, source, weights, bias, **options)

    return layer


def consumer(filters: int, taps: int = 1, unread: tuple[int, ...] = (), **options: object) -> Layer:
    """A convolution that does not read the input channels `unread`."""

    def layer(sketch: Sketch, source: int) -> int:
        weights = zeroed(dense(sketch, filters, taps, taps, sketch.shape(source)[3]), 3, *unread)
        return conv_2d(sketch, source, weights, **options)

    return layer


BIAS = [900, 2000, -3000, 50]


def test_a_channel_without_weights_goes_into_the_next_bias() -> None:
    after = assert_widths(chain(producer(4, 1, 2, bias=BIAS), consumer(5)), [2, 5])
    first, second = after.ops
    assert after.tensors[first.inputs[1]].shape == (2, 1, 1, 3)
    quantization = after.tensors[first.inputs[1]].quantization
    assert quantization is not None and len(quantization.scale) == 2
    np.testing.assert_array_equal(after.tensors[first.inputs[2]].data, [900, 50])
    bias = after.tensors[second.inputs[2]].data  # there was none
    assert bias is not None and bias.any()


def test_a_channel_that_nothing_reads_goes() -> None:
    assert_widths(chain(producer(4), consumer(5, unread=(0, 3))), [2, 5])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"padding": "VALID"}, [2, 5]),
        ({"padding": "SAME"}, [4, 5]),  # on padding, the constants add nothing
        ({"padding": "VALID", "explicit_padding": (0, 0, 0, 0)}, [2, 5]),
    ],
)
def test_a_constant_goes_where_no_window_sees_padding(options: dict, expected: list[int]) -> None:
    assert_widths(chain(producer(4, 1, 2, bias=BIAS), consumer(5, taps=3, **options)), expected)


def test_the_zero_point_goes_everywhere() -> None:
    """Channel 1 is 0, channel 2 negative: behind RELU both are the zero point, and on padding like beside it."""
    first = producer(4, 1, 2, bias=[900, 0, -3000, 50], output=RELU_Q, fused_activation_function="RELU")
    assert_widths(chain(first, consumer(5, taps=3, padding="SAME")), [2, 5])


SPREADING: dict[str, Layer] = {
    "depthwise": lambda s, x: depthwise(s, x, dense(s, 1, 3, 3, 4), BIAS),
    "RELU": lambda s, x: unary(s, "RELU", x),
    "LOGISTIC": lambda s, x: unary(s, "LOGISTIC", x, Quantization((1 / 256,), (-128,))),
    "pool": lambda s, x: s.apply(
        "MAX_POOL_2D", (x,), (1, 3, 3, 4), Q, padding="SAME", stride_h=2, stride_w=2, filter_height=2, filter_width=2
    ),
    "pad": lambda s, x: pad(s, x, [[0, 0], [1, 1], [0, 2], [0, 0]]),
    "transpose": lambda s, x: s.apply("TRANSPOSE", (x, s.constant(np.array([0, 2, 1, 3], np.int32))), s.shape(x), Q),
    "add a constant": lambda s, x: s.apply(
        "ADD", (x, s.constant(np.array([[[[1, 2, 3, 4]]]], np.int8), Q)), s.shape(x), Q
    ),
    "multiply by one value": lambda s, x: s.apply("MUL", (x, s.constant(np.array([7], np.int8), Q)), s.shape(x), Q),
    "reshape": lambda s, x: reshape(s, x, 1, 4, 9, 4),
}


@pytest.mark.parametrize("name", SPREADING)
def test_channels_go_together_through_what_keeps_them_apart(name: str) -> None:
    """Nothing reads the last one's channels 0 and 3: neither it nor what stands before need to compute them."""
    assert_widths(chain(producer(4), SPREADING[name], consumer(5, unread=(0, 3))), [2, 2, 5])


@pytest.mark.parametrize("name", [name for name in SPREADING if name not in ("pad", "depthwise")])
def test_constants_are_followed_through_what_keeps_them_apart(name: str) -> None:
    assert_widths(chain(producer(4, 1, 2, bias=BIAS), SPREADING[name], consumer(5)), [2, 2, 5])


def test_a_border_makes_a_constant_vary() -> None:
    """Of a padded constant only the middle is it; a depthwise convolution without padding leaves it one."""
    assert_widths(chain(producer(4, 1, 2, bias=BIAS), SPREADING["pad"], consumer(5)), [4, 4, 5])
    assert_widths(chain(producer(4, 1, 2, bias=BIAS), SPREADING["depthwise"], consumer(5)), [2, 2, 5])
    same = lambda s, x: depthwise(s, x, dense(s, 1, 3, 3, 4), BIAS, padding="SAME")  # noqa: E731
    assert_widths(chain(producer(4, 1, 2, bias=BIAS), same, consumer(5)), [4, 4, 5])


def test_a_depthwise_channel_without_weights_needs_no_input() -> None:
    middle = lambda s, x: depthwise(s, x, zeroed(dense(s, 1, 3, 3, 4), 3, 0, 2), BIAS)  # noqa: E731
    assert_widths(chain(producer(4), middle, consumer(5)), [2, 2, 5])


def test_all_filters_of_a_channel_go_or_none() -> None:
    """Depth multiplier 2: of channel 1 both filters are unread, of channel 2 one."""
    middle = lambda s, x: depthwise(s, x, dense(s, 1, 3, 3, 6))  # noqa: E731
    after = assert_widths(chain(producer(3), middle, consumer(5, unread=(2, 3, 4))), [2, 4, 5])
    assert after.ops[1].options["depth_multiplier"] == 2


def test_both_operands_of_an_addition_shrink() -> None:
    sketch = plain_sketch()
    source = sketch.activation((1, 6, 6, 3), Q)
    a, b = producer(4, 1, bias=BIAS)(sketch, source), producer(4, 1, 2, bias=BIAS)(sketch, source)
    total = sketch.apply("ADD", (a, b), sketch.shape(a), Q, fused_activation_function="NONE")
    graph = sketch.graph([source], [consumer(5)(sketch, total)])
    assert_widths(graph, [3, 3, 3, 5])


def test_concatenated_channels_go_one_by_one() -> None:
    sketch = plain_sketch()
    source = sketch.activation((1, 6, 6, 3), Q)
    a, b = producer(4, 1, bias=BIAS)(sketch, source), producer(2, 0)(sketch, source)
    joined = sketch.apply("CONCATENATION", (a, b), (1, 6, 6, 6), Q, axis=-1, fused_activation_function="NONE")
    graph = sketch.graph([source], [consumer(5, unread=(3,))(sketch, joined)])
    assert_widths(graph, [2, 1, 3, 5])


@pytest.mark.parametrize("flatten", [True, False])
def test_a_fully_connected_layer_reads_each_channel_at_every_position(flatten: bool) -> None:
    sketch = plain_sketch()
    source = sketch.activation((1, 2, 3, 3), Q)
    middle = producer(4, 2, bias=BIAS)(sketch, source)
    columns = np.arange(24).reshape(6, 4)
    weights = zeroed(dense(sketch, 5, 24), 1, *columns[:, 0], *columns[:3, 1])  # of channel 1, half of the positions
    rows = reshape(sketch, middle, 1, 24) if flatten else middle
    graph = sketch.graph([source], [fully_connected(sketch, rows, weights)])
    assert_widths(graph, [2, 12, 5] if flatten else [2, 5])


def test_a_mean_reads_a_channel_at_every_position() -> None:
    def mean(sketch: Sketch, source: int) -> int:
        axes = sketch.constant(np.array([1, 2], np.int32))
        return sketch.apply("MEAN", (source, axes), (1, 4), Q, keep_dims=False)

    graph = chain(producer(4, 2, bias=BIAS), mean, lambda s, x: fully_connected(s, x, dense(s, 5, 4)))
    assert_widths(graph, [3, 3, 5])


def test_one_channel_stays() -> None:
    assert_widths(chain(producer(4, 0, 1, 2, 3, bias=BIAS), consumer(5)), [1, 5])


def test_a_fully_connected_layer_keeps_two_scales_of_several() -> None:
    """TFLM multiplies by several scales in another precision than by one."""

    def first(sketch: Sketch, source: int) -> int:
        return fully_connected(sketch, source, zeroed(dense(sketch, 4, 6), 0, 1, 2, 3), BIAS, per_channel=True)

    graph = chain(first, lambda s, x: fully_connected(s, x, dense(s, 5, 4)), shape=(1, 6))
    assert_widths(graph, [2, 5])


def test_inputs_and_outputs_stay() -> None:
    assert_widths(chain(consumer(4, unread=(0, 1, 2))), [4])
    assert_widths(chain(producer(4, 0, 1, 2)), [4])
    sketch = plain_sketch()
    source = sketch.activation((1, 6, 6, 3), Q)
    middle = producer(4, 1, bias=BIAS)(sketch, source)
    graph = sketch.graph([source], [consumer(5)(sketch, middle), middle])
    assert_widths(graph, [4, 5])


def test_what_mixes_channels_in_its_own_way_keeps_them() -> None:
    softmax = lambda s, x: s.apply("SOFTMAX", (x,), s.shape(x), Quantization((1 / 256,), (-128,)), beta=1.0)  # noqa: E731
    assert_widths(chain(producer(4, 1), softmax, consumer(5, unread=(1,))), [4, 4, 5])
    grouped = lambda s, x: conv_2d(s, x, zeroed(dense(s, 4, 1, 1, 2), 0, 1))  # noqa: E731
    assert_widths(chain(producer(4, 1), grouped, consumer(5, unread=(1,))), [4, 4, 5])
    mixed = lambda s, x: s.apply("TRANSPOSE", (x, s.constant(np.array([0, 1, 3, 2], np.int32))), (1, 6, 4, 6), Q)  # noqa: E731
    assert_widths(chain(producer(4, 1), mixed, consumer(5, unread=(1,))), [4, 6, 5])


def test_a_constant_that_does_not_fit_a_bias_stays() -> None:
    def last(sketch: Sketch, source: int) -> int:
        return conv_2d(sketch, source, dense(sketch, 1, 1, 1, 4), [2**31 - 1])

    assert_widths(chain(producer(4, 1, 2, bias=BIAS), last), [4, 1])


def test_it_spreads_to_a_fixpoint() -> None:
    """The second layer's channel 0 depends on a constant only: a constant too. What only it read is not read."""

    def second(sketch: Sketch, source: int) -> int:
        weights = dense(sketch, 3, 1, 1, 4)
        weights[0, 0, 0, [0, 2, 3]] = 0
        weights[1:, 0, 0, 1] = 0
        return conv_2d(sketch, source, weights)

    assert_widths(chain(producer(4, 1, bias=BIAS), second, consumer(5)), [3, 2, 5])


def test_a_folded_offset_does_not_disturb_it() -> None:
    graph = chain(producer(4), consumer(5, unread=(0, 3)))
    assert_widths(fold_input_offset(graph), [2, 5])
    constant = chain(producer(4, 1, bias=BIAS), consumer(5))
    assert_equal(constant, fold_dead_channels(fold_input_offset(constant)))


def with_dtypes(graph: Graph, activations: str, weights: str) -> Graph:
    """The same network in other types of numbers; int4 weights are cut to 4 bits, int16 values have zero point 0."""
    tensors = []
    for tensor in graph.tensors:
        if tensor.data is None:
            assert tensor.quantization is not None
            zero_point = (0,) if activations == "int16" else tensor.quantization.zero_point
            quantization = replace(tensor.quantization, zero_point=zero_point)
            tensors.append(replace(tensor, dtype=activations, quantization=quantization))
        elif tensor.dtype == "int8" and weights == "int4":
            tensors.append(replace(tensor, dtype=weights, data=tensor.data // 16))
        else:
            tensors.append(tensor)
    return replace(graph, tensors=tuple(tensors))


def test_int4_weights() -> None:
    graph = with_dtypes(chain(producer(4, 1, 2, bias=BIAS), consumer(5, unread=(0,))), "int8", "int4")
    after = assert_widths(graph, [1, 5])
    assert {t.dtype for op in after.ops for t in after.input_tensors(op)[1:2] if t is not None} == {"int4"}


def test_int16_activations_lose_what_nothing_reads() -> None:
    """Their sums may have 64 bits: a constant stays unless it is the zero point."""
    graph = with_dtypes(chain(producer(4, 1, 2, bias=BIAS), consumer(5, unread=(0,))), "int16", "int8")
    assert_widths(graph, [3, 5])


def test_a_network_that_takes_long_to_run_loses_what_nothing_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = chain(producer(4, 1, bias=BIAS), consumer(5, unread=(0, 3)))
    monkeypatch.setattr(dead_channels, "MOST_WORK", 6 * 6 * 4 * 3)
    assert_widths(graph, [2, 5])
    monkeypatch.undo()
    assert_widths(graph, [1, 5])

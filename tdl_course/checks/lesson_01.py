"""The counting checks of lesson 01, the budget. The reference answers are `tdl_course.count`'s own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod

from tdl_course import count
from tdl_course.checks.framework import Check, Misconception

Cost = tuple[int, int]
Shapes = Sequence[Sequence[int]]


def _no_bias(length: int, inputs: int, outputs: int, kernel: int, stride: int) -> Cost:
    return kernel * inputs * outputs, count.conv_cost(length, inputs, outputs, kernel, stride)[1]


def _stride_ignored(length: int, inputs: int, outputs: int, kernel: int, stride: int) -> Cost:
    return count.conv_cost(length, inputs, outputs, kernel, 1)


def _no_input_channels(length: int, inputs: int, outputs: int, kernel: int, stride: int) -> Cost:
    return count.conv_cost(length, 1, outputs, kernel, stride)


def _rounded_down(length: int, inputs: int, outputs: int, kernel: int, stride: int) -> Cost:
    return count.conv_cost(length, inputs, outputs, kernel)[0], length // stride * outputs * kernel * inputs


def _valid_padding(length: int, inputs: int, outputs: int, kernel: int, stride: int) -> Cost:
    positions = (length - kernel) // stride + 1
    return count.conv_cost(length, inputs, outputs, kernel)[0], positions * outputs * kernel * inputs


def _bias_multiplied(length: int, inputs: int, outputs: int, kernel: int, stride: int) -> Cost:
    parameters = count.conv_cost(length, inputs, outputs, kernel)[0]
    return parameters, parameters * count.out_length(length, stride)


conv_cost = Check(
    name="conv_cost",
    exercise="1.1",
    reference=count.conv_cost,
    cases=((128, 3, 8, 7, 2), (32, 16, 24, 1, 1), (125, 4, 6, 5, 2), (90, 6, 12, 3, 4), (20, 1, 3, 9, 1)),
    misconceptions=(
        Misconception(
            "bias forgotten",
            "Every filter has one more parameter than it has weights: its bias, which is added to each of its sums. "
            "There are as many filters as output channels.",
            _no_bias,
        ),
        Misconception(
            "stride ignored",
            "You slide the filter over every input position. With stride 2 it stops at every second one only: "
            "count the positions of the output.",
            _stride_ignored,
        ),
        Misconception(
            "input channels forgotten",
            "One filter reaches through all input channels at once: for one output value it multiplies kernel × "
            "in_channels pairs, not kernel.",
            _no_input_channels,
        ),
        Misconception(
            "length rounded down",
            "Look at length 125 with stride 2: the filter stops at 0, 2, ..., 124, which is 63 stops: round up.",
            _rounded_down,
        ),
        Misconception(
            "valid padding",
            "That is the count without padding. Here the input is padded (`same`), so that stride 1 gives as many "
            "outputs as there are inputs.",
            _valid_padding,
        ),
        Misconception(
            "bias multiplied",
            "The bias is added, not multiplied, so it is a parameter but no MAC: the sum begins with it.",
            _bias_multiplied,
        ),
    ),
    meaning="You can read the flash and the work of a convolution off its shapes.",
)


def _both_channels(length: int, inputs: int, outputs: int, kernel: int, stride: int) -> Cost:
    first = count.conv_cost(length, inputs, inputs, kernel, stride)
    second = count.conv_cost(count.out_length(length, stride), inputs, outputs, 1)
    return first[0] + second[0], first[1] + second[1]


def _no_pointwise(length: int, inputs: int, outputs: int, kernel: int, stride: int) -> Cost:
    return count.depthwise_cost(length, inputs, kernel, stride)


def _pointwise_before_stride(length: int, inputs: int, outputs: int, kernel: int, stride: int) -> Cost:
    first = count.depthwise_cost(length, inputs, kernel, stride)
    second = count.conv_cost(length, inputs, outputs, 1)
    return first[0] + second[0], first[1] + second[1]


def _stride_twice(length: int, inputs: int, outputs: int, kernel: int, stride: int) -> Cost:
    first = count.depthwise_cost(length, inputs, kernel, stride)
    second = count.conv_cost(count.out_length(length, stride), inputs, outputs, 1, stride)
    return first[0] + second[0], first[1] + second[1]


def _one_bias(length: int, inputs: int, outputs: int, kernel: int, stride: int) -> Cost:
    parameters, macs = count.separable_cost(length, inputs, outputs, kernel, stride)
    return parameters - inputs, macs


def _depthwise_makes_outputs(length: int, inputs: int, outputs: int, kernel: int, stride: int) -> Cost:
    first = count.depthwise_cost(length, outputs, kernel, stride)
    second = count.conv_cost(count.out_length(length, stride), inputs, outputs, 1)
    return first[0] + second[0], first[1] + second[1]


separable_cost = Check(
    name="separable_cost",
    exercise="1.2",
    reference=count.separable_cost,
    cases=((64, 8, 16, 5, 2), (32, 16, 24, 5, 1), (125, 4, 6, 3, 2), (90, 6, 12, 7, 4)),
    misconceptions=(
        Misconception(
            "depthwise multiplies both channels",
            "In the depthwise half no channel sees another: each has one filter of `kernel` weights. You have counted "
            "in_channels × in_channels filters, which is an ordinary convolution.",
            _both_channels,
        ),
        Misconception(
            "pointwise forgotten",
            "That is the depthwise half. The pointwise one, a convolution with kernel 1, mixes the channels after it.",
            _no_pointwise,
        ),
        Misconception(
            "pointwise at the input's length",
            "The depthwise half has the stride, so it shortens the signal: the pointwise half sees the shorter one.",
            _pointwise_before_stride,
        ),
        Misconception(
            "stride twice",
            "The stride is taken once, in the depthwise half. The pointwise half visits every position that is left.",
            _stride_twice,
        ),
        Misconception(
            "one bias",
            "Both halves are layers of their own, and both have biases: in_channels of them and out_channels of them.",
            _one_bias,
        ),
        Misconception(
            "depthwise makes the outputs",
            "The depthwise half keeps the number of channels: it has in_channels filters. Only the pointwise half "
            "changes the number.",
            _depthwise_makes_outputs,
        ),
    ),
    meaning="You know where MobileNet's savings come from, and what is left to pay.",
)


def _sum_of_all(shapes: Shapes) -> int:
    return sum(prod(shape) for shape in shapes)


def _largest_alone(shapes: Shapes) -> int:
    return max(prod(shape) for shape in shapes)


def _float_bytes(shapes: Shapes) -> int:
    return 4 * count.peak_bytes(shapes)


def _two_largest(shapes: Shapes) -> int:
    return sum(sorted(prod(shape) for shape in shapes)[-2:])


def _first_pair(shapes: Shapes) -> int:
    return prod(shapes[0]) + prod(shapes[1])


def _outputs_only(shapes: Shapes) -> int:
    return max(prod(b) for _, b in pairwise(shapes))


peak_bytes = Check(
    name="peak_bytes",
    exercise="1.3",
    reference=count.peak_bytes,
    cases=(
        ([(128, 3), (64, 8), (32, 8), (32, 16)],),
        ([(40, 10), (10, 4), (60, 6), (20, 8), (3,)],),
        ([(16, 2), (8, 6), (8, 20), (4, 20), (50,), (5,)],),
        ([(100, 9), (90, 2), (70, 4)],),
    ),
    misconceptions=(
        Misconception(
            "sum of all",
            "That is what you need if nothing is ever thrown away. Once the next layer has read a value, its bytes can "
            "be used again: ask what must exist while one layer runs.",
            _sum_of_all,
        ),
        Misconception(
            "largest alone",
            "A layer reads one value while it writes another, so two must exist at once: the layer's input and output.",
            _largest_alone,
        ),
        Misconception(
            "outputs only",
            "A layer still reads its input while it writes its output: count both.",
            _outputs_only,
        ),
        Misconception(
            "float32 bytes",
            "That is four bytes a value, as in float32. These values are int8: one byte each.",
            _float_bytes,
        ),
        Misconception(
            "two largest of all",
            "The two largest values need not meet: add up neighbours in the chain, then take the largest sum.",
            _two_largest,
        ),
        Misconception(
            "first layer",
            "The first layer is not always the worst one: go through all of them and take the largest.",
            _first_pair,
        ),
    ),
    meaning="You can tell whether a chain of layers fits a chip before it is trained.",
)

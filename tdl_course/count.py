"""count: what a network needs, from its shapes alone: parameters, multiply-accumulates, bytes of activations.

In: the shapes of one layer, rows that describe a chain of layers over time, or a `Graph`. Out: integers, and `Count`
with one `LayerCount` a layer. This module knows no weights, no C and no target; nothing is run.

Convolutions here slide along time only and are padded so that stride 1 keeps the length ("same"). MACs are
multiply-accumulates: one product added to a sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

import numpy as np

from tdl_course import ops
from tdl_course.graph import Graph
from tdl_course.table import Table

BIAS_BYTES = 4  # a bias is int32; everything else is int8

Row = tuple[str, int, int, int]
"""A block of a chain: "conv" or "separable", output channels, kernel length, stride."""


def conv_cost(length: int, in_channels: int, out_channels: int, kernel: int, stride: int = 1) -> tuple[int, int]:
    """Parameters and MACs of a convolution over time, with bias, "same" padding (taps on padding are counted).

    >>> conv_cost(128, 3, 8, kernel=7, stride=2)
    (176, 10752)
    """
    one_output = kernel * in_channels
    return (one_output + 1) * out_channels, out_length(length, stride) * out_channels * one_output


def depthwise_cost(length: int, channels: int, kernel: int, stride: int = 1) -> tuple[int, int]:
    """Parameters and MACs of a depthwise convolution: each channel has its own filter and sees no other.

    >>> depthwise_cost(64, 8, kernel=5, stride=2)
    (48, 1280)
    """
    return (kernel + 1) * channels, out_length(length, stride) * channels * kernel


def separable_cost(length: int, in_channels: int, out_channels: int, kernel: int, stride: int = 1) -> tuple[int, int]:
    """Parameters and MACs of a depthwise convolution (which has the stride) and a pointwise one after it.

    >>> separable_cost(64, 8, 16, kernel=5, stride=2)
    (192, 5376)
    """
    depthwise = depthwise_cost(length, in_channels, kernel, stride)
    pointwise = conv_cost(out_length(length, stride), in_channels, out_channels, kernel=1)
    return depthwise[0] + pointwise[0], depthwise[1] + pointwise[1]


def peak_bytes(shapes: Sequence[Sequence[int]]) -> int:
    """Most bytes that must exist at once in a chain of int8 layers: the input and the output of one layer.

    `shapes` are those of the chain's values, the network's input first and its output last.

    >>> peak_bytes([(128, 3), (64, 8), (32, 8)])
    896
    """
    return max(prod(a) + prod(b) for a, b in pairwise(shapes))


def out_length(length: int, stride: int) -> int:
    """Positions of the output of a "same" convolution: the length divided by the stride, rounded up."""
    return -(-length // stride)


@dataclass(frozen=True)
class LayerCount:
    """What one layer needs: `outputs` is the number of values that it computes, bytes are those of int8."""

    kind: str
    shape: tuple[int, ...]
    parameters: int
    weight_bytes: int
    macs: int
    input_bytes: int
    output_bytes: int

    @property
    def outputs(self) -> int:
        return prod(self.shape)


@dataclass(frozen=True)
class Count:
    """What the layers of one network need, and their sums."""

    name: str
    layers: tuple[LayerCount, ...]

    @property
    def parameters(self) -> int:
        return sum(layer.parameters for layer in self.layers)

    @property
    def weight_bytes(self) -> int:
        """Bytes of weights (one each) and biases (four each)."""
        return sum(layer.weight_bytes for layer in self.layers)

    @property
    def macs(self) -> int:
        return sum(layer.macs for layer in self.layers)

    @property
    def peak_bytes(self) -> int:
        """Input and output of the layer where both are largest together. Exact for a chain; where values live longer
        than to the next layer, as in a network with branches, it is a lower bound."""
        return max((layer.input_bytes + layer.output_bytes for layer in self.layers), default=0)

    def rows(self) -> list[tuple[str, ...]]:
        """One row a layer and one for the whole: kind, output shape, parameters, MACs, bytes in and out."""
        rows = [
            (
                layer.kind,
                "×".join(map(str, layer.shape)),
                f"{layer.parameters:,}",
                f"{layer.macs:,}",
                f"{layer.input_bytes + layer.output_bytes:,}",
            )
            for layer in self.layers
        ]
        return [
            *rows,
            ("whole network", "", f"{self.parameters:,}", f"{self.macs:,}", f"{self.peak_bytes:,} (largest)"),
        ]

    def table(self) -> Table:
        columns = ("layer", "output", "parameters", "MACs", "bytes in and out")
        return Table(f"{self.name}, counted from its shapes", columns, tuple(self.rows()))

    def __repr__(self) -> str:
        return str(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def count_graph(graph: Graph) -> Count:
    """Count every operator of `graph`. Shapes are given without the batch and without dimensions of size 1.

    Raises `ops.OperatorError` for an operator that the compiler does not know.
    """
    layers = []
    for op in graph.ops:
        read = [tensor for tensor in graph.input_tensors(op) if tensor is not None]
        # Weights and biases are quantized; the shape of a RESHAPE or the axes of a MEAN are not.
        weights = [t for t in read if t.is_constant and t.quantization is not None]
        written = graph.output_tensors(op)
        layers.append(
            LayerCount(
                kind=op.kind,
                shape=tuple(size for size in written[0].shape[1:] if size != 1) or (1,),
                parameters=sum(t.size for t in weights),
                weight_bytes=sum(t.nbytes for t in weights),
                macs=ops.operator(op.kind).macs(graph, op),
                input_bytes=sum(t.nbytes for t in read if not t.is_constant),
                output_bytes=sum(t.nbytes for t in written),
            )
        )
    return Count(graph.name, tuple(layers))


def count_chain(name: str, length: int, channels: int, rows: Sequence[Row], classes: int) -> Count:
    """Count a network that exists only as a description.

    Parameters
    ----------
    name : str
    length, channels : int
        The input: samples in time, channels of each.
    rows : sequence of (kind, output channels, kernel, stride)
        `kind` is "conv" or "separable". After the last row come a mean over time, a dense layer and softmax.
    classes : int

    Raises
    ------
    ValueError
        For another kind, or a number below 1.
    """
    for row in rows:
        if row[0] not in ("conv", "separable") or min(row[1:]) < 1:
            raise ValueError(f"row {row}: the kind is 'conv' or 'separable', all numbers are at least 1")
    return Count(name, tuple(_chain_layers(length, channels, rows, classes)))


def _chain_layers(length: int, channels: int, rows: Sequence[Row], classes: int) -> Iterator[LayerCount]:
    shape = (length, channels)
    for kind, out_channels, kernel, stride in rows:
        if kind == "separable":
            after = (out_length(shape[0], stride), shape[1])
            yield _layer("DEPTHWISE_CONV_2D", shape, after, depthwise_cost(*shape, kernel, stride))
            shape, kernel, stride = after, 1, 1
        after = (out_length(shape[0], stride), out_channels)
        yield _layer("CONV_2D", shape, after, conv_cost(*shape, out_channels, kernel, stride))
        shape = after
    mean = (shape[1],)
    yield _layer("MEAN", shape, mean, (0, 0))
    yield _layer("FULLY_CONNECTED", mean, (classes,), ((mean[0] + 1) * classes, mean[0] * classes))
    yield _layer("SOFTMAX", (classes,), (classes,), (0, 0))


def _layer(kind: str, before: Sequence[int], after: tuple[int, ...], cost: tuple[int, int]) -> LayerCount:
    parameters, macs = cost
    biases = after[-1] if parameters else 0
    weight_bytes = parameters + (BIAS_BYTES - 1) * biases
    return LayerCount(kind, after, parameters, weight_bytes, macs, prod(before), prod(after))


def cycles_per_unit(macs: Sequence[int], outputs: Sequence[int], cycles: Sequence[int]) -> tuple[float, float]:
    """The two numbers a, b for which `cycles = a * macs + b * outputs` fits best: cycles per MAC and per output.

    Least squares on relative errors, so that a small layer counts as much as a large one. Neither is below 0.

    >>> a, b = cycles_per_unit([100, 400], [10, 20], [400, 1200])
    >>> round(a, 6), round(b, 6)
    (2.0, 20.0)
    """
    wanted = np.asarray(cycles, np.float64)
    columns = np.stack([macs, outputs], axis=1) / wanted[:, None]
    solution = np.linalg.lstsq(columns, np.ones(len(wanted)), rcond=None)[0]
    if solution.min() < 0:
        keep = int(solution.argmax())
        alone = columns[:, keep]
        solution = np.zeros(2)
        solution[keep] = alone.sum() / (alone @ alone)
    return float(solution[0]), float(solution[1])

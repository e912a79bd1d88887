"""How channels pass through operators: which channel of an output is the same channel of an input, and no other.

In: a graph and an operator. Out: `Link`s. A channel is an index of a tensor's last axis, all its positions together.
What is said here holds for the operators' definitions, whatever their weights are; it knows nothing of values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tdl_course.graph import Graph, Op, Tensor

ELEMENT_WISE = (
    "ABS",
    "ADD",
    "DEQUANTIZE",
    "HARD_SWISH",
    "LEAKY_RELU",
    "LOGISTIC",
    "MUL",
    "PRELU",
    "QUANTIZE",
    "RELU",
    "RELU6",
    "RELU_N1_TO_1",
    "SUB",
    "TANH",
)
OVER_POSITIONS = (
    "AVERAGE_POOL_2D",
    "MAX_POOL_2D",
    "MEAN",
    "PAD",
    "PADV2",
    "RESIZE_BILINEAR",
    "RESIZE_NEAREST_NEIGHBOR",
    "SUM",
    "TRANSPOSE",
)
"""Operators on the first input, each channel for itself, unless their second input speaks of the last axis."""

WEIGHT_AXES = {"CONV_2D": (0, 3), "FULLY_CONNECTED": (0, 1)}
"""Operators that mix channels: the axes of their weights that count the channels of the output and of the input."""


@dataclass(frozen=True, eq=False)
class Link:
    """Channel `source_channels[i]` of tensor `source` is channel `target_channels[i]` of tensor `target`, for each i.

    The output's channel depends on that channel of the source and on no other, and if both are taken away, what the
    operator does to the others stays the same.
    """

    source: int
    target: int
    source_channels: np.ndarray
    target_channels: np.ndarray


def channels(tensor: Tensor) -> int:
    return tensor.shape[-1] if tensor.shape else 1


def links(graph: Graph, op: Op) -> list[Link] | None:
    """The links through `op`, of all its inputs that have channels; None where it does not keep channels apart.

    Weights, shapes, axes and values that serve all channels have none. For an operator of `WEIGHT_AXES`: no links.
    """
    if op.kind in WEIGHT_AXES:
        return [] if _mixes(graph, op) else None
    if op.kind in ELEMENT_WISE:
        return _element_wise(graph, op)
    source, target = op.inputs[0], op.outputs[0]
    before, after = channels(graph.tensors[source]), channels(graph.tensors[target])
    if op.kind == "DEPTHWISE_CONV_2D":
        return [Link(source, target, np.arange(after) // (after // before), np.arange(after))]
    if op.kind in OVER_POSITIONS and _leaves_last_axis(graph, op):
        return [Link(source, target, np.arange(after), np.arange(after))]
    if op.kind == "RESHAPE" and (after % before == 0 or before % after == 0):
        longer = np.arange(max(before, after))
        return [Link(source, target, longer % before, longer % after)]
    if op.kind == "CONCATENATION":
        return _side_by_side(graph, op)
    return None


def _mixes(graph: Graph, op: Op) -> bool:
    """True where each column of the weights belongs to one channel of the input: no groups, rows of whole positions."""
    inputs = graph.tensors[op.inputs[1]].shape[WEIGHT_AXES[op.kind][1]]
    before = channels(graph.tensors[op.inputs[0]])
    return inputs == before or (op.kind == "FULLY_CONNECTED" and inputs % before == 0)


def _element_wise(graph: Graph, op: Op) -> list[Link] | None:
    """An operand of one channel that goes to all is no obstacle where it is a constant."""
    target = op.outputs[0]
    count = channels(graph.tensors[target])
    found = []
    for index in op.inputs:
        if channels(graph.tensors[index]) == count:
            found.append(Link(index, target, np.arange(count), np.arange(count)))
        elif not graph.tensors[index].is_constant:
            return None
    return found


def _leaves_last_axis(graph: Graph, op: Op) -> bool:
    """False where the operator moves, widens or reduces the last axis of its input."""
    source = graph.tensors[op.inputs[0]]
    last = len(source.shape) - 1
    said = None if len(op.inputs) < 2 else np.asarray(graph.tensors[op.inputs[1]].data).reshape(-1).tolist()
    if op.kind in ("MEAN", "SUM"):
        return said is not None and last not in {axis % len(source.shape) for axis in said}
    if op.kind in ("PAD", "PADV2"):
        return said is not None and said[-2:] == [0, 0]
    if op.kind == "TRANSPOSE":
        return said is not None and said[-1] == last
    return True


def _side_by_side(graph: Graph, op: Op) -> list[Link] | None:
    target = op.outputs[0]
    count, rank = channels(graph.tensors[target]), len(graph.tensors[target].shape)
    axis = op.options.get("axis", 0)
    assert isinstance(axis, int)
    if axis % rank != rank - 1:
        return [Link(index, target, np.arange(count), np.arange(count)) for index in op.inputs]
    found, start = [], 0
    for index in op.inputs:
        width = channels(graph.tensors[index])
        found.append(Link(index, target, np.arange(width), start + np.arange(width)))
        start += width
    return found

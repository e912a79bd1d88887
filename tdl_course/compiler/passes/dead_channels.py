"""fold_dead_channels: channels that never vary, or that nothing depends on, are taken out of the network.

Training with regularization leaves channels whose weights are all zero. What such a channel writes is a constant, the
requantized bias; what only such channels read is computed for nothing. A channel goes together with all that it is
linked to by operators that keep channels apart (`channels.links`), if for every convolution and fully connected
operator that reads it one of these holds:

- its weights for that channel are all zero;
- the channel is a constant equal to the zero point: it adds nothing, on padding or beside it;
- the channel is a constant, and no window sees padding: what it adds is one number for each output, and goes into the
  bias. On padding it would add less than elsewhere, which no bias can say.

What a constant channel holds is not derived here: the interpreter says it, for any input at all.
One channel of a tensor stays in any case. The numbers of channels that are left are what they are: kernels that work on
four channels at once finish the others one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tdl_course.compiler.passes.channels import WEIGHT_AXES, Link, channels, links
from tdl_course.compiler.passes.edit import work
from tdl_course.compiler.passes.shrink import taken_out, weights_by_channel
from tdl_course.compiler.reference import interpret_all
from tdl_course.graph import Graph, Op
from tdl_course.ops.window import window_of

INT32_MAX = 2**31 - 1

MOST_WORK = 1 << 28
"""Multiply-accumulates and values of a network that is run once to learn its constants: a second or so in NumPy.
Beyond, and beyond a microcontroller, only channels that nothing depends on go."""


def fold_dead_channels(graph: Graph) -> Graph:
    """Take channels out until all that are left matter. Grouped convolutions keep theirs."""
    while True:
        through = [links(graph, op) for op in graph.ops]
        fixed = _fixed(graph, through)
        # What fixed channels hold takes a run of the network: only where it might decide something.
        kept = _kept(graph, through, {n: fixed[op.inputs[0]] for n, op in _mixing(graph, through)})
        if all(mask.all() for mask in kept.values()):
            return graph
        values = _values(graph)
        constants = {n: _constants(graph, op, fixed[op.inputs[0]], values) for n, op in _mixing(graph, through)}
        kept = _kept(graph, through, {n: found.foldable for n, found in constants.items()})
        if all(mask.all() for mask in kept.values()):
            return graph
        graph = taken_out(graph, kept, {n: found.added for n, found in constants.items()})


@dataclass(frozen=True, eq=False)
class Constants:
    """Of an operator that mixes channels: which of its input's channels the bias can replace, and what they add.

    `foldable` is bool [input channels], `added` int64 [output channels, input channels].
    """

    foldable: np.ndarray
    added: np.ndarray


def _mixing(graph: Graph, through: list[list[Link] | None]) -> list[tuple[int, Op]]:
    """Number and operator of those that mix channels, and of which channels may be taken out."""
    return [
        (number, op)
        for number, (op, found) in enumerate(zip(graph.ops, through, strict=True))
        if op.kind in WEIGHT_AXES and found is not None
    ]


def _fixed(graph: Graph, through: list[list[Link] | None]) -> list[np.ndarray]:
    """For each tensor, bool [channels]: True where no value of the channel depends on the graph's inputs."""
    fixed = [np.full(channels(tensor), tensor.is_constant) for tensor in graph.tensors]
    for op, found in zip(graph.ops, through, strict=True):
        if found is None:
            always = all(fixed[index].all() for index in op.inputs if index >= 0)
            for index in op.outputs:
                fixed[index][:] = always
            continue
        result = np.ones(channels(graph.tensors[op.outputs[0]]), bool)
        if op.kind in WEIGHT_AXES:
            reads = weights_by_channel(graph, op).any(axis=2)
            result = np.logical_not((reads & ~fixed[op.inputs[0]]).any(axis=1))
        for link in found:
            np.logical_and.at(result, link.target_channels, fixed[link.source][link.source_channels])
        if op.kind == "DEPTHWISE_CONV_2D":
            weights = graph.tensors[op.inputs[1]].data
            result |= ~np.asarray(weights).any(axis=(0, 1, 2))
        fixed[op.outputs[0]] = result
    return fixed


def _values(graph: Graph) -> dict[int, np.ndarray]:
    """Every activation for some input; none where that would take long."""
    if sum(work(graph, op) for op in graph.ops) > MOST_WORK:
        return {}
    return interpret_all(graph, [np.zeros(graph.tensors[i].shape, graph.tensors[i].dtype) for i in graph.inputs])


def _constants(graph: Graph, op: Op, fixed: np.ndarray, values: dict[int, np.ndarray]) -> Constants:
    source, weights = graph.tensors[op.inputs[0]], graph.tensors[op.inputs[1]]
    pairs = weights_by_channel(graph, op).astype(np.int64)
    sums, magnitudes = pairs.sum(axis=2), np.abs(pairs).sum(axis=(1, 2))
    bias = graph.tensors[op.inputs[2]] if len(op.inputs) > 2 and op.inputs[2] >= 0 else None
    narrow = source.dtype == "int8" and (bias is None or bias.dtype == "int32")
    if not narrow or op.options.get("input_offset_in_bias", False) or op.inputs[0] not in values:
        return Constants(np.zeros(len(fixed), bool), np.zeros_like(sums))
    positions = values[op.inputs[0]].reshape(-1, len(fixed))
    constant = fixed & (positions == positions[0]).all(axis=0)
    excess = np.where(constant, positions[0].astype(np.int64) - source.zero_point, 0)
    added = sums * excess
    own = np.zeros(1, np.int64) if bias is None else np.asarray(bias.data, np.int64).reshape(-1)
    largest = np.abs(added).sum(axis=1) + np.abs(own) + 255 * magnitudes  # on the way of any sum
    window = window_of(op, source.shape, (weights.shape[1], weights.shape[2])) if op.kind == "CONV_2D" else None
    if largest.max() > INT32_MAX or (window is not None and any(window.border)):
        constant &= excess == 0
    return Constants(constant, added)


def _kept(graph: Graph, through: list[list[Link] | None], foldable: dict[int, np.ndarray]) -> dict[int, np.ndarray]:
    """Tensor index -> bool [channels], for all tensors that can lose channels: True where one stays.

    `foldable`: of each operator that mixes channels, the input channels that its bias can replace.
    """
    start = np.cumsum([0, *(channels(tensor) for tensor in graph.tensors)])
    needed = np.ones(start[-1], bool)
    least: dict[int, int] = {}
    pinned = {*graph.inputs, *graph.outputs}
    for op, found in zip(graph.ops, through, strict=True):
        moving = {op.inputs[0], op.outputs[0]} if op.kind in WEIGHT_AXES else set()
        for link in found or ():
            moving |= {link.source, link.target}
        least |= {index: 1 for index in moving if index not in least}
        pinned |= {*op.inputs, *op.outputs} - (set() if found is None else moving)
        if op.kind == "FULLY_CONNECTED" and _per_channel(graph, op):
            least[op.outputs[0]] = 2  # one scale would make TFLM multiply with another precision than several
    for index in set(least) - pinned:
        needed[start[index] : start[index + 1]] = False
    for number, op in _mixing(graph, through):
        used = weights_by_channel(graph, op).any(axis=(0, 2)) & ~foldable[number]
        needed[start[op.inputs[0]] : start[op.inputs[0] + 1]] |= used

    label = _classes(start, [link for found in through for link in found or ()])
    stays = np.zeros(start[-1], bool)
    np.logical_or.at(stays, label, needed)
    for index in sorted(set(least) - pinned):
        own = label[start[index] : start[index + 1]]
        for candidate in own:
            if stays[own].sum() >= least[index]:
                break
            stays[candidate] = True
    return {index: stays[label[start[index] : start[index + 1]]] for index in sorted(set(least) - pinned)}


def _classes(start: np.ndarray, found: list[Link]) -> np.ndarray:
    """For each channel of each tensor the number of its class, which is that of its first member."""
    label = np.arange(start[-1])
    pairs = [(start[link.source] + link.source_channels, start[link.target] + link.target_channels) for link in found]
    before = np.empty(0, int)
    while not np.array_equal(label, before):
        before = label.copy()
        for source, target in pairs:
            np.minimum.at(label, target, label[source])
            np.minimum.at(label, source, label[target])
    return label


def _per_channel(graph: Graph, op: Op) -> bool:
    quantization = graph.tensors[op.inputs[1]].quantization
    return quantization is not None and quantization.per_channel

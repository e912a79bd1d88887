"""thin: a converted network with fewer weights, to measure what sparsity costs without training anything.

In: a `Graph`, as `compiler.read_tflite` gives it. Out: the same graph with the smallest weights of each convolution and
dense layer zero. Cycles and bytes depend on how many weights are left and hardly on which; accuracy does, so none
should be taken from here.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tdl_course.compress.prune import magnitude_mask
from tdl_course.graph import Graph

PRUNED = ("CONV_2D", "FULLY_CONNECTED")
"""Operators that have a kernel for sparse weights."""


def thin(graph: Graph, sparsity: float) -> Graph:
    """`graph` with `round(sparsity * size)` weights of each convolution and dense layer zero, the smallest integers.

    Raises
    ------
    ValueError
        `sparsity` is not from 0 to 1, or the graph has no such layer with constant weights.
    """
    weights = {op.inputs[1] for op in graph.ops if op.kind in PRUNED and graph.tensors[op.inputs[1]].is_constant}
    if not weights:
        kinds = ", ".join(sorted({op.kind for op in graph.ops}))
        raise ValueError(f"graph {graph.name!r} has {kinds or 'no operators'}; a {' or '.join(PRUNED)} is needed")
    tensors = list(graph.tensors)
    for index in weights:
        data = np.asarray(tensors[index].data)
        tensors[index] = replace(tensors[index], data=data * magnitude_mask(data.astype(np.int16), sparsity))
    return replace(graph, tensors=tuple(tensors))

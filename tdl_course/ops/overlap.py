"""How far an output may lie over an operator's input while its kernel runs.

In: a graph and an operator. Out: input position -> distance in bytes. A distance d says: where that input starts at
least d bytes above the output, every byte that the kernel writes has been read for the last time. 0 allows both to
start at one address. A position that is missing must not share a byte with the output.

All rules here speak of kernels that walk through the output from its first byte to its last in steps, each step reading
what it needs before, or while, it writes. Then d is the largest lead of the writing over the reading that is still to
come: max over steps t of (end of what step t writes - start of what steps t, t + 1, ... read).
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.window import Window


def apart(graph: Graph, op: Op) -> dict[int, int]:
    """No input may share a byte with the output."""
    return {}


def element_wise(graph: Graph, op: Op) -> dict[int, int]:
    """Step t reads element t of each input, then writes element t. Inputs that are repeated (broadcast) stay apart."""
    target = graph.tensors[op.outputs[0]]
    distances = {}
    for position, index in enumerate(op.inputs):
        if index >= 0 and graph.tensors[index].size == target.size and not graph.tensors[index].is_constant:
            growth = (target.nbytes - graph.tensors[index].nbytes) // target.size
            distances[position] = max(0, (target.size - 1) * growth)
    return distances


def by_windows(graph: Graph, op: Op, window: Window, at_once: int = 0, side: int = 1) -> dict[int, int]:
    """Step t writes all channels of output pixel t, and reads that pixel's window of the first input while it does.

    A kernel may read the windows of several tiles, `at_once` of side x side pixels, before it writes these: then only
    later ones are still to come. A tile lies in `side` rows of the output, so what is written need not grow steadily.
    """
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    (height, width), (rows, columns) = window.input, window.output
    images = target.size // target.shape[-1] // (rows * columns)
    y, x = np.arange(0, rows, side)[:, None], np.arange(0, columns, side)
    image = np.arange(images)[:, None, None]
    top, left = y * window.stride[0] - window.pad[0], x * window.stride[1] - window.pad[1]
    first = np.maximum(top, 0) * width + np.maximum(left, 0)
    last = (np.minimum(y + side, rows) - 1) * columns + np.minimum(x + side, columns)
    reads = ((image * height * width + first) * (source.nbytes // (images * height * width))).reshape(-1)
    ends = ((image * rows * columns + last) * (target.nbytes // (images * rows * columns))).reshape(-1)
    yet_to_come = np.append(np.minimum.accumulate(reads[::-1])[::-1], target.nbytes)
    step = np.arange(len(reads))
    read_from = np.minimum((step // at_once + 1) * at_once, len(reads)) if at_once else step
    return {0: max(0, int((np.maximum.accumulate(ends) - yet_to_come[read_from]).max()))}


def by_runs(reads: np.ndarray, run: int) -> int:
    """Step t copies `run` bytes, from byte reads[t] of the input on, byte after byte: the distance.

    What a later step reads lies above what it writes by as much, so each step need only look at its own way up.
    """
    return max(0, int((np.arange(len(reads)) * run - reads).max()))

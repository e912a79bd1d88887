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


def by_windows(graph: Graph, op: Op, window: Window, pixels: int = 0) -> dict[int, int]:
    """Step t writes all channels of output pixel t, and reads that pixel's window of the first input while it does.

    Where a kernel reads the windows of several `pixels` before it writes these, only later ones are still to come.
    """
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    height, width = window.input
    images = target.size // target.shape[-1] // (window.output[0] * window.output[1])
    pixel_in = source.nbytes // (images * height * width)
    pixel_out = target.nbytes // (images * window.output[0] * window.output[1])
    top = np.arange(window.output[0]) * window.stride[0] - window.pad[0]
    left = np.arange(window.output[1]) * window.stride[1] - window.pad[1]
    first = np.maximum(top, 0)[:, None] * width + np.maximum(left, 0)
    image = np.arange(images)[:, None, None] * height * width
    reads = ((image + first) * pixel_in).reshape(-1)
    yet_to_come = np.append(np.minimum.accumulate(reads[::-1])[::-1], target.nbytes)
    step = np.arange(len(reads))
    read_from = np.minimum((step // pixels + 1) * pixels, len(reads)) if pixels else step
    written = (step + 1) * pixel_out
    return {0: max(0, int((written - yet_to_come[read_from]).max()))}


def by_tiles(graph: Graph, op: Op, window: Window, side: int, tiles: int) -> dict[int, int]:
    """Step t reads the windows of some `tiles` of side x side output pixels, row after row of tiles, then writes these.

    A tile lies in several rows of the output, so what a step writes may end below the end of an earlier step.
    """
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    images = target.shape[0]
    (height, width), (rows, columns) = window.input, window.output
    y, x = np.arange(0, rows, side)[:, None], np.arange(0, columns, side)
    image = np.arange(images)[:, None, None]
    top, left = y * window.stride[0] - window.pad[0], x * window.stride[1] - window.pad[1]
    first = np.maximum(top, 0) * width + np.maximum(left, 0)
    last = (np.minimum(y + side, rows) - 1) * columns + np.minimum(x + side, columns)
    reads = ((image * height * width + first) * (source.nbytes // (images * height * width))).reshape(-1)
    ends = ((image * rows * columns + last) * (target.nbytes // (images * rows * columns))).reshape(-1)
    yet_to_come = np.append(np.minimum.accumulate(reads[::-1])[::-1], target.nbytes)
    written = np.maximum.accumulate(ends)
    read_from = np.minimum((np.arange(len(reads)) // tiles + 1) * tiles, len(reads))
    return {0: max(0, int((written - yet_to_come[read_from]).max()))}


def by_runs(reads: np.ndarray, run: int) -> int:
    """Step t copies `run` bytes, from byte reads[t] of the input on, byte after byte: the distance.

    What a later step reads lies above what it writes by as much, so each step need only look at its own way up.
    """
    return max(0, int((np.arange(len(reads)) * run - reads).max()))

"""fuse_pad: a PAD in space in front of a convolution becomes the convolution's own padding.

A convolution counts taps beyond its input as zero, which is what PAD's border, the zero point, is worth: the sums stay
the same, and the padded copy of the input is never made.
"""

from __future__ import annotations

import numpy as np

from tdl_course.compiler.passes.edit import Draft, is_valid, same_numbers, with_options
from tdl_course.graph import Graph, Op
from tdl_course.ops.window import window_of

CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")


def fuse_pad(graph: Graph) -> Graph:
    """Merge each PAD with the convolutions that read it; it stays where one of its readers cannot take it over."""
    draft = Draft(graph)
    for number in reversed(range(len(graph.ops))):  # of two PADs in a row, the convolution takes over the second first
        op = graph.ops[number]
        if op.kind in ("PAD", "PADV2") and op.outputs[0] not in graph.outputs and _is_zero_border(graph, op):
            merged = {reader: _merged(graph, op, draft.ops[reader]) for reader in draft.readers(op.outputs[0])}
            if None not in merged.values():
                for changed, to in {**merged, number: None}.items():
                    draft.exchange(changed, to)
    return draft.done()


def _is_zero_border(graph: Graph, op: Op) -> bool:
    """True for an image with a border in height and width, whose value is the zero point."""
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    if len(source.shape) != 4 or not same_numbers(source, target) or source.quantization is None:
        return False
    value = graph.tensors[op.inputs[2]].data if len(op.inputs) == 3 and op.inputs[2] >= 0 else None
    zero = value is None or bool((np.asarray(value) == target.zero_point).all())
    return zero and (source.shape[0], source.shape[3]) == (target.shape[0], target.shape[3])


def _merged(graph: Graph, pad: Op, op: Op | None) -> Op | None:
    """The convolution `op` that reads what `pad` reads; None where it cannot."""
    if op is None or op.kind not in CONVOLUTIONS or op.options.get("input_offset_in_bias", False):
        return None
    padded, weights = graph.tensors[pad.outputs[0]], graph.tensors[op.inputs[1]]
    around = window_of(op, padded.shape, (weights.shape[1], weights.shape[2])).border
    widths = np.asarray(graph.tensors[pad.inputs[1]].data).reshape(4, 2)[1:3].reshape(-1).tolist()
    sides = tuple(a + b for a, b in zip(around, widths, strict=True))
    merged = Op(op.kind, (pad.inputs[0], *op.inputs[1:]), op.outputs, op.options)
    merged = with_options(merged, explicit_padding=sides)
    return merged if is_valid(graph, merged) else None

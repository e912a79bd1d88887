"""fuse_activations: a clamp becomes part of the operator in front of it, and one that changes nothing is dropped.

Only where the clamp's input and output have one scale and zero point: then it rescales by exactly 1, and clamping the
same integers one operator earlier gives the same integers.
"""

from __future__ import annotations

from tdl_course.compiler.passes.edit import Draft, is_valid, same_numbers, with_options
from tdl_course.graph import Graph, Op, Tensor
from tdl_course.ops.fixed_point import ACTIVATION_BOUNDS, activation_range

CLAMPS = {"RELU": "RELU", "RELU6": "RELU6", "RELU_N1_TO_1": "RELU_N1_TO_1", "QUANTIZE": "NONE"}
"""Operators that only clamp where the scale stays the same, and the fused activation of the same bounds."""

FUSING = (
    "ADD",
    "AVERAGE_POOL_2D",
    "CONV_2D",
    "DEPTHWISE_CONV_2D",
    "FULLY_CONNECTED",
    "MAX_POOL_2D",
    "MUL",
    "SUB",
)
"""Operators whose last step is to clamp to the bounds of their fused activation."""

INTEGERS = ("int8", "int16")


def fuse_activations(graph: Graph) -> Graph:
    """Merge RELU, RELU6, RELU_N1_TO_1 and QUANTIZE with the operator in front, where that is exact."""
    draft = Draft(graph)
    for number, op in enumerate(graph.ops):
        if _only_clamps(graph, op):
            _fuse(draft, number)
    return draft.done()


def _only_clamps(graph: Graph, op: Op) -> bool:
    if op.kind not in CLAMPS:
        return False
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    return source.dtype in INTEGERS and same_numbers(source, target) and not source.is_constant


def _fuse(draft: Draft, number: int) -> None:
    """Drop clamp `number` from the draft, unless it has to stay."""
    op = draft.ops[number]
    assert op is not None
    target = draft.graph.tensors[op.outputs[0]]
    if _bounds(CLAMPS[op.kind], target) == _bounds("NONE", target):
        draft.drop_identity(number)
        return
    writer = draft.sole_writer(op.inputs[0])
    before = None if writer is None else draft.ops[writer]
    if writer is None or before is None or before.kind not in FUSING:
        return
    merged = _both(str(before.options.get("fused_activation_function", "NONE")), CLAMPS[op.kind], target)
    if merged is None:
        return
    fused = with_options(before, fused_activation_function=merged)
    if is_valid(draft.graph, fused):
        draft.exchange(writer, fused)
        draft.drop_identity(number)


def _both(first: str, second: str, target: Tensor) -> str | None:
    """The one activation that clamps `target` as both do, one after the other; None where there is none."""
    ranges = _bounds(first, target), _bounds(second, target)  # they meet: the zero point lies in both
    wanted = max(low for low, _ in ranges), min(high for _, high in ranges)
    return next((name for name in (first, second, *ACTIVATION_BOUNDS) if _bounds(name, target) == wanted), None)


def _bounds(activation: str, target: Tensor) -> tuple[int, int]:
    return activation_range(activation, target.scale, target.zero_point, target.dtype)

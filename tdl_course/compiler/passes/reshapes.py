"""drop_no_op_reshapes: operators that only give the same bytes another shape.

RESHAPE, SQUEEZE, EXPAND_DIMS, and a TRANSPOSE that moves no axis longer than 1 are one thing here: a RESHAPE. Several
in a row become one; one that changes nothing goes, and so does one in front of a reader to which the shape is all the
same. What stays costs nothing on the device, where both tensors can have one address.
"""

from __future__ import annotations

import numpy as np

from tdl_course.compiler.passes.edit import (
    is_valid,
    readers,
    reading,
    same_numbers,
    with_ops,
    without_identity,
    writers,
)
from tdl_course.graph import Graph, Op

RESHAPES = ("RESHAPE", "SQUEEZE", "EXPAND_DIMS")

SHAPELESS = ("RESHAPE", "FULLY_CONNECTED")
"""They take the values of their input in order, as rows of a length that does not come from its shape."""


def drop_no_op_reshapes(graph: Graph) -> Graph:
    """Write every operator that moves no byte as RESHAPE, and drop those that nothing needs."""
    graph = _as_reshapes(graph)
    graph = _read_before_reshapes(graph)
    number = 0
    while number < len(graph.ops):
        before = graph
        op = graph.ops[number]
        if op.kind == "RESHAPE" and graph.tensors[op.inputs[0]].shape == graph.tensors[op.outputs[0]].shape:
            graph = without_identity(graph, number)
        number += graph is before  # an operator less: the next one has this number now
    return graph


def _as_reshapes(graph: Graph) -> Graph:
    changed: dict[int, Op | None] = {}
    for number, op in enumerate(graph.ops):
        if op.kind in RESHAPES or (op.kind == "TRANSPOSE" and _keeps_order(graph, op)):
            plain = reshape(op.inputs[0], op.outputs[0], graph)
            same = op.kind == plain.kind and op.inputs == plain.inputs and dict(op.options) == plain.options
            if not same and is_valid(graph, plain):
                changed[number] = plain
    return with_ops(graph, changed) if changed else graph


def reshape(source: int, target: int, graph: Graph) -> Op:
    """The RESHAPE that writes `target`."""
    return Op("RESHAPE", (source,), (target,), {"new_shape": graph.tensors[target].shape})


def _keeps_order(graph: Graph, op: Op) -> bool:
    """True where the axes that are longer than 1 stay in their order."""
    source, order = graph.input_tensors(op)
    if source is None or order is None or order.data is None:
        return False
    moved = [axis for axis in np.asarray(order.data).reshape(-1).tolist() if source.shape[axis] > 1]
    return moved == sorted(moved)


def _read_before_reshapes(graph: Graph) -> Graph:
    """Let readers that do not care for the shape read what stands before a RESHAPE; drop it where none is left."""
    writer = writers(graph)
    changed: dict[int, Op] = {}
    for number, op in enumerate(graph.ops):
        at = writer.get(op.inputs[0]) if op.kind in SHAPELESS else None
        before = None if at is None else changed.get(at, graph.ops[at])
        if before is None or before.kind != "RESHAPE":
            continue
        other = reading(op, op.inputs[0], before.inputs[0])
        if same_numbers(graph.tensors[op.inputs[0]], graph.tensors[before.inputs[0]]) and is_valid(graph, other):
            changed[number] = other
    if not changed:
        return graph
    graph = with_ops(graph, dict(changed))
    left = readers(graph)
    unread = {
        number: None
        for number, op in enumerate(graph.ops)
        if op.kind == "RESHAPE" and not left[op.outputs[0]] and op.outputs[0] not in graph.outputs
    }
    return with_ops(graph, dict(unread)) if unread else graph

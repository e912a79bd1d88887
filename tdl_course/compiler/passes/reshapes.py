"""drop_no_op_reshapes: operators that only give the same bytes another shape.

RESHAPE, SQUEEZE, EXPAND_DIMS, and a TRANSPOSE that moves no axis longer than 1 are one thing here: a RESHAPE. Several
in a row become one; one that changes nothing goes, and so does one in front of a reader to which the shape is all the
same. What stays costs nothing on the device, where both tensors can have one address.
"""

from __future__ import annotations

import numpy as np

from tdl_course.compiler.passes.edit import Draft, is_valid, reading, same_numbers
from tdl_course.graph import Graph, Op

RESHAPES = ("RESHAPE", "SQUEEZE", "EXPAND_DIMS")

SHAPELESS = ("RESHAPE", "FULLY_CONNECTED")
"""They take the values of their input in order, as rows of a length that does not come from its shape."""


def drop_no_op_reshapes(graph: Graph) -> Graph:
    """Write every operator that moves no byte as RESHAPE, and drop those that nothing needs."""
    draft = Draft(graph)
    for number, op in enumerate(graph.ops):
        if op.kind in RESHAPES or (op.kind == "TRANSPOSE" and _keeps_order(graph, op)):
            _write_as_reshape(draft, number)
    for number in range(len(graph.ops)):
        _read_before_reshape(draft, number)
    for number, changed in enumerate(draft.ops):
        if changed is not None and changed.kind == "RESHAPE":
            _drop_if_needless(draft, number)
    return draft.done()


def _write_as_reshape(draft: Draft, number: int) -> None:
    op = draft.graph.ops[number]
    shape = draft.graph.tensors[op.outputs[0]].shape
    plain = Op("RESHAPE", op.inputs[:1], op.outputs, {"new_shape": shape})
    same = op.kind == plain.kind and op.inputs == plain.inputs and dict(op.options) == plain.options
    if not same and is_valid(draft.graph, plain):
        draft.exchange(number, plain)


def _keeps_order(graph: Graph, op: Op) -> bool:
    """True where the axes that are longer than 1 stay in their order."""
    source, order = graph.input_tensors(op)
    if source is None or order is None or order.data is None:
        return False
    moved = [axis for axis in np.asarray(order.data).reshape(-1).tolist() if source.shape[axis] > 1]
    return moved == sorted(moved)


def _read_before_reshape(draft: Draft, number: int) -> None:
    """Let an operator that does not care for the shape of its input read what stands before a RESHAPE."""
    op = draft.ops[number]
    assert op is not None
    writer = draft.writer(op.inputs[0]) if op.kind in SHAPELESS else None
    before = None if writer is None else draft.ops[writer]
    if before is None or before.kind != "RESHAPE":
        return
    old, new = before.outputs[0], before.inputs[0]
    tensors = draft.graph.tensors
    if same_numbers(tensors[old], tensors[new]) and is_valid(draft.graph, reading(op, old, new)):
        draft.read_instead(number, old, new)


def _drop_if_needless(draft: Draft, number: int) -> None:
    """Drop a RESHAPE that changes no shape, or that nothing reads any more."""
    op = draft.ops[number]
    assert op is not None
    source, target = op.inputs[0], op.outputs[0]
    if draft.graph.tensors[source].shape == draft.graph.tensors[target].shape:
        draft.drop_identity(number)
    elif target not in draft.graph.outputs and not draft.readers(target):
        draft.exchange(number, None)

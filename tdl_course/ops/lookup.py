"""What functions of one int8 value share: the compiler tabulates them, 256 bytes, and the kernel looks up.

In: a graph, an element-wise operator and its table. Out: checks, and the call of `tdl_lookup_s8`, which takes 8
instructions a value where one requantization takes 38 (simulated).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import require_operands, require_quantized, require_shape
from tdl_course.ops.operator import ConstArray, KernelCall, Param

Reference = Callable[[Graph, Op, list[np.ndarray | None]], list[np.ndarray]]

EVERY_INT8 = np.arange(-128, 128).astype(np.int8)


def validate_unary(graph: Graph, op: Op, allowed: tuple[str, ...] = ("int8",)) -> None:
    """Raise `OperatorError` unless input and output are of one dtype among `allowed`, and of one shape."""
    require_operands(graph, op, (1,))
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    require_quantized(op, source, target, allowed=allowed)
    require_shape(op, target, source.shape)


def lookup_call(graph: Graph, op: Op, table: np.ndarray, variable: int | None = None) -> KernelCall:
    """`tdl_lookup_s8` with the outputs for `EVERY_INT8`; `variable`: the tensor it reads, the first by default."""
    params = (
        Param("int32_t", "size", graph.tensors[op.outputs[0]].size),
        Param("const int8_t *", "table", ConstArray("int8_t", table)),
    )
    read = op.inputs[:1] if variable is None else (variable,)
    return KernelCall("lookup", "tdl_lookup_s8", "tdl_lookup_params", params, read, op.outputs)


def lookup_of_one(graph: Graph, op: Op, reference: Reference) -> KernelCall | None:
    """`lookup_call` of an element-wise operator that reads one int8 tensor and, if any, constants of one value.

    None where an output depends on more than one int8 value.
    """
    read, target = [graph.tensors[index] for index in op.inputs], graph.tensors[op.outputs[0]]
    variables = {index for index in op.inputs if not graph.tensors[index].is_constant}
    of_one = len(variables) == 1 and all(t.size == (1 if t.is_constant else target.size) for t in read)
    if not of_one or {t.dtype for t in (*read, target)} != {"int8"}:
        return None
    values: list[np.ndarray | None] = [EVERY_INT8 if t.data is None else t.data.reshape(1) for t in read]
    return lookup_call(graph, op, reference(graph, op, values)[0], variables.pop())

"""Kernels: the C that an operator becomes where its reference is not the fastest way, or not the smallest.

In: a graph and an operator, whose option "kernel" names one of `FAST` (none: the operator's own, "ref"). Out: its call,
its scratch memory, where its output may lie. A module of a fast kernel defines

    why_not(graph, op) -> str | None             why it cannot compute `op` exactly; None where it can
    cycles(graph, op) -> int                     about what it takes on a Cortex-M4: what the choice goes by
    scratch(graph, op) -> int                    bytes of memory that it needs while it runs
    overlap(graph, op) -> dict[int, int]         as an operator's: see `ops.overlap`
    kernel_call(graph, op) -> KernelCall
    WITHOUT_DSP                                  True where its plain C beats the reference on a core without DSP too:
                                                 fewer loads and branches outweigh the instructions that are missing,
                                                 or it uses none of them. Kernels that give time for flash
                                                 are a choice there in any case: see `gives_time`

where the output may lie exactly on the input, `in_place(graph, op) -> bool`, and, where its cost needs a word of
explanation, `note(graph, op) -> str`. No file has the option "kernel": `choose_kernels` in the compiler's passes writes
it.
"""

from __future__ import annotations

from types import ModuleType

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.kernels import (
    add_words,
    conv_2d_codebook,
    conv_2d_columns,
    conv_2d_huffman,
    conv_2d_sparse,
    conv_2d_winograd,
    depthwise_conv_2d_planes,
    fully_connected_codebook,
    fully_connected_huffman,
    fully_connected_rows,
    fully_connected_sparse,
    pool_2d_words,
)
from tdl_course.ops import KernelCall, operator
from tdl_course.ops.operator import ConstArray

REFERENCE = "ref"
FAST: dict[str, dict[str, ModuleType]] = {
    "ADD": {"words": add_words},
    "AVERAGE_POOL_2D": {"words": pool_2d_words},
    "CONV_2D": {
        "codebook": conv_2d_codebook,
        "columns": conv_2d_columns,
        "huffman": conv_2d_huffman,
        "rows": fully_connected_rows,
        "sparse": conv_2d_sparse,
        "winograd": conv_2d_winograd,
    },
    "DEPTHWISE_CONV_2D": {"planes": depthwise_conv_2d_planes},
    "FULLY_CONNECTED": {
        "codebook": fully_connected_codebook,
        "columns": conv_2d_columns,
        "huffman": fully_connected_huffman,
        "rows": fully_connected_rows,
        "sparse": fully_connected_sparse,
    },
    "MAX_POOL_2D": {"words": pool_2d_words},
}
SIZE_ONLY = frozenset({"codebook", "huffman"})
"""Kernels that give time for flash, where weights are int8."""


def kernel_name(op: Op) -> str:
    return str(op.options.get("kernel", REFERENCE))


def gives_time(graph: Graph, op: Op, name: str) -> bool:
    """True where kernel `name` of `op` saves flash at the cost of time: int4 weights are small whoever reads them."""
    return name in SIZE_ONLY and graph.tensors[op.inputs[1]].dtype != "int4"


def kernel(op: Op) -> ModuleType:
    """The module of the kernel that `op` names, its operator's own module for "ref"."""
    name = kernel_name(op)
    return operator(op.kind) if name == REFERENCE else FAST[op.kind][name]


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """The C call of `op`."""
    call: KernelCall = kernel(op).kernel_call(graph, op)
    return call


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """How the output may lie over inputs while the kernel runs: see `ops.overlap`."""
    distances: dict[int, int] = kernel(op).overlap(graph, op)
    return distances


def in_place(graph: Graph, op: Op) -> bool:
    """True where the output may begin where the first input begins, and be longer or shorter."""
    module = kernel(op)
    return hasattr(module, "in_place") and bool(module.in_place(graph, op))


def note(graph: Graph, op: Op, name: str) -> str | None:
    """What there is to say beside the cost of the kernel `name`: "12 % of its weights are not zero"; None: nothing."""
    module = FAST.get(op.kind, {}).get(name)
    return str(module.note(graph, op)) if module and hasattr(module, "note") else None


def scratch(graph: Graph, op: Op) -> int:
    """Bytes of memory that the kernel needs while it runs, behind its other arguments; aligned to 4."""
    return 0 if kernel_name(op) == REFERENCE else int(kernel(op).scratch(graph, op))


def flash(graph: Graph, op: Op) -> int:
    """Bytes of the constants that the kernel reads through its parameters: weights, scales, tables. No code."""
    arrays = [param.value for param in kernel_call(graph, op).params if isinstance(param.value, ConstArray)]
    return sum(array.values.size * np.dtype(array.ctype.removesuffix("_t")).itemsize for array in arrays)

"""What weights in few bits cost in time and save in flash, layer by layer.

    python benchmarks/decoded.py

One layer a row: int8 weights with the fastest kernel, int8 weights of 16 values as a codebook, int8 weights of a
normal distribution as a Huffman code, and int4 weights as a codebook and with the plain loops. Cycles are modelled
(Cortex-M4 table, zero wait states) and counted on the simulated stm32f405; flash is what the layer's constants take,
scratch memory what its kernel asks for. Outputs are compared with the NumPy definition.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tdl_course import kernels, sim, toolchain
from tdl_course.compiler import emit_c, optimize, plan_memory
from tdl_course.compiler.passes.edit import with_options
from tdl_course.compiler.reference import interpret
from tdl_course.graph import Graph, Op, Quantization, Tensor
from tdl_course.table import Table

LAYERS = {
    "fully connected 256 -> 128": ((1, 256), (128, 256)),
    "pointwise 8x8x64 -> 64": ((1, 8, 8, 64), (64, 1, 1, 64)),
    "pointwise 25x5x64 -> 64": ((1, 25, 5, 64), (64, 1, 1, 64)),
    "3x3 16x16x16 -> 16": ((1, 16, 16, 16), (16, 3, 3, 16)),
}
WAYS = ("int8", "int8 codebook", "int8 huffman", "int4", "int4 plain")


@dataclass(frozen=True)
class Decoded:
    """A layer with one kind of weights: `kernel` that computed it, modelled `cycles`, bytes of flash and scratch."""

    layer: str
    way: str
    kernel: str
    cycles: int
    flash: int
    scratch: int
    estimate: int | None


def layer_graph(shape: tuple[int, ...], weights: np.ndarray, dtype: str) -> Graph:
    """One layer, its windows padded so that the output is as large as the input."""
    outputs = weights.shape[0]
    kind, options = "FULLY_CONNECTED", {"fused_activation_function": "NONE"}
    if weights.ndim == 4:
        kind, options = "CONV_2D", {**options, "padding": "SAME", "stride_h": 1, "stride_w": 1}
    scale = 0.01 * 127 / float(np.abs(weights).max())
    tensors = (
        Tensor("x", shape, "int8", Quantization((0.05,), (-3,))),
        Tensor("w", weights.shape, dtype, Quantization((scale,), (0,)), weights),
        Tensor("b", (outputs,), "int32", Quantization((0.05 * scale,), (0,)), np.arange(outputs, dtype=np.int32)),
        Tensor("y", (*shape[:-1], outputs), "int8", Quantization((0.5,), (4,))),
    )
    return Graph("layer", tensors, (Op(kind, (0, 1, 2), (3,), options),), (0,), (3,))


def compiled(layer: str, way: str) -> Graph:
    """The layer with random weights, and the kernel of that way."""
    shape, weights = LAYERS[layer]
    rng = np.random.default_rng(0)
    book = rng.permutation(np.arange(-127, 128))[:16]
    drawn = {
        "int8": rng.integers(-127, 128, weights),
        "int8 codebook": rng.choice(book, weights),
        "int8 huffman": np.clip(rng.normal(0, 4, weights).round(), -127, 127),
    }.get(way, rng.integers(-8, 8, weights))
    graph = layer_graph(shape, drawn.astype(np.int8), way.split()[0])
    kernel = {"int8 codebook": "codebook", "int8 huffman": "huffman", "int4 plain": kernels.REFERENCE}.get(way)
    if kernel:
        graph = replace(graph, ops=(with_options(graph.ops[0], kernel=kernel),))
    return optimize(graph)


def measure(layer: str, way: str) -> Decoded:
    """Build the layer for stm32f405 and count one inference.

    Raises
    ------
    AssertionError
        The device's output is not that of the NumPy definition.
    """
    graph = compiled(layer, way)
    x = np.random.default_rng(1).integers(-128, 128, graph.tensors[graph.inputs[0]].shape).astype(np.int8)
    elf = toolchain.build(emit_c(graph, plan_memory(graph)))
    result = sim.run(elf, x.reshape(1, -1))
    np.testing.assert_array_equal(result.outputs.reshape(-1), interpret(graph, x)[0].reshape(-1))
    (op,), (cost,) = graph.ops, result.layers
    name = kernels.kernel_name(op)
    estimate = None if name == kernels.REFERENCE else kernels.kernel(op).cycles(graph, op)
    return Decoded(layer, way, name, cost.cycles, kernels.flash(graph, op), kernels.scratch(graph, op), estimate)


def as_table(found: list[Decoded]) -> Table:
    rows = []
    for each in found:
        (fastest,) = (other.cycles for other in found if (other.layer, other.way) == (each.layer, "int8"))
        numbers = (each.cycles, each.flash, each.scratch)
        estimate = "" if each.estimate is None else f"{each.estimate:,}"
        cells = (f"{each.cycles / fastest:.2f}", *(f"{number:,}" for number in numbers[1:]), estimate)
        rows.append((each.layer, each.way, each.kernel, f"{each.cycles:,}", *cells))
    columns = ("layer", "weights", "kernel", "cycles", "of int8", "flash", "scratch", "estimate")
    note = "Cycles: modelled, zero flash wait states. Flash: constants, bytes. Estimate: what the choice goes by."
    return Table("Weights in few bits", columns, tuple(rows), note)


if __name__ == "__main__":
    print(as_table([measure(layer, way) for layer in LAYERS for way in WAYS]))

"""Pruned layers: what the kernel "sparse" takes at each density, beside the kernel that is chosen for dense weights.

    python benchmarks/sparse.py [LAYER ...]

Random int8 weights of which a share is kept, without any structure; built for stm32f405. Cycles are modelled and those
of one inference; flash is the layer's constants, without code. The last column says which kernel the compiler chooses,
and the last row of a layer at which density both take the same number of cycles, on the line between the two densities
that lie around it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tdl_course import kernels, sim, toolchain
from tdl_course.compiler import emit_c, optimize, plan_memory
from tdl_course.graph import Graph, Op, Quantization, Tensor
from tdl_course.table import Table

DENSITIES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
SEED = 7
Shape = tuple[int, ...]

LAYERS: dict[str, tuple[Shape, Shape, Shape]] = {
    "FC 256 to 128": ((1, 256), (128, 256), (1, 128)),
    "FC 64 to 64": ((1, 64), (64, 64), (1, 64)),
    "1x1 8x8x64": ((1, 8, 8, 64), (64, 1, 1, 64), (1, 8, 8, 64)),
    "1x1 25x5x64": ((1, 25, 5, 64), (64, 1, 1, 64), (1, 25, 5, 64)),
    "3x3 16x16x16": ((1, 16, 16, 16), (16, 3, 3, 16), (1, 16, 16, 16)),
    "3x3 8x8x64": ((1, 8, 8, 64), (64, 3, 3, 64), (1, 8, 8, 64)),
}
"""Shapes of the input, the weights and the output; a window keeps the size of its image."""


@dataclass(frozen=True)
class Row:
    """A layer at one density: modelled cycles and bytes of constants, of "sparse" and of the dense layer's kernel."""

    layer: str
    density: float
    cycles: int
    flash: int
    dense: str
    dense_cycles: int
    dense_flash: int
    chosen: str


def layer(name: str, density: float) -> Graph:
    """A graph of the one layer, `density` of its weights not zero."""
    source, shape, target = LAYERS[name]
    rng = np.random.default_rng(SEED)
    weights = rng.integers(1, 128, shape) * rng.choice([-1, 1], shape)
    kept = rng.permutation(weights.size) < round(density * weights.size)
    scale = 2.0**-4 / np.sqrt(weights.size / shape[0])
    tensors = (
        Tensor("x", source, "int8", Quantization((0.05,), (-7,))),
        Tensor(
            "w",
            shape,
            "int8",
            Quantization((scale,) * shape[0], (0,) * shape[0]),
            weights.astype(np.int8) * kept.reshape(shape),
        ),
        Tensor("y", target, "int8", Quantization((0.5,), (3,))),
    )
    options = {"fused_activation_function": "NONE", "padding": "SAME", "stride_h": 1, "stride_w": 1}
    kind = "CONV_2D" if len(shape) == 4 else "FULLY_CONNECTED"
    return Graph(name, tensors, (Op(kind, (0, 1), (2,), options),), (0,), (2,))


def measured(graph: Graph) -> tuple[str, int, int]:
    """The kernel of a graph's one operator, the cycles of one inference, the bytes of the constants."""
    elf = toolchain.build(emit_c(graph, plan_memory(graph), "layer"))
    x = np.random.default_rng(SEED).integers(-128, 128, (1, graph.tensors[0].size)).astype(np.int8)
    (op,) = graph.ops
    cycles = sim.run(elf, x).cycles
    assert cycles is not None, "stm32f405 has a cycle model"
    return kernels.kernel_name(op), cycles, kernels.flash(graph, op)


def rows(name: str, densities: Sequence[float] = DENSITIES) -> Iterator[Row]:
    dense = measured(optimize(layer(name, 1.0)))
    for density in densities:
        graph = layer(name, density)
        _, cycles, flash = measured(optimize(graph, prefer=("sparse",)))
        chosen = kernels.kernel_name(optimize(graph).ops[0])
        yield Row(name, density, cycles, flash, *dense, chosen)


def break_even(found: Sequence[Row]) -> float | None:
    """The density at which both kernels take the same; None where one is faster at all of them."""
    for low, high in zip(found, found[1:], strict=False):
        if low.cycles <= low.dense_cycles < high.cycles:
            share = (low.dense_cycles - low.cycles) / (high.cycles - low.cycles)
            return low.density + share * (high.density - low.density)
    return None


def main(names: list[str]) -> int:
    texts = []
    for name in names or list(LAYERS):
        found = list(rows(name))
        for row in found:
            gain = f"{row.dense_cycles / row.cycles:.2f} times"
            dense = f"{row.dense} {row.dense_cycles:,}"
            texts.append(
                (
                    name,
                    f"{row.density:.0%}",
                    f"{row.cycles:,}",
                    dense,
                    gain,
                    f"{row.flash:,}",
                    f"{row.dense_flash:,}",
                    row.chosen,
                )
            )
        even = break_even(found)
        texts.append((name, "none" if even is None else f"{even:.0%}", "", "equal in cycles", "", "", "", ""))
    columns = ("layer", "density", "sparse", "dense", "faster by", "flash sparse", "flash dense", "chosen")
    print(Table("Pruned layers (cycles modelled, bytes of constants)", columns, tuple(texts)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

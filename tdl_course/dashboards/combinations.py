"""Builds of a network with all bits, sparsities and boards: each is compiled, linked and run; nothing is interpolated.

In: a network as a converted `Graph` with some samples. Out: `Build`s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tdl_course import sim, toolchain
from tdl_course.builds import Build
from tdl_course.compiler import Sources, emit_c, optimize, plan_memory
from tdl_course.compress.coarse import coarse
from tdl_course.compress.thin import thin
from tdl_course.deployment import device_bytes, firmware_stack
from tdl_course.graph import Graph
from tdl_course.toolchain import DoesNotFit

BITS = (8, 4)
SPARSITIES = (0.0, 0.5, 0.8)
ON = ("tiny32k", "stm32f405")


@dataclass(frozen=True, eq=False)
class Subject:
    """A network to build: converted to int8, with test samples float32 [n, ...] and labels int [n]."""

    name: str
    graph: Graph
    x: np.ndarray
    y: np.ndarray


def combinations(subject: Subject) -> Iterator[Build]:
    """The builds of all `BITS`, `SPARSITIES` and boards `ON`, one after the other."""
    for bits in BITS:
        for sparsity in SPARSITIES:
            graph = coarse(subject.graph) if bits == 4 else subject.graph
            graph = thin(graph, sparsity) if sparsity else graph
            optimized = optimize(graph, prefer=("sparse",) if sparsity else ())
            sources = emit_c(optimized, plan_memory(optimized))
            x = device_bytes(subject.x, graph.tensors[graph.inputs[0]])
            called = sim.run(sources, x, sim="host").outputs.reshape(len(x), -1).argmax(axis=1)
            facts = (subject.name, bits, sparsity)
            for board in ON:
                yield _build(sources, facts, board, x[:1], float((called == subject.y).mean()), len(x))


def _build(
    sources: Sources, facts: tuple[str, int, float], board: str, x: np.ndarray, accuracy: float, samples: int
) -> Build:
    try:
        elf = toolchain.build(sources, board)
    except DoesNotFit as error:
        return Build(
            *facts, board, accuracy, samples, region=error.region, over_bytes=error.over_bytes, largest=error.largest
        )
    ram = elf.static_ram_bytes + firmware_stack(elf)
    return Build(*facts, board, accuracy, samples, elf.flash_bytes, ram, sim.run(elf, x).cycles)

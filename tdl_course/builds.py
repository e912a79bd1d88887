"""Build: what a network costs on a board, found by compiling, linking and running it; or why it does not fit.

In: a network as a converted `Graph` with some samples. Out: `Build`s for all bits, sparsities and boards, as JSON.
Every figure is of an ELF that was built and ran; nothing is interpolated.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from tdl_course import sim, toolchain
from tdl_course.compiler import Sources, emit_c, optimize, plan_memory
from tdl_course.compress.coarse import coarse
from tdl_course.compress.thin import thin
from tdl_course.deployment import device_bytes, firmware_stack
from tdl_course.files import write_atomically
from tdl_course.graph import Graph
from tdl_course.toolchain import DoesNotFit

BITS = (8, 4)
SPARSITIES = (0.0, 0.5, 0.8)
ON = ("tiny32k", "stm32f405")


@dataclass(frozen=True)
class Build:
    """One combination. Bytes measured in the ELF, the stack in `ram_bytes` simulated; `cycles` modelled.

    `accuracy` is measured on `samples` test samples in the C on this computer, nothing trained again. Where the linker
    refuses, `over` has bytes that are too many by region, `largest` the largest objects there, and the costs are None.
    """

    network: str
    bits: int
    sparsity: float
    board: str
    accuracy: float
    samples: int
    flash_bytes: int | None = None
    ram_bytes: int | None = None
    cycles: int | None = None
    region: str = ""
    over_bytes: int = 0
    largest: tuple[tuple[str, int], ...] = ()

    @property
    def fits(self) -> bool:
        return not self.region


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
        refused = {"region": error.region, "over_bytes": error.over_bytes, "largest": error.largest}
        return Build(*facts, board, accuracy, samples, **refused)
    ram = elf.static_ram_bytes + firmware_stack(elf)
    return Build(*facts, board, accuracy, samples, elf.flash_bytes, ram, sim.run(elf, x).cycles)


def save(path: Path, builds: Sequence[Build], synthetic: Sequence[str]) -> None:
    """Write builds, and the names of the datasets that are made up."""
    write_atomically(path, json.dumps({"synthetic": list(synthetic), "builds": [asdict(build) for build in builds]}))


def load(path: Path) -> tuple[list[Build], list[str]]:
    """What `save` wrote."""
    facts = json.loads(path.read_text(encoding="utf-8"))
    builds = [Build(**{**each, "largest": tuple(map(tuple, each["largest"]))}) for each in facts["builds"]]
    return builds, facts["synthetic"]

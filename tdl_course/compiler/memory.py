"""plan_memory: where every activation lies in the arena, and when.

In: a `Graph`. Out: a `MemoryPlan` with one byte offset per activation such that no two values that are alive at the
same time share a byte. The graph's inputs and outputs are not in the arena: they are the firmware's `tdl_input` and
`tdl_output`, alive during the whole inference. This module does not know C or the target.

Method: buffers are placed from the largest to the smallest, each at the lowest offset where it touches no placed buffer
that lives at the same time. It is the greedy-by-size heuristic of Pisarchyk and Lee, "Efficient Memory Management for
Deep Neural Net Inference" (2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from tdl_course import ops
from tdl_course.graph import Graph, Op, shape_text
from tdl_course.table import Table

ALIGNMENT = 4


@dataclass(frozen=True)
class Lifetime:
    """The first and the last operator (inclusive) during which a value must be kept."""

    first: int
    last: int

    def overlaps(self, other: Lifetime) -> bool:
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True, eq=False)
class MemoryPlan:
    """Byte offsets of the activations in the arena: `offsets[tensor index]`, and the lifetimes behind them."""

    graph: Graph
    offsets: MappingProxyType[int, int]
    lifetimes: MappingProxyType[int, Lifetime]
    arena_bytes: int

    @property
    def live_bytes(self) -> tuple[int, ...]:
        """Bytes of arena values alive during each operator; a value written over its input counts once."""
        total = []
        for step in range(len(self.graph.ops)):
            alive: dict[int, int] = {}
            for tensor, life in self.lifetimes.items():
                if life.first <= step <= life.last:
                    offset, size = self.offsets[tensor], aligned(self.graph.tensors[tensor].nbytes)
                    alive[offset] = max(alive.get(offset, 0), size)
            total.append(sum(alive.values()))
        return tuple(total)

    def rows(self) -> list[tuple[str, ...]]:
        """One row a value, by offset: tensor, offset, bytes, first and last operator."""
        rows: list[tuple[str, ...]] = []
        for index, offset in sorted(self.offsets.items(), key=lambda item: (item[1], self.lifetimes[item[0]].first)):
            tensor, life = self.graph.tensors[index], self.lifetimes[index]
            rows.append((shape_text(tensor), f"{offset:,}", f"{tensor.nbytes:,}", str(life.first), str(life.last)))
        return rows

    def table(self) -> Table:
        columns = ("value", "offset", "bytes", "from operator", "to operator")
        return Table(f"Memory plan: arena of {self.arena_bytes:,} bytes", columns, tuple(self.rows()))

    def __repr__(self) -> str:
        return str(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def plan_memory(graph: Graph) -> MemoryPlan:
    """Place every activation of `graph` in one arena.

    Returns
    -------
    MemoryPlan
        Offsets in bytes, multiples of 4.
    """
    lifetimes = activation_lifetimes(graph)
    root = in_place_roots(graph, lifetimes)
    buffers: dict[int, Lifetime] = {}
    sizes: dict[int, int] = {}
    for tensor, life in lifetimes.items():
        key = root[tensor]
        known = buffers.get(key, life)
        buffers[key] = Lifetime(min(known.first, life.first), max(known.last, life.last))
        sizes[key] = max(sizes.get(key, 0), aligned(graph.tensors[tensor].nbytes))

    placed: dict[int, int] = {}
    for key in sorted(buffers, key=lambda k: (-sizes[k], buffers[k].first, k)):
        taken = sorted((placed[k], placed[k] + sizes[k]) for k in placed if buffers[k].overlaps(buffers[key]))
        placed[key] = lowest_gap(taken, sizes[key])

    arena = max((placed[key] + sizes[key] for key in placed), default=0)
    offsets = {tensor: placed[root[tensor]] for tensor in lifetimes}
    return MemoryPlan(graph, MappingProxyType(offsets), MappingProxyType(lifetimes), arena)


def activation_lifetimes(graph: Graph) -> dict[int, Lifetime]:
    """For each value that lives in the arena: from the operator that writes it to the last one that reads it."""
    outside = {*graph.inputs, *graph.outputs}
    lifetimes: dict[int, Lifetime] = {}
    for step, op in enumerate(graph.ops):
        for tensor in op.outputs:
            if tensor not in outside:
                lifetimes[tensor] = Lifetime(step, step)
        for tensor in op.inputs:
            if tensor in lifetimes:
                lifetimes[tensor] = Lifetime(lifetimes[tensor].first, step)
    return lifetimes


def in_place_roots(graph: Graph, lifetimes: dict[int, Lifetime]) -> dict[int, int]:
    """For each value the value whose bytes it takes over: itself, or the first input of an in-place operator."""
    root = {tensor: tensor for tensor in lifetimes}
    for step, op in enumerate(graph.ops):
        if may_overwrite_input(graph, op, step, lifetimes):
            root[op.outputs[0]] = root[op.inputs[0]]
    return root


def may_overwrite_input(graph: Graph, op: Op, step: int, lifetimes: dict[int, Lifetime]) -> bool:
    """True where the operator works element by element, its input is not read later, and the output is no larger."""
    if len(op.outputs) != 1 or ops.operator(op.kind).overlap(graph, op).get(0) != 0:
        return False
    source, target = op.inputs[0], op.outputs[0]
    return (
        source in lifetimes
        and target in lifetimes
        and lifetimes[source].last == step
        and op.inputs.count(source) == 1
        and graph.tensors[target].nbytes <= graph.tensors[source].nbytes
    )


def lowest_gap(taken: list[tuple[int, int]], size: int) -> int:
    """The lowest offset where `size` bytes touch none of the sorted `taken` ranges."""
    offset = 0
    for start, end in taken:
        if start - offset >= size:
            break
        offset = max(offset, end)
    return offset


def aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT

"""plan_memory: where every activation lies in the arena, and when.

In: a `Graph`. Out: a `MemoryPlan` with one byte offset per activation, the graph's inputs and outputs included, such
that no byte is written while a value in it is still to be read. Values that live at different times share bytes; so do
an operator's input and output as far as the operator's `overlap` proves it safe. This module does not know C or the
target; `placement` does the search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from tdl_course import kernels
from tdl_course.compiler.placement import ALIGNMENT, aligned, height, place
from tdl_course.graph import Graph, Op, shape_text
from tdl_course.table import Table

if TYPE_CHECKING:
    from tdl_course.picture import Picture

__all__ = ["ALIGNMENT", "Lifetime", "MemoryPlan", "plan_memory"]

KEEPING = 1.05
"""An input that survives inference may cost a twentieth more memory than one that is overwritten."""


@dataclass(frozen=True)
class Lifetime:
    """The first and the last operator (inclusive) during which a value must be kept.

    The graph's inputs begin at -1. Its outputs, and inputs that survive, end behind the last operator.
    """

    first: int
    last: int

    def overlaps(self, other: Lifetime) -> bool:
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class Buffer:
    """Values that share one place: their offsets in it, its size, and when it is in use."""

    members: MappingProxyType[int, int]
    size: int
    life: Lifetime


@dataclass(frozen=True, eq=False)
class MemoryPlan:
    """Byte offsets of the activations in the arena: `offsets[tensor index]`, and the lifetimes behind them.

    `scratch[operator number]` is the offset of the memory that its kernel works in, where it needs some. `apart`:
    numbers of the operators that could work in place and do not, since that takes less memory.
    `keeps_input`: inference leaves the inputs as they were. Inputs lie side by side in their order, aligned as in a C
    struct, and so do outputs.
    """

    graph: Graph
    offsets: MappingProxyType[int, int]
    lifetimes: MappingProxyType[int, Lifetime]
    arena_bytes: int
    keeps_input: bool
    scratch: MappingProxyType[int, int]
    apart: frozenset[int]

    @cached_property
    def live_bytes(self) -> tuple[int, ...]:
        """Bytes of the arena that hold a value during each operator; a byte that two of them share counts once."""
        total = []
        for step in range(len(self.graph.ops)):
            used = np.zeros(self.arena_bytes, bool)
            for tensor, life in self.lifetimes.items():
                if life.first <= step <= life.last:
                    start = self.offsets[tensor]
                    used[start : start + self.graph.tensors[tensor].nbytes] = True
            if step in self.scratch:
                start = self.scratch[step]
                used[start : start + kernels.scratch(self.graph, self.graph.ops[step])] = True
            total.append(int(used.sum()))
        return tuple(total)

    def plot(self) -> Picture:
        """Offsets over time: one box a value."""
        from tdl_course.compiler.memory_plot import memory_plot

        return memory_plot(self)

    def rows(self) -> list[tuple[str, ...]]:
        """One row a value, by offset: tensor, offset, bytes, first and last operator; then what kernels work in."""
        rows: list[tuple[str, ...]] = []
        for index, offset in sorted(self.offsets.items(), key=lambda item: (item[1], self.lifetimes[item[0]].first)):
            tensor, life = self.graph.tensors[index], self.lifetimes[index]
            first = "input" if life.first < 0 else str(life.first)
            last = "end" if life.last == len(self.graph.ops) else str(max(life.last, 0))
            rows.append((shape_text(tensor), f"{offset:,}", f"{tensor.nbytes:,}", first, last))
        for step, offset in self.scratch.items():
            size = kernels.scratch(self.graph, self.graph.ops[step])
            rows.append(("scratch memory of a kernel", f"{offset:,}", f"{size:,}", str(step), str(step)))
        return rows

    def table(self) -> Table:
        columns = ("value", "offset", "bytes", "from operator", "to operator")
        return Table(f"Memory plan: arena of {self.arena_bytes:,} bytes", columns, tuple(self.rows()))

    def __repr__(self) -> str:
        return str(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def plan_memory(graph: Graph, keep_input: bool | None = None) -> MemoryPlan:
    """Place every activation of `graph` in one arena.

    Parameters
    ----------
    graph : Graph
        In execution order.
    keep_input : bool, optional
        Whether the inputs must survive inference. By default they do where that costs at most a twentieth more memory
        than to overwrite them and to keep a copy of the first outputs, which repeated inference then needs.

    Returns
    -------
    MemoryPlan
        Offsets in bytes, multiples of 4.
    """
    if keep_input is None:
        kept, overwritten = plan_memory(graph, True), plan_memory(graph, False)
        copy = block_bytes(graph, graph.outputs)
        return kept if kept.arena_bytes <= KEEPING * (overwritten.arena_bytes + copy) else overwritten
    lifetimes = activation_lifetimes(graph, keep_input)
    in_place = [step for step, op in enumerate(graph.ops) if kernels.in_place(graph, op)]
    best = plan_around(graph, lifetimes, keep_input, frozenset())
    for step in in_place:  # a place of its own may cost less than a place that is shared for longer
        if best.arena_bytes > max(best.live_bytes):
            other = plan_around(graph, lifetimes, keep_input, best.apart | {step})
            best = min(best, other, key=lambda plan: plan.arena_bytes)
    return best


def plan_around(graph: Graph, lifetimes: dict[int, Lifetime], keep_input: bool, apart: frozenset[int]) -> MemoryPlan:
    """The plan in which the operators `apart` have outputs beside their inputs, although they could work in place."""
    buffers = buffers_of(graph, lifetimes, apart)
    workshops = scratch_buffers(graph)
    buffers += workshops.values()
    sizes = [buffer.size for buffer in buffers]
    offsets = place(sizes, leads(graph, buffers, apart), [buffer.life.first for buffer in buffers])
    return MemoryPlan(
        graph,
        MappingProxyType(
            {
                tensor: offset + inside
                for buffer, offset in zip(buffers, offsets, strict=True)
                for tensor, inside in buffer.members.items()
            }
        ),
        MappingProxyType(lifetimes),
        height(sizes, offsets),
        keep_input,
        MappingProxyType(dict(zip(workshops, offsets[len(offsets) - len(workshops) :], strict=True))),
        apart,
    )


def activation_lifetimes(graph: Graph, keep_input: bool) -> dict[int, Lifetime]:
    """For each activation: from the operator that writes it to the last one that reads it."""
    end = len(graph.ops)
    lifetimes = {tensor: Lifetime(-1, end if keep_input else -1) for tensor in graph.inputs}
    for step, op in enumerate(graph.ops):
        for tensor in op.inputs:
            if tensor in lifetimes:
                life = lifetimes[tensor]
                lifetimes[tensor] = Lifetime(life.first, max(life.last, step))
        for tensor in op.outputs:
            lifetimes[tensor] = Lifetime(step, end if tensor in graph.outputs else step)
    return lifetimes


def buffers_of(graph: Graph, lifetimes: dict[int, Lifetime], apart: frozenset[int]) -> list[Buffer]:
    """One buffer for all inputs, one for all outputs, one for each other value or chain of values in place."""
    root = in_place_roots(graph, lifetimes, apart)
    chains: dict[int, list[int]] = {}
    for tensor in lifetimes:
        chains.setdefault(root[tensor], []).append(tensor)
    blocks = [tuple(graph.inputs), tuple(graph.outputs)]
    buffers = []
    for block in blocks:
        members = dict(zip(block, block_offsets(graph, block), strict=True))
        for tensor in block:
            members |= dict.fromkeys(chains.pop(tensor, ()), members[tensor])
        buffers.append(buffer_of(graph, lifetimes, members))
    buffers += [buffer_of(graph, lifetimes, dict.fromkeys(chain, 0)) for chain in chains.values()]
    return buffers


def scratch_buffers(graph: Graph) -> dict[int, Buffer]:
    """For each operator whose kernel works in memory of its own: a buffer without values, in use for that one step."""
    sizes = {step: kernels.scratch(graph, op) for step, op in enumerate(graph.ops)}
    return {
        step: Buffer(MappingProxyType({}), aligned(size), Lifetime(step, step)) for step, size in sizes.items() if size
    }


def buffer_of(graph: Graph, lifetimes: dict[int, Lifetime], members: dict[int, int]) -> Buffer:
    end = max(offset + graph.tensors[tensor].nbytes for tensor, offset in members.items())
    lives = [lifetimes[tensor] for tensor in members]
    life = Lifetime(min(life.first for life in lives), max(life.last for life in lives))
    return Buffer(MappingProxyType(members), aligned(end), life)


def block_offsets(graph: Graph, tensors: Sequence[int]) -> list[int]:
    """Offsets of values that lie side by side, each a multiple of its element's size."""
    offsets, end = [], 0
    for tensor in tensors:
        item = np.dtype(graph.tensors[tensor].dtype).itemsize
        offsets.append(-(-end // item) * item)
        end = offsets[-1] + graph.tensors[tensor].nbytes
    return offsets


def block_bytes(graph: Graph, tensors: Sequence[int]) -> int:
    """Bytes of values that lie side by side."""
    return block_offsets(graph, tensors)[-1] + graph.tensors[tensors[-1]].nbytes


def in_place_roots(graph: Graph, lifetimes: dict[int, Lifetime], apart: frozenset[int]) -> dict[int, int]:
    """For each value the one whose place it takes over: itself, or an input that its operator may overwrite where it
    lies: byte for byte, or because the kernel works in place. The graph's outputs have a place of their own, and an
    input may move into it."""
    root = {tensor: tensor for tensor in lifetimes}
    for step, op in enumerate(graph.ops):
        for source, distance in dying_inputs(graph, op, step, lifetimes, apart):
            target = op.outputs[0]
            same = graph.tensors[source].nbytes == graph.tensors[target].nbytes
            if (distance is None or (distance == 0 and same)) and target not in graph.outputs:
                root[target] = root[source]
                break
    return root


def dying_inputs(
    graph: Graph, op: Op, step: int, lifetimes: dict[int, Lifetime], apart: frozenset[int]
) -> list[tuple[int, int | None]]:
    """(input, overlap distance) of each input that the output of `op` may lie over: it is read here for the last time,
    and only once. The distance is None where the output may only begin exactly where the input does."""
    if len(op.outputs) != 1:
        return []
    distances: dict[int, int | None] = dict(kernels.overlap(graph, op))
    if step not in apart and kernels.in_place(graph, op):
        distances[0] = None
    return [
        (op.inputs[position], distance)
        for position, distance in distances.items()
        if op.inputs[position] in lifetimes
        and lifetimes[op.inputs[position]].last == step
        and op.inputs.count(op.inputs[position]) == 1
    ]


def leads(graph: Graph, buffers: Sequence[Buffer], apart: frozenset[int]) -> dict[tuple[int, int], int]:
    """For each pair of buffers in use at the same time: how far above the one the other must start."""
    lifetimes = {tensor: buffer.life for buffer in buffers for tensor in buffer.members}
    home = {tensor: number for number, buffer in enumerate(buffers) for tensor in buffer.members}
    found = {
        (one, other): buffers[one].size
        for one in range(len(buffers))
        for other in range(len(buffers))
        if one != other and buffers[one].life.overlaps(buffers[other].life)
    }
    for step, op in enumerate(graph.ops):
        for source, distance in dying_inputs(graph, op, step, lifetimes, apart):
            below, above = home[op.outputs[0]], home[source]
            begins_here = buffers[below].life.first == step
            alone = single(buffers[below]) and single(buffers[above])
            if distance is not None and below != above and begins_here and alone:
                found[below, above] = min(buffers[below].size, aligned(distance))
    return found


def single(buffer: Buffer) -> bool:
    """True where all values of the buffer start where it starts."""
    return not any(buffer.members.values())

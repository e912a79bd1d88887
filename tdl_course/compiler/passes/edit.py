"""What passes share: a draft of a graph, in which operators are exchanged and dropped, and a few questions.

In: a `Graph`. Out: answers, or a changed copy. This module knows no operator.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np

from tdl_course.graph import Graph, Op, Tensor
from tdl_course.ops import OPERATORS
from tdl_course.ops.operator import OperatorError


class Draft:
    """A graph in which operators change: `ops` by number, None for those that are dropped.

    Who reads and who writes a tensor is kept up to date: every change goes through `exchange`.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.ops: list[Op | None] = [None] * len(graph.ops)
        self._readers: dict[int, Counter[int]] = defaultdict(Counter)
        self._writers: dict[int, int] = {}
        self._changed = False
        for number, op in enumerate(graph.ops):
            self.exchange(number, op)
        self._changed = False

    def exchange(self, number: int, op: Op | None) -> None:
        """Put `op` in the place of operator `number`; None drops that."""
        old, self.ops[number], self._changed = self.ops[number], op, True
        for index in () if old is None else old.inputs:
            self._readers[index][number] -= 1
            if not self._readers[index][number]:
                del self._readers[index][number]
        for index in () if old is None else old.outputs:
            del self._writers[index]
        for index in () if op is None else op.inputs:
            self._readers[index][number] += 1
        for index in () if op is None else op.outputs:
            self._writers[index] = number

    def readers(self, index: int) -> list[int]:
        """Numbers of the operators that read tensor `index`, in order."""
        return sorted(self._readers[index])

    def writer(self, index: int) -> int | None:
        """Number of the operator that writes tensor `index`; None for an input or a constant."""
        return self._writers.get(index)

    def sole_writer(self, index: int) -> int | None:
        """The writer of `index`, where one operator reads it, once, and the outside does not."""
        read = self._readers[index]
        alone = len(read) == 1 and read.total() == 1
        return self.writer(index) if alone and index not in self.graph.outputs else None

    def drop_identity(self, number: int) -> None:
        """Drop an operator whose output equals its first input in shape, type and values, where that can be.

        Its readers read the input; where the output is the graph's, the operator that writes the input writes it.
        """
        op = self.ops[number]
        assert op is not None
        source, target = op.inputs[0], op.outputs[0]
        if target not in self.graph.outputs:
            self.exchange(number, None)
            for reader in self.readers(target):
                self.read_instead(reader, target, source)
            return
        writer = self.sole_writer(source)
        if writer is not None:
            before = self.ops[writer]
            assert before is not None
            self.exchange(number, None)
            outputs = tuple(target if index == source else index for index in before.outputs)
            self.exchange(writer, replace(before, outputs=outputs))

    def read_instead(self, number: int, old: int, new: int) -> None:
        """Let operator `number` read tensor `new` where it read `old`."""
        op = self.ops[number]
        assert op is not None
        self.exchange(number, reading(op, old, new))

    def done(self) -> Graph:
        """The changed graph; the given one where nothing was changed."""
        if not self._changed:
            return self.graph
        return replace(self.graph, ops=tuple(op for op in self.ops if op is not None))


def reading(op: Op, old: int, new: int) -> Op:
    """`op` with each `old` among its inputs exchanged for `new`."""
    return replace(op, inputs=tuple(new if index == old else index for index in op.inputs))


def is_valid(graph: Graph, op: Op) -> bool:
    """True where the operator's own `validate` accepts `op`."""
    try:
        OPERATORS[op.kind].validate(graph, op)
    except OperatorError:
        return False
    return True


def work(graph: Graph, op: Op) -> int:
    """How long NumPy takes for `op`, roughly: its multiply-accumulates, and the values that it writes."""
    return OPERATORS[op.kind].macs(graph, op) + sum(tensor.size for tensor in graph.output_tensors(op))


def with_options(op: Op, **options: int | float | bool | str | tuple[int, ...]) -> Op:
    return replace(op, options={**op.options, **options})


def same_numbers(a: Tensor, b: Tensor) -> bool:
    """True where equal stored integers mean equal values: one type, one scale, one zero point."""
    if a.dtype != b.dtype:
        return False
    if a.quantization is None or b.quantization is None:
        return a.quantization is b.quantization
    return (a.quantization.scale, a.quantization.zero_point) == (b.quantization.scale, b.quantization.zero_point)


def frozen(array: np.ndarray) -> np.ndarray:
    """A copy that cannot be written."""
    array = array.copy()
    array.flags.writeable = False
    return array

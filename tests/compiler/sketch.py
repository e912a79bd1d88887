"""Sketch: a graph in the making, for tests: append tensors and operators, then take the graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st

from tdl_course.graph import Graph, Op, Quantization, Tensor

Shape = tuple[int, ...]


@dataclass
class Sketch:
    """A graph in the making: what is drawn goes through `draw`, values of constants come from `rng`."""

    draw: st.DrawFn
    rng: np.random.Generator
    tensors: list[Tensor] = field(default_factory=list)
    ops: list[Op] = field(default_factory=list)

    def add(self, tensor: Tensor) -> int:
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def activation(self, shape: Shape, quantization: Quantization) -> int:
        return self.add(Tensor(f"t{len(self.tensors)}", tuple(map(int, shape)), "int8", quantization))

    def constant(self, data: np.ndarray, quantization: Quantization | None = None) -> int:
        name = f"constant{len(self.tensors)}"
        return self.add(Tensor(name, data.shape, str(data.dtype), quantization, data))

    def apply(
        self, kind: str, inputs: tuple[int, ...], shape: Shape, quantization: Quantization, **options: object
    ) -> int:
        """Append an operator with one output; the index of that output."""
        target = self.activation(shape, quantization)
        self.ops.append(Op(kind, inputs, (target,), options))  # type: ignore[arg-type]
        return target

    def shape(self, index: int) -> Shape:
        return self.tensors[index].shape

    def quantization(self, index: int) -> Quantization:
        found = self.tensors[index].quantization
        assert found is not None
        return found

    def chance(self, percent: int) -> bool:
        return self.draw(st.integers(0, 99)) >= 100 - percent

    def pick(self, *values: object) -> object:
        return self.draw(st.sampled_from(values))

    def graph(self, inputs: Sequence[int], outputs: Sequence[int]) -> Graph:
        """What was appended so far."""
        return Graph("sketch", tuple(self.tensors), tuple(self.ops), tuple(inputs), tuple(outputs))

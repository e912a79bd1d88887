"""Graph: a neural network as frozen data.

In: nothing but NumPy. Out: `Tensor`, `Op` and `Graph`, which every later stage reads.
This module knows no operator, no file format and no target. It transforms nothing: passes are free functions
`Graph -> Graph` in `tdl_course.compiler`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod

import numpy as np

from tdl_course.table import Table

DTYPES = ("int4", "int8", "int16", "int32", "int64", "uint8", "bool", "float32")
"""int4 is for constants only: two values share a byte in files and in flash; arrays hold one int8 a value, -8 to 7."""


@dataclass(frozen=True)
class Quantization:
    """The affine map `real = scale * (q - zero_point)` of a tensor, per tensor or per channel.

    `scale` holds one positive float32 value per tensor, or one per index of dimension `axis`; `zero_point` has the
    same length. The converter writes scale 0 for channels of weights that are all zero.
    """

    scale: tuple[float, ...]
    zero_point: tuple[int, ...]
    axis: int = 0

    @property
    def per_channel(self) -> bool:
        return len(self.scale) > 1


@dataclass(frozen=True, eq=False)
class Tensor:
    """One value of the graph: an activation (`data is None`) or a constant (`data` is a read-only array).

    Shapes are complete: batch included, no dynamic dimension. Activations are NHWC.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    quantization: Quantization | None = None
    data: np.ndarray | None = None

    @property
    def is_constant(self) -> bool:
        return self.data is not None

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes in memory: two values of int4 share one."""
        return -(-self.size // 2) if self.dtype == "int4" else self.size * np.dtype(self.dtype).itemsize

    @property
    def scale(self) -> float:
        """The per-tensor scale. Raises ValueError for a tensor that has none or one per channel."""
        return self._per_tensor().scale[0]

    @property
    def zero_point(self) -> int:
        """The per-tensor zero point. Raises ValueError for a tensor that has none or one per channel."""
        return self._per_tensor().zero_point[0]

    def _per_tensor(self) -> Quantization:
        if self.quantization is None or self.quantization.per_channel:
            found = "no quantization" if self.quantization is None else f"{len(self.quantization.scale)} scales"
            raise ValueError(f"tensor {self.name!r} has {found}; one scale for the whole tensor is needed")
        return self.quantization


@dataclass(frozen=True, eq=False)
class Op:
    """One operator: `kind` is TFLite's builtin name, tensors are indices into `Graph.tensors` (-1: absent).

    `options` holds the attributes by their TFLite schema names; padding and activation are their enum names
    ("SAME", "VALID"; "NONE", "RELU", "RELU6", ...).
    """

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, int | float | bool | str | tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Graph:
    """Operators in execution order over a table of tensors."""

    name: str
    tensors: tuple[Tensor, ...]
    ops: tuple[Op, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    def input_tensors(self, op: Op) -> tuple[Tensor | None, ...]:
        """The tensors that `op` reads, None where an optional one is absent."""
        return tuple(self.tensors[i] if i >= 0 else None for i in op.inputs)

    def output_tensors(self, op: Op) -> tuple[Tensor, ...]:
        return tuple(self.tensors[i] for i in op.outputs)

    @property
    def weight_bytes(self) -> int:
        """Bytes of the constants that operators read."""
        used = {i for op in self.ops for i in op.inputs if i >= 0}
        return sum(self.tensors[i].nbytes for i in used if self.tensors[i].is_constant)

    def rows(self) -> list[tuple[str, ...]]:
        """One row an operator: index, kind, input shapes, output shapes, bytes of constants."""
        rows: list[tuple[str, ...]] = []
        for index, op in enumerate(self.ops):
            read = [t for t in self.input_tensors(op) if t is not None]
            shapes = ", ".join(shape_text(t) for t in read if not t.is_constant)
            constants = sum(t.nbytes for t in read if t.is_constant)
            outputs = ", ".join(shape_text(t) for t in self.output_tensors(op))
            rows.append((str(index), op.kind, shapes, outputs, f"{constants:,}"))
        return rows

    def table(self) -> Table:
        title = f"Graph {self.name}: {len(self.ops)} operators, {self.weight_bytes:,} bytes of constants"
        return Table(title, ("#", "operator", "reads", "writes", "constant bytes"), tuple(self.rows()))

    def __repr__(self) -> str:
        return str(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def array_dtype(dtype: str) -> np.dtype:
    """The NumPy dtype of an array that holds values of a tensor's dtype."""
    return np.dtype("int8" if dtype == "int4" else dtype)


def shape_text(tensor: Tensor) -> str:
    """`int8[1,64,1,16]`: dtype and shape in one word."""
    return f"{tensor.dtype}[{','.join(map(str, tensor.shape))}]"

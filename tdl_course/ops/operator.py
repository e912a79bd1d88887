"""What an operator module gives, and the nouns it gives it in.

Each module `tdl_course/ops/<kind>.py` holds one operator and defines:

    KIND       TFLite's builtin name, "CONV_2D"
    OPTIONS    the attributes as the TFLite schema lays them out: `OptionTable`, or `NO_OPTIONS`
    validate(graph, op) -> None                  raises OperatorError unless shapes, dtypes and quantization fit
    reference(graph, op, inputs) -> outputs      the executable definition in NumPy, bit-exact
    macs(graph, op) -> int                       multiply-accumulates of one execution
    overlap(graph, op) -> dict[int, int]         how the output may lie over inputs while the kernel runs: see `overlap`
    kernel_call(graph, op) -> KernelCall         the C call that does the same
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

import numpy as np


class OperatorError(ValueError):
    """A graph asks of an operator what it does not do; the message names operator, value and what is allowed."""


@dataclass(frozen=True)
class Option:
    """One field of a TFLite options table: its slot in the flatbuffer's vtable, type, default.

    `type` is "int8", "int32", "float32", "bool", "int32[]", or an enum given as a tuple of its names in order.
    """

    name: str
    slot: int
    type: str | tuple[str, ...]
    default: int | float | bool | str | tuple[int, ...]


@dataclass(frozen=True)
class OptionTable:
    """The options table of an operator: TFLite's BuiltinOptions union code, name and fields."""

    code: int
    name: str
    fields: tuple[Option, ...]


NO_OPTIONS = OptionTable(0, "NONE", ())
"""Of an operator for which the schema has no table: union code 0."""


@dataclass(frozen=True, eq=False)
class ConstArray:
    """A constant array to be placed in flash: C element type and values, flattened in C order."""

    ctype: str
    values: np.ndarray


@dataclass(frozen=True, eq=False)
class Param:
    """One field of a kernel's parameter struct: C type, name, value. Order equals the struct's in the header.

    A `ConstArray` value is passed as a pointer to it; None is the null pointer.
    """

    ctype: str
    name: str
    value: int | float | ConstArray | None


@dataclass(frozen=True, eq=False)
class KernelCall:
    """`kernel(&params, inputs..., outputs...)`: what `emit_c` prints for one operator.

    `source` and `variant` name the kernel's file in `firmware/kernels`: conv_2d_ref.c, conv_2d_columns_dsp.c.
    `inputs` and `outputs` are the tensor indices whose pointers are passed, in order; constants are placed in flash. A
    kernel that needs scratch memory takes a pointer to it behind them.
    """

    source: str
    kernel: str
    params_type: str
    params: tuple[Param, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    variant: str = "ref"

    @property
    def file(self) -> str:
        return f"{self.source}_{self.variant}.c"


Operator = ModuleType

"""What operators demand of a graph, said the same way each time.

In: a graph, an operator and a condition. Out: nothing, or an `OperatorError` that names the operator, the value seen
and the values allowed. This module knows no particular operator.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op, Tensor, shape_text
from tdl_course.ops.fixed_point import ACTIVATION_BOUNDS, SHIFT_MAX, quantize_multipliers
from tdl_course.ops.operator import OperatorError


def require(condition: bool, op: Op, message: str) -> None:
    """Raise `OperatorError` with the operator's kind and `message` unless `condition` holds."""
    if not condition:
        raise OperatorError(f"{op.kind}: {message}")


def require_operands(graph: Graph, op: Op, inputs: tuple[int, ...], outputs: int = 1) -> None:
    """The numbers of inputs (any of `inputs`) and outputs, and that inputs other than trailing ones are present."""
    counts = " or ".join(map(str, inputs))
    require(len(op.inputs) in inputs, op, f"has {len(op.inputs)} inputs; {counts} are needed")
    require(len(op.outputs) == outputs, op, f"has {len(op.outputs)} outputs; {outputs} is needed")
    present = [i >= 0 for i in op.inputs[: min(inputs)]]
    require(all(present), op, f"input {present.index(False) if not all(present) else 0} is absent; it is not optional")
    written = graph.tensors[op.outputs[0]]
    require(not written.is_constant, op, f"writes {written.name!r}, which is a constant")


def require_dtype(op: Op, tensor: Tensor, *allowed: str) -> None:
    require(
        tensor.dtype in allowed,
        op,
        f"tensor {tensor.name!r} is {tensor.dtype}; {' or '.join(allowed)} is supported."
        " Convert the model with full integer quantization",
    )


def require_shape(op: Op, tensor: Tensor, shape: tuple[int, ...]) -> None:
    require(
        tensor.shape == tuple(shape),
        op,
        f"tensor {tensor.name!r} is {shape_text(tensor)}; its inputs and options make it {list(shape)}",
    )


def require_rank(op: Op, tensor: Tensor, rank: int) -> None:
    require(
        len(tensor.shape) == rank,
        op,
        f"tensor {tensor.name!r} is {shape_text(tensor)}; {rank} dimensions are needed",
    )


def require_constant(op: Op, tensor: Tensor, what: str) -> np.ndarray:
    """The value of a tensor that must be known at compile time."""
    require(tensor.data is not None, op, f"{what} {tensor.name!r} is not a constant; it must be known at compile time")
    assert tensor.data is not None
    return tensor.data


def require_int8(op: Op, *tensors: Tensor) -> None:
    """int8 with one positive scale and a zero point in int8."""
    require_quantized(op, *tensors, allowed=("int8",))


def require_quantized(op: Op, *tensors: Tensor, allowed: tuple[str, ...] = ("int8", "int16")) -> None:
    """Integers of one dtype among `allowed`, each with one positive scale; int8 has any zero point, int16 has 0."""
    for tensor in tensors:
        require_dtype(op, tensor, *allowed)
        require(
            tensor.dtype == tensors[0].dtype,
            op,
            f"{tensors[0].name!r} is {tensors[0].dtype} but {tensor.name!r} is {tensor.dtype}; they must be equal",
        )
        require_scale(op, tensor)
        low, high = (-128, 127) if tensor.dtype == "int8" else (0, 0)
        require(
            low <= tensor.zero_point <= high,
            op,
            f"tensor {tensor.name!r} has zero point {tensor.zero_point}; "
            + (f"{low} to {high} are allowed" if low < high else f"{tensor.dtype} is symmetric, its zero point is 0"),
        )


def require_scale(op: Op, tensor: Tensor) -> None:
    """One finite positive scale for the whole tensor."""
    quantization = tensor.quantization
    require(quantization is not None, op, f"tensor {tensor.name!r} has no quantization; it needs a scale")
    assert quantization is not None
    require(
        len(quantization.scale) == 1 and len(quantization.zero_point) == 1,
        op,
        f"tensor {tensor.name!r} has {len(quantization.scale)} scales; one for the whole tensor is needed",
    )
    scale = quantization.scale[0]
    require(
        bool(np.isfinite(scale)) and scale > 0,
        op,
        f"tensor {tensor.name!r} has scale {scale}; a finite positive number is needed",
    )


def require_same_quantization(op: Op, a: Tensor, b: Tensor) -> None:
    require(
        abs(a.scale - b.scale) <= 1e-6 and a.zero_point == b.zero_point,
        op,
        f"{a.name!r} has scale {a.scale} and zero point {a.zero_point}, {b.name!r} has {b.scale} and {b.zero_point};"
        " they must be equal",
    )


def number_option(op: Op, name: str, default: float = 0) -> float:
    """The value of a numeric option; raises `OperatorError` where it is no number."""
    value = op.options.get(name, default)
    require(isinstance(value, int | float), op, f"option {name} is {value!r}; a number is needed")
    assert isinstance(value, int | float)
    return value


def require_activation_function(op: Op) -> None:
    activation = op.options.get("fused_activation_function", "NONE")
    require(
        activation in ACTIVATION_BOUNDS,
        op,
        f"fused activation {activation!r} is not supported; use one of {', '.join(ACTIVATION_BOUNDS)}",
    )


def positive_option(op: Op, name: str, default: int = 0) -> int:
    """The value of a whole-number option that must be at least 1."""
    value = op.options.get(name, default)
    require(isinstance(value, int) and value >= 1, op, f"option {name} is {value!r}; at least 1 is needed")
    assert isinstance(value, int)
    return value


def require_multiplier(op: Op, reals: np.ndarray, shift_max: int = SHIFT_MAX) -> None:
    """The ratio of scales must be one that the kernels can multiply by."""
    _, shifts = quantize_multipliers(reals)
    worst = int(shifts.max(initial=0))
    require(
        worst <= shift_max,
        op,
        f"the scales ask for a multiplier of {float(np.max(reals)):.3g}; less than 2**{shift_max} is supported."
        " The output's scale is far too small for its inputs",
    )

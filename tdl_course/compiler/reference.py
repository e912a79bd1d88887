"""The interpreter: a `Graph` and its inputs -> every activation, by each operator's NumPy reference.

In: a graph, and one array for each of its inputs, already quantized. Out: arrays, bit for bit what the C must give.
This module knows no operator and no target; it only orders the calls and checks what goes in and comes out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tdl_course.graph import Graph, Op, Tensor, shape_text
from tdl_course.ops import OPERATORS
from tdl_course.ops.operator import OperatorError


class InputError(ValueError):
    """The arrays given do not fit the graph's inputs; the message says how to make them fit."""


def interpret(graph: Graph, inputs: np.ndarray | Sequence[np.ndarray]) -> list[np.ndarray]:
    """Run the graph once.

    Parameters
    ----------
    graph : Graph
        Any graph that `read_tflite` returned, or a pass over one.
    inputs : ndarray or sequence of ndarray
        One array for each graph input, of its exact shape (batch included) and dtype; a single array will do where
        there is a single input.

    Returns
    -------
    list of ndarray
        One array for each graph output, of its shape and dtype.

    Raises
    ------
    InputError
        If number, shape or dtype of the arrays do not fit.
    OperatorError
        If an operator cannot run.
    """
    values = interpret_all(graph, inputs)
    return [values[index] for index in graph.outputs]


def interpret_all(graph: Graph, inputs: np.ndarray | Sequence[np.ndarray]) -> dict[int, np.ndarray]:
    """Run the graph once and keep every activation.

    Parameters and errors are those of `interpret`.

    Returns
    -------
    dict of int to ndarray
        Tensor index -> its value, for the graph inputs and for everything that an operator writes.
    """
    given = [inputs] if isinstance(inputs, np.ndarray) else list(inputs)
    if len(given) != len(graph.inputs):
        names = ", ".join(_describe(graph.tensors[index]) for index in graph.inputs)
        raise InputError(f"{len(given)} arrays for {len(graph.inputs)} inputs; the graph takes {names}")
    values = {
        index: _checked_input(graph.tensors[index], np.asarray(array))
        for index, array in zip(graph.inputs, given, strict=True)
    }
    for number, op in enumerate(graph.ops):
        read = [None if index < 0 else _value(graph, values, index) for index in op.inputs]
        written = OPERATORS[op.kind].reference(graph, op, read)
        for index, array in zip(op.outputs, written, strict=True):
            values[index] = _checked_output(number, op, graph.tensors[index], array)
    return values


def _value(graph: Graph, values: dict[int, np.ndarray], index: int) -> np.ndarray:
    constant = graph.tensors[index].data
    return values[index] if constant is None else constant


def _checked_input(tensor: Tensor, array: np.ndarray) -> np.ndarray:
    if array.dtype != np.dtype(tensor.dtype):
        remedy = f"convert it by .astype(np.{tensor.dtype})"
        if array.dtype.kind == "f" and tensor.quantization is not None and not tensor.quantization.per_channel:
            limits = np.iinfo(tensor.dtype)
            remedy = (
                f"quantize it: np.clip(np.round(x / {tensor.scale:.9g}) + {tensor.zero_point}, {limits.min}, "
                f"{limits.max}).astype(np.{tensor.dtype})"
            )
        raise InputError(f"input {_describe(tensor)} was given {array.dtype} values; {remedy}")
    if array.shape != tensor.shape:
        remedy = "give one sample at a time, its batch dimension kept: x[:1]"
        if array.shape == tensor.shape[1:]:
            remedy = "the batch dimension is missing: x[np.newaxis]"
        elif array.shape[1:] != tensor.shape[1:]:
            remedy = "the sizes after the batch must be equal too"
        raise InputError(f"input {_describe(tensor)} was given shape {list(array.shape)}; {remedy}")
    return array


def _checked_output(number: int, op: Op, tensor: Tensor, array: np.ndarray) -> np.ndarray:
    if array.shape != tensor.shape or array.dtype != np.dtype(tensor.dtype):
        raise OperatorError(
            f"operator {number} {op.kind}: its reference returned {array.dtype}{list(array.shape)}, "
            f"but it writes {_describe(tensor)}"
        )
    return array


def _describe(tensor: Tensor) -> str:
    return f"{tensor.name!r} {shape_text(tensor)}"

"""Tensors of a .tflite file: shape, dtype, quantization and constant data, each checked.

In: the `SubGraph` table and the `Model.buffers` tables of a flatbuffer. Out: a tuple of `Tensor`.
This module knows nothing of operators. What does not fit raises `FlatbufferError` naming table and field.
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite, prod

import numpy as np

from tdl_course.compiler.flatbuffer import FlatbufferError, Table
from tdl_course.compiler.tflite_schema import TENSOR_TYPES
from tdl_course.graph import DTYPES, Quantization, Tensor, shape_text
from tdl_course.ops.int4 import INT4_MAX, INT4_MIN, unpack_int4

MAX_RANK = 8
MAX_ELEMENTS = 1 << 26  # 64 Mi values, 64 times what the flash of our largest board could hold


def read_tensors(subgraph: Table, buffers: tuple[Table, ...]) -> tuple[Tensor, ...]:
    """Read `SubGraph.tensors`.

    Parameters
    ----------
    subgraph : Table
        The SubGraph table.
    buffers : tuple of Table
        The Buffer tables that `Tensor.buffer` counts in.

    Returns
    -------
    tuple of Tensor
        Constants hold read-only, aligned, little-endian arrays of their own; tensors that share a buffer share it.

    Raises
    ------
    FlatbufferError
        Where a field does not hold what the schema or this compiler allows.
    """
    arrays: dict[tuple[int, str], np.ndarray] = {}
    return tuple(_tensor(table, buffers, arrays) for table in subgraph.tables("tensors", 0))


def _tensor(table: Table, buffers: tuple[Table, ...], arrays: dict[tuple[int, str], np.ndarray]) -> Tensor:
    table.reject_unknown(range(11))
    name = table.string("name", 3)
    shape = _shape(table)
    dtype = _dtype(table)
    if table.scalar("is_variable", 5, "bool"):
        raise FlatbufferError(f"{table.path}.is_variable: {name!r} keeps state between runs, which is not supported")
    for field, slot in (("sparsity", 6), ("variant_tensors", 9), ("external_buffer", 10)):
        if table.has(slot):
            raise FlatbufferError(
                f"{table.path}.{field}: {name!r} uses it; only dense tensors inside the file are read"
            )
    table.scalar("has_rank", 8, "bool")
    quantization = _quantization(table, shape, dtype)
    data = _constant(table, buffers, arrays, shape, dtype)
    if dtype == "int4" and data is None:
        raise FlatbufferError(
            f"{table.path}.type: {name!r} is int4 and no constant; int4 is supported for weights, so quantize the "
            "activations to int8"
        )
    return Tensor(name, shape, dtype, quantization, data)


def _shape(table: Table) -> tuple[int, ...]:
    """The complete shape; a dynamic batch is taken as 1, any other dynamic dimension is refused."""
    stored = table.vector("shape", 0, "int32")
    shape = () if stored is None else tuple(stored[: MAX_RANK + 1].tolist())
    where = f"{table.path}.shape"
    if stored is not None and len(stored) > MAX_RANK:
        raise FlatbufferError(f"{where}: {len(stored)} dimensions; at most {MAX_RANK} are allowed")
    if any(size < 1 for size in shape):
        raise FlatbufferError(f"{where}: {list(shape)} holds a size below 1; every size must be positive")
    if prod(shape) > MAX_ELEMENTS:
        raise FlatbufferError(f"{where}: {list(shape)} has {prod(shape)} values; at most {MAX_ELEMENTS} are allowed")
    signature = table.vector("shape_signature", 7, "int32")
    if signature is not None and len(signature):
        batch_only = len(signature) == len(shape) and all(
            dynamic == size or (dynamic == -1 and axis == 0 and size == 1)
            for axis, (dynamic, size) in enumerate(zip(signature.tolist(), shape, strict=True))
        )
        if not batch_only:
            raise FlatbufferError(
                f"{table.path}.shape_signature: {signature[: MAX_RANK + 1].tolist()} does not fit shape {list(shape)}; "
                "only the batch may be dynamic (-1, read as 1): fix the other sizes in the model and export it again"
            )
    return shape


def _dtype(table: Table) -> str:
    code = table.integer("type", 1, "int8")
    dtype = TENSOR_TYPES[code] if 0 <= code < len(TENSOR_TYPES) else f"unknown type {code}"
    if dtype not in DTYPES:
        raise FlatbufferError(
            f"{table.path}.type: {dtype} is not supported; supported are {', '.join(DTYPES)}. Convert the model with "
            "full integer quantization"
        )
    return dtype


def _quantization(tensor: Table, shape: tuple[int, ...], dtype: str) -> Quantization | None:
    table = tensor.table("quantization", 4)
    if table is None:
        return None
    table.reject_unknown(range(7))
    if table.integer("details_type", 4, "uint8") or table.has(5):
        raise FlatbufferError(f"{table.path}.details_type: only affine scale and zero_point are supported")
    stored_scale = table.vector("scale", 2, "float32")
    stored_zero_point = table.vector("zero_point", 3, "int64")
    axis = table.integer("quantized_dimension", 6, "int32")
    scales = 0 if stored_scale is None else len(stored_scale)
    zero_points = 0 if stored_zero_point is None else len(stored_zero_point)
    if scales != zero_points:
        raise FlatbufferError(f"{table.path}.zero_point: {zero_points} zero points for {scales} scales; give as many")
    if stored_scale is None or stored_zero_point is None or not scales:
        return None
    if dtype in ("float32", "bool"):
        raise FlatbufferError(f"{table.path}.scale: a {dtype} tensor has {scales} scales; only integers are quantized")
    if not 0 <= axis < max(1, len(shape)):
        raise FlatbufferError(f"{table.path}.quantized_dimension: {axis} is no dimension of shape {list(shape)}")
    if scales != 1 and (not shape or scales != shape[axis]):
        raise FlatbufferError(
            f"{table.path}.scale: {scales} scales for shape {list(shape)}; "
            f"allowed are 1, or one for each index of dimension {axis}"
        )
    scale, zero_point = tuple(stored_scale.tolist()), tuple(stored_zero_point.tolist())
    for value in scale:
        if not (isfinite(value) and value >= 0):  # 0: of a channel whose weights are all zero
            raise FlatbufferError(f"{table.path}.scale: {value} is not a finite number, 0 or above")
    low, high = (INT4_MIN, INT4_MAX) if dtype == "int4" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    for value in zero_point:
        if not low <= value <= high:
            raise FlatbufferError(f"{table.path}.zero_point: {value} is outside {dtype}'s {low} to {high}")
    return Quantization(scale, zero_point, axis)


def _constant(
    table: Table,
    buffers: tuple[Table, ...],
    arrays: dict[tuple[int, str], np.ndarray],
    shape: tuple[int, ...],
    dtype: str,
) -> np.ndarray | None:
    """The constant's values, None for an activation (its buffer is number 0 or empty)."""
    index = table.integer("buffer", 2, "uint32")
    where = f"{table.path}.buffer"
    if index == 0:
        return None
    if index >= len(buffers):
        raise FlatbufferError(f"{where}: {index} is no buffer; the model has buffers 0 to {len(buffers) - 1}")
    size = prod(shape)
    if (index, dtype) not in arrays:
        stored = _bytes(buffers[index])
        if not stored.size:
            return None
        array = _values(stored, dtype, f"{where}: buffer {index}")
        array.flags.writeable = False
        arrays[index, dtype] = array
    array = arrays[index, dtype]
    if array.size != size + (size % 2 if dtype == "int4" else 0):
        needed = Tensor("", shape, dtype)
        held = replace(needed, shape=array.shape)
        raise FlatbufferError(
            f"{where}: buffer {index} holds {held.nbytes} bytes; {shape_text(needed)} needs {needed.nbytes}"
        )
    return array[:size].reshape(shape)


def _values(stored: np.ndarray, dtype: str, where: str) -> np.ndarray:
    """Bytes as a new array of values: aligned, and free of the file's bytes. An odd number of int4 gets one more."""
    if dtype == "int4":
        return unpack_int4(stored)
    item = np.dtype(dtype).newbyteorder("<")
    if stored.size % item.itemsize:
        raise FlatbufferError(f"{where} of {stored.size} bytes is no whole number of {dtype} values")
    if dtype == "bool" and stored.max() > 1:
        raise FlatbufferError(f"{where} holds {stored.max()} as a bool; allowed are 0 and 1")
    return stored.view(item).astype(np.dtype(dtype))


def _bytes(buffer: Table) -> np.ndarray:
    buffer.reject_unknown(range(3))
    for field, slot in (("offset", 1), ("size", 2)):
        if buffer.integer(field, slot, "uint64") > 1:
            raise FlatbufferError(
                f"{buffer.path}.{field}: the data lies behind the flatbuffer, as in models above 2 GB; "
                "a model for a microcontroller keeps it inside: export it again without large-model offsets"
            )
    stored = buffer.vector("data", 0, "uint8")
    return np.empty(0, np.uint8) if stored is None else stored

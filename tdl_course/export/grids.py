"""Weights that were trained on a grid of a few bits, written into a .tflite as they are.

In: the bytes of an int8 .tflite from TensorFlow's converter, the kernels that it was made of, and their `WeightGrid`s.
Out: bytes in which each of these kernels has the grid's own integers and steps, as int4 where four bits are enough, and
its bias the scale that goes with them. The converter knows 8 bits only: it would lay a finer grid over the trained one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tdl_course.compress.qat import WeightGrid
from tdl_course.export.error import ExportError
from tdl_course.ops.int4 import pack_int4

WITH_WEIGHTS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


def with_grids(tflite: bytes, kernels: Mapping[str, np.ndarray], grids: Mapping[str, WeightGrid]) -> bytes:
    """The file `tflite` with the weights of `grids` in place of those that the converter made.

    Parameters
    ----------
    tflite : bytes
        int8, weights per output channel.
    kernels : mapping of layer name to float32 array
        What the converter was given, in Keras' layout: it tells which operator is which layer.
    grids : mapping of layer name to WeightGrid

    Raises
    ------
    ExportError
        No operator holds the weights of a layer; the message names it.
    """
    model = schema.ModelT.InitFromPackedBuf(tflite, 0)
    graph = model.subgraphs[0]
    kinds = {getattr(schema.BuiltinOperator, kind): kind for kind in WITH_WEIGHTS}
    codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
    free = [op for op in graph.operators if codes[op.opcodeIndex] in kinds]
    for name, grid in grids.items():
        op = next((op for op in free if _holds(model, graph, op, kinds[codes[op.opcodeIndex]], kernels[name])), None)
        if op is None:
            raise ExportError(f"no operator of the .tflite holds the weights of layer {name!r}: was it left out?")
        free.remove(op)
        _put(model, graph, op, _tflite_layout(kinds[codes[op.opcodeIndex]], grid.integers), grid)
    builder = flatbuffers.Builder(len(tflite))
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _tflite_layout(kind: str, kernel: np.ndarray) -> np.ndarray:
    """Keras' [.., in, out] as TFLite's [out, .., in], of a depthwise layer [1, .., channels]."""
    if kind == "DEPTHWISE_CONV_2D" and kernel.ndim == 4:
        return kernel.reshape(1, *kernel.shape[:2], -1)
    return np.ascontiguousarray(np.moveaxis(kernel, -1, 0))


def _holds(model: Any, graph: Any, op: Any, kind: str, kernel: np.ndarray) -> bool:
    """True where the int8 weights of `op` are `kernel`, each to the nearest of its own steps."""
    tensor = graph.tensors[op.inputs[1]]
    if kind == "DEPTHWISE_CONV_2D" and kernel.ndim != 4:
        return False
    wanted = _tflite_layout(kind, kernel)
    if tuple(tensor.shape) != wanted.shape or tensor.type != schema.TensorType.INT8:
        return False
    steps = _along(
        np.asarray(tensor.quantization.scale, np.float64), wanted.ndim, tensor.quantization.quantizedDimension
    )
    stored = np.frombuffer(bytes(model.buffers[tensor.buffer].data), np.int8).reshape(wanted.shape)
    return bool((np.abs(stored * steps - wanted) <= 0.51 * steps + 1e-9).all())


def _put(model: Any, graph: Any, op: Any, integers: np.ndarray, grid: WeightGrid) -> None:
    """Weights and bias of `op` on `grid`; both get buffers of their own, because others may share the old ones."""
    weights, source = graph.tensors[op.inputs[1]], graph.tensors[op.inputs[0]]
    packed = pack_int4(integers) if grid.bits <= 4 else integers
    weights.type = schema.TensorType.INT4 if grid.bits <= 4 else schema.TensorType.INT8
    weights.buffer = _add_buffer(model, packed)
    weights.quantization.scale = np.asarray(grid.steps, np.float32)
    weights.quantization.zeroPoint = np.zeros(len(grid.steps), np.int64)
    if len(op.inputs) < 3 or op.inputs[2] < 0:
        return
    bias = graph.tensors[op.inputs[2]]
    real = np.frombuffer(bytes(model.buffers[bias.buffer].data), np.int32) * np.asarray(
        bias.quantization.scale, np.float64
    )
    steps = np.float32(source.quantization.scale[0]) * np.asarray(grid.steps, np.float32)
    limits = np.iinfo(np.int32)
    bias.buffer = _add_buffer(model, np.clip(np.rint(real / steps), limits.min, limits.max).astype(np.int32))
    bias.quantization.scale = steps
    bias.quantization.zeroPoint = np.zeros(len(steps), np.int64)


def _scales(tensor: Any) -> np.ndarray:
    return np.asarray(tensor.quantization.scale, np.float64)


def _along(values: np.ndarray, axes: int, axis: int) -> np.ndarray:
    return values.reshape([-1 if each == axis else 1 for each in range(axes)]) if len(values) > 1 else values


def _add_buffer(model: Any, array: np.ndarray) -> int:
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(array.tobytes(), np.uint8)
    model.buffers.append(buffer)
    return len(model.buffers) - 1

"""Write a `Graph` as .tflite bytes, so that tests can hand any graph to TFLM and to `read_tflite`.

Uses the object API that flatbuffers generated from TFLite's schema, as the LiteRT wheel carries it: an author other
than ours for the layout of the file.
"""

from __future__ import annotations

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as s

from tdl_course.graph import Graph, Op, Tensor
from tdl_course.ops import OptionTable, operator
from tdl_course.ops.int4 import pack_int4


def write_tflite(graph: Graph) -> bytes:
    """The graph as a .tflite file. Shapes, constants, quantization and options are kept exactly."""
    model = s.ModelT()
    model.version = 3
    model.description = graph.name
    model.buffers = [s.BufferT()]
    model.operatorCodes = []
    codes: dict[str, int] = {}
    for op in graph.ops:
        if op.kind not in codes:
            codes[op.kind] = len(codes)
            model.operatorCodes.append(_code(op.kind))
    subgraph = s.SubGraphT()
    subgraph.name = graph.name
    subgraph.tensors = [_tensor(model, tensor) for tensor in graph.tensors]
    subgraph.inputs = list(graph.inputs)
    subgraph.outputs = list(graph.outputs)
    subgraph.operators = [_operator(op, codes[op.kind]) for op in graph.ops]
    model.subgraphs = [subgraph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _code(kind: str) -> s.OperatorCodeT:
    code = s.OperatorCodeT()
    code.builtinCode = getattr(s.BuiltinOperator, kind)
    code.deprecatedBuiltinCode = min(code.builtinCode, 127)
    code.version = 1
    return code


def _tensor(model: s.ModelT, tensor: Tensor) -> s.TensorT:
    result = s.TensorT()
    result.name = tensor.name
    result.shape = list(tensor.shape)
    result.type = getattr(s.TensorType, tensor.dtype.upper())
    result.buffer = 0
    if tensor.data is not None:
        buffer = s.BufferT()
        values = pack_int4(tensor.data) if tensor.dtype == "int4" else np.ascontiguousarray(tensor.data)
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        result.buffer = len(model.buffers)
        model.buffers.append(buffer)
    if tensor.quantization is not None:
        quantization = s.QuantizationParametersT()
        quantization.scale = list(tensor.quantization.scale)
        quantization.zeroPoint = list(tensor.quantization.zero_point)
        quantization.quantizedDimension = tensor.quantization.axis
        result.quantization = quantization
    return result


def _operator(op: Op, code: int) -> s.OperatorT:
    result = s.OperatorT()
    result.opcodeIndex = code
    result.inputs = list(op.inputs)
    result.outputs = list(op.outputs)
    table = operator(op.kind).OPTIONS
    if table.code:
        result.builtinOptionsType = table.code
        result.builtinOptions = _options(op, table)
    return result


def _options(op: Op, table: OptionTable) -> object:
    options = getattr(s, table.name + "T")()
    for field in table.fields:
        value = op.options.get(field.name, field.default)
        if isinstance(field.type, tuple):
            value = field.type.index(str(value))
        first, *rest = field.name.split("_")
        name = first + "".join(word.capitalize() for word in rest)
        assert hasattr(options, name), f"{table.name} has no field {name}"
        setattr(options, name, list(value) if isinstance(value, tuple) else value)
    return options

"""Write a `Graph` as .tflite bytes, so that tests can hand any graph to TFLM and to `read_tflite`.

Uses the schema's own object API, which TensorFlow's wheel carries; the module is loaded by its path, because importing
`tensorflow` takes seconds.
"""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import flatbuffers
import numpy as np

from tdl_course.graph import Graph, Op, Tensor
from tdl_course.ops import OPERATORS, OptionTable


@cache
def schema() -> ModuleType:
    """TFLite's generated flatbuffer classes."""
    name = "tflite_schema_generated"
    found = importlib.util.find_spec("tensorflow")
    assert found is not None and found.submodule_search_locations, "tests/tflite_writer.py needs tensorflow"
    path = Path(found.submodule_search_locations[0]) / "lite" / "python" / "schema_py_generated.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def write_tflite(graph: Graph) -> bytes:
    """The graph as a .tflite file. Shapes, constants, quantization and options are kept exactly."""
    s = schema()
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


def _code(kind: str):  # noqa: ANN202 - a class of the generated schema
    s = schema()
    code = s.OperatorCodeT()
    code.builtinCode = getattr(s.BuiltinOperator, kind)
    code.deprecatedBuiltinCode = min(code.builtinCode, 127)
    code.version = 1
    return code


def _tensor(model, tensor: Tensor):  # noqa: ANN001, ANN202
    s = schema()
    result = s.TensorT()
    result.name = tensor.name
    result.shape = list(tensor.shape)
    result.type = getattr(s.TensorType, tensor.dtype.upper())
    result.buffer = 0
    if tensor.data is not None:
        buffer = s.BufferT()
        buffer.data = np.frombuffer(np.ascontiguousarray(tensor.data).tobytes(), np.uint8)
        result.buffer = len(model.buffers)
        model.buffers.append(buffer)
    if tensor.quantization is not None:
        quantization = s.QuantizationParametersT()
        quantization.scale = list(tensor.quantization.scale)
        quantization.zeroPoint = list(tensor.quantization.zero_point)
        quantization.quantizedDimension = tensor.quantization.axis
        result.quantization = quantization
    return result


def _operator(op: Op, code: int):  # noqa: ANN202
    s = schema()
    result = s.OperatorT()
    result.opcodeIndex = code
    result.inputs = list(op.inputs)
    result.outputs = list(op.outputs)
    table = OPERATORS[op.kind].OPTIONS
    if table.code:
        result.builtinOptionsType = table.code
        result.builtinOptions = _options(op, table)
    return result


def _options(op: Op, table: OptionTable):  # noqa: ANN202
    options = getattr(schema(), table.name + "T")()
    for field in table.fields:
        value = op.options.get(field.name, field.default)
        if isinstance(field.type, tuple):
            value = field.type.index(str(value))
        first, *rest = field.name.split("_")
        name = first + "".join(word.capitalize() for word in rest)
        assert hasattr(options, name), f"{table.name} has no field {name}"
        setattr(options, name, list(value) if isinstance(value, tuple) else value)
    return options

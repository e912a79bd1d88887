"""A .tflite file -> `Graph`, everything checked on the way.

In: the bytes of a file, or its path. Out: a `Graph` whose operators are supported and validated, in execution order.
A malformed, hostile or unsupported file raises `TfliteError`, whose message names the table and field.
This module knows no operator: what each one's options look like, and which shapes it takes, `tdl_course.ops` says.

Schema: tensorflow/compiler/mlir/lite/schema/schema.fbs. Tables are written there as here: Model, SubGraph, Operator.
"""

from __future__ import annotations

import os
from collections.abc import Container
from math import isfinite
from pathlib import Path

from tdl_course.compiler.flatbuffer import Flatbuffer, FlatbufferError, Table
from tdl_course.compiler.tflite_schema import BUILTIN_OPERATORS, IDENTIFIER, PLACEHOLDER, VERSION
from tdl_course.compiler.tflite_tensors import read_tensors
from tdl_course.graph import Graph, Op, Tensor
from tdl_course.ops import OPERATORS
from tdl_course.ops.operator import Operator, OperatorError, Option

MAX_FILE_BYTES = 1 << 28
EDGES = ("QUANTIZE", "DEQUANTIZE")  # between float32 and integers
OptionValue = int | float | bool | str | tuple[int, ...]


class TfliteError(ValueError):
    """The file is no .tflite model that this compiler can take; the message names table and field."""


def read_tflite(data: bytes | str | Path) -> Graph:
    """Read a TensorFlow Lite model.

    Parameters
    ----------
    data : bytes, str or Path
        The contents of a .tflite file, or the path of one.

    Returns
    -------
    Graph
        Named after the file, or after the subgraph where only bytes are given. A dynamic batch is read as 1.

    Raises
    ------
    TfliteError
        If there is no such file, or anything in it is damaged, inconsistent or not supported.

    Examples
    --------
    >>> read_tflite(b"not a model")
    Traceback (most recent call last):
        ...
    tdl_course.compiler.tflite_reader.TfliteError: Model: the identifier at bytes 4 to 8 is b'a mo'; it must be b'TFL3'
    """
    name, contents = _contents(data)
    try:
        return _read_model(Flatbuffer(contents).root("Model", IDENTIFIER), name)
    except FlatbufferError as error:
        raise TfliteError(str(error)) from error


def _contents(data: bytes | str | Path) -> tuple[str, bytes]:
    """Name ("" if unknown) and bytes."""
    if isinstance(data, (bytes, bytearray, memoryview)):
        name, contents, size = "", bytes(data), len(data)
    else:
        path = Path(data)
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "does not exist"
            raise TfliteError(f"{os.fspath(path)!r} {what}; give the path of a .tflite file (here is {Path.cwd()})")
        size = path.stat().st_size
        name, contents = path.stem, path.read_bytes() if size <= MAX_FILE_BYTES else b""
    if size > MAX_FILE_BYTES:
        raise TfliteError(f"Model: the file has {size} bytes; at most {MAX_FILE_BYTES} are read")
    return name, contents


def _read_model(model: Table, name: str) -> Graph:
    model.reject_unknown(range(10))
    version = model.integer("version", 0, "uint32")
    if version != VERSION:
        raise TfliteError(f"Model.version: {version}; only schema version {VERSION} is supported")
    for field, slot in (("external_buffer_groups", 8), ("external_buffers", 9)):
        if model.has(slot):
            raise TfliteError(
                f"Model.{field}: weights outside the file are not supported; export the model as one file"
            )
    subgraphs = model.tables("subgraphs", 2)
    if len(subgraphs) != 1:
        raise TfliteError(
            f"Model.subgraphs: {len(subgraphs)} subgraphs; exactly one is supported "
            "(control flow such as IF and WHILE makes more: export the model without it)"
        )
    codes = model.tables("operator_codes", 1)
    subgraph = subgraphs[0]
    subgraph.reject_unknown(range(6))
    tensors = read_tensors(subgraph, model.tables("buffers", 4))
    ops = tuple(_operator(table, codes, len(tensors)) for table in subgraph.tables("operators", 3))
    inputs = _indices(subgraph, "inputs", 1, len(tensors), optional=False)
    outputs = _indices(subgraph, "outputs", 2, len(tensors), optional=False)
    graph = Graph(name or subgraph.string("name", 4) or "model", tensors, ops, inputs, outputs)
    _check_ends(subgraph.path, graph)
    _check_order(subgraph.path, graph)
    for index, op in enumerate(graph.ops):
        try:
            OPERATORS[op.kind].validate(graph, op)
        except OperatorError as error:
            where = f"{subgraph.path}.operators[{index}] ({op.kind})"
            raise TfliteError(_float_message(where, graph, op) or f"{where}: {error}") from error
    return graph


def _float_message(where: str, graph: Graph, op: Op) -> str | None:
    """What to say of a refused operator that computes in float32: it is the model that is not quantized."""
    if op.kind in EDGES or "float32" not in _dtypes(graph, op):
        return None
    count = sum("float32" in _dtypes(graph, other) for other in graph.ops if other.kind not in EDGES)
    return (
        f"{where}: computes in float32, as {count} of {len(graph.ops)} operators do; float32 is supported at the "
        "model's inputs and outputs only. Convert the model with full integer quantization: a representative dataset "
        "and target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]"
    )


def _dtypes(graph: Graph, op: Op) -> set[str]:
    return {graph.tensors[index].dtype for index in (*op.inputs, *op.outputs) if index >= 0}


def _kind(code: Table) -> str:
    """TFLite's builtin name of an OperatorCode, which must be a supported one."""
    code.reject_unknown(range(4))
    old = code.integer("deprecated_builtin_code", 0, "int8")
    new = code.integer("builtin_code", 3, "int32")
    # Files older than 2020 have the old field alone; the new one counts where both are set, and then they agree.
    if old < 0 or new < 0 or (old and new and old != min(new, PLACEHOLDER)):
        raise TfliteError(f"{code.path}.builtin_code: {new} contradicts deprecated_builtin_code {old}")
    number = max(old, new)
    known = number < len(BUILTIN_OPERATORS)
    kind = BUILTIN_OPERATORS[number] if known else f"builtin operator number {number}"
    if kind == "CUSTOM":
        kind = f"custom operator {code.string('custom_code', 1)!r}"
    if kind not in OPERATORS:
        raise TfliteError(
            f"{code.path}.builtin_code: {kind} is not supported; supported are {', '.join(sorted(OPERATORS))}"
        )
    if code.integer("version", 2, "int32", 1) < 1:
        raise TfliteError(f"{code.path}.version: {code.integer('version', 2, 'int32', 1)}; versions count from 1")
    return kind


def _operator(table: Table, codes: tuple[Table, ...], tensor_count: int) -> Op:
    table.reject_unknown(range(14))
    index = table.integer("opcode_index", 0, "uint32")
    if index >= len(codes):
        raise TfliteError(f"{table.path}.opcode_index: {index}; the model has {len(codes)} operator codes")
    kind = _kind(codes[index])  # of codes that are used only: converters leave others in the file
    for field, slot in (("mutating_variable_inputs", 7), ("intermediates", 8)):
        stored = table.vector(field, slot, "uint8" if slot == 7 else "int32")
        if stored is not None and stored.any():
            raise TfliteError(f"{table.path}.{field}: {kind} keeps state between runs, which is not supported")
    for field, slot in (("custom_options", 5), ("large_custom_options_offset", 9), ("builtin_options_2", 12)):
        if table.has(slot):
            raise TfliteError(f"{table.path}.{field}: {kind} takes no such options")
    return Op(
        kind,
        _indices(table, "inputs", 1, tensor_count, optional=True),
        _indices(table, "outputs", 2, tensor_count, optional=False),
        _options(table, OPERATORS[kind]),
    )


def _options(table: Table, operator: Operator) -> dict[str, OptionValue]:
    """The attributes that the operator's `OPTIONS` lists; all defaults where the file stores no options table."""
    layout = operator.OPTIONS
    code = table.integer("builtin_options_type", 3, "uint8")
    stored = table.table("builtin_options", 4)
    if (code != 0) != (stored is not None) or code not in (0, layout.code):
        raise TfliteError(
            f"{table.path}.builtin_options_type: {code} with{'' if stored else 'out'} an options table; "
            f"{operator.KIND} takes {layout.code} ({layout.name}), or 0 and no table"
        )
    if stored is None:
        return {option.name: option.default for option in layout.fields}
    stored.reject_unknown(tuple(option.slot for option in layout.fields))
    return {option.name: _option(stored, option) for option in layout.fields}


def _option(table: Table, option: Option) -> OptionValue:
    name, slot, type, default = option.name, option.slot, option.type, option.default
    if isinstance(type, tuple):
        assert isinstance(default, str)
        value = table.integer(name, slot, "int8", type.index(default))
        if not 0 <= value < len(type):
            allowed = ", ".join(f"{number} {meaning}" for number, meaning in enumerate(type))
            raise TfliteError(f"{table.path}.{name}: {value}; allowed are {allowed}")
        return type[value]
    if type == "int32[]":
        assert isinstance(default, tuple)
        vector = table.vector(name, slot, "int32")
        return default if vector is None else tuple(vector.tolist())
    assert isinstance(default, (int, float))
    scalar = table.scalar(name, slot, type, default)
    if type == "float32" and not isfinite(scalar):
        raise TfliteError(f"{table.path}.{name}: {scalar} is not a finite number")
    return bool(scalar) if type == "bool" else scalar


def _indices(table: Table, field: str, slot: int, tensor_count: int, *, optional: bool) -> tuple[int, ...]:
    """A list of tensor indices; -1 stands for an absent tensor where `optional` allows it."""
    stored = table.vector(field, slot, "int32")
    indices: tuple[int, ...] = () if stored is None else tuple(stored.tolist())
    lowest = -1 if optional else 0
    for index in indices:
        if not lowest <= index < tensor_count:
            raise TfliteError(f"{table.path}.{field}: {index} is no tensor; allowed are {lowest} to {tensor_count - 1}")
    return indices


def _check_ends(path: str, graph: Graph) -> None:
    """The graph has operators, and inputs and outputs that are activations named once."""
    if not graph.ops:
        raise TfliteError(f"{path}.operators: there are none; the model computes nothing")
    for field, indices in (("inputs", graph.inputs), ("outputs", graph.outputs)):
        if not indices:
            raise TfliteError(f"{path}.{field}: there are none")
        if len(set(indices)) != len(indices):
            raise TfliteError(f"{path}.{field}: {list(indices)} names a tensor twice")
        for index in indices:
            if graph.tensors[index].is_constant:
                raise TfliteError(f"{path}.{field}: {_name(graph.tensors, index)} is a constant")


def _check_order(path: str, graph: Graph) -> None:
    """Each activation is written once, by an operator or from outside, and before it is read: no cycles."""
    written: dict[int, str] = dict.fromkeys(graph.inputs, "the graph's input")
    for number, op in enumerate(graph.ops):
        where = f"{path}.operators[{number}]"
        for index in op.inputs:
            if index >= 0 and index not in written and not graph.tensors[index].is_constant:
                later = [n for n in range(number, len(graph.ops)) if index in graph.ops[n].outputs]
                state = f"only operator {later[0]} writes it" if later else "nothing writes it"
                raise TfliteError(f"{where}.inputs: {op.kind} reads {_name(graph.tensors, index)}, but {state}")
        for index in op.outputs:
            if graph.tensors[index].is_constant:
                raise TfliteError(f"{where}.outputs: {op.kind} writes {_name(graph.tensors, index)}, a constant")
            if index in written:
                raise TfliteError(
                    f"{where}.outputs: {op.kind} writes {_name(graph.tensors, index)}, which is {written[index]}"
                )
            written[index] = f"already written by operator {number}"
    _check_outputs(path, graph, written)


def _check_outputs(path: str, graph: Graph, written: Container[int]) -> None:
    for index in graph.outputs:
        if index not in written or index in graph.inputs:
            raise TfliteError(f"{path}.outputs: no operator writes {_name(graph.tensors, index)}")


def _name(tensors: tuple[Tensor, ...], index: int) -> str:
    return f"tensor {index} {tensors[index].name!r}"

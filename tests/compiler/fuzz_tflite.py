"""Damaged .tflite files, and what must become of each: the fuzzer of reader, interpreter, passes and emitter.

The oracle is `disagreement`, which walks the file by TensorFlow's generated accessors and compares every shape, dtype,
quantization, constant, operand and option with the graph. A graph that is accepted must also run, soon, give the same
outputs after `optimize`, and become C. `tools/fuzz_tflite.py` runs it by hand.
"""

from __future__ import annotations

import contextlib
import random
import re
import struct
import time
from collections import Counter
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tdl_course.compiler import emit_c, plan_memory
from tdl_course.compiler.emit_host import EmitError
from tdl_course.compiler.passes import optimize
from tdl_course.compiler.reference import interpret
from tdl_course.compiler.tflite_reader import TfliteError, read_tflite
from tdl_course.compiler.tflite_schema import BUILTIN_OPERATORS, TENSOR_TYPES
from tdl_course.graph import Graph, Op, array_dtype
from tdl_course.ops import OPERATORS
from tdl_course.ops.int4 import unpack_int4

LIMIT_SECONDS = 1.0  # of processor time, for one file; a thousandth is usual
BLOWN_UP = (0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0x40000000, 0x00FFFFFF, 0x0000FFFF, 0x00010000, 1, 0)


def damage(data: bytes, rng: random.Random) -> bytes:
    """One to three kinds of damage at random places; half of them in the tables, which are a small part of the file."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if not out:
            break
        low = rng.choice((0, len(out) // 2))  # writers put the tables behind the constants
        at = rng.randrange(low, len(out))
        match rng.randrange(8):
            case 0:
                out[at] ^= 1 << rng.randrange(8)
            case 1:
                out[at] = rng.randrange(256)
            case 2:
                del out[at:]
            case 3:
                size = rng.randrange(1, 64)
                start = rng.randrange(len(out))
                out[at : at + size] = out[start : start + size]
            case 4:
                size = rng.randrange(1, 64)
                out[at : at + size] = bytes(len(out[at : at + size]))
            case 5:
                at -= at % 4
                out[at : at + 4] = struct.pack("<I", rng.choice(BLOWN_UP))[: len(out[at : at + 4])]
            case 6:
                at -= at % 2
                out[at : at + 2] = struct.pack("<H", rng.choice((0, 2, 4, 6, 8, 32, 0xFFFF)))[: len(out[at : at + 2])]
            case 7:
                at -= at % 4
                word = int.from_bytes(out[at : at + 4], "little") + rng.choice((-16, -8, -4, -2, -1, 1, 2, 4, 8, 16))
                out[at : at + 4] = (word % 2**32).to_bytes(4, "little")[: len(out[at : at + 4])]
    return bytes(out)


def disagreement(graph: Graph, data: bytes) -> str | None:
    """Where the graph differs from the file as TensorFlow's accessors read it; None if nowhere."""
    model = schema.Model.GetRootAs(data)
    subgraph = model.Subgraphs(0)
    if (model.Version(), model.SubgraphsLength(), subgraph.TensorsLength()) != (3, 1, len(graph.tensors)):
        return "version or counts"
    if graph.inputs != _tuple(subgraph.InputsAsNumpy()) or graph.outputs != _tuple(subgraph.OutputsAsNumpy()):
        return "inputs or outputs"
    if subgraph.OperatorsLength() != len(graph.ops):
        return "number of operators"
    for index, tensor in enumerate(graph.tensors):
        theirs = subgraph.Tensors(index)
        if (tensor.shape, tensor.dtype) != (_tuple(theirs.ShapeAsNumpy()), TENSOR_TYPES[theirs.Type()]):
            return f"tensor {index}"
        quantization = theirs.Quantization()
        scale = _tuple(quantization.ScaleAsNumpy()) if quantization is not None else ()
        if tensor.quantization is None:
            if scale:
                return f"tensor {index} quantization"
        elif (tensor.quantization.scale, tensor.quantization.zero_point, tensor.quantization.axis) != (
            scale,
            _tuple(quantization.ZeroPointAsNumpy()),
            quantization.QuantizedDimension(),
        ):
            return f"tensor {index} quantization"
        stored = model.Buffers(theirs.Buffer()).DataAsNumpy() if theirs.Buffer() else 0
        constant = b"" if isinstance(stored, int) else stored.tobytes()
        if tensor.dtype == "int4":
            constant = unpack_int4(np.frombuffer(constant, np.uint8))[: tensor.size].tobytes()
        if (b"" if tensor.data is None else tensor.data.tobytes()) != constant:
            return f"tensor {index} data"
        held = None if tensor.data is None else (tensor.data.shape, tensor.data.dtype)
        if held not in (None, (tensor.shape, array_dtype(tensor.dtype))):
            return f"tensor {index} array"
    written = set(graph.inputs)
    for index, op in enumerate(graph.ops):
        theirs = subgraph.Operators(index)
        code = model.OperatorCodes(theirs.OpcodeIndex())
        if op.kind != BUILTIN_OPERATORS[max(code.DeprecatedBuiltinCode(), code.BuiltinCode())]:
            return f"operator {index} kind"
        if op.inputs != _tuple(theirs.InputsAsNumpy()) or op.outputs != _tuple(theirs.OutputsAsNumpy()):
            return f"operator {index} operands"
        if not all(i == -1 or i in written or graph.tensors[i].is_constant for i in op.inputs):
            return f"operator {index} reads what is not written"
        if written & set(op.outputs):
            return f"operator {index} writes again"
        written.update(op.outputs)
        if theirs.BuiltinOptionsType() and (difference := _options_disagree(op, theirs.BuiltinOptions())):
            return f"operator {index} option {difference}"
    return None if set(graph.outputs) <= written else "an output is not written"


def _options_disagree(op: Op, union: Any) -> str | None:
    """The first option whose value is not what TensorFlow's accessor gives."""
    layout = OPERATORS[op.kind].OPTIONS
    theirs = getattr(schema, layout.name)()
    theirs.Init(union.Bytes, union.Pos)
    for option in layout.fields:
        camel = re.sub(r"(?:^|_)(\w)", lambda match: match[1].upper(), option.name)
        if option.type == "int32[]":
            value: Any = _tuple(getattr(theirs, f"{camel}AsNumpy")())
        else:
            value = getattr(theirs, camel)()
        if isinstance(option.type, tuple):
            value = option.type[value]
        if value != op.options[option.name]:
            return option.name
    return None


def _tuple(array: Any) -> tuple[Any, ...]:
    """TensorFlow's accessors return 0 for a vector that is not there."""
    return () if isinstance(array, int) else tuple(array.tolist())


def fuzz(data: bytes, seed: int, count: int, run: bool = True) -> Counter[str]:
    """Damage `data` `count` times; returns how many files were accepted, and refused for which field.

    Raises AssertionError with the seed of the file if the reader or interpreter misbehaves.
    """
    outcomes: Counter[str] = Counter()
    for number in range(seed, seed + count):
        damaged = damage(data, random.Random(number))
        start = time.process_time()
        try:
            graph = read_tflite(damaged)
        except TfliteError as error:
            outcomes[re.sub(r"\d+", "#", str(error).split(":")[0])] += 1
        else:
            outcomes["accepted"] += 1
            difference = disagreement(graph, damaged)
            assert difference is None, f"seed {number}: the graph differs from the file in {difference}"
            if run:
                inputs = [np.zeros(graph.tensors[i].shape, graph.tensors[i].dtype) for i in graph.inputs]
                outputs = interpret(graph, inputs)
                better = optimize(graph)
                for expected, again in zip(outputs, interpret(better, inputs), strict=True):
                    assert np.array_equal(expected, again), f"seed {number}: optimize changed the outputs"
                with contextlib.suppress(EmitError):
                    emit_c(better, plan_memory(better), "fuzzed")
        seconds = time.process_time() - start
        assert seconds < LIMIT_SECONDS, f"seed {number}: took {seconds:.1f} s"
    return outcomes

"""read_tflite names table and field of whatever it refuses: one wrong field at a time, the rest of the file sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tdl_course.compiler.tflite_reader import TfliteError, read_tflite

Change = Callable[[Any], None]


def _tensor(field: str, value: Any, number: int = 0) -> Change:
    return lambda model: setattr(model.subgraphs[0].tensors[number], field, value)


def _quantization(field: str, value: Any, number: int = 0) -> Change:
    return lambda model: setattr(model.subgraphs[0].tensors[number].quantization, field, value)


def _operator(field: str, value: Any, number: int = 0) -> Change:
    return lambda model: setattr(model.subgraphs[0].operators[number], field, value)


def _option(field: str, value: Any, number: int = 0) -> Change:
    return lambda model: setattr(model.subgraphs[0].operators[number].builtinOptions, field, value)


def _subgraph(field: str, value: Any) -> Change:
    return lambda model: setattr(model.subgraphs[0], field, value)


def _code(number: int, **fields: Any) -> Change:
    return lambda model: vars(model.operatorCodes[number]).update(fields)


def _buffer(field: str, value: Any) -> Change:
    def change(model: Any) -> None:
        weights = next(t for t in model.subgraphs[0].tensors if list(t.shape) == [3, 16])
        setattr(model.buffers[weights.buffer], field, value)

    return change


def _per_channel(values: dict[str, Any]) -> Change:
    def change(model: Any) -> None:
        weights = next(t for t in model.subgraphs[0].tensors if list(t.shape) == [16, 7, 1, 3])
        for field, value in values.items():
            setattr(weights.quantization, field, value)

    return change


def _swap_operators(model: Any) -> None:
    operators = model.subgraphs[0].operators
    operators[0], operators[1] = operators[1], operators[0]


def _write_twice(model: Any) -> None:
    operators = model.subgraphs[0].operators
    operators[1].outputs = operators[0].outputs


def _write_constant(model: Any) -> None:
    model.subgraphs[0].operators[0].outputs = model.subgraphs[0].operators[0].inputs[1:2]


def _set_details(quantization: Any) -> None:
    quantization.detailsType = schema.QuantizationDetails.CustomQuantization
    quantization.details = schema.CustomQuantizationT()


def _read_own_output(model: Any) -> None:
    convolution = model.subgraphs[0].operators[0]
    convolution.inputs = np.array([convolution.outputs[0], *convolution.inputs[1:]], np.int32)


def _bias(model: Any) -> Any:
    return next(tensor for tensor in model.subgraphs[0].tensors if tensor.type == 2 and list(tensor.shape) == [16])


def _bool_of_two(model: Any) -> None:
    bias = _bias(model)
    bias.type, bias.quantization, bias.shape = 6, None, _ints(64)
    model.buffers[bias.buffer].data = np.full(64, 2, np.uint8)


def _int4_input(model: Any) -> None:
    """Also with a zero point that int4 has, so that the type is what is wrong."""
    tensor = model.subgraphs[0].tensors[0]
    tensor.type, tensor.quantization.zeroPoint = 17, np.zeros(1, np.int64)


def _float_model(model: Any) -> None:
    """As converted without quantization, but for the constants."""
    for tensor in model.subgraphs[0].tensors:
        if not len(model.buffers[tensor.buffer].data if model.buffers[tensor.buffer].data is not None else ()):
            tensor.type, tensor.quantization = 0, None


def _ints(*values: int) -> np.ndarray:
    return np.array(values, np.int32)


# name: (change of the model's objects, what the message must say)
REFUSED: dict[str, tuple[Change, str]] = {
    "version": (lambda m: setattr(m, "version", 2), r"Model\.version: 2"),
    "two subgraphs": (lambda m: m.subgraphs.append(m.subgraphs[0]), r"Model\.subgraphs: 2 subgraphs; exactly one"),
    "no subgraph": (lambda m: m.subgraphs.clear(), r"Model\.subgraphs: 0 subgraphs"),
    "unsupported operator": (
        _code(0, deprecatedBuiltinCode=16, builtinCode=16),
        r"operator_codes\[0\]\.builtin_code: LSTM is not supported; supported are .*CONV_2D",
    ),
    "custom operator": (
        _code(0, deprecatedBuiltinCode=32, builtinCode=32, customCode="MyOp"),
        r"custom operator 'MyOp' is not supported; supported are",
    ),
    "newer operator": (_code(0, deprecatedBuiltinCode=127, builtinCode=999), r"builtin operator number 999 is not"),
    "operator codes disagree": (_code(0, deprecatedBuiltinCode=4), r"builtin_code: 3 contradicts .* 4"),
    "operator version": (_code(0, version=0), r"operator_codes\[0\]\.version: 0"),
    "opcode index": (_operator("opcodeIndex", 99), r"operators\[0\]\.opcode_index: 99; the model has 6"),
    "empty shape size": (_tensor("shape", _ints(1, 0, 1, 3)), r"tensors\[0\]\.shape: \[1, 0, 1, 3\]"),
    "negative size": (_tensor("shape", _ints(1, -128, 1, 3)), r"tensors\[0\]\.shape"),
    "huge shape": (_tensor("shape", _ints(1, 1 << 30, 1 << 30, 3)), r"tensors\[0\]\.shape.* at most"),
    "too many dimensions": (_tensor("shape", _ints(*[1] * 9)), r"tensors\[0\]\.shape: 9 dimensions"),
    "dynamic height": (_tensor("shapeSignature", _ints(1, -1, 1, 3)), r"tensors\[0\]\.shape_signature.*only the batch"),
    "signature rank": (_tensor("shapeSignature", _ints(-1, 128)), r"tensors\[0\]\.shape_signature"),
    "int4 activation": (_int4_input, r"tensors\[0\]\.type: .* is int4 and no constant; int4 is supported for weights"),
    "float16": (_tensor("type", 1), r"tensors\[0\]\.type: float16 is not supported; .*full integer quantization"),
    "string": (_tensor("type", 5), r"tensors\[0\]\.type: string"),
    "type from the future": (_tensor("type", 99), r"tensors\[0\]\.type: unknown type 99"),
    "float input": (_tensor("type", 0), r"tensors\[0\]\.quantization\.scale: a float32 tensor"),
    "variable": (_tensor("isVariable", True), r"tensors\[0\]\.is_variable"),
    "sparse": (_tensor("sparsity", schema.SparsityParametersT()), r"tensors\[0\]\.sparsity"),
    "buffer index": (_tensor("buffer", 999), r"tensors\[0\]\.buffer: 999 is no buffer"),
    "short buffer": (_buffer("data", np.zeros(47, np.uint8)), r"\.buffer: buffer \d+ holds 47 bytes; .*needs 48"),
    "long buffer": (_buffer("data", np.zeros(49, np.uint8)), r"holds 49 bytes"),
    "buffer of half a value": (
        lambda m: setattr(m.buffers[_bias(m).buffer], "data", np.zeros(63, np.uint8)),
        r"buffer \d+ of 63 bytes .* whole number of int32",
    ),
    "bool of 2": (_bool_of_two, r"buffer \d+ holds 2 as a bool"),
    "external buffers": (
        lambda m: setattr(m, "externalBuffers", [schema.ExternalBufferT()]),
        r"Model\.external_buffers: weights outside the file",
    ),
    "custom options": (_operator("customOptions", [1, 2, 3]), r"operators\[0\]\.custom_options: CONV_2D takes no such"),
    "buffer behind the file": (_buffer("offset", 4096), r"buffers\[\d+\]\.offset: .*large-model"),
    "zero scale": (
        _quantization("scale", np.zeros(1, np.float32)),
        r"operators\[0\] \(CONV_2D\): .* has scale 0\.0; a finite positive",
    ),
    "negative scale": (_quantization("scale", np.full(1, -1, np.float32)), r"quantization\.scale: -1\.0 is not"),
    "infinite scale": (_quantization("scale", np.full(1, np.inf, np.float32)), r"quantization\.scale: inf"),
    "scale that is no number": (_quantization("scale", np.full(1, np.nan, np.float32)), r"quantization\.scale: nan"),
    "zero point": (_quantization("zeroPoint", np.array([128])), r"zero_point: 128 is outside int8's -128 to 127"),
    "two zero points": (_quantization("zeroPoint", np.array([0, 0])), r"zero_point: 2 zero points for 1 scales"),
    "no zero point": (_quantization("zeroPoint", None), r"zero_point: 0 zero points for 1 scales"),
    "axis": (_quantization("quantizedDimension", 4), r"quantized_dimension: 4 is no dimension"),
    "scales per channel": (_per_channel({"quantizedDimension": 1}), r"scale: 16 scales for shape \[16, 7, 1, 3\]"),
    "blockwise": (
        lambda m: _set_details(m.subgraphs[0].tensors[0].quantization),
        r"tensors\[0\]\.quantization\.details_type",
    ),
    "no operators": (_subgraph("operators", []), r"subgraphs\[0\]\.operators: there are none"),
    "no inputs": (_subgraph("inputs", None), r"subgraphs\[0\]\.inputs: there are none"),
    "input index": (_subgraph("inputs", _ints(-1)), r"subgraphs\[0\]\.inputs: -1 is no tensor"),
    "input twice": (_subgraph("inputs", _ints(0, 0)), r"subgraphs\[0\]\.inputs: \[0, 0\] names a tensor twice"),
    "constant input": (_subgraph("inputs", _ints(0, 1)), r"subgraphs\[0\]\.inputs: tensor 1 .* is a constant"),
    "output is input": (_subgraph("outputs", _ints(0)), r"subgraphs\[0\]\.outputs: no operator writes tensor 0"),
    "no outputs": (_subgraph("outputs", _ints()), r"subgraphs\[0\]\.outputs: there are none"),
    "operand index": (_operator("inputs", _ints(0, 99, 1)), r"operators\[0\]\.inputs: 99 is no tensor"),
    "absent output": (_operator("outputs", _ints(-1)), r"operators\[0\]\.outputs: -1 is no tensor"),
    "order": (_swap_operators, r"operators\[0\]\.inputs: MAX_POOL_2D reads .* only operator 1 writes it"),
    "own output": (
        lambda m: _read_own_output(m),
        r"operators\[0\]\.inputs: CONV_2D reads .* only operator 0 writes it",
    ),
    "nothing writes it": (
        _subgraph("inputs", _ints(12)),
        r"operators\[0\]\.inputs: CONV_2D reads .* nothing writes it",
    ),
    "written twice": (_write_twice, r"operators\[1\]\.outputs: MAX_POOL_2D writes .* already written by operator 0"),
    "constant written": (_write_constant, r"operators\[0\]\.outputs: CONV_2D writes .*, a constant"),
    "state": (_operator("mutatingVariableInputs", [True, False, False]), r"operators\[0\]\.mutating_variable_inputs"),
    "options of another operator": (_operator("builtinOptionsType", 5), r"operators\[0\]\.builtin_options_type: 5"),
    "options without their table": (
        _operator("builtinOptions", None),
        r"operators\[0\]\.builtin_options_type: 1 without",
    ),
    "unknown padding": (
        _option("padding", 7),
        r"operators\[0\]\.builtin_options\.padding: 7; allowed are 0 SAME, 1 VALID",
    ),
    "unknown activation": (
        _option("fusedActivationFunction", -1),
        r"fused_activation_function: -1; allowed are 0 NONE",
    ),
    "beta": (_option("beta", float("nan"), -1), r"builtin_options\.beta: nan is not a finite number"),
    "unread option": (_option("asymmetricQuantizeInputs", True, 4), r"builtin_options: field number 3 is set, which"),
    "stride": (_option("strideH", 0), r"operators\[0\] \(CONV_2D\): .*stride_h"),
    "window far wider than the input": (
        _option("dilationHFactor", 1 << 30),
        r"operators\[0\] \(CONV_2D\): .*the window reaches over 6442450945 values but the input has 128",
    ),
    "float model": (
        _float_model,
        r"operators\[0\] \(CONV_2D\): computes in float32, as 6 of 6 operators do; .*full integer quantization",
    ),
    "output shape": (_option("padding", 1), r"operators\[0\] \(CONV_2D\): "),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, edit: Callable[[Change], bytes]) -> None:
    change, message = REFUSED[name]
    with pytest.raises(TfliteError, match=message):
        read_tflite(edit(change))

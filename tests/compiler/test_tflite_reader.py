"""read_tflite: reads what TensorFlow's own reader reads, and names table and field of whatever is wrong."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tdl_course.compiler import tflite_reader
from tdl_course.compiler.tflite_reader import TfliteError, read_tflite
from tdl_course.compiler.tflite_schema import BUILTIN_OPERATORS, TENSOR_TYPES
from tdl_course.graph import Graph
from tdl_course.ops import OPERATORS

KINDS = ["CONV_2D", "MAX_POOL_2D", "DEPTHWISE_CONV_2D", "MEAN", "FULLY_CONNECTED", "SOFTMAX"]
Edit = Callable[[Callable[[Any], None]], bytes]


@pytest.fixture(scope="module")
def graph(ecg_tflite: bytes) -> Graph:
    return read_tflite(ecg_tflite)


def test_operators_in_order(graph: Graph) -> None:
    assert [op.kind for op in graph.ops] == KINDS


def test_tensors_are_those_of_tensorflows_reader(graph: Graph, ecg_model: Any) -> None:
    expected = ecg_model.subgraphs[0]
    assert len(graph.tensors) == len(expected.tensors)
    for tensor, other in zip(graph.tensors, expected.tensors, strict=True):
        assert tensor.name == other.name.decode()
        assert tensor.shape == tuple(other.shape)
        assert TENSOR_TYPES.index(tensor.dtype) == other.type
        data = ecg_model.buffers[other.buffer].data
        if data is None or not len(data):
            assert tensor.data is None
        else:
            assert tensor.data is not None
            assert tensor.data.tobytes() == bytes(data)
        if other.quantization.scale is not None:
            assert tensor.quantization is not None
            np.testing.assert_array_equal(tensor.quantization.scale, other.quantization.scale)
            np.testing.assert_array_equal(tensor.quantization.zero_point, other.quantization.zeroPoint)
    assert graph.inputs == tuple(expected.inputs)
    assert graph.outputs == tuple(expected.outputs)


def test_constants_are_read_only_and_aligned(graph: Graph) -> None:
    constants = [tensor.data for tensor in graph.tensors if tensor.data is not None]
    assert constants
    for array in constants:
        assert not array.flags.writeable
        assert array.flags.aligned
        assert array.flags.c_contiguous
        assert array.dtype.isnative


def test_options_by_schema_name(graph: Graph) -> None:
    convolution, pool = graph.ops[0].options, graph.ops[1].options
    assert (convolution["padding"], convolution["stride_h"], convolution["stride_w"]) == ("SAME", 2, 1)
    assert (convolution["fused_activation_function"], convolution["dilation_h_factor"]) == ("RELU", 1)
    assert (pool["padding"], pool["filter_height"], pool["filter_width"]) == ("VALID", 2, 1)
    assert graph.ops[-1].options["beta"] == 1.0


def test_file_and_bytes_give_the_same_graph(graph: Graph, ecg_tflite: bytes, tmp_path: Path) -> None:
    path = tmp_path / "heartbeat.tflite"
    path.write_bytes(ecg_tflite)
    for given in (path, str(path)):
        from_file = read_tflite(given)
        assert from_file.name == "heartbeat"
        assert from_file.rows() == graph.rows()


def test_tensorflows_writer_round_trips(edit: Edit, graph: Graph) -> None:
    again = read_tflite(edit(lambda model: None))
    assert again.rows() == graph.rows()
    assert [op.options for op in again.ops] == [op.options for op in graph.ops]


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TfliteError, match=r"nowhere.tflite' does not exist"):
        read_tflite(tmp_path / "nowhere.tflite")
    with pytest.raises(TfliteError, match=r"is a folder"):
        read_tflite(tmp_path)


def test_a_file_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "large.tflite"
    path.write_bytes(bytes(65))
    monkeypatch.setattr(tflite_reader, "MAX_FILE_BYTES", 64)
    for given in (path, bytes(65)):
        with pytest.raises(TfliteError, match="Model: the file has 65 bytes; at most 64 are read"):
            read_tflite(given)


def test_schema_names_agree_with_tensorflow() -> None:
    for names, enum in (
        (BUILTIN_OPERATORS, schema.BuiltinOperator),
        ([t.upper() for t in TENSOR_TYPES], schema.TensorType),
    ):
        assert all(getattr(enum, name) == code for code, name in enumerate(names))
    assert set(OPERATORS) <= set(BUILTIN_OPERATORS)


# Accepted variations


def test_dynamic_batch_is_read_as_one(edit: Edit, graph: Graph) -> None:
    def change(model: Any) -> None:
        for tensor in model.subgraphs[0].tensors:
            if tensor.shape[0] == 1:
                tensor.shapeSignature = np.array([-1, *tensor.shape[1:]], np.int32)

    assert read_tflite(edit(change)).rows() == graph.rows()


def test_names_may_repeat_or_be_empty(edit: Edit, graph: Graph) -> None:
    def change(model: Any) -> None:
        for number, tensor in enumerate(model.subgraphs[0].tensors):
            tensor.name = "" if number % 2 else "same"

    assert read_tflite(edit(change)).rows() == graph.rows()


def test_old_files_have_only_the_deprecated_operator_code(edit: Edit, graph: Graph) -> None:
    def change(model: Any) -> None:
        for code in model.operatorCodes:
            code.builtinCode = 0

    assert read_tflite(edit(change)).rows() == graph.rows()


def test_operator_codes_that_nothing_uses_may_be_anything(edit: Edit, graph: Graph) -> None:
    def change(model: Any) -> None:
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
        code.customCode = "Unused"
        model.operatorCodes.append(code)

    assert read_tflite(edit(change)).rows() == graph.rows()


def test_a_missing_options_table_means_defaults(edit: Edit) -> None:
    def change(model: Any) -> None:
        mean = model.subgraphs[0].operators[KINDS.index("MEAN")]
        mean.builtinOptionsType, mean.builtinOptions = 0, None

    assert read_tflite(edit(change)).ops[KINDS.index("MEAN")].options == {"keep_dims": False}


def test_shared_buffers_are_read_once(edit: Edit) -> None:
    read = read_tflite(edit(lambda model: None))
    biases = [tensor.data for tensor in read.tensors if tensor.dtype == "int32" and tensor.shape == (16,)]
    assert len(biases) == 2
    assert biases[0] is not None
    assert biases[1] is not None
    assert np.shares_memory(biases[0], biases[1])


# Damage below the level of objects


@pytest.mark.parametrize("size", [0, 3, 7, 8, 40])
def test_truncated_to(size: int, ecg_tflite: bytes) -> None:
    with pytest.raises(TfliteError, match=r"^Model"):
        read_tflite(ecg_tflite[:size])


def test_another_kind_of_file() -> None:
    with pytest.raises(TfliteError, match=r"Model: the identifier .* must be b'TFL3'"):
        read_tflite(b"\x7fELF" + bytes(100))


def test_offset_to_itself_does_not_hang() -> None:
    with pytest.raises(TfliteError, match="Model: offset 0"):
        read_tflite(struct.pack("<I4s", 0, b"TFL3") + bytes(64))


def _amplified() -> bytes:
    """60,000 tensors that are one and the same table, whose name has 30,000 bytes: 1.8 GB if each were read."""
    name = struct.pack("<I", 30_000) + b"x" * 30_000 + bytes(4)
    tensor_vtable = struct.pack("<6H", 12, 8, 0, 0, 0, 4)  # slot 3, name, at offset 4
    tensor = struct.pack("<iI", 12, 4)
    subgraph_vtable, subgraph = struct.pack("<4H", 6, 8, 4, 0), struct.pack("<iI", 8, 0)
    model_vtable = struct.pack("<6H", 10, 12, 4, 0, 8, 0)
    body = bytearray(struct.pack("<I4s", 20, b"TFL3") + model_vtable)
    model_at = len(body)
    body += struct.pack("<iII", model_at - 8, 3, 4) + struct.pack("<II", 1, 12) + subgraph_vtable
    subgraph_at = len(body)
    body += subgraph + struct.pack("<I", 60_000)
    struct.pack_into("<I", body, subgraph_at + 4, 4)
    entries = len(body)
    body += bytes(4 * 60_000) + tensor_vtable
    tensor_at = len(body)
    body += tensor + name
    for entry in range(entries, entries + 4 * 60_000, 4):
        struct.pack_into("<I", body, entry, tensor_at - entry)
    return bytes(body)


def test_pointing_again_and_again_is_stopped() -> None:
    with pytest.raises(TfliteError, match=r"Model\.subgraphs\[0\]\.tensors\[\d+\]\.name: .* again and again"):
        read_tflite(_amplified())


@pytest.mark.skipif("TDL_DATA" not in os.environ, reason="the MLPerf Tiny models are found by TDL_DATA")
@pytest.mark.parametrize("name", ["ad01_int8", "kws_ref_model", "pretrainedResnet_quant", "vww_96_int8"])
def test_mlperf_tiny_models(name: str) -> None:
    folders = [Path(folder) for folder in os.environ["TDL_DATA"].split(os.pathsep)]
    found = [folder / f"{name}.tflite" for folder in folders if (folder / f"{name}.tflite").is_file()]
    if not found:
        pytest.skip(f"{name}.tflite is in none of TDL_DATA's folders")
    model = schema.ModelT.InitFromPackedBuf(found[0].read_bytes())
    graph = read_tflite(found[0])
    assert [tensor.shape for tensor in graph.tensors] == [tuple(t.shape) for t in model.subgraphs[0].tensors]
    assert len(graph.ops) == len(model.subgraphs[0].operators)

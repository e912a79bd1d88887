"""interpret: equal to TFLM on a real model, and clear about inputs that do not fit."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tdl_course.compiler import reference
from tdl_course.compiler.reference import InputError, interpret, interpret_all
from tdl_course.compiler.tflite_reader import read_tflite
from tdl_course.graph import Graph
from tdl_course.ops.operator import OperatorError


@pytest.fixture(scope="module")
def graph(ecg_tflite: bytes) -> Graph:
    return read_tflite(ecg_tflite)


def _samples(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(-128, 128, (count, 1, 128, 1, 3), np.int8)


def test_equals_tflm(graph: Graph, ecg_tflite: bytes) -> None:
    tflite_micro = pytest.importorskip("tflite_micro", reason="TFLM's wheel exists for Linux x86-64 only")
    tflm = tflite_micro.runtime.Interpreter.from_bytes(ecg_tflite)
    outputs = set()
    for sample in _samples(50):
        tflm.set_input(sample, 0)
        tflm.invoke()
        (output,) = interpret(graph, sample)
        np.testing.assert_array_equal(output, tflm.get_output(0))
        outputs.add(output.tobytes())
    assert len(outputs) > 10, "the outputs hardly vary, so that equality says little"


def test_every_activation_is_kept(graph: Graph) -> None:
    values = interpret_all(graph, _samples(1)[0])
    assert set(values) == set(graph.inputs) | {index for op in graph.ops for index in op.outputs}
    for index, value in values.items():
        assert (value.shape, value.dtype) == (graph.tensors[index].shape, np.dtype(graph.tensors[index].dtype))
    np.testing.assert_array_equal(values[graph.outputs[0]], interpret(graph, _samples(1)[0])[0])


def test_a_list_is_taken_as_one_array_an_input(graph: Graph) -> None:
    sample = _samples(1)[0]
    np.testing.assert_array_equal(interpret(graph, [sample])[0], interpret(graph, sample)[0])
    with pytest.raises(InputError, match="2 arrays for 1 inputs; the graph takes .*int8"):
        interpret(graph, [sample, sample])


def test_the_input_is_not_changed(graph: Graph) -> None:
    sample = _samples(1)[0]
    before = sample.copy()
    interpret(graph, sample)
    np.testing.assert_array_equal(sample, before)


def test_float_input_names_scale_and_zero_point(graph: Graph) -> None:
    tensor = graph.tensors[graph.inputs[0]]
    with pytest.raises(InputError, match="float32 values; quantize it") as caught:
        interpret(graph, np.zeros(tensor.shape, np.float32))
    assert f"{tensor.scale:.9g}" in str(caught.value)
    # The remedy that the message prints is one that works.
    remedy = str(caught.value).split("quantize it: ")[1]
    x = np.random.default_rng(0).normal(size=tensor.shape)
    quantized = eval(remedy, {"np": np, "x": x})
    assert interpret(graph, quantized)[0].dtype == np.int8
    assert np.abs((quantized - float(tensor.zero_point)) * tensor.scale - x)[abs(x) < 1].max() <= tensor.scale * 0.51


def test_other_dtype(graph: Graph) -> None:
    with pytest.raises(InputError, match=r"given int64 values; convert it by \.astype\(np\.int8\)"):
        interpret(graph, _samples(1)[0].astype(np.int64))


@pytest.mark.parametrize(
    ("shape", "remedy"),
    [
        ((128, 1, 3), "the batch dimension is missing"),
        ((2, 128, 1, 3), "one sample at a time"),
        ((1, 64, 1, 3), "the sizes after the batch"),
    ],
)
def test_other_shape(graph: Graph, shape: tuple[int, ...], remedy: str) -> None:
    with pytest.raises(InputError, match=remedy):
        interpret(graph, np.zeros(shape, np.int8))


def test_a_reference_that_returns_another_shape_is_named(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = SimpleNamespace(reference=lambda graph, op, inputs: [np.zeros((1, 1), np.int8)])
    monkeypatch.setattr(reference, "OPERATORS", {graph.ops[0].kind: wrong})
    with pytest.raises(OperatorError, match=r"operator 0 CONV_2D: its reference returned int8\[1, 1\]"):
        interpret(replace(graph, ops=graph.ops[:1]), _samples(1)[0])

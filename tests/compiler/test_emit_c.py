"""emit_c: deterministic, exact constants, and clear refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdl_course.compiler import EmitError, emit_c, optimize, plan_memory, read_tflite
from tdl_course.compiler.emit_c import array_c, number_c
from tdl_course.graph import Graph, Op, Tensor
from tdl_course.ops.operator import ConstArray


@pytest.fixture(scope="module")
def graph(ecg_tflite):
    return optimize(read_tflite(ecg_tflite))


def test_same_graph_gives_the_same_bytes(ecg_tflite):
    texts = set()
    for _ in range(2):
        graph = optimize(read_tflite(ecg_tflite))
        texts.add(emit_c(graph, plan_memory(graph), "m").files["model.c"])
    assert len(texts) == 1


def test_layers_are_called_in_order(graph):
    sources = emit_c(graph, plan_memory(graph), "m")
    body = sources.files["model.c"].split("void tdl_infer(void) {")[1]
    positions = [body.index(f"{name}();") for name in sources.layer_names]
    assert positions == sorted(positions) and len(positions) == len(graph.ops)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_floats_read_back_exactly(value):
    text = number_c(value, "float")
    assert text.endswith("f") and float.fromhex(text[:-1]) == value


def test_the_smallest_int32_is_not_written_as_a_negated_overflow():
    assert number_c(-(2**31), "int32_t") == "INT32_MIN"
    assert "2147483648" not in array_c(ConstArray("int32_t", np.array([-(2**31), 5])), "a")


@pytest.mark.parametrize("name", ["", "a b", 'a"b', "x" * 41, "é"])
def test_names_that_would_break_the_firmware_are_refused(graph, name):
    with pytest.raises(EmitError, match="letters"):
        emit_c(graph, plan_memory(graph), name)


def bool_output():
    tensors = (Tensor("a", (4,), "int8"), Tensor("b", (4,), "bool"))
    return Graph("g", tensors, (Op("RESHAPE", (0,), (1,)),), (0,), (1,))


def nothing_to_do():
    return Graph("g", (Tensor("a", (4,), "int8"),), (), (0,), (0,))


@pytest.mark.parametrize(("make", "said"), [(bool_output, "bool"), (nothing_to_do, "nothing to compute")])
def test_graphs_that_firmware_cannot_hold_are_refused(make, said):
    graph = make()
    with pytest.raises(EmitError, match=said):
        emit_c(graph, plan_memory(graph))

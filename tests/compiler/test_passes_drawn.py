"""Passes over random graphs: outputs stay equal bit for bit, results are valid, nothing is left to do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdl_course.compiler.passes import FINISH, SIMPLIFY, Pass, choose_kernels, optimize
from tdl_course.compiler.reference import interpret
from tdl_course.graph import Graph
from tdl_course.ops import operator
from tests.compiler.draw_graphs import graphs
from tests.compiler.graph_content import content
from tests.compiler.test_drawn_graphs import run_tflm
from tests.ops.host_kernels import run_op

RELAXED = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
ALL: tuple[Pass, ...] = (*SIMPLIFY, *FINISH, choose_kernels, optimize)
EDGES = graphs(max_inputs=2, max_outputs=3)


def by_name(apply: Pass) -> str:
    return apply.__name__


def assert_same_outputs(before: Graph, after: Graph, inputs: list[np.ndarray]) -> None:
    for index, got, expected in zip(before.outputs, interpret(after, inputs), interpret(before, inputs), strict=True):
        np.testing.assert_array_equal(got, expected, err_msg=f"output {index} of\n{before}\nbecame\n{after}")


@pytest.mark.parametrize("apply", ALL, ids=by_name)
@RELAXED
@given(data=st.data())
def test_outputs_stay_equal(apply: Pass, data: st.DataObject) -> None:
    graph, inputs = data.draw(EDGES)
    before = content(graph)
    after = apply(graph)
    assert_same_outputs(graph, after, inputs)
    assert_same_outputs(graph, after, [np.flip(x) for x in inputs])
    assert content(graph) == before, "the given graph was changed"


@pytest.mark.parametrize("apply", ALL, ids=by_name)
@RELAXED
@given(data=st.data())
def test_what_comes_out_is_valid(apply: Pass, data: st.DataObject) -> None:
    """By each operator's own rules; inputs and outputs are what they were."""
    graph, _ = data.draw(EDGES)
    after = apply(graph)
    for op in after.ops:
        operator(op.kind).validate(after, op)
    for old, new in ((graph.inputs, after.inputs), (graph.outputs, after.outputs)):
        edges = [(t.name, t.shape, t.dtype, t.quantization) for t in (graph.tensors[i] for i in old)]
        assert edges == [(t.name, t.shape, t.dtype, t.quantization) for t in (after.tensors[i] for i in new)]
    read = {index for op in after.ops for index in op.inputs if index >= 0 and not after.tensors[index].is_constant}
    written = [index for op in after.ops for index in op.outputs]
    assert len(written) == len(set(written)) and read <= {*written, *after.inputs}


@pytest.mark.parametrize("apply", ALL, ids=by_name)
@RELAXED
@given(data=st.data())
def test_a_second_time_there_is_nothing_to_do(apply: Pass, data: st.DataObject) -> None:
    """And no pass makes work: operators, values and weights become fewer, never more."""
    graph, _ = data.draw(EDGES)
    once = apply(graph)
    assert apply(once) is once
    assert len(once.ops) <= len(graph.ops)
    assert sum(values(once)) <= sum(values(graph))


def values(graph: Graph) -> list[int]:
    return [graph.tensors[index].size for op in graph.ops for index in op.outputs]


@RELAXED
@given(case=EDGES)
def test_the_kernels_compute_what_the_given_graph_says(case: tuple[Graph, list[np.ndarray]]) -> None:
    graph, inputs = case
    after = optimize(graph)
    written = dict(zip(after.inputs, inputs, strict=True))
    for op in after.ops:
        written |= zip(op.outputs, run_op(after, op, written), strict=True)
    for index, expected in zip(after.outputs, interpret(graph, inputs), strict=True):
        np.testing.assert_array_equal(written[index], expected)


@RELAXED
@given(case=EDGES)
def test_tflm_agrees_about_the_given_graph(case: tuple[Graph, list[np.ndarray]], need: Callable[[str], str]) -> None:
    need("tflm")
    graph, inputs = case
    for got, expected in zip(interpret(optimize(graph), inputs), run_tflm(graph, inputs), strict=True):
        np.testing.assert_array_equal(got, expected)


@given(case=EDGES)
def test_the_same_graph_gives_the_same_result(case: tuple[Graph, list[np.ndarray]]) -> None:
    graph, _ = case
    assert content(optimize(graph)) == content(optimize(graph))

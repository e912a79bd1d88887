"""interpret equals TFLM on random graphs of several operators: the same definitions hold where operators meet."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import HealthCheck, given, settings

from tdl_course.compiler import interpret, read_tflite
from tdl_course.graph import Graph
from tests.compiler.draw_graphs import graphs
from tests.tflite_writer import write_tflite

RELAXED = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])


def run_tflm(graph: Graph, inputs: list[np.ndarray]) -> list[np.ndarray]:
    from tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(write_tflite(graph), arena_size=1 << 20)
    for index, value in enumerate(inputs):
        interpreter.set_input(value, index)
    interpreter.invoke()
    return [interpreter.get_output(index) for index in range(len(graph.outputs))]


@RELAXED
@given(case=graphs(max_inputs=2, max_outputs=2))
def test_equals_tflm(case: tuple[Graph, list[np.ndarray]], need: Callable[[str], str]) -> None:
    need("tflm")
    graph, inputs = case
    for got, expected in zip(interpret(graph, inputs), run_tflm(graph, inputs), strict=True):
        np.testing.assert_array_equal(got, expected)


@RELAXED
@given(case=graphs(max_inputs=2, max_outputs=2))
def test_a_graph_survives_the_file(case: tuple[Graph, list[np.ndarray]]) -> None:
    """Written by the schema's own code and read by ours, it computes the same."""
    graph, inputs = case
    read = read_tflite(write_tflite(graph))
    for got, expected in zip(interpret(read, inputs), interpret(graph, inputs), strict=True):
        np.testing.assert_array_equal(got, expected)

"""Small Keras networks through TensorFlow's converter, and the two questions that are asked of each file.

A `Network` is an input shape, a function that builds layers on an input, and the kind of operator that they must give.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tdl_course.compiler import emit_c, optimize, plan_memory, read_tflite
from tdl_course.compiler.reference import interpret
from tdl_course.sim.host import run_host
from tdl_course.sim.tflm import run_tflm

Network = tuple[tuple[int, ...], Callable[[Any], Any], str]


def converted(network: Network) -> tuple[bytes, np.ndarray]:
    """The file, and three inputs."""
    keras = pytest.importorskip("keras")
    from tdl_course.export import to_tflite

    shape, build, _ = network
    keras.utils.set_random_seed(1)
    rng = np.random.default_rng(1)
    inputs = keras.Input(shape)
    tflite = to_tflite(keras.Model(inputs, build(inputs)), rng.normal(size=(50, *shape)).astype(np.float32))
    return tflite, rng.integers(-128, 128, (3, *shape)).astype(np.int8)


def assert_graph_equals_tflm(network: Network) -> None:
    """The optimized graph computes what TFLM computes from the file, and the file has the operator that is meant."""
    tflite, inputs = converted(network)
    graph = read_tflite(tflite)
    kinds = [op.kind for op in graph.ops]
    assert network[2] in kinds, kinds
    optimized = optimize(graph)
    expected = run_tflm(tflite, inputs)
    assert len(np.unique(expected)) > 10, "outputs that hardly vary prove little"
    for x, y in zip(inputs, expected, strict=True):
        np.testing.assert_array_equal(interpret(optimized, x[None])[0][0], y)


def assert_c_equals_tflm(network: Network) -> None:
    """So does the C, in its arena: with outputs over their inputs, and constants among the operands."""
    tflite, inputs = converted(network)
    graph = optimize(read_tflite(tflite))
    expected = run_tflm(tflite, inputs)
    outputs = run_host(emit_c(graph, plan_memory(graph), "converted"), inputs).outputs
    np.testing.assert_array_equal(outputs.reshape(-1).view(expected.dtype).reshape(expected.shape), expected)

"""Passes over MLPerf Tiny's reference models: the same integers as before, quickly, and known savings."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from tdl_course import datasets
from tdl_course.compiler import interpret, optimize, read_tflite
from tdl_course.compiler.passes import fold_dead_channels
from tdl_course.datasets.download import Unreachable
from tdl_course.graph import Graph, Op
from tdl_course.ops import operator
from tdl_course.sim.tflm import run_tflm

INPUTS = 5
WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


def model(name: str) -> tuple[bytes, Graph]:
    try:
        path = datasets.model(f"mlperf_tiny/{name}")
    except Unreachable as error:
        pytest.skip(str(error))
    return path.read_bytes(), read_tflite(path)


def samples(graph: Graph) -> np.ndarray:
    """Noise over the whole range, and darker, flatter pictures of it."""
    shape = (INPUTS, *graph.tensors[graph.inputs[0]].shape[1:])
    noise = np.random.default_rng(0).integers(-128, 128, shape)
    spread = np.array([1, 1, 2, 8, 64]).reshape(-1, *(1 for _ in shape[1:]))
    return (noise // spread - 40 * (spread > 2)).clip(-128, 127).astype(np.int8)


@pytest.mark.parametrize("name", ["kws", "ic", "vww", "ad"])
def test_outputs_are_those_of_tflm(name: str, need: Callable[[str], str]) -> None:
    need("tflm")
    tflite, graph = model(name)
    x, after = samples(graph), optimize(graph)
    outputs = np.stack([interpret(after, sample[None])[0][0] for sample in x])
    np.testing.assert_array_equal(outputs, run_tflm(tflite, x))
    for op in after.ops:
        operator(op.kind).validate(after, op)
    assert optimize(after) is after
    assert "RESHAPE" not in {op.kind for op in after.ops}


@pytest.mark.parametrize("name", ["kws", "ic", "ad"])
def test_nothing_is_taken_from_a_model_without_dead_channels(name: str) -> None:
    _, graph = model(name)
    assert fold_dead_channels(graph) is graph


def channels_and_zeros(graph: Graph) -> tuple[int, int]:
    """Output channels of all operators with weights, and those whose weights are all zero."""
    by_channel = [weights_by_output(graph, op) for op in graph.ops if op.kind in WEIGHTED]
    return sum(map(len, by_channel)), sum(int((~w.any(axis=1)).sum()) for w in by_channel)


def weights_by_output(graph: Graph, op: Op) -> np.ndarray:
    weights = np.asarray(graph.tensors[op.inputs[1]].data)
    weights = np.moveaxis(weights, 3 if op.kind == "DEPTHWISE_CONV_2D" else 0, 0)
    return weights.reshape(len(weights), -1)


def test_the_dead_channels_of_the_person_detector_go() -> None:
    """971 of 2,738 have no weights; with them go those that only they feed and those that only feed them."""
    _, graph = model("vww")
    began = time.perf_counter()
    after = optimize(graph)
    assert time.perf_counter() - began < 2
    assert channels_and_zeros(graph) == (2738, 971)
    assert channels_and_zeros(after) == (1022, 0)
    macs = [sum(operator(op.kind).macs(g, op) for op in g.ops) for g in (graph, after)]
    assert macs == [7_489_664, 3_733_073]
    assert (graph.weight_bytes, after.weight_bytes) == (219_072, 33_374)

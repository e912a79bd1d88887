"""Networks of other types of numbers, written by hand: the whole way from file to C, what lies in flash, and damage."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tdl_course import toolchain
from tdl_course.compiler import emit_c, optimize, plan_memory, read_tflite
from tdl_course.compiler.reference import interpret
from tdl_course.graph import Graph, Quantization, Tensor
from tdl_course.sim.host import run_host
from tdl_course.sim.unicorn import run_unicorn
from tests.compiler.layers import conv_2d, dense, depthwise, plain_sketch
from tests.compiler.test_fuzz_tflite import fuzz
from tests.tflite_writer import write_tflite

WEIGHTS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


def network() -> Graph:
    """Operators with weights, with and without biases, one filter all zero, and what stands around them."""
    sketch = plain_sketch()
    x = sketch.activation((1, 7, 7, 3), Quantization((0.05,), (3,)))
    weights = dense(sketch, 5, 3, 3, 3)
    weights[2] = 0
    y = conv_2d(sketch, x, weights, [5, -900, 40, 0, 77], Quantization((0.2,), (-7,)), padding="SAME")
    y = depthwise(sketch, y, dense(sketch, 1, 3, 3, 5), None, Quantization((0.5,), (-128,)))
    y = conv_2d(sketch, y, dense(sketch, 3, 1, 1, 5), [1, 2, 3], Quantization((0.7,), (9,)))
    axes = sketch.constant(np.array([1, 2], np.int32))
    y = sketch.apply("MEAN", (y, axes), (1, 3), Quantization((0.3,), (9,)), keep_dims=False)
    last = sketch.constant(dense(sketch, 4, 3), Quantization((0.01,), (0,)))
    bias = sketch.constant(np.array([50, -60, 70, 8], np.int32))
    y = sketch.apply("FULLY_CONNECTED", (y, last, bias), (1, 4), Quantization((0.3,), (0,)))
    y = sketch.apply("SOFTMAX", (y,), (1, 4), Quantization((1 / 256,), (-128,)), beta=1.0)
    return sketch.graph((x,), (y,))


def with_int4_weights(graph: Graph) -> Graph:
    constants = {op.inputs[1] for op in graph.ops if op.kind in WEIGHTS}
    tensors = (
        replace(tensor, dtype="int4", data=np.asarray(tensor.data) >> 4) if index in constants else tensor
        for index, tensor in enumerate(graph.tensors)
    )
    return replace(graph, tensors=tuple(tensors))


def with_int16_values(graph: Graph) -> Graph:
    """All activations in 16 bits, 256 times finer; biases in 64."""
    biases = {op.inputs[2] for op in graph.ops if op.kind in WEIGHTS and len(op.inputs) == 3}

    def widened(index: int, tensor: Tensor) -> Tensor:
        if index in biases:
            return replace(tensor, dtype="int64", data=np.asarray(tensor.data, np.int64) << 8)
        if tensor.is_constant:
            return tensor
        scale = 1 / 32768 if index in graph.outputs else tensor.scale / 256
        return replace(tensor, dtype="int16", quantization=Quantization((scale,), (0,)))

    return replace(graph, tensors=tuple(widened(*item) for item in enumerate(graph.tensors)))


MODELS = {"s4": with_int4_weights(network()), "s16": with_int16_values(network())}


def drawn(graph: Graph, seed: int) -> np.ndarray:
    tensor = graph.tensors[graph.inputs[0]]
    limits = np.iinfo(tensor.dtype)
    return np.random.default_rng(seed).integers(limits.min, limits.max + 1, tensor.shape).astype(tensor.dtype)


@pytest.mark.parametrize("name", MODELS)
def test_tflm_graph_and_c_agree(name: str, need: Callable[[str], str]) -> None:
    need("tflm")
    from tflite_micro import runtime

    tflite = write_tflite(MODELS[name])
    graph = read_tflite(tflite)
    best = optimize(graph)
    sources = emit_c(best, plan_memory(best), "types")
    assert any(kernel.endswith(f"_{name}_ref.c") for kernel in sources.kernels)
    interpreter = runtime.Interpreter.from_bytes(tflite, arena_size=1 << 20)
    for seed in range(5):
        x = drawn(graph, seed)
        interpreter.set_input(x, 0)
        interpreter.invoke()
        expected = interpreter.get_output(0)
        assert len(np.unique(expected)) > 1
        c = run_host(sources, x.reshape(1, -1).view(np.int8)).outputs.view(expected.dtype).reshape(expected.shape)
        for got in (interpret(graph, x)[0], interpret(best, x)[0], c):
            np.testing.assert_array_equal(got, expected)


def test_int4_weights_stay_packed_in_flash() -> None:
    """Half of the bytes of int8, rounded up."""
    sizes = {}
    for name, graph in (("s8", network()), ("s4", MODELS["s4"])):
        text = emit_c(graph, plan_memory(graph), name).files["model.c"]
        sizes[name] = [int(size) for size in re.findall(r"int8_t layer_\d+_weights\[(\d+)\]", text)]
        assert sizes[name] == [graph.tensors[op.inputs[1]].nbytes for op in graph.ops if op.kind in WEIGHTS]
    assert sizes["s4"] == [(size + 1) // 2 for size in sizes["s8"]] == [68, 23, 8, 6]


@pytest.mark.sim
def test_int4_on_the_device() -> None:
    graph = MODELS["s4"]
    elf = toolchain.build(emit_c(graph, plan_memory(graph), "s4"))
    x = np.concatenate([drawn(graph, seed) for seed in range(3)])
    expected = np.concatenate([interpret(graph, image[None])[0] for image in x])
    np.testing.assert_array_equal(run_unicorn(elf, x).outputs.reshape(expected.shape), expected)


@pytest.mark.parametrize("name", MODELS)
def test_damaged_files(name: str) -> None:
    outcomes = fuzz(write_tflite(MODELS[name]), seed=0, count=2_000)
    assert 100 < outcomes["accepted"] < 1_900 and len(outcomes) > 20, outcomes

"""Other types of numbers than int8, as TensorFlow's converter writes them: graph and C compute what TFLM does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tdl_course import toolchain
from tdl_course.compiler import TfliteError, emit_c, optimize, plan_memory, read_tflite
from tdl_course.compiler.reference import interpret
from tdl_course.graph import Graph
from tdl_course.quiet import silenced
from tdl_course.sim import unicorn
from tdl_course.sim.host import run_host

pytestmark = pytest.mark.slow
keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")
layers = keras.layers
IMAGE = (8, 8, 3)
WIDE = tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
INT8 = tf.lite.OpsSet.TFLITE_BUILTINS_INT8
EDGES = {"int8": tf.int8, "uint8": tf.uint8, "int16": tf.int16, "float32": tf.float32}


def converted(model: Any, numbers: Any = WIDE, edge: str = "int16", bias: Any = None) -> bytes:
    """`model` with integers inside and `edge` as the type of its inputs and outputs."""
    rng = np.random.default_rng(1)
    samples = [[rng.normal(size=tensor.shape).astype(np.float32) for tensor in model.inputs] for _ in range(20)]
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: iter(samples)
    converter.target_spec.supported_ops = [numbers]
    converter.inference_input_type = converter.inference_output_type = EDGES[edge]
    if bias is not None:
        converter._experimental_full_integer_quantization_bias_type = bias
    with silenced():
        return bytes(converter.convert())


def network(body: Callable[[Any], Any], shape: tuple[int, ...] = IMAGE) -> Any:
    keras.utils.set_random_seed(1)
    inputs = keras.Input(shape, batch_size=1)
    return keras.Model(inputs, body(inputs))


def residual(x: Any) -> Any:
    """What small networks for images are made of."""
    x = layers.Conv2D(6, 3, padding="same", activation="relu")(x)
    y = layers.ReLU(6.0)(layers.BatchNormalization()(layers.DepthwiseConv2D(3, padding="same")(x)))
    x = layers.ReLU()(layers.Add()([x, layers.Conv2D(6, 1)(y)]))
    x = layers.AveragePooling2D(2)(layers.MaxPooling2D(2, 1)(x))
    x = layers.Conv2D(5, 3, strides=2)(layers.ZeroPadding2D(1)(x))
    pooled, flat = layers.GlobalAveragePooling2D()(x), layers.Dense(4, activation="relu")(layers.Flatten()(x))
    return layers.Softmax()(layers.Dense(5)(layers.Concatenate()([pooled, flat])))


def scaled(x: Any) -> Any:
    """A gate of its own, and differences."""
    x = layers.Conv2D(4, 3, use_bias=False)(x)
    return layers.Subtract()([layers.Multiply()([x, layers.ReLU()(x)]), x])


def curves(x: Any) -> Any:
    """What is not piecewise linear."""
    x = layers.LeakyReLU(negative_slope=0.2)(layers.Conv2D(4, 3, strides=2, activation="tanh")(x))
    return layers.Dense(3, activation="sigmoid")(layers.Flatten()(x))


def autoencoder(x: Any) -> Any:
    x = layers.Dense(8, activation="relu")(layers.Flatten()(x))
    return layers.Dense(16)(layers.Dense(3, activation="relu6")(x))


def with_dead_channels(model: Any) -> Any:
    """Some filters of each convolution all zero, as pruning leaves them; biases stay."""
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D) and not isinstance(layer, layers.DepthwiseConv2D):
            kernel, *rest = layer.get_weights()
            kernel[..., ::3] = 0
            layer.set_weights([kernel, *rest])
    return model


def drawn_inputs(graph: Graph, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [
        rng.normal(scale=2, size=tensor.shape).astype(np.float32)
        if tensor.dtype == "float32"
        else rng.integers(np.iinfo(tensor.dtype).min, np.iinfo(tensor.dtype).max + 1, tensor.shape).astype(tensor.dtype)
        for tensor in (graph.tensors[index] for index in graph.inputs)
    ]


def run_tflm(tflite: bytes, inputs: list[np.ndarray], outputs: int) -> list[np.ndarray]:
    from tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(tflite, arena_size=1 << 20)
    for index, value in enumerate(inputs):
        interpreter.set_input(value, index)
    interpreter.invoke()
    return [interpreter.get_output(index) for index in range(outputs)]


def assert_all_agree(tflite: bytes, need: Callable[[str], str], rounds: int = 5) -> Graph:
    """TFLM, the graph as read, as optimized, and its C on the host give the same bits. Returns the optimized graph."""
    need("tflm")
    graph = read_tflite(tflite)
    best = optimize(graph)
    sources = emit_c(best, plan_memory(best), "types")
    for seed in range(rounds):
        inputs = drawn_inputs(graph, seed)
        expected = run_tflm(tflite, inputs, len(graph.outputs))
        for got in (interpret(graph, inputs), interpret(best, inputs)):
            for one, other in zip(expected, got, strict=True):
                np.testing.assert_array_equal(one, other)
        if len(graph.inputs) == len(graph.outputs) == 1:
            c = run_host(sources, inputs[0].reshape(1, -1).view(np.int8)).outputs
            np.testing.assert_array_equal(c.view(expected[0].dtype).reshape(expected[0].shape), expected[0])
    return best


@pytest.mark.parametrize("edge", ["int16", "float32"])
@pytest.mark.parametrize("body", [residual, scaled, autoencoder, curves], ids=lambda body: body.__name__)
def test_sixteen_bits(body: Callable[[Any], Any], edge: str, need: Callable[[str], str]) -> None:
    graph = assert_all_agree(converted(network(body), edge=edge), need)
    assert {graph.tensors[i].dtype for i in (*graph.inputs, *graph.outputs)} == {edge}
    assert any(tensor.dtype == "int16" for tensor in graph.tensors)


def test_sixteen_bits_with_biases_of_32(need: Callable[[str], str]) -> None:
    def body(x: Any) -> Any:
        x = layers.Conv2D(4, 3, activation="relu", bias_initializer="normal")(x)
        return layers.Dense(3, bias_initializer="normal")(layers.Flatten()(x))

    graph = assert_all_agree(converted(network(body), bias=tf.int32), need)
    assert not any(tensor.dtype == "int64" for tensor in graph.tensors)


def test_sixteen_bits_with_dead_channels(need: Callable[[str], str]) -> None:
    assert_all_agree(converted(with_dead_channels(network(residual))), need)


def test_sixteen_bits_on_the_device(need: Callable[[str], str]) -> None:
    tflite = converted(network(residual))
    graph = optimize(read_tflite(tflite))
    inputs = drawn_inputs(graph, 0)
    elf = toolchain.build(emit_c(graph, plan_memory(graph), "types"))
    outputs = unicorn.run_unicorn(elf, inputs[0].reshape(1, -1).view(np.int8)).outputs
    (expected,) = interpret(graph, inputs)
    np.testing.assert_array_equal(outputs.view(np.int16).reshape(expected.shape), expected)


@pytest.mark.parametrize("edge", ["int8", "uint8", "float32"])
def test_eight_bits_with_other_edges(edge: str, need: Callable[[str], str]) -> None:
    graph = assert_all_agree(converted(network(residual), INT8, edge), need)
    assert {graph.tensors[i].dtype for i in (*graph.inputs, *graph.outputs)} == {edge}


def two_by_two() -> Any:
    """Two inputs, of one shape as the converter may swap them, and two outputs of which one is on the way."""
    keras.utils.set_random_seed(1)
    a, b = keras.Input((4, 4, 2), batch_size=1), keras.Input((4, 4, 2), batch_size=1)
    x = layers.Dense(5, activation="relu")(layers.Flatten()(layers.Concatenate()([a, layers.Conv2D(3, 1)(b)])))
    return keras.Model([a, b], [x, layers.Dense(3)(x)])


@pytest.mark.parametrize(("numbers", "edge"), [(INT8, "int8"), (INT8, "float32"), (WIDE, "int16")])
def test_several_inputs_and_outputs(numbers: Any, edge: str, need: Callable[[str], str]) -> None:
    graph = assert_all_agree(converted(two_by_two(), numbers, edge), need)
    assert (len(graph.inputs), len(graph.outputs)) == (2, 2)


@pytest.mark.parametrize("kind", ["float", "weights only", "float16"])
def test_a_model_that_is_not_quantized_says_what_to_do(kind: str) -> None:
    converter = tf.lite.TFLiteConverter.from_keras_model(network(residual))
    if kind != "float":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if kind == "float16":
        converter.target_spec.supported_types = [tf.float16]
    with silenced():
        tflite = converter.convert()
    with pytest.raises(TfliteError, match=r"float.*Convert the model with full integer quantization"):
        read_tflite(tflite)

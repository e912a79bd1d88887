"""Networks of real shape, as TensorFlow's converter writes them: passes find what they look for, and change no bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tdl_course.compiler import emit_c, optimize, plan_memory, read_tflite
from tdl_course.compiler.passes import fold_dead_channels
from tdl_course.export import to_tflite
from tdl_course.graph import Graph
from tdl_course.sim.host import run_host
from tdl_course.sim.tflm import run_tflm

pytestmark = pytest.mark.slow
keras = pytest.importorskip("keras")
layers = keras.layers
SAMPLES = np.random.default_rng(0).normal(size=(60, 12, 12, 3)).astype(np.float32)


def mobile(x: Any) -> Any:
    """Padding in front of stride 2, as Keras' MobileNets have it, and activations in layers of their own."""
    x = layers.ZeroPadding2D(((0, 1), (0, 1)))(x)
    x = layers.ReLU(6)(layers.BatchNormalization()(layers.Conv2D(8, 3, 2, use_bias=False)(x)))
    x = layers.ZeroPadding2D(1)(x)
    x = layers.ReLU(6)(layers.BatchNormalization()(layers.DepthwiseConv2D(3, 2, use_bias=False)(x)))
    x = layers.ReLU()(layers.Conv2D(12, 1)(x))
    return layers.Dense(5)(layers.Flatten()(layers.AveragePooling2D(3)(x)))


def residual(x: Any) -> Any:
    before = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    inside = layers.Conv2D(8, 3, padding="same")(layers.Conv2D(6, 1, activation="relu")(before))
    joined = layers.ReLU()(layers.Add()([before, inside]))
    return layers.Dense(4, activation="softmax")(layers.GlobalAveragePooling2D()(joined))


def converted(network: Callable[[Any], Any], prune: bool) -> tuple[bytes, Graph]:
    """`prune` sets half of the filters of every convolution to zero, as a regularized training leaves them."""
    keras.utils.set_random_seed(2)
    inputs = keras.Input(SAMPLES.shape[1:], batch_size=1)
    model = keras.Model(inputs, network(inputs))
    for layer in model.layers:
        if prune and isinstance(layer, layers.Conv2D):
            kernel, *rest = layer.get_weights()
            kernel[..., ::2] = 0
            layer.set_weights([kernel, *(value + 0.1 for value in rest)])
    tflite = to_tflite(model, SAMPLES)
    return tflite, read_tflite(tflite)


@pytest.mark.parametrize("prune", [False, True])
@pytest.mark.parametrize(("network", "gone"), [(mobile, {"PAD", "RESHAPE", "RELU", "RELU6"}), (residual, {"RELU"})])
def test_c_equals_tflm(network: Callable[[Any], Any], gone: set[str], prune: bool, need: Callable[[str], str]) -> None:
    need("tflm")
    tflite, graph = converted(network, prune)
    after = optimize(graph)
    assert not gone & {op.kind for op in after.ops}
    assert (fold_dead_channels(graph) is not graph) == prune
    shape = (8, *graph.tensors[graph.inputs[0]].shape[1:])
    spread = np.array([1, 1, 2, 2, 4, 4, 8, 8]).reshape(-1, 1, 1, 1)  # noise alone makes averages all alike
    x = np.random.default_rng(1).integers(-128, 128, shape) // spread + np.arange(-80, 80, 20).reshape(-1, 1, 1, 1)
    x = x.clip(-128, 127).astype(np.int8)
    outputs = run_host(emit_c(after, plan_memory(after), network.__name__), x).outputs
    expected = run_tflm(tflite, x)
    np.testing.assert_array_equal(outputs.reshape(expected.shape), expected)
    assert len(np.unique(expected, axis=0)) > 1

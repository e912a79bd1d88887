"""Element-wise layers and reductions, as TensorFlow's converter writes them: the graph computes what TFLM does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.compiler.converted import Network, assert_c_equals_tflm, assert_graph_equals_tflm

pytestmark = pytest.mark.slow
keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")
layers, ops = keras.layers, keras.ops
IMAGE, SIGNAL = (6, 5, 3), (12, 3)


def conv(filters: int = 4, **options: Any) -> Any:
    return layers.Conv2D(filters, 3, padding="same", **options)


def excite(x: Any) -> Any:
    """Squeeze and excite: channels are weighted by what the whole image shows."""
    x = conv(8)(x)
    weights = layers.GlobalAveragePooling2D(keepdims=True)(x)
    weights = layers.Conv2D(2, 1, activation="relu")(weights)
    return layers.Multiply()([x, layers.Conv2D(8, 1, activation="sigmoid")(weights)])


def attend(x: Any) -> Any:
    """Each pixel is weighted by one number, which is made from its channels."""
    x = conv()(x)
    return layers.Multiply()([x, conv(1, activation="sigmoid")(x)])


def standardized(x: Any) -> Any:
    """A layer's mean taken away, per channel."""
    x = conv()(x)
    return layers.Subtract()([x, layers.GlobalAveragePooling2D(keepdims=True)(x)])


def constants(shape: tuple[int, ...]) -> Any:
    return ops.convert_to_tensor(np.random.default_rng(2).normal(size=shape).astype(np.float32))


class HardSwish(layers.Layer):
    """As MobileNetV3 has it."""

    def call(self, x: Any) -> Any:
        return x * tf.nn.relu6(x + 3.0) * (1.0 / 6.0)


class ArgMax(layers.Layer):
    def call(self, x: Any) -> Any:
        return tf.argmax(x, axis=-1, output_type=tf.int32)


MODELS: dict[str, Network] = {
    "sum of images": (IMAGE, lambda x: layers.Add()([conv()(x), conv(activation="relu")(x)]), "ADD"),
    "added to each channel": (IMAGE, lambda x: conv(activation="relu")(x) + constants((4,)), "ADD"),
    "added to each pixel": (IMAGE, lambda x: conv(activation="relu")(x) + constants((6, 5, 1)), "ADD"),
    "one number added": (IMAGE, lambda x: layers.ReLU(6)(conv(activation="relu")(x) + 0.7), "ADD"),
    "difference": (IMAGE, lambda x: layers.Subtract()([conv()(x), conv()(x)]), "SUB"),
    "from a constant": (IMAGE, lambda x: 1.5 - conv(activation="relu")(x), "SUB"),
    "mean taken away": (IMAGE, standardized, "SUB"),
    "product": (IMAGE, lambda x: layers.Multiply()([conv()(x), conv()(x)]), "MUL"),
    "scaled": (SIGNAL, lambda x: layers.Conv1D(4, 3, activation="relu")(x) * constants((4,)), "MUL"),
    "squeeze and excite": (IMAGE, excite, "MUL"),
    "attention": (IMAGE, attend, "MUL"),
    "leaky": (IMAGE, lambda x: layers.LeakyReLU(0.2)(conv()(x)), "LEAKY_RELU"),
    "slopes of channels": (IMAGE, lambda x: layers.PReLU("uniform", shared_axes=[1, 2])(conv()(x)), "PRELU"),
    "slopes of pixels": (IMAGE, lambda x: layers.PReLU("uniform")(conv()(x)), "PRELU"),
    "slopes of a signal": (SIGNAL, lambda x: layers.PReLU("uniform", shared_axes=[1])(layers.Conv1D(4, 3)(x)), "PRELU"),
    "distance from zero": (IMAGE, lambda x: ops.abs(conv()(x)), "ABS"),
    "hard swish": (IMAGE, lambda x: HardSwish()(conv()(x)), "HARD_SWISH"),
    "hard swish of Keras": (IMAGE, lambda x: layers.Activation("hard_swish")(conv()(x)), "HARD_SWISH"),
    "hard sigmoid": (IMAGE, lambda x: layers.Activation("hard_sigmoid")(conv()(x)), "MUL"),
    "swish": (IMAGE, lambda x: layers.Activation("swish")(conv()(x)), "LOGISTIC"),
    "sigmoid": (IMAGE, lambda x: conv(activation="sigmoid")(x), "LOGISTIC"),
    "tanh": (SIGNAL, lambda x: layers.Conv1D(4, 3, activation="tanh")(x), "TANH"),
    "mean of channels": (IMAGE, lambda x: ops.mean(conv()(x), axis=-1), "MEAN"),
    "mean of a signal": (SIGNAL, lambda x: layers.GlobalAveragePooling1D()(layers.Conv1D(16, 3)(x)), "MEAN"),
    "sum of pixels": (IMAGE, lambda x: ops.sum(conv(16)(x), axis=(1, 2)), "SUM"),
    "sum of channels": (IMAGE, lambda x: ops.sum(conv()(x), axis=3, keepdims=True), "SUM"),
    "class of each pixel": (IMAGE, lambda x: ArgMax()(conv(12)(x)), "ARG_MAX"),
    "softmax of each pixel": (IMAGE, lambda x: layers.Softmax()(conv(3)(x)), "SOFTMAX"),
}


IN_C = (
    "sum of images",
    "added to each pixel",
    "one number added",
    "mean taken away",
    "squeeze and excite",
    "attention",
    "slopes of channels",
    "hard sigmoid",
    "swish",
    "sum of channels",
    "class of each pixel",
)


@pytest.mark.parametrize("name", MODELS)
def test_the_graph_computes_what_tflm_computes(name: str, need: Callable[[str], str]) -> None:
    need("tflm")
    assert_graph_equals_tflm(MODELS[name])


@pytest.mark.parametrize("name", IN_C)
def test_the_c_in_its_arena_computes_what_tflm_computes(name: str, need: Callable[[str], str]) -> None:
    need("tflm")
    assert_c_equals_tflm(MODELS[name])

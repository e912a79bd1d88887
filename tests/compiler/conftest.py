"""A small int8 model as the converter writes it, and a way to change any field of its file."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Any

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

Edit = Callable[[Callable[[Any], None]], bytes]


@pytest.fixture(scope="session")
def ecg_tflite() -> bytes:
    return make_ecg_tflite()


def make_ecg_tflite() -> bytes:
    """A heartbeat classifier in miniature, full int8: the operators of the course's first model, 128 x 1 x 3 inputs."""
    keras = pytest.importorskip("keras")
    tf = pytest.importorskip("tensorflow")
    keras.utils.set_random_seed(1)
    x = inputs = keras.Input((128, 1, 3), batch_size=1)
    x = keras.layers.Conv2D(16, (7, 1), strides=(2, 1), padding="same", activation="relu")(x)
    x = keras.layers.MaxPooling2D((2, 1))(x)
    x = keras.layers.DepthwiseConv2D((5, 1), padding="same")(x)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    x = keras.layers.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(x))
    noise = np.random.default_rng(1).normal(size=(20, 1, 128, 1, 3)).astype(np.float32)
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample] for sample in noise)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the converter advises to give statistics, though it has the samples
        return bytes(converter.convert())


@pytest.fixture(scope="session")
def ecg_model(ecg_tflite: bytes) -> Any:
    """The same file as objects of TensorFlow's own reader."""
    return schema.ModelT.InitFromPackedBuf(ecg_tflite)


@pytest.fixture(scope="session")
def edit(ecg_model: Any) -> Edit:
    """`edit(change)` applies `change` to a copy of the model's objects and writes the file with TensorFlow's writer."""

    def write(change: Callable[[Any], None]) -> bytes:
        model = copy.deepcopy(ecg_model)
        change(model)
        builder = flatbuffers.Builder(1 << 16)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    return write

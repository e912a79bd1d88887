"""Layers that move values or grow images, as TensorFlow's converter writes them: the graph computes what TFLM does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.compiler.converted import Network, assert_c_equals_tflm, assert_graph_equals_tflm

pytestmark = pytest.mark.slow
keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")
layers, ops = keras.layers, keras.ops
IMAGE, SIGNAL = (6, 5, 3), (6, 3)


def conv(filters: int = 4, **options: Any) -> Any:
    return layers.Conv2D(filters, 3, padding="same", **options)


def grow(filters: int = 4, kernel: int | tuple[int, int] = 3, **options: Any) -> Any:
    return layers.Conv2DTranspose(filters, kernel, **{"strides": 2, "padding": "same", **options})


class AlignCorners(layers.Layer):
    """The resizing of TensorFlow 1, which Keras no longer has."""

    def call(self, x: Any) -> Any:
        return tf.compat.v1.image.resize_bilinear(x, (11, 9), align_corners=True)


def u_net(x: Any) -> Any:
    """One level down and up again, joined with what was there before."""
    before = conv(activation="relu")(x)
    below = conv(6, activation="relu")(layers.MaxPooling2D((2, 1))(before))
    above = grow(4, 2, strides=(2, 1), activation="relu")(below)
    return layers.Conv2D(2, 1)(layers.Concatenate()([before, above]))


def shuffled(x: Any) -> Any:
    """The channels of two groups, mixed."""
    groups = layers.Reshape((6, 5, 2, 2))(conv()(x))
    return layers.Reshape((6, 5, 4))(layers.Permute((1, 2, 4, 3))(groups))


MODELS: dict[str, Network] = {
    "nearest": (IMAGE, lambda x: layers.Resizing(9, 11, "nearest")(conv()(x)), "RESIZE_NEAREST_NEIGHBOR"),
    "bilinear": (IMAGE, lambda x: layers.Resizing(9, 11)(conv()(x)), "RESIZE_BILINEAR"),
    "up sampling": (IMAGE, lambda x: layers.UpSampling2D(2, interpolation="bilinear")(conv()(x)), "RESIZE_BILINEAR"),
    "align corners": (IMAGE, lambda x: AlignCorners()(conv()(x)), "RESIZE_BILINEAR"),
    "grown": (IMAGE, lambda x: grow()(x), "TRANSPOSE_CONV"),
    "grown, valid": (IMAGE, lambda x: grow(padding="valid", activation="relu")(x), "TRANSPOSE_CONV"),
    "grown unevenly": (IMAGE, lambda x: grow(kernel=(2, 4), strides=(2, 1), use_bias=False)(x), "TRANSPOSE_CONV"),
    "grown to six": (IMAGE, lambda x: layers.ReLU(6)(layers.BatchNormalization()(grow()(x))), "TRANSPOSE_CONV"),
    "grown signal": (SIGNAL, lambda x: layers.Conv1DTranspose(4, 3, 2, padding="same")(x), "TRANSPOSE_CONV"),
    "branches": (
        IMAGE,
        lambda x: layers.Concatenate()([conv(activation="relu")(x), conv(2)(x), layers.MaxPooling2D(3, 1, "same")(x)]),
        "CONCATENATION",
    ),
    "rows": (IMAGE, lambda x: layers.Concatenate(axis=1)([conv()(x), conv()(x)]), "CONCATENATION"),
    "constant": (
        SIGNAL,
        lambda x: layers.Concatenate(axis=1)([layers.Conv1D(4, 3)(x), ops.ones((1, 2, 4)) * 0.5]),
        "CONCATENATION",
    ),
    "u-net": (IMAGE, u_net, "CONCATENATION"),
    "ranges": (IMAGE, lambda x: conv()(x)[:, 1:-1, ::2, 1:3], "STRIDED_SLICE"),
    "backwards": (IMAGE, lambda x: conv()(x)[:, ::-1], "STRIDED_SLICE"),
    "one row": (IMAGE, lambda x: conv()(x)[:, 2], "STRIDED_SLICE"),
    "one channel": (IMAGE, lambda x: conv()(x)[..., 0], "STRIDED_SLICE"),
    "cropped": (IMAGE, lambda x: layers.Cropping2D(((1, 0), (1, 2)))(conv()(x)), "STRIDED_SLICE"),
    "permuted": (IMAGE, lambda x: layers.Permute((3, 1, 2))(conv()(x)), "TRANSPOSE"),
    "permuted signal": (SIGNAL, lambda x: layers.Permute((2, 1))(layers.Conv1D(4, 3)(x)), "TRANSPOSE"),
    "shuffled": (IMAGE, shuffled, "TRANSPOSE"),
    "padded": (IMAGE, lambda x: conv()(layers.ZeroPadding2D(((0, 1), (1, 2)))(conv()(x))), "PAD"),
    "padded signal": (SIGNAL, lambda x: layers.ZeroPadding1D((2, 1))(layers.Conv1D(4, 3)(x)), "PAD"),
    "padded volume": ((3, 4, 3, 2), lambda x: layers.ZeroPadding3D(1)(x), "PAD"),
    "padded by a value": (
        IMAGE,
        lambda x: ops.pad(conv()(x), [[0, 0], [1, 1], [0, 2], [0, 0]], "constant", 1.5),
        "PADV2",
    ),
    "split": (IMAGE, lambda x: layers.Add()(list(ops.split(conv()(x), 2, axis=-1))), "SPLIT"),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_graph_computes_what_tflm_computes(name: str, need: Callable[[str], str]) -> None:
    need("tflm")
    assert_graph_equals_tflm(MODELS[name])


@pytest.mark.parametrize("name", ["up sampling", "nearest", "grown, valid", "u-net", "constant", "split", "backwards"])
def test_the_c_in_its_arena_computes_what_tflm_computes(name: str, need: Callable[[str], str]) -> None:
    """With outputs over their inputs, several operands, and constants among them."""
    need("tflm")
    assert_c_equals_tflm(MODELS[name])

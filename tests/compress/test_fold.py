"""Batch-norm folding: the same outputs from fewer layers."""

import numpy as np

from tdl_course import models
from tdl_course.compress.fold import fold_batch_norms
from tdl_course.models import keras, layers
from tests.compress.networks import block, images, network


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


def test_a_folded_model_computes_the_same():
    model = network()
    folded = fold_batch_norms(model)
    assert "BatchNormalization" not in kinds(folded) and kinds(model).count("BatchNormalization") == 3
    assert [name for name in (layer.name for layer in model.layers) if "batch" not in name] == [
        layer.name for layer in folded.layers
    ]
    assert np.allclose(models.predict(folded, images()), models.predict(model, images()), atol=1e-5)


def test_a_normalization_without_gain_or_offset_and_of_a_dense_layer():
    vector = keras.Input((5,))
    x = layers.BatchNormalization(scale=False)(layers.Dense(4)(vector))
    x = layers.BatchNormalization(center=False)(layers.Dense(3, use_bias=False)(layers.ReLU()(x)))
    model = keras.Model(vector, x)
    x = np.random.default_rng(0).normal(size=(20, 5)).astype(np.float32)
    for norm in model.layers:
        if isinstance(norm, layers.BatchNormalization):
            norm.moving_mean.assign(np.linspace(-1, 1, norm.moving_mean.shape[0]))
    folded = fold_batch_norms(model)
    assert "BatchNormalization" not in kinds(folded)
    assert np.allclose(models.predict(folded, x), models.predict(model, x), atol=1e-5)


def test_what_cannot_be_folded_stays():
    """Behind an activation, and behind a convolution that others read too."""
    image = keras.Input((12, 8, 2))
    x = layers.BatchNormalization(name="behind_relu")(layers.Conv2D(3, 3, padding="same", activation="relu")(image))
    y = layers.Conv2D(3, 1)(x)
    z = layers.BatchNormalization(name="read_twice")(y)
    model = keras.Model(image, block(layers.Add()([y, z]), layers.Conv2D(2, 1)))
    folded = fold_batch_norms(model)
    assert kinds(folded).count("BatchNormalization") == 2
    assert {"behind_relu", "read_twice"} <= {layer.name for layer in folded.layers}
    assert np.allclose(models.predict(folded, images()), models.predict(model, images()), atol=1e-5)

"""Small functional networks for the tests of the Keras half of compress, with weights that look trained."""

import numpy as np

from tdl_course.models import keras, layers


def network(seed=0, channels=4, classes=3):
    """Convolution, depthwise convolution, residual sum, concatenation, dense: float32 [n, 12, 8, 2] -> [n, classes]."""
    keras.utils.set_random_seed(seed)
    image = keras.Input((12, 8, 2), name="image")
    x = block(image, layers.Conv2D(channels, 3, padding="same", use_bias=False, name="first"))
    y = block(x, layers.DepthwiseConv2D(3, padding="same", name="depthwise"))
    y = block(y, layers.Conv2D(channels, 1, use_bias=False, name="pointwise"))
    x = layers.Add(name="sum")([x, y])
    z = layers.Conv2D(3, (3, 1), padding="same", activation="relu", name="side")(image)
    x = layers.Concatenate(name="join")([x, z])
    x = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(image, layers.Dense(classes, activation="softmax", name="last")(x), name="network")
    random = np.random.default_rng(seed)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            shape = layer.gamma.shape
            layer.set_weights(
                [random.uniform(0.5, 2, shape), random.normal(0, 0.5, shape)]
                + [random.normal(0, 0.5, shape), random.uniform(0.5, 2, shape)]
            )
        elif layer.weights and layer.use_bias:
            layer.bias.assign(random.normal(0, 0.2, layer.bias.shape))
    return model


def block(x, layer):
    return layers.ReLU()(layers.BatchNormalization()(layer(x)))


def images(count=64, seed=1):
    return np.random.default_rng(seed).uniform(-2, 2, (count, 12, 8, 2)).astype(np.float32)

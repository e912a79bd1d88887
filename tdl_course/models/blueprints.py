"""The course's networks by name: the layers, the dataset each is for, how it is trained.

In: a name. Out: a fresh, untrained `keras.Model`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tdl_course.augment import Changes, ImageChanges, NoChange, SignalChanges, SpectrogramChanges
from tdl_course.models.backend import keras, layers

FEW_STEPS = 0.9
"""Momentum of batch normalization where an epoch has few steps: its averages would lag behind the weights."""


@dataclass(frozen=True)
class Recipe:
    """How a model is trained. `class_weight_power`: 0 ignores how rare a class is, 1 makes up for it in full."""

    epochs: int
    batch_size: int = 64
    learning_rate: float = 4e-3
    weight_decay: float = 0.01
    class_weight_power: float = 0.5
    changes: Changes = NoChange()


@dataclass(frozen=True)
class Blueprint:
    """A model by name: which dataset it is for, the function that builds it, how it is trained."""

    dataset: str
    build: Callable[[], keras.Model]
    recipe: Recipe


def _convolution(
    x: keras.KerasTensor,
    channels: int,
    kernel: int | tuple[int, int],
    stride: int | tuple[int, int] = 1,
    momentum: float = 0.99,
) -> keras.KerasTensor:
    """Convolution, batch normalization, ReLU. One number for kernel or stride is along time, the width being 1."""
    kernel = (kernel, 1) if isinstance(kernel, int) else kernel
    stride = (stride, 1) if isinstance(stride, int) else stride
    x = layers.Conv2D(channels, kernel, strides=stride, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=momentum)(x))


def _separable(
    x: keras.KerasTensor, channels: int, kernel: int | tuple[int, int], stride: int = 1, momentum: float = 0.99
) -> keras.KerasTensor:
    """Depthwise convolution, then a pointwise one that mixes the channels (TFLite wants square depthwise strides)."""
    kernel = (kernel, 1) if isinstance(kernel, int) else kernel
    x = layers.DepthwiseConv2D(kernel, strides=stride, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=momentum)(x))
    return _convolution(x, channels, 1, momentum=momentum)


def _classifier(x: keras.KerasTensor, classes: int, dropout: float = 0.2) -> keras.KerasTensor:
    x = layers.GlobalAveragePooling2D()(x)
    return layers.Dense(classes, activation="softmax")(layers.Dropout(dropout)(x))


def _ecg_cnn() -> keras.Model:
    beat = keras.Input((128, 1, 3), name="beat")
    x = _convolution(beat, 8, 7, stride=2)
    x = _separable(x, 16, 5, stride=2)
    x = _separable(x, 24, 5)
    x = _separable(x, 32, 5, stride=2)
    return keras.Model(beat, _classifier(x, 3), name="ecg_cnn")


def _activity_cnn() -> keras.Model:
    motion = keras.Input((64, 1, 6), name="motion")
    x = _convolution(motion, 12, 7, stride=2)
    x = _separable(x, 24, 5, stride=2)
    x = _separable(x, 32, 5)
    return keras.Model(motion, _classifier(x, 5), name="activity_cnn")


def _keywords_cnn() -> keras.Model:
    """After the depthwise-separable network of Y. Zhang et al., "Hello Edge" (arXiv:1711.07128, 2017), smaller."""
    word = keras.Input((49, 20, 1), name="word")
    x = _convolution(word, 24, (5, 4), (3, 2), FEW_STEPS)
    x = _separable(x, 32, (3, 3), 2, FEW_STEPS)
    x = _separable(x, 48, (3, 3), momentum=FEW_STEPS)
    x = _separable(x, 48, (3, 3), momentum=FEW_STEPS)
    return keras.Model(word, _classifier(x, 6), name="keywords_cnn")


def _dscnn(name: str) -> keras.Model:
    """After the DS-CNN of Y. Zhang et al., "Hello Edge" (arXiv:1711.07128, 2017), with fewer and narrower layers."""
    word = keras.Input((49, 20, 1), name="word")
    x = _convolution(word, 32, (10, 4), (2, 2), FEW_STEPS)
    x = _separable(x, 64, (3, 3), 2, FEW_STEPS)
    x = _separable(x, 64, (3, 3), momentum=FEW_STEPS)
    x = _separable(x, 64, (3, 3), momentum=FEW_STEPS)
    return keras.Model(word, _classifier(x, 6), name=name)


def _ppg_cnn() -> keras.Model:
    pulse = keras.Input((200, 1, 1), name="pulse")
    x = _convolution(pulse, 16, 9, 2, FEW_STEPS)
    x = _convolution(x, 24, 7, 2, FEW_STEPS)
    x = _convolution(x, 32, 5, 2, FEW_STEPS)
    x = _convolution(x, 32, 5, momentum=FEW_STEPS)
    return keras.Model(pulse, _classifier(x, 3), name="ppg_cnn")


def _leaf_teacher() -> keras.Model:
    """Plain convolutions: on a computer they train faster than depthwise ones."""
    leaf = keras.Input((32, 64, 3), name="leaf")
    x = leaf
    for channels, stride in ((16, 2), (32, 2), (48, 2), (64, 2), (64, 1)):
        x = _convolution(x, channels, (3, 3), (stride, stride), FEW_STEPS)
    return keras.Model(leaf, _classifier(x, 5), name="leaf_teacher")


def _leaf_student() -> keras.Model:
    """Sees the leaf at half its resolution through narrow layers; too small to overfit, so without dropout."""
    leaf = keras.Input((32, 64, 3), name="leaf")
    x = layers.AveragePooling2D(2)(leaf)
    for channels in (8, 16, 24):
        x = _convolution(x, channels, (3, 3), (2, 2), FEW_STEPS)
    return keras.Model(leaf, _classifier(x, 5, dropout=0.0), name="leaf_student")


def _leaf_mobile(pool: int) -> keras.Model:
    """After A. G. Howard et al., "MobileNets" (arXiv:1704.04861, 2017), narrow; it sees means of pool x pool pixels."""
    leaf = keras.Input((32, 64, 3), name="leaf")
    x = leaf if pool == 1 else layers.AveragePooling2D(pool)(leaf)
    x = _convolution(x, 16, (3, 3), (2, 2), FEW_STEPS)
    for channels, stride in ((32, 1), (48, 2), (64, 2), (96, 1)):
        x = _separable(x, channels, (3, 3), stride, FEW_STEPS)
    return keras.Model(leaf, _classifier(x, 5), name=f"leaf_mobile_{32 // pool}")


def _soil_mlp() -> keras.Model:
    """Seven days of eight sensors through one hidden layer."""
    week = keras.Input((7, 1, 8), name="week")
    x = layers.Dense(24, activation="relu")(layers.Flatten()(week))
    return keras.Model(week, layers.Dense(3, activation="softmax")(layers.Dropout(0.4)(x)), name="soil_mlp")


WORD_CHANGES = SpectrogramChanges(shift=5, gain=0.2, time_mask=7, band_mask=3, others_db=(10, 40))
LEAF_CHANGES = ImageChanges(brightness=0.03, tint=0.02)  # no more: colour tells rust from phoma
LEAF_RECIPE = Recipe(epochs=120, batch_size=32, class_weight_power=0.7, changes=LEAF_CHANGES)

BLUEPRINTS = {
    "ecg_cnn": Blueprint("ecg", _ecg_cnn, Recipe(epochs=12, changes=SignalChanges())),
    "activity_cnn": Blueprint(
        "activity", _activity_cnn, Recipe(epochs=30, changes=SignalChanges(baseline=0.02, channels=tuple(range(6))))
    ),
    "keywords_cnn": Blueprint(
        "keywords",
        _keywords_cnn,
        Recipe(epochs=18, learning_rate=8e-3, changes=SpectrogramChanges(shift=4, time_mask=0)),
    ),
    "keywords_dscnn": Blueprint(
        "keywords", partial(_dscnn, "keywords_dscnn"), Recipe(epochs=50, learning_rate=8e-3, changes=WORD_CHANGES)
    ),
    "keywords_ar_dscnn": Blueprint(
        "keywords_ar",
        partial(_dscnn, "keywords_ar_dscnn"),
        Recipe(epochs=60, batch_size=32, learning_rate=8e-3, changes=WORD_CHANGES),
    ),
    "soil_mlp": Blueprint(
        "soil", _soil_mlp, Recipe(epochs=30, batch_size=256, learning_rate=8e-3, class_weight_power=0.0)
    ),
    "ppg_cnn": Blueprint("ppg", _ppg_cnn, Recipe(epochs=14, changes=SignalChanges(shift=20, amplitude=0.1))),
    "leaf_student": Blueprint(
        "leaf",
        _leaf_student,
        Recipe(epochs=12, learning_rate=1e-2, class_weight_power=0.7, changes=LEAF_CHANGES),
    ),
    "leaf_teacher": Blueprint(
        "leaf",
        _leaf_teacher,
        LEAF_RECIPE,
    ),
    **{f"leaf_mobile_{32 // pool}": Blueprint("leaf", partial(_leaf_mobile, pool), LEAF_RECIPE) for pool in (1, 2, 4)},
}


def blueprint(name: str) -> Blueprint:
    """The blueprint of model `name`; raises ValueError that lists the known names."""
    if name not in BLUEPRINTS:
        raise ValueError(f"no model {name!r}; known are {', '.join(sorted(BLUEPRINTS))}: try build('ecg_cnn')")
    return BLUEPRINTS[name]


def build(name: str) -> keras.Model:
    """A fresh, untrained model, such as "ecg_cnn". Weights depend on `keras.utils.set_random_seed`."""
    return blueprint(name).build()

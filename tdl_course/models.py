"""Keras models of the course: build, train, keep.

In: a name, a `Dataset`. Out: a `keras.Model` whose layers convert to the operators that the compiler knows. Input is
float32 [n, length, 1, channels] as `datasets` scales it; output is softmax [n, classes].
This module and `export` are the ones that import TensorFlow. They know no flatbuffer, no C, no target.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import numpy as np

from tdl_course.datasets import Dataset
from tdl_course.datasets.files import cache_folder
from tdl_course.datasets.scale import INPUT_LIMIT
from tdl_course.files import replacing
from tdl_course.quiet import silenced

with silenced():
    import keras
    import tensorflow as tf
    from keras import layers

tf.get_logger().setLevel("ERROR")

LOSS = "sparse_categorical_crossentropy"
RECIPE_VERSION = 1  # part of the cache key: raise it when training would give another model


@dataclass(frozen=True)
class Recipe:
    """How a model is trained. `class_weight_power`: 0 ignores how rare a class is, 1 makes up for it in full."""

    epochs: int
    batch_size: int = 64
    learning_rate: float = 4e-3
    weight_decay: float = 0.01
    class_weight_power: float = 0.5
    shift: int = 4
    amplitude: float = 0.2
    baseline: float = 0.05
    noise: float = 0.02
    augmented_channels: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Blueprint:
    """A model by name: which dataset it is for, the function that builds it, how it is trained."""

    dataset: str
    build: Callable[[], keras.Model]
    recipe: Recipe


@dataclass(frozen=True)
class History:
    """What training did: loss and accuracy on the (augmented) training samples per epoch, seconds in all."""

    loss: tuple[float, ...]
    accuracy: tuple[float, ...]
    seconds: float
    seed: int


def _convolution(x: keras.KerasTensor, channels: int, kernel: int, stride: int = 1) -> keras.KerasTensor:
    x = layers.Conv2D(channels, (kernel, 1), strides=(stride, 1), padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization()(x))


def _separable(x: keras.KerasTensor, channels: int, kernel: int, stride: int = 1) -> keras.KerasTensor:
    """Depthwise convolution over time, then a pointwise one that mixes the channels (width is 1: stride is square)."""
    x = layers.DepthwiseConv2D((kernel, 1), strides=stride, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    return _convolution(x, channels, 1)


def _ecg_cnn() -> keras.Model:
    beat = keras.Input((128, 1, 3), name="beat")
    x = _convolution(beat, 8, 7, stride=2)
    x = _separable(x, 16, 5, stride=2)
    x = _separable(x, 24, 5)
    x = _separable(x, 32, 5, stride=2)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    return keras.Model(beat, layers.Dense(3, activation="softmax")(x), name="ecg_cnn")


def _activity_cnn() -> keras.Model:
    motion = keras.Input((64, 1, 6), name="motion")
    x = _convolution(motion, 12, 7, stride=2)
    x = _separable(x, 24, 5, stride=2)
    x = _separable(x, 32, 5)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    return keras.Model(motion, layers.Dense(5, activation="softmax")(x), name="activity_cnn")


BLUEPRINTS = {
    "ecg_cnn": Blueprint("ecg", _ecg_cnn, Recipe(epochs=12)),
    "activity_cnn": Blueprint(
        "activity", _activity_cnn, Recipe(epochs=30, augmented_channels=(0, 1, 2, 3, 4, 5), baseline=0.02)
    ),
}


def blueprint(name: str) -> Blueprint:
    """The blueprint of model `name`; raises ValueError that lists the known names."""
    if name not in BLUEPRINTS:
        raise ValueError(f"no model {name!r}; known are {', '.join(sorted(BLUEPRINTS))}: try build('ecg_cnn')")
    return BLUEPRINTS[name]


def build(name: str) -> keras.Model:
    """A fresh, untrained model: "ecg_cnn" or "activity_cnn". Weights depend on `keras.utils.set_random_seed`."""
    return blueprint(name).build()


def train(
    model: keras.Model,
    dataset: Dataset,
    seed: int = 0,
    epochs: int | None = None,
    mask: np.ndarray | None = None,
    progress: bool = True,
) -> History:
    """Train `model` in place on the training part of `dataset`. Same seed, same machine: same weights.

    Parameters
    ----------
    model : keras.Model
        From `build`, or your own with the same input and output. Trained further where it is already trained.
    dataset : Dataset
    seed : int
        Drives order of samples, augmentation, and dropout. For equal weights build the model after
        `keras.utils.set_random_seed(seed)`, or use `load`.
    epochs : int, optional
        Passes over the data; the number of the dataset's recipe where not given.
    mask : np.ndarray, optional
        Boolean [n]: the training samples to use (see `datasets.validation_split`).
    progress : bool
        Show one progress bar line.
    """
    recipe = next(plan.recipe for plan in BLUEPRINTS.values() if plan.dataset == dataset.name)
    recipe = replace(recipe, epochs=recipe.epochs if epochs is None else epochs)
    rows = slice(None) if mask is None else np.asarray(mask)
    x, y = dataset.x_train[rows], dataset.y_train[rows]
    _check_fits(model, dataset, len(x), recipe.epochs)
    keras.utils.set_random_seed(seed)
    batches = _Batches(x, y, class_weights(y, len(dataset.labels), recipe.class_weight_power), recipe, seed)
    steps = max(1, len(batches)) * recipe.epochs
    schedule = keras.optimizers.schedules.CosineDecay(recipe.learning_rate, steps)
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=recipe.weight_decay)
    model.compile(optimizer, LOSS, metrics=["accuracy"], jit_compile=False)
    start = time.perf_counter()
    bar = [_ProgressBar(recipe.epochs, f"training {model.name}")] if progress else []
    fitted = model.fit(batches, epochs=recipe.epochs, verbose=0, callbacks=bar, shuffle=False)
    return History(tuple(fitted.history["loss"]), tuple(fitted.history["accuracy"]), time.perf_counter() - start, seed)


def load(name: str, dataset: Dataset | None = None, seed: int = 0, progress: bool = True) -> keras.Model:
    """A trained model: from the cache where it was trained before, else trained now (and kept).

    The key is the model's definition and recipe, the data's digest, the seed, and the version of Keras and of the
    recipe: whatever would change the weights changes the key.

    Parameters
    ----------
    name : str
        "ecg_cnn" or "activity_cnn".
    dataset : Dataset, optional
        The data to train on; `datasets.load` of the model's own dataset where not given.
    seed : int
    progress : bool
        Show one progress bar line while training.
    """
    plan = blueprint(name)
    if dataset is None:
        from tdl_course.datasets import load as load_dataset

        dataset = load_dataset(plan.dataset)
    keras.utils.set_random_seed(seed)
    model = build(name)
    path = cache_folder() / "models" / f"{name}-{_cache_key(model, plan.recipe, dataset, seed)}.weights.h5"
    if path.is_file():
        try:
            model.load_weights(path)
            model.compile(loss=LOSS, metrics=["accuracy"], jit_compile=False)
            return model
        except (OSError, ValueError, KeyError):
            path.unlink(missing_ok=True)  # a damaged file: train again
            keras.utils.set_random_seed(seed)
            model = build(name)
    train(model, dataset, seed=seed, progress=progress)
    _save(model, path)
    return model


def predict(model: keras.Model, x: np.ndarray, batch_size: int = 512) -> np.ndarray:
    """Class scores float32 [n, classes] of float32 [n, length, 1, channels]."""
    return np.concatenate([model(x[i : i + batch_size], training=False).numpy() for i in range(0, len(x), batch_size)])


def class_weights(y: np.ndarray, classes: int, power: float) -> np.ndarray:
    """Weight of each class float32 [classes]: (1 / its share) ** power, scaled so that the mean over samples is 1."""
    counts = np.maximum(np.bincount(y, minlength=classes), 1)
    weights = (len(y) / counts) ** power
    return (weights / weights[y].mean()).astype(np.float32)


def _check_fits(model: keras.Model, dataset: Dataset, samples: int, epochs: int) -> None:
    if tuple(model.input_shape[1:]) != dataset.x_train.shape[1:] or model.output_shape[-1] != len(dataset.labels):
        raise ValueError(
            f"model {model.name!r} maps {model.input_shape[1:]} to {model.output_shape[-1]} classes; dataset "
            f"{dataset.name!r} has samples of {dataset.x_train.shape[1:]} and {len(dataset.labels)} classes"
        )
    if epochs < 1 or samples < 1:
        raise ValueError(f"{samples} samples, {epochs} epochs: both must be at least 1")


def _cache_key(model: keras.Model, recipe: Recipe, dataset: Dataset, seed: int) -> str:
    configs = [(type(layer).__name__, layer.get_config()) for layer in model.layers]
    definition = [(kind, {key: value for key, value in config.items() if key != "name"}) for kind, config in configs]
    parts = (repr(definition), repr(recipe), dataset.digest, str(seed), keras.__version__, str(RECIPE_VERSION))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _save(model: keras.Model, path: Path) -> None:
    """Write the weights, whole or not at all: another process never sees half a file."""
    with replacing(path) as partial:
        model.save_weights(partial)


class _Batches(keras.utils.PyDataset):
    """Shuffled batches (x, y, weight), each sample slightly changed every time: moved, scaled, tilted, noisy."""

    def __init__(self, x: np.ndarray, y: np.ndarray, weights: np.ndarray, recipe: Recipe, seed: int) -> None:
        super().__init__(workers=1)
        self.x, self.y, self.weights, self.recipe = x, y, weights[y], recipe
        self.random = np.random.default_rng(seed)
        self.order = self.random.permutation(len(x))

    def __len__(self) -> int:
        return -(-len(self.x) // self.recipe.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows = self.order[index * self.recipe.batch_size : (index + 1) * self.recipe.batch_size]
        return augment(self.x[rows], self.recipe, self.random), self.y[rows], self.weights[rows]

    def on_epoch_end(self) -> None:
        self.order = self.random.permutation(len(self.x))


def augment(x: np.ndarray, recipe: Recipe, random: np.random.Generator) -> np.ndarray:
    """Changed copies of float32 [n, length, 1, channels]: what electrodes and people vary, the label does not."""
    n, length = x.shape[:2]
    moved = np.arange(length) + random.integers(-recipe.shift, recipe.shift + 1, (n, 1))
    rows = np.clip(moved, 0, length - 1)[:, :, None, None]
    channels = list(recipe.augmented_channels)
    signal = np.take_along_axis(x[..., channels], rows, axis=1)
    shape = (n, 1, 1, len(channels))
    signal = signal * np.exp(random.normal(0, recipe.amplitude, (n, 1, 1, 1)))
    tilt = np.linspace(-1, 1, length)[:, None, None]
    signal += random.normal(0, recipe.baseline, shape) + random.normal(0, recipe.baseline, shape) * tilt
    signal += random.normal(0, recipe.noise, signal.shape)
    changed = x.copy()
    changed[..., channels] = np.clip(signal, -INPUT_LIMIT, INPUT_LIMIT)
    return changed


class _ProgressBar(keras.callbacks.Callback):
    """One line that moves once an epoch."""

    def __init__(self, epochs: int, text: str) -> None:
        super().__init__()
        from tqdm.auto import tqdm

        self.bar = tqdm(total=epochs, desc=text, unit="epoch", leave=False)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.bar.set_postfix({"accuracy": f"{(logs or {}).get('accuracy', 0):.3f}"}, refresh=False)
        self.bar.update()

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        self.bar.close()

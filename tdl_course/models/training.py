"""Train a model on a dataset, the same for the same seed, and keep what was trained.

In: a `keras.Model`, a `Dataset`, a `Recipe`. Out: the model, trained in place, and a `History`. The cache is keyed by
everything that would change the weights, so a kept model is the one that training would give.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from tdl_course.datasets import Dataset
from tdl_course.datasets.files import cache_folder
from tdl_course.files import replacing, write_atomically
from tdl_course.models import packaged
from tdl_course.models.backend import keras
from tdl_course.models.blueprints import BLUEPRINTS, Recipe, blueprint, build

LOSS = "sparse_categorical_crossentropy"
RECIPE_VERSION = 2  # part of the cache key: raise it when training would give another model


@dataclass(frozen=True)
class History:
    """What training did: loss and accuracy on the (augmented) training samples per epoch, seconds in all."""

    loss: tuple[float, ...]
    accuracy: tuple[float, ...]
    seconds: float
    seed: int


def train(
    model: keras.Model,
    dataset: Dataset,
    seed: int = 0,
    epochs: int | None = None,
    mask: np.ndarray | None = None,
    progress: bool = True,
    learning_rate: float | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    keep: bool = False,
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
        Passes over the data; the number of the recipe where not given (see `recipe_of`).
    mask : np.ndarray, optional
        Boolean [n]: the training samples to use (see `datasets.validation_split`).
    progress : bool
        Show one progress bar line.
    learning_rate : float, optional
        Where the cosine schedule starts; the recipe's where not given. A tenth of that is common for fine-tuning.
    callbacks : sequence of keras.callbacks.Callback
        Called while training.
    keep : bool
        Keep the result in the user cache, and take it from there where the same model was trained in the same way
        before. Callbacks are told apart by their `repr`, so they need one that says all they do.
    """
    recipe = recipe_of(model, dataset)
    recipe = replace(
        recipe,
        epochs=recipe.epochs if epochs is None else epochs,
        learning_rate=recipe.learning_rate if learning_rate is None else learning_rate,
    )
    rows = np.ones(len(dataset.x_train), bool) if mask is None else np.asarray(mask)
    x, y = dataset.x_train[rows], dataset.y_train[rows]
    _check_fits(model, dataset, len(x), recipe.epochs)
    if keep:
        path = _kept_path(model, recipe, (dataset.digest, _digest([rows])), seed, callbacks)
        kept = _read_kept(model, path)
        if kept is not None:
            return kept
    keras.utils.set_random_seed(seed)
    batches = _Batches(x, y, class_weights(y, len(dataset.labels), recipe.class_weight_power), recipe, seed)
    steps = max(1, len(batches)) * recipe.epochs
    _compile(model, recipe, steps, y[:1])
    start = time.perf_counter()
    bar = [_ProgressBar(recipe.epochs, f"training {model.name}")] if progress else []
    fitted = model.fit(batches, epochs=recipe.epochs, verbose=0, callbacks=[*callbacks, *bar], shuffle=False)
    seconds = time.perf_counter() - start
    history = History(tuple(fitted.history["loss"]), tuple(fitted.history["accuracy"]), seconds, seed)
    if keep:
        _keep(model, history, path)
    return history


def load(name: str, dataset: Dataset | None = None, seed: int = 0, progress: bool = True) -> keras.Model:
    """A trained model: from the package or the cache where it was trained before, else trained now (and kept).

    Parameters
    ----------
    name : str
        One of `BLUEPRINTS`, such as "ecg_cnn".
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
    found = packaged.find(name, dataset, seed)
    if found is None:
        train(model, dataset, seed=seed, progress=progress, keep=True)
    else:
        model.set_weights(found[0])
        model.compile(loss=LOSS, metrics=["accuracy"], jit_compile=False)
    return model


def predict(model: keras.Model, x: np.ndarray, batch_size: int = 512) -> np.ndarray:
    """Class scores float32 [n, classes] of float32 [n, ...]."""
    return np.concatenate([model(x[i : i + batch_size], training=False).numpy() for i in range(0, len(x), batch_size)])


def class_weights(y: np.ndarray, classes: int, power: float) -> np.ndarray:
    """Weight of each class float32 [classes]: (1 / its share) ** power, scaled so that the mean over samples is 1."""
    counts = np.maximum(np.bincount(y, minlength=classes), 1)
    weights = (len(y) / counts) ** power
    return (weights / weights[y].mean()).astype(np.float32)


def fingerprint(model: keras.Model) -> str:
    """Digest of a model's layers and weights, whatever the layers are called: equal digests, equal predictions."""
    configs = [(type(layer).__name__, layer.get_config()) for layer in model.layers]
    definition = [(kind, {key: value for key, value in config.items() if key != "name"}) for kind, config in configs]
    return hashlib.sha256(f"{definition!r} {_digest(model.get_weights())}".encode()).hexdigest()


def recipe_of(model: keras.Model, dataset: Dataset) -> Recipe:
    """How `model` is trained on `dataset`: its own recipe where it is one of `BLUEPRINTS`, else the dataset's first."""
    own = BLUEPRINTS.get(model.name)
    if own is not None and own.dataset == dataset.name:
        return own.recipe
    return next(plan.recipe for plan in BLUEPRINTS.values() if plan.dataset == dataset.name)


def _compile(model: keras.Model, recipe: Recipe, steps: int, y: np.ndarray) -> None:
    """Set up a fresh optimizer; where the last training was like this one, clear its averages instead.

    TensorFlow then need not trace the step again, which takes longer than a few epochs of a small model.
    """
    made_for = (recipe, steps, tuple(id(variable) for variable in model.trainable_variables))
    if getattr(getattr(model, "optimizer", None), "made_for", None) == made_for:
        for variable in model.optimizer.variables:
            variable.assign(keras.ops.zeros_like(variable))
        return
    schedule = keras.optimizers.schedules.CosineDecay(recipe.learning_rate, steps)
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=recipe.weight_decay)
    optimizer.made_for = made_for
    model.compile(optimizer, LOSS, metrics=["accuracy"], jit_compile=False)
    _make_variables(model, y)


def _check_fits(model: keras.Model, dataset: Dataset, samples: int, epochs: int) -> None:
    if tuple(model.input_shape[1:]) != dataset.x_train.shape[1:] or model.output_shape[-1] != len(dataset.labels):
        raise ValueError(
            f"model {model.name!r} maps {model.input_shape[1:]} to {model.output_shape[-1]} classes; dataset "
            f"{dataset.name!r} has samples of {dataset.x_train.shape[1:]} and {len(dataset.labels)} classes"
        )
    if epochs < 1 or samples < 1:
        raise ValueError(f"{samples} samples, {epochs} epochs: both must be at least 1")


def _kept_path(
    model: keras.Model,
    recipe: Recipe,
    data: tuple[str, ...],
    seed: int,
    callbacks: Sequence[keras.callbacks.Callback],
) -> Path:
    """Where the result is kept: the name is a digest of all that would change it, first of all the start weights.

    A model that trains against something else, as a student against its teacher, says so in `training_key`.
    """
    parts = (
        type(model).__name__,
        fingerprint(model),
        str(getattr(model, "training_key", "")),
        repr(recipe),
        repr(data),
        str(seed),
        repr(list(callbacks)),
        keras.__version__,
        str(RECIPE_VERSION),
    )
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    return cache_folder() / "models" / f"{model.name}-{key}.weights.h5"


def _make_variables(model: keras.Model, y: np.ndarray) -> None:
    """Make the variables of the optimizer and the metrics now: TensorFlow traces a step that makes any twice."""
    model.optimizer.build(model.trainable_variables)
    model.compute_metrics(None, y, np.zeros((len(y), model.output_shape[-1]), np.float32), None)
    model.reset_metrics()


def _digest(arrays: Sequence[np.ndarray]) -> str:
    hasher = hashlib.sha256()
    for array in arrays:
        hasher.update(f"{array.dtype.str}{array.shape}".encode())
        hasher.update(np.ascontiguousarray(array).tobytes())
    return hasher.hexdigest()


def _read_kept(model: keras.Model, path: Path) -> History | None:
    """The history of the kept training, whose weights `model` then has; None where there is none, or a damaged one."""
    told = path.with_suffix(".json")
    if not path.is_file() or not told.is_file():
        return None
    before = model.get_weights()
    try:
        facts = json.loads(told.read_text(encoding="utf-8"))
        history = History(tuple(facts["loss"]), tuple(facts["accuracy"]), facts["seconds"], facts["seed"])
        model.optimizer = None  # the copy of a compiled model has one, which the file knows nothing of
        model.load_weights(path)
    except (OSError, ValueError, KeyError, TypeError):
        path.unlink(missing_ok=True)  # damaged: train again
        model.set_weights(before)
        return None
    model.compile(loss=LOSS, metrics=["accuracy"], jit_compile=False)
    return history


def _keep(model: keras.Model, history: History, path: Path) -> None:
    """Write weights and history, each whole or not at all: another process never sees half a file."""
    write_atomically(path.with_suffix(".json"), json.dumps(asdict(history)))
    with replacing(path) as partial:
        model.save_weights(partial)


class _Batches(keras.utils.PyDataset):
    """Shuffled batches (x, y, weight), each sample slightly changed every time as the recipe says."""

    def __init__(self, x: np.ndarray, y: np.ndarray, weights: np.ndarray, recipe: Recipe, seed: int) -> None:
        super().__init__(workers=1)
        self.x, self.y, self.weights, self.recipe = x, y, weights[y], recipe
        self.random = np.random.default_rng(seed)
        self.order = self.random.permutation(len(x))

    def __len__(self) -> int:
        return -(-len(self.x) // self.recipe.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows = self.order[index * self.recipe.batch_size : (index + 1) * self.recipe.batch_size]
        return self.recipe.changes(self.x[rows], self.random), self.y[rows], self.weights[rows]

    def on_epoch_end(self) -> None:
        self.order = self.random.permutation(len(self.x))


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

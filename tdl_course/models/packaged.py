"""Trained weights that come with the package, for models whose training takes longer than a lesson may wait.

In: a model's name, a `Dataset`, a seed. Out: weights, and the `History` of the training that gave them; None where the
package has none for exactly these samples. `tools/train_models.py` writes them; anyone can run it again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tdl_course.datasets import Dataset
from tdl_course.files import replacing, write_atomically
from tdl_course.models.blueprints import blueprint

FOLDER = Path(__file__).parent / "weights"
REAL, SYNTHETIC = "real", "synthetic"


@dataclass(frozen=True)
class Provenance:
    """What packaged weights were trained on, and how; `seconds` on one core of the machine that did it."""

    model: str
    dataset: str
    data: str
    samples: str
    recipe: str
    seed: int
    seconds: float
    loss: tuple[float, ...]
    accuracy: tuple[float, ...]


def samples_key(dataset: Dataset) -> str:
    """Digest of which samples are trained on: labels and groups, in order.

    Not of the samples' values: decoders of pictures may differ in the last bit of a pixel.
    """
    hasher = hashlib.sha256(f"{dataset.name} {dataset.synthetic} {dataset.x_train.shape}".encode())
    for array in (dataset.y_train, dataset.group_train):
        hasher.update(np.ascontiguousarray(array, np.int64).tobytes())
    return hasher.hexdigest()[:16]


def place(name: str, dataset: Dataset) -> Path:
    """Where the weights of model `name` for the kind of data in `dataset` are kept in the package."""
    return FOLDER / f"{name}_{SYNTHETIC if dataset.synthetic else REAL}.npz"


def find(name: str, dataset: Dataset, seed: int) -> tuple[list[np.ndarray], Provenance] | None:
    """The packaged weights of model `name`, in Keras' order, if they were trained on these samples, by this recipe."""
    path = place(name, dataset)
    if not path.is_file():
        return None
    facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    provenance = Provenance(**{**facts, "loss": tuple(facts["loss"]), "accuracy": tuple(facts["accuracy"])})
    wanted = (samples_key(dataset), repr(blueprint(name).recipe), seed)
    if (provenance.samples, provenance.recipe, provenance.seed) != wanted:
        return None
    with np.load(path) as arrays:
        return [arrays[f"{index:03}"] for index in range(len(arrays.files))], provenance


def write(weights: list[np.ndarray], provenance: Provenance, path: Path) -> None:
    """Write weights and provenance, each whole or not at all."""
    arrays: dict[str, Any] = {f"{index:03}": array for index, array in enumerate(weights)}
    with replacing(path) as partial, open(partial, "wb") as file:
        np.savez_compressed(file, **arrays)
    write_atomically(path.with_suffix(".json"), json.dumps(asdict(provenance), indent=1) + "\n")

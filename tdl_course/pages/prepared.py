"""What a page needs of TensorFlow, made once and kept: the trained networks that it shows, as int8 .tflite files.

In: a name. Out: the bytes of a .tflite file, from the user cache where it was made before. TensorFlow is imported only
to make one, so a kernel that finds it there starts in a second.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

import tdl_course
from tdl_course import datasets
from tdl_course.datasets import Dataset
from tdl_course.datasets.files import cache_folder
from tdl_course.files import write_atomically

MAKERS = ("models", "export")  # what they hold decides what the file holds


@dataclass(frozen=True)
class Ingredients:
    """A model by its name, its dataset, and which training samples fix the scales: every `calibrate`-th."""

    model: str
    dataset: str
    calibrate: int

    def calibration(self, dataset: Dataset) -> np.ndarray:
        return dataset.x_train[:: self.calibrate]


NETWORKS = {
    "heartbeat": Ingredients("ecg_cnn", "ecg", calibrate=15),
    "keywords": Ingredients("keywords_dscnn", "keywords", calibrate=4),
}


def prepared(name: str, dataset: Dataset | None = None) -> bytes:
    """The .tflite bytes of network `name`, trained on `dataset` (its own where not given); made where it is missing.

    Raises ValueError for another name than those of `NETWORKS`.
    """
    if name not in NETWORKS:
        raise ValueError(f"no network {name!r} can be prepared; {', '.join(NETWORKS)} can")
    dataset = datasets.load(NETWORKS[name].dataset) if dataset is None else dataset
    kept = place(name, dataset)
    if not kept.is_file():
        write_atomically(kept, make(name, dataset))
    return kept.read_bytes()


def prepare(names: Sequence[str], say: Callable[[str], None] = print) -> None:
    """Make what is missing of `names`, and say so: the first one takes a minute."""
    for name in names:
        if name not in NETWORKS or not place(name, datasets.load(NETWORKS[name].dataset)).is_file():
            say(f"Preparing the network {name!r}: train, quantize, convert. Once; a minute at most ...")
            prepared(name)


def make(name: str, dataset: Dataset) -> bytes:
    """Train (or find trained) and convert. Imports TensorFlow."""
    from tdl_course.export import to_tflite
    from tdl_course.models import load

    ingredients = NETWORKS[name]
    return to_tflite(load(ingredients.model, dataset), ingredients.calibration(dataset))


def place(name: str, dataset: Dataset) -> Path:
    """Where it is kept; the name is a digest of the samples, TensorFlow's version, and the code that trains."""
    hasher = hashlib.sha256(f"{NETWORKS[name]} {dataset.digest} {version('tensorflow')}".encode())
    for maker in MAKERS:
        folder = Path(tdl_course.__file__).parent / maker
        for path in sorted(folder.rglob("*.py")):
            hasher.update(path.read_bytes())
    return cache_folder() / "pages" / f"{name}-{hasher.hexdigest()[:16]}.tflite"

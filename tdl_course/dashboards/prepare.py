"""Prepare what the dashboards read: train or find the networks, build and run all combinations, keep it in the cache.

In: the course's datasets. Out: the files of `prepared.PARTS`. All that needs TensorFlow happens here, once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm

from tdl_course import builds, datasets, irrigation
from tdl_course.compiler import read_tflite
from tdl_course.compress.fold import fold_batch_norms
from tdl_course.dashboards import network, season, spotter
from tdl_course.dashboards.combinations import Subject, combinations
from tdl_course.dashboards.prepared import PARTS, folder
from tdl_course.datasets import Dataset
from tdl_course.export import to_tflite
from tdl_course.models import keras, layers, predict
from tdl_course.models import load as load_model
from tdl_course.quiet import silenced
from tdl_course.sim import spotter_outputs
from tdl_course.widgets.spotting import hear

if TYPE_CHECKING:
    from pathlib import Path

SHOWN = 400  # samples that a kernel scores after each change
BUILT_WITH = 100  # test samples of each build
CLIPS = 6
LEAF = "leaf_mobile_32"


def prepare() -> None:
    """Write each of `PARTS` that is not there yet, with a line of progress."""
    work = Work()
    makers: dict[str, Callable[[Path], None]] = {
        "quantization.npz": work.quantization,
        "pruning.npz": work.pruning,
        "builds.json": work.builds,
        "spotting.npz": work.spotting,
        "irrigation.npz": work.irrigation,
    }
    missing = [part for part in PARTS if not (folder() / part).is_file()]
    with tqdm(
        missing, desc="Preparing dashboards, once", unit="part", bar_format="{desc}: {n} of {total} {postfix}"
    ) as bar:
        for part in bar:
            bar.set_postfix_str(part.partition(".")[0])
            makers[part](folder() / part)


class Work:
    """The makers, and what several of them need, which is found or made when first asked for."""

    def quantization(self, path: Path) -> None:
        beats, held_back = self.beats, self.split[1]
        keep(path, self.beats_model, beats.x_train[held_back], beats.y_train[held_back], beats)

    def pruning(self, path: Path) -> None:
        keep(path, self.words_model, self.words.x_test, self.words.y_test, self.words)

    def builds(self, path: Path) -> None:
        with ThreadPoolExecutor(2) as pool:  # the compiler is a program of its own
            found = list(pool.map(lambda subject: list(combinations(subject)), self.subjects()))
        data = (self.beats, self.words, self.leaves, self.soil)
        builds.save(path, [build for each in found for build in each], made_up(*data))

    def spotting(self, path: Path) -> None:
        clips = {
            f"{self.words.labels[label]}, test clip {at}": self.words.raw["test"]["x"][at]
            for at, label in enumerate(self.words.y_test[:300])
            if at % 41 == 0
        }
        clips = dict(list(clips.items())[:CLIPS])
        _, sources = spotter.firmware(self.words_tflite)
        for clip in clips.values():
            spotter_outputs(sources, hear(clip, sources).samples)  # compiles the network for this computer
        spotter.save(path, self.words_tflite, list(self.words.labels), clips, made_up(self.words))

    def irrigation(self, path: Path) -> None:
        weather = irrigation.weather(self.soil.raw["test"])
        found, _ = builds.load(folder() / "builds.json")
        cycles = next(b.cycles for b in found if b.network == SOIL and b.bits == 8 and not b.sparsity and b.cycles)
        season.save(path, weather, cycles, made_up(self.soil))

    def subjects(self) -> Iterator[Subject]:
        """The networks of "Does it fit?"."""
        yield subject("heartbeat", self.beats_tflite, self.beats.x_test, self.beats.y_test)
        yield subject("keyword", self.words_tflite, self.words.x_test, self.words.y_test)
        yield subject(SOIL, self.soil_tflite, self.soil.x_test, self.soil.y_test)
        frames = self.leaves.raw["test"]["x"].astype(np.float32) / 127.5 - 1
        yield subject("leaf, whole frame", self.leaf_tflite, frames, self.leaves.y_test)

    @cached_property
    def beats(self) -> Dataset:
        return load("ecg")

    @cached_property
    def words(self) -> Dataset:
        return load("keywords")

    @cached_property
    def leaves(self) -> Dataset:
        return load("leaf")

    @cached_property
    def soil(self) -> Dataset:
        return load("soil")

    @cached_property
    def split(self) -> tuple[np.ndarray, np.ndarray]:
        """Beats to learn from, and of held-back people, as in lesson 02."""
        return datasets.validation_split(self.beats, fraction=0.25, seed=0)

    @cached_property
    def beats_model(self) -> keras.Model:
        return load_quietly("ecg_cnn", datasets.subset(self.beats, self.split[0]))

    @cached_property
    def words_model(self) -> keras.Model:
        return load_quietly("keywords_dscnn", self.words)

    @cached_property
    def beats_tflite(self) -> bytes:
        return to_tflite(self.beats_model, self.beats.x_train[:: len(self.beats.x_train) // 100])

    @cached_property
    def words_tflite(self) -> bytes:
        return to_tflite(self.words_model, self.words.x_train[::4])

    @cached_property
    def soil_tflite(self) -> bytes:
        return to_tflite(load_quietly("soil_mlp", self.soil), self.soil.x_train[::40])

    @cached_property
    def leaf_tflite(self) -> bytes:
        """The network of half-size leaves, on the camera's whole frame."""
        learn, _ = datasets.validation_split(self.leaves, fraction=0.25, seed=0)
        model = load_quietly(LEAF, datasets.subset(self.leaves, learn))
        frames = self.leaves.raw["train"]["x"][:60].astype(np.float32) / 127.5 - 1
        x = entry = keras.Input(frames.shape[1:])
        for layer in model.layers[1:]:
            x = x if isinstance(layer, layers.AveragePooling2D) else layer(x)
        return to_tflite(keras.Model(entry, x, name="leaf_frame"), frames)


SOIL = "irrigation"


def load(name: str) -> Dataset:
    """A dataset; its banner is the dashboards' to show."""
    with silenced():
        return datasets.load(name)


def load_quietly(name: str, dataset: Dataset) -> keras.Model:
    with silenced():
        return load_model(name, dataset)


def made_up(*data: Dataset) -> list[str]:
    """The names of those that are synthetic."""
    return [dataset.name for dataset in data if dataset.synthetic]


def some(count: int, size: int) -> np.ndarray:
    """Indices of `count` samples, evenly spread over `size`."""
    return np.unique(np.linspace(0, size - 1, min(count, size)).astype(int))


def subject(name: str, tflite: bytes, x: np.ndarray, y: np.ndarray) -> Subject:
    at = some(BUILT_WITH, len(x))
    return Subject(name, read_tflite(tflite), x[at].astype(np.float32), y[at])


def keep(path: Path, model: keras.Model, x: np.ndarray, y: np.ndarray, data: Dataset) -> None:
    """Write the network for NumPy with samples to score, after comparing it with Keras on them.

    Raises RuntimeError where they differ.
    """
    at = some(SHOWN, len(x))
    own = network.from_keras(fold_batch_norms(model))
    difference = np.abs(softmax(own.scores(x[at])) - predict(model, x[at])).max()
    if difference > 1e-3:
        raise RuntimeError(f"NumPy and Keras differ by {difference:g} in {model.name}; at most 0.001 is allowed")
    network.save(path, own, x=x[at].astype(np.float32), y=y[at], synthetic=np.array(made_up(data), str))


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)

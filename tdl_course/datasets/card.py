"""Card: the facts about one dataset, frozen. Dataset: its arrays, ready for a network.

In: NumPy arrays and facts. Out: the two nouns, and `validation_split`, which holds whole groups back.
This module reads no file and knows no particular dataset.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from tdl_course.table import Table

NOBODY = 0  # the group of a sample that belongs to no person, such as a clip of silence
SOURCES = ("mirror", "cache", "download", "synthetic")


class DatasetError(RuntimeError):
    """Data is missing, damaged, or not what was asked for; the message names the file and the next command."""


@dataclass(frozen=True)
class ArraySpec:
    """One array of a course-edition file: its name, dtype kind and size ("int16", "U1"), shape after the first axis."""

    name: str
    dtype: str
    tail: tuple[int, ...] = ()


@dataclass(frozen=True)
class Card:
    """What is known about a dataset before any byte of it is read.

    `files` maps each file of the course edition to its SHA-256 digest; `arrays` says what train.npz and test.npz
    hold, or what train.zip and test.zip are read into; `group` names the array that says which person, record or
    block a sample is from (0: nobody);
    `same_group` maps a group to the one it belongs with (two recordings of one person).
    """

    name: str
    title: str
    task: str
    folder: str
    files: Mapping[str, str]
    arrays: tuple[ArraySpec, ...]
    labels: tuple[str, ...]
    label_text: tuple[str, ...]
    group: str
    sampling_hz: float
    units: str
    scaling: str
    split: str
    same_group: Mapping[int, int]
    licence: str
    licence_url: str
    home: str
    citation: str
    download: str
    warning: str


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training and test part of one dataset.

    `x_*` is float32 [n, height, width, channels], scaled as `card.scaling` says: [n, length, 1, channels] for
    signals, [n, frames, mels, 1] for spectrograms; `y_*` is int64 [n], an index into `labels`; `group_*` is int64 [n],
    the person, record or block a sample is from: no group is in both parts. Samples of nobody are dealt out to the
    groups of their part in turn.
    `raw` holds the arrays of the course edition as they lie in the file, by part ("train", "test") and name.
    `source` says where they came from (one of `SOURCES`), `detail` which folder, or why the data is synthetic.
    """

    card: Card
    x_train: np.ndarray
    y_train: np.ndarray
    group_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    group_test: np.ndarray
    source: str
    detail: str
    raw: Mapping[str, Mapping[str, np.ndarray]] = field(repr=False)

    @property
    def name(self) -> str:
        return self.card.name

    @property
    def labels(self) -> tuple[str, ...]:
        return self.card.labels

    @property
    def sampling_hz(self) -> float:
        return self.card.sampling_hz

    @property
    def units(self) -> str:
        return self.card.units

    @property
    def title(self) -> str:
        """The dataset's title; a stand-in says that it is one."""
        return f"Synthetic stand-in for {self.card.title}" if self.synthetic else self.card.title

    @property
    def terms(self) -> tuple[tuple[str, str], ...]:
        """Split, licence, citation and warning: those of the data that is here, not of what it stands in for."""
        if self.synthetic:
            return (
                ("split", f"by {self.card.group}: none is in both parts"),
                ("licence", "made by this package's generator; use it as you like"),
                ("beware", "made-up samples: a score on them says nothing about the real task"),
            )
        return (
            ("split", self.card.split),
            ("licence", f"{self.card.licence} ({self.card.licence_url})"),
            ("cite", self.card.citation),
            ("beware", self.card.warning),
        )

    @property
    def synthetic(self) -> bool:
        """True where the samples were made up by our generator."""
        return self.source == "synthetic"

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the arrays that a network sees: equal digests, equal data."""
        hasher = hashlib.sha256()
        for array in (self.x_train, self.y_train, self.group_train, self.x_test, self.y_test, self.group_test):
            hasher.update(f"{array.dtype.str}{array.shape}".encode())
            hasher.update(np.ascontiguousarray(array).tobytes())
        return hasher.hexdigest()

    def counts(self) -> list[tuple[str, list[int], int]]:
        """One row a part: its name, samples per label, number of groups."""
        parts = (("train", self.y_train, self.group_train), ("test", self.y_test, self.group_test))
        return [
            (part, np.bincount(y, minlength=len(self.labels)).tolist(), len(np.unique(group)))
            for part, y, group in parts
        ]

    def __str__(self) -> str:
        state = "SYNTHETIC" if self.synthetic else self.source
        lines = [f"{self.title} ({self.name}), {state}: {self.detail}"]
        for part, per_label, groups in self.counts():
            cells = ", ".join(f"{label} {count}" for label, count in zip(self.labels, per_label, strict=True))
            lines.append(f"  {part}: {sum(per_label)} samples ({cells}) from {groups} {self.card.group}s")
        return "\n".join([*lines, f"  licence: {dict(self.terms)['licence']}"])

    __repr__ = __str__

    def table(self) -> Table:
        card = self.card
        heads = (f"{label}: {text}" for label, text in zip(card.labels, card.label_text, strict=True))
        rows = tuple(
            (part, *(f"{count:,}" for count in per_label), f"{sum(per_label):,}", f"{groups:,}")
            for part, per_label, groups in self.counts()
        )
        return Table(self.title, ("part", *heads, "all", f"{card.group}s"), rows)

    def _repr_html_(self) -> str:
        mark = "<strong>SYNTHETIC</strong>" if self.synthetic else html.escape(self.source)
        facts = (
            ("source", f"{mark}: {html.escape(self.detail)}"),
            ("input", html.escape(f"float32 {list(self.x_train.shape[1:])}, {self.card.scaling}")),
            *((term, html.escape(text)) for term, text in self.terms),
        )
        notes = "".join(f"<li>{name}: {value}</li>" for name, value in facts)
        return f"{self.table()._repr_html_()}<ul>{notes}</ul>"


def subset(dataset: Dataset, mask: np.ndarray) -> Dataset:
    """The dataset with only those training samples for which `mask` (bool [n]) is true; the test part is untouched.

    `raw` stays as it is in the file.
    """
    if mask.shape != dataset.y_train.shape or mask.dtype != bool or not mask.any():
        raise DatasetError(
            f"mask is {mask.dtype}{list(mask.shape)} with {np.count_nonzero(mask)} chosen; "
            f"needed is bool{list(dataset.y_train.shape)} with at least one, such as validation_split gives"
        )
    kept = {name: getattr(dataset, name)[mask] for name in ("x_train", "y_train", "group_train")}
    return replace(dataset, **kept)


def validation_split(
    dataset: Dataset, fraction: float = 0.25, groups: Sequence[int] | None = None, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Split the training part into training and validation samples, whole groups at a time.

    Parameters
    ----------
    dataset : Dataset
    fraction : float
        Share of the training groups (not samples) to hold back, at least one; ignored where `groups` is given.
    groups : sequence of int, optional
        The groups to hold back, by their number in `dataset.group_train`.
    seed : int
        Chooses the groups.

    Returns
    -------
    train, validation : np.ndarray
        Boolean masks [n] over the training part. The test part takes no share in it.

    Raises
    ------
    DatasetError
        If a group is unknown or nothing is left on one side.
    """
    known = np.unique(dataset.group_train)
    if groups is None:
        if not 0 < fraction < 1:
            raise DatasetError(f"fraction is {fraction}, allowed is a number between 0 and 1, such as fraction=0.25")
        order = np.random.default_rng(seed).permutation(known)
        chosen = order[: max(1, round(fraction * len(known)))]
    else:
        chosen = np.unique(np.asarray(groups))
        unknown = np.setdiff1d(chosen, known)
        if unknown.size:
            raise DatasetError(
                f"no {dataset.card.group} {unknown.tolist()} in the training part of {dataset.name!r}; "
                f"choose from {known.tolist()}"
            )
    held_back = np.isin(dataset.group_train, chosen)
    if held_back.all() or not held_back.any():
        raise DatasetError(
            f"{len(chosen)} of {len(known)} {dataset.card.group}s held back: both sides need at least one; "
            "pass fewer groups"
        )
    return ~held_back, held_back

"""Datasets: `load(name) -> Dataset`, from a mirror, the cache, the official download, or our own generator.

In: a name. Out: a `Dataset` that says where it came from. Nothing is swapped silently: made-up data is announced by
a SYNTHETIC banner that gives the reason, and is marked in the Dataset.

Search order: the folders that `$TDL_DATA` names, the user cache (`$TDL_CACHE`), the official download (skipped where
TDL_OFFLINE=1), the synthetic stand-in. `model(name)` finds a trained reference model in the same way.
"""

from __future__ import annotations

import numpy as np

from tdl_course.datasets import banner, download, synthetic
from tdl_course.datasets.card import NOBODY, SOURCES, Card, Dataset, DatasetError, subset, validation_split
from tdl_course.datasets.files import Raw, cache_folder, mirror_folder, read_folder
from tdl_course.datasets.reference_models import MODELS, ReferenceModel, model, model_facts, model_place
from tdl_course.datasets.registry import CARDS, card
from tdl_course.datasets.scale import INPUTS

__all__ = [
    "CARDS",
    "Card",
    "Dataset",
    "DatasetError",
    "MODELS",
    "ReferenceModel",
    "available",
    "card",
    "fetch",
    "load",
    "model",
    "model_facts",
    "model_place",
    "subset",
    "validation_split",
]


def load(name: str, source: str | None = None) -> Dataset:
    """Load a dataset, split by person or record, scaled for the network.

    Parameters
    ----------
    name : str
        "ecg", "activity", "keywords", "ppg", "leaf", "soil", "keywords_ar" or "digits"; `CARDS` has the facts about
        each.
    source : str, optional
        "mirror", "cache", "download" or "synthetic" asks for that one; None takes the first that there is, in this
        order, and falls back on synthetic data with a visible banner.

    Returns
    -------
    Dataset

    Raises
    ------
    DatasetError
        If the name or source is unknown, the source asked for is not there, or a file is damaged. A damaged file is
        an error in every case: it is never passed over for another source.
    """
    facts = card(name)
    if source is None:
        raw, found, detail = _first(facts)
    elif source not in SOURCES:
        raise DatasetError(f"source is {source!r}; allowed are {', '.join(SOURCES)}, or none for the first there is")
    elif source == "synthetic":
        raw, found, detail = synthetic.make(name), source, "asked for with source='synthetic'"
    else:
        raw, found, detail = _asked(facts, source)
    dataset = _dataset(facts, raw, found, detail)
    if dataset.synthetic:
        banner.show(dataset)
    return dataset


def fetch(name: str) -> str:
    """Download the official files of dataset `name`, verify them, and put the course edition into the user cache.

    Returns the folder. Raises DatasetError with the cause where that is not possible.
    """
    return str(download.fetch(card(name)))


def available(name: str) -> dict[str, str]:
    """Where dataset `name` can be had without a connection: source -> folder, or why not ("no: ...").

    Does not read or check the files; `load` does.
    """
    facts = card(name)
    folder, reason = mirror_folder(facts)
    cached = cache_folder() / facts.name
    return {
        "mirror": str(folder) if folder else f"no: {reason}",
        "cache": str(cached) if cached.is_dir() else f"no: nothing in {cached}",
        "synthetic": "made by our own generator",
    }


def _first(facts: Card) -> tuple[Raw, str, str]:
    """The first source that has the data: raw arrays, name of the source, detail."""
    folder, reason = mirror_folder(facts)
    if folder is not None:
        return read_folder(facts, folder), "mirror", f"folder {folder.name} of TDL_DATA"
    cached = cache_folder() / facts.name
    if cached.is_dir():
        return read_folder(facts, cached), "cache", "user cache"
    try:
        return read_folder(facts, download.fetch_within_budget(facts)), "download", facts.download
    except download.Unreachable as error:
        return synthetic.make(facts.name), "synthetic", f"{reason}; nothing cached; {error}"


def _asked(facts: Card, source: str) -> tuple[Raw, str, str]:
    if source == "mirror":
        folder, reason = mirror_folder(facts)
        if folder is None:
            raise DatasetError(f"no mirror of {facts.name!r}: {reason}. Set TDL_DATA to the folder that holds it.")
        return read_folder(facts, folder), source, f"folder {folder.name} of TDL_DATA"
    if source == "cache":
        folder = cache_folder() / facts.name
        if not folder.is_dir():
            raise DatasetError(f"{facts.name!r} is not in the cache ({folder}). Run: tdl data fetch {facts.name}")
        return read_folder(facts, folder), source, "user cache"
    return read_folder(facts, download.fetch(facts)), source, facts.download


def _dataset(facts: Card, raw: Raw, source: str, detail: str) -> Dataset:
    arrays = {}
    for part, columns in raw.items():
        arrays[f"x_{part}"] = INPUTS[facts.name](columns)
        arrays[f"y_{part}"] = columns["y"].astype(np.int64)
        groups = columns[facts.group].astype(np.int64)
        for also, person in facts.same_group.items():
            groups[groups == also] = person
        nobody = groups == NOBODY
        groups[nobody] = np.resize(np.unique(groups[~nobody]), np.count_nonzero(nobody))
        arrays[f"group_{part}"] = groups
    return Dataset(card=facts, source=source, detail=detail, raw=raw, **arrays)

"""Reference models: `model(name) -> path` of a trained .tflite file, verified, from a mirror, the cache or its home.

In: a name such as "mlperf_tiny/kws". Out: the path of a file whose SHA-256 is the one known here. Searched in this
order: the folders that `$TDL_DATA` names, the user cache, the official repository at a pinned commit (skipped where
TDL_OFFLINE=1). There is no stand-in for a trained model: where it cannot be had, that is an error.
"""

from __future__ import annotations

import hashlib
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from tdl_course.datasets.card import DatasetError
from tdl_course.datasets.download import TIMEOUTS, Unreachable
from tdl_course.datasets.files import cache_folder

MLPERF_TINY = "https://raw.githubusercontent.com/mlcommons/tiny/1afd2c9820f795965a6134facd0b4dfae41ef23f"


@dataclass(frozen=True)
class ReferenceModel:
    """What is known of a published model: `url` at a pinned commit, SHA-256 of its bytes, the benchmark's target."""

    name: str
    title: str
    url: str
    sha256: str
    target: str
    licence: str = "Apache-2.0"
    home: str = "https://github.com/mlcommons/tiny"

    @property
    def file(self) -> str:
        return self.url.rsplit("/", 1)[1]


def _mlperf_tiny(name: str, title: str, path: str, sha256: str, target: str) -> ReferenceModel:
    return ReferenceModel(f"mlperf_tiny/{name}", title, f"{MLPERF_TINY}/benchmark/training/{path}", sha256, target)


MODELS = {
    facts.name: facts
    for facts in (
        _mlperf_tiny(
            "kws",
            "MLPerf Tiny kws01: keyword spotting, 12 classes",
            "keyword_spotting/trained_models/kws_ref_model.tflite",
            "aeea436800704fce17b17292e4412630ad856e9d777c044c64ef748a880bd0ae",
            "90 % top-1",
        ),
        _mlperf_tiny(
            "ic",
            "MLPerf Tiny ic01: image classification, 10 classes",
            "image_classification/trained_models/pretrainedResnet_quant.tflite",
            "3c002613d1b2475eb51dd78dfb85a546c8ae658dee71cf6ade43b022fe205415",
            "85 % top-1",
        ),
        _mlperf_tiny(
            "vww",
            "MLPerf Tiny vww01: visual wake words, person or not",
            "visual_wake_words/trained_models/vww_96_int8.tflite",
            "597a384c8c2c8a1276f04702f25013b7838f2f814f1ca7c174d295b73e3d6b7b",
            "80 % top-1",
        ),
        _mlperf_tiny(
            "ad",
            "MLPerf Tiny ad01: anomaly detection by an autoencoder",
            "anomaly_detection/trained_models/ad01_int8.tflite",
            "87cf24194ef93d1d9b11a591d805526b98008e351655d29883c825c9c106ba24",
            "0.85 AUC",
        ),
    )
}


def model(name: str) -> Path:
    """The file of a published reference model.

    Parameters
    ----------
    name : str
        A name of `MODELS`: "mlperf_tiny/kws", "mlperf_tiny/ic", "mlperf_tiny/vww", "mlperf_tiny/ad".

    Raises
    ------
    DatasetError
        The name is unknown, a file that was found is not the known one, or none can be had; the message says what
        to do.
    """
    facts = model_facts(name)
    places = [*_mirrors(), cache_folder() / "models"]
    for place in places:
        path = place / facts.file
        if path.is_file():
            return _verified(path, facts)
    return _downloaded(facts, places[-1])


def model_facts(name: str) -> ReferenceModel:
    """The facts about reference model `name`; raises DatasetError that lists the known names."""
    if name not in MODELS:
        raise DatasetError(f"no reference model {name!r}; known are {', '.join(MODELS)}")
    return MODELS[name]


def model_place(name: str) -> str:
    """Where the file of model `name` lies now, unchecked, or "" where it would have to be downloaded."""
    facts = model_facts(name)
    places = (place / facts.file for place in (*_mirrors(), cache_folder() / "models"))
    return next((str(path) for path in places if path.is_file()), "")


def _mirrors() -> list[Path]:
    return [Path(part).expanduser() for part in os.environ.get("TDL_DATA", "").split(os.pathsep) if part]


def _verified(path: Path, facts: ReferenceModel) -> Path:
    got = hashlib.sha256(path.read_bytes()).hexdigest()
    if got != facts.sha256:
        raise DatasetError(
            f"{path} is not {facts.name} as published:\n  expected SHA-256 {facts.sha256}\n  got      SHA-256 {got}\n"
            f"It is damaged or another version. Remove it, or copy it again from {facts.url}"
        )
    return path


def _downloaded(facts: ReferenceModel, folder: Path) -> Path:
    import pooch
    import requests

    by_hand = f"Copy {facts.url} into a folder that TDL_DATA names (file name {facts.file})"
    if os.environ.get("TDL_OFFLINE", "0") not in ("", "0"):
        raise Unreachable(f"{facts.name} is in no folder of TDL_DATA and not cached, and TDL_OFFLINE is set. {by_hand}")
    pooch.get_logger().setLevel(logging.WARNING)
    downloader = pooch.HTTPDownloader(timeout=TIMEOUTS)
    try:
        return Path(pooch.retrieve(facts.url, f"sha256:{facts.sha256}", facts.file, folder, downloader=downloader))
    except requests.RequestException as error:
        raise Unreachable(f"{facts.name} cannot be downloaded ({type(error).__name__}). {by_hand}") from error
    except ValueError as error:  # pooch: the digest differs
        raise DatasetError(f"what {facts.url} sent is not {facts.name}: {error}") from error

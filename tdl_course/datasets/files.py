"""Course-edition files: find the folder, check every digest, read the arrays.

In: a `Card`. Out: the raw arrays of both parts, or a DatasetError that says file, expected, got and what to do.
Knows `$TDL_DATA` and the user cache; never opens a connection.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tdl_course.datasets.card import NOBODY, Card, DatasetError
from tdl_course.datasets.zips import read_zip

PARTS = ("train", "test")
PREPARED = "PREPARED.json"
Raw = dict[str, dict[str, np.ndarray]]


def cache_folder() -> Path:
    """The user cache: `$TDL_CACHE` where set, else the operating system's place for caches."""
    configured = os.environ.get("TDL_CACHE")
    if configured:
        return Path(configured).expanduser()
    import pooch

    return Path(pooch.os_cache("tdl_course"))


def mirror_folder(card: Card) -> tuple[Path | None, str]:
    """The folder of `card` under `$TDL_DATA`, or None and the reason that there is none."""
    configured = os.environ.get("TDL_DATA", "")
    roots = [Path(part).expanduser() for part in configured.split(os.pathsep) if part]
    if not roots:
        return None, "TDL_DATA is not set"
    for root in roots:
        for name in (card.folder, card.name):
            if (root / name).is_dir():
                return root / name, ""
    missing = [str(root) for root in roots if not root.is_dir()]
    note = f"; {', '.join(missing)} does not exist" if missing else ""
    return None, f"no folder {card.folder} or {card.name} in TDL_DATA={configured}{note}"


def read_folder(card: Card, folder: Path) -> Raw:
    """Read and check both parts of `folder`: train.npz and test.npz, or train.zip and test.zip.

    The digests must be those of the card, or, in a folder made by `fetch` (it holds PREPARED.json), those written
    there when the official download had been verified.

    Raises
    ------
    DatasetError
        If a file is missing, its SHA-256 differs, or an array is not what the card says.
    """
    raw: Raw = {}
    for name, digest in expected_digests(card, folder).items():
        path = folder / name
        raw[path.stem] = parse_part(card, path, verified_bytes(path, digest))
    check_groups(card, raw, folder)
    return raw


def expected_digests(card: Card, folder: Path) -> Mapping[str, str]:
    """File name -> SHA-256 that `folder` must have."""
    prepared = folder / PREPARED
    if not prepared.is_file():
        return card.files
    try:
        digests = json.loads(prepared.read_text(encoding="utf-8"))["sha256"]
        return {f"{part}.npz": str(digests[f"{part}.npz"]) for part in PARTS}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{prepared} is not what `fetch` writes ({error!r}). {_again(card)}") from error


def verified_bytes(path: Path, expected: str) -> bytes:
    """The content of `path`, read once, after its SHA-256 was found equal to `expected`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(
            f"{path}: {error.strerror or error}. Copy the whole folder again, or point TDL_DATA elsewhere."
        ) from error
    got = hashlib.sha256(content).hexdigest()
    if got != expected:
        raise DatasetError(
            f"{path} is not the file we know:\n  expected SHA-256 {expected}\n  got      SHA-256 {got}\n"
            "It is damaged or another version. Copy it again, unset TDL_DATA, or ask for source='synthetic'."
        )
    return content


def parse_part(card: Card, path: Path, content: bytes) -> dict[str, np.ndarray]:
    """The arrays of one .npz or .zip, checked against the card: names, dtypes, shapes, label range."""
    arrays = read_zip(card, path, content) if path.suffix == ".zip" else _read_npz(card, path, content)
    length = len(arrays["y"])
    for spec in card.arrays:
        array = arrays[spec.name]
        if array.dtype != np.dtype(spec.dtype) or array.shape != (length, *spec.tail):
            raise DatasetError(
                f"{path}: array {spec.name!r} is {array.dtype}{list(array.shape)}, "
                f"allowed is {spec.dtype}{[length, *spec.tail]}. {_again(card)}"
            )
    labels = arrays["y"]
    if not length or labels.max() >= len(card.labels):
        raise DatasetError(
            f"{path}: {length} labels up to {labels.max(initial=0)}, allowed are 0..{len(card.labels) - 1} "
            f"({', '.join(card.labels)}) and at least one. {_again(card)}"
        )
    return arrays


def _read_npz(card: Card, path: Path, content: bytes) -> dict[str, np.ndarray]:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {spec.name: archive[spec.name] for spec in card.arrays}
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        names = ", ".join(spec.name for spec in card.arrays)
        raise DatasetError(f"{path}: cannot read the arrays {names} ({error}). {_again(card)}") from error


def check_groups(card: Card, raw: Raw, folder: Path) -> None:
    """Raise DatasetError where a person or record is in both parts: the test score would mean nothing."""
    shared = np.setdiff1d(np.intersect1d(raw["train"][card.group], raw["test"][card.group]), NOBODY)
    if shared.size:
        raise DatasetError(f"{folder}: {card.group}s {shared.tolist()} are in train and in test. {_again(card)}")


def _again(card: Card) -> str:
    return f"Fetch or copy the {card.name!r} dataset again, or ask for source='synthetic'."

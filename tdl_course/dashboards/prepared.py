"""Where what the dashboards read is kept, once it has been prepared.

In: nothing. Out: paths in the course's cache. The folder's name is a digest of where the data come from and of the code
that computes the numbers: other data or another compiler, and all is prepared anew. This module imports no TensorFlow.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from tdl_course.datasets import available
from tdl_course.datasets.files import cache_folder

DATASETS = ("ecg", "keywords", "leaf", "soil")
PARTS = ("quantization.npz", "pruning.npz", "builds.json", "spotting.npz", "irrigation.npz")
PACKAGE = Path(__file__).parents[1]
NO_NUMBERS = ("bench", "boxes.py", "checks", "cli", "pages", "report", "widgets", "weights")
"""Folders and files that change no number that is prepared."""


class NotPrepared(RuntimeError):
    """A dashboard's numbers are not there yet."""


@cache
def folder() -> Path:
    """The folder of what is prepared for these data by this code; it need not exist."""
    hasher = hashlib.sha256()
    for name in DATASETS:
        hasher.update(repr(sorted(available(name).items())).encode())
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in (".py", ".c", ".h", ".ld", ".json") and not {*path.parts} & {*NO_NUMBERS}:
            hasher.update(path.read_bytes())
    return cache_folder() / "dashboards" / hasher.hexdigest()[:16]


def prepared(part: str) -> Path:
    """The file of one of `PARTS`.

    Raises
    ------
    NotPrepared
        It is not there.
    """
    path = folder() / part
    if not path.is_file():
        raise NotPrepared(f"{part} is not prepared for these data. Next: python -m tdl_course.dashboards")
    return path

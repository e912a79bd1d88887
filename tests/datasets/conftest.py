"""A small mirror of each dataset, made of synthetic arrays, whose digests the registry knows for the test."""

import hashlib
import os
from dataclasses import replace

import numpy as np
import pytest

from tdl_course.datasets import CARDS, download, synthetic
from tests.datasets.records import stand_in


@pytest.fixture(autouse=True)
def nothing_around(monkeypatch, tmp_path):
    """No mirror, an empty cache, no network, no memory of failed downloads; a stand-in is made once a session."""
    monkeypatch.delenv("TDL_DATA", raising=False)
    monkeypatch.setenv("TDL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TDL_OFFLINE", "1")
    monkeypatch.setattr(download, "_failed", {})
    monkeypatch.setattr(synthetic, "make", stand_in)


def write_parts(folder, raw, rows=None):
    """Write train.npz and test.npz (the first `rows` samples); returns their digests."""
    folder.mkdir(parents=True)
    digests = {}
    for part, arrays in raw.items():
        path = folder / f"{part}.npz"
        np.savez_compressed(path, **{name: array[:rows] for name, array in arrays.items()})
        digests[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return digests


@pytest.fixture
def mirror(monkeypatch, tmp_path):
    """`mirror("ecg")` makes a mirror, points TDL_DATA at it, and returns its folder."""

    def make(name, rows=300, change=lambda raw: raw, folder=None):
        root = tmp_path / "mirror"
        place = root / (folder or CARDS[name].folder)
        digests = write_parts(place, change(stand_in(name)), rows)
        monkeypatch.setitem(CARDS, name, replace(CARDS[name], files=digests))
        monkeypatch.setenv("TDL_DATA", str(root))
        return place

    return make


REAL = os.environ.get("TDL_DATA", "")


@pytest.fixture
def real_mirror():
    """$TDL_DATA as it was outside; skips where it is unset."""
    if not REAL:
        pytest.skip("TDL_DATA is not set")
    return REAL

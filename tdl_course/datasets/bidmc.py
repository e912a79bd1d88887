"""From PhysioNet's BIDMC archive to the course edition of the ppg dataset.

In: the official zip. Out: raw arrays like those of train.npz and test.npz: the same recordings in the same parts, the
same windows and labels. Every member is checked against PhysioNet's own SHA-256 list (bidmc_sha256.json: the lines for
the files we read). The samples may differ a little from the mirror's, whose low-pass before 50 Hz is not known.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tdl_course.datasets.beats import join
from tdl_course.datasets.card import DatasetError
from tdl_course.datasets.files import Raw
from tdl_course.datasets.physionet import published_digests, verified_members
from tdl_course.datasets.resample import two_fifths_of_rate

# All recordings of one person are in one part (the Fix files' MIMIC-II ids); the other nine are kept apart
RECORDS = {
    "train": (
        *(1, 3, 4, 6, 7, 8, 9, 10, 11, 13, 14, 15, 17, 18, 19, 20, 21, 22, 23, 24, 25, 28, 29, 30, 34, 37),
        *(40, 41, 42, 43, 45, 46, 47, 48),
    ),
    "test": (5, 16, 26, 33, 36, 38, 39, 44, 49, 53),
}
SAMPLING_HZ = 125
WINDOWS = 60  # of a recording
SECONDS = 8  # of a window
LENGTH = 400  # samples of a window, at 50 Hz
COUNTS_PER_UNIT = 4096
BANDS = (80.0, 100.0)  # bpm: where the second and the third band begin
VITALS = ("HR", "PULSE", "RESP", "SpO2")
LARGEST_MEMBER = 16_000_000  # bytes; a Signals.csv has about 3,000,000


def member_digests() -> dict[str, str]:
    """File name -> SHA-256 as PhysioNet publishes it for bidmc 1.0.0."""
    return published_digests("bidmc_sha256.json")


def read_archive(path: Path) -> Raw:
    """Both parts of the course edition from the official zip.

    Raises
    ------
    DatasetError
        If the zip is damaged, a member is missing, its SHA-256 is not PhysioNet's, or it has not the columns.
    """
    with verified_members(path, member_digests(), LARGEST_MEMBER, "ppg") as content:
        return {part: join([read_record(number, content) for number in RECORDS[part]]) for part in RECORDS}


def read_record(number: int, content: Callable[[str], bytes]) -> dict[str, np.ndarray]:
    """The windows of one recording; `content(file name)` gives the bytes of its Signals.csv and Numerics.csv.

    Vital signs are medians over the window of what the monitor had, NaN where it had nothing; a window without a heart
    rate has no label and is left out.
    """
    signals, numerics = f"bidmc_{number:02}_Signals.csv", f"bidmc_{number:02}_Numerics.csv"
    (light,) = _columns(content(signals), ("PLETH",), signals)
    seconds, *vitals = _columns(content(numerics), ("Time [s]", *VITALS), numerics)
    if len(light) < WINDOWS * SECONDS * SAMPLING_HZ or not np.isfinite(light).all():
        raise DatasetError(
            f"{signals} has {np.count_nonzero(np.isfinite(light))} of {len(light)} samples, needed are "
            f"{WINDOWS * SECONDS * SAMPLING_HZ}, all of them numbers. Run: tdl data fetch ppg"
        )
    counts = np.rint(two_fifths_of_rate(light)[: WINDOWS * LENGTH] * COUNTS_PER_UNIT)
    limits = np.iinfo(np.int16)
    window = np.floor(seconds / SECONDS)
    medians = np.array(
        [[_median(values[window == index]) for values in vitals] for index in range(WINDOWS)], np.float32
    )
    kept = np.isfinite(medians[:, 0])
    return {
        "x": np.clip(counts, limits.min, limits.max).astype(np.int16).reshape(WINDOWS, LENGTH)[kept],
        "y": np.digitize(medians[kept, 0], BANDS).astype(np.uint8),
        "vitals": medians[kept],
        "record": np.full(np.count_nonzero(kept), number, np.int16),
    }


def _median(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else float("nan")


def _columns(content: bytes, names: tuple[str, ...], file: str) -> list[np.ndarray]:
    """The named columns of a CSV file, float [rows] each; NaN where a cell is empty or no number."""
    head, *rows = content.decode("ascii", errors="replace").splitlines()
    found = [name.strip() for name in head.split(",")]
    missing = [name for name in names if name not in found]
    if missing:
        raise DatasetError(f"{file} has no column {', '.join(missing)}; it has {', '.join(found)}")
    try:
        table = np.genfromtxt(rows, delimiter=",", usecols=[found.index(name) for name in names], ndmin=2)
    except ValueError as error:
        raise DatasetError(f"{file} is no table of {len(found)} columns ({error})") from error
    return list(table.T)

"""From PhysioNet's MIT-BIH archive to the course edition of the ecg dataset.

In: the official zip. Out: raw arrays like those of train.npz and test.npz. Every member is checked against PhysioNet's
own SHA-256 list (mitdb_sha256.json: the lines for the records we read). The beats kept per record are drawn with a
fixed seed, so they are another draw than the mirror's course edition: same records, same format, other beats.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tdl_course.datasets.beats import SAMPLING_HZ, cut_beats, join
from tdl_course.datasets.card import DatasetError
from tdl_course.datasets.files import Raw
from tdl_course.datasets.physionet import published_digests, verified_members
from tdl_course.datasets.resample import halve_rate
from tdl_course.datasets.wfdb import read_beats, read_header, read_lead

LEAD = "MLII"
# P. de Chazal, M. O'Dwyer, R. B. Reilly: Automatic classification of heartbeats using ECG morphology and heartbeat
# interval features. IEEE Trans. Biomed. Eng. 51(7):1196-1206 (2004): DS1 to train, DS2 to test. 202 is the same person
# as 201, so it joins the training part; the test part is ten records of DS2.
RECORDS = {
    "train": (
        *(101, 106, 108, 109, 112, 114, 115, 116, 118, 119, 122, 124),
        *(201, 202, 203, 205, 207, 208, 209, 215, 220, 223, 230),
    ),
    "test": (100, 111, 121, 123, 200, 212, 221, 222, 231, 234),
}
SEED = 2024
LARGEST_MEMBER = 4_000_000  # bytes; a .dat file has 1,950,000


def member_digests() -> dict[str, str]:
    """File name -> SHA-256 as PhysioNet publishes it for mitdb 1.0.0."""
    return published_digests("mitdb_sha256.json")


def read_archive(path: Path) -> Raw:
    """Both parts of the course edition from the official zip.

    Raises
    ------
    DatasetError
        If the zip is damaged, a member is missing, or its SHA-256 is not PhysioNet's.
    """
    with verified_members(path, member_digests(), LARGEST_MEMBER, "ecg") as content:
        return {part: join([read_record(number, content) for number in RECORDS[part]]) for part in RECORDS}


def read_record(number: int, content: Callable[[str], bytes]) -> dict[str, np.ndarray]:
    """The beats of one record; `content(file name)` gives the bytes of its .hea, .dat and .atr."""
    name = str(number)
    header = read_header(content(f"{name}.hea").decode("ascii", errors="replace"), name)
    if header.sampling_hz != 2 * SAMPLING_HZ:
        raise DatasetError(f"record {name} is sampled at {header.sampling_hz} Hz, allowed is {2 * SAMPLING_HZ}")
    millivolts = halve_rate(read_lead(content(f"{name}.dat"), header, LEAD, name))
    positions, symbols = read_beats(content(f"{name}.atr"), name)
    return cut_beats(millivolts, positions // 2, symbols, number, np.random.default_rng([SEED, number]))

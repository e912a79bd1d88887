"""From the official test set of Speech Commands v0.02 to the course edition of the keywords dataset.

In: the official .tar.gz, whose SHA-256 the download has checked. Out: raw arrays in the mirror's order, by its rule:
clips of exactly one second from the folders yes, no, stop, go, _unknown_ and _silence_; the SHA-1 of the speaker's id
(of the file's name, where nobody speaks), modulo 100, says which part a clip is in. So nobody is in both.
"""

from __future__ import annotations

import hashlib
import re
import wave
from pathlib import Path, PurePosixPath

import numpy as np

from tdl_course.datasets.card import NOBODY, DatasetError
from tdl_course.datasets.files import Raw
from tdl_course.datasets.registry import KEYWORDS
from tdl_course.datasets.tars import wanted_members
from tdl_course.datasets.zips import read_sound

FOLDERS = {"_unknown_": "unknown", "_silence_": "silence"}  # of the archive, where the label has another name
BELOW = {"train": 64, "test": 80}  # of 100; the speakers above are in no part
SPEAKER = re.compile(r"(?:^|_)([0-9a-f]{8})_nohash_")


def part_of(speaker_or_file: str) -> str:
    """ "train", "test" or "" (kept apart).

    >>> part_of("022cd682"), part_of("03401e93")
    ('train', 'test')
    """
    place = int(hashlib.sha1(speaker_or_file.encode("ascii"), usedforsecurity=False).hexdigest(), 16) % 100
    return next((part for part, limit in BELOW.items() if place < limit), "")


def label_of(name: PurePosixPath) -> str:
    """The label of a member of the archive, "" where it is not a clip that we take."""
    folder = name.parent.name
    label = FOLDERS.get(folder, folder)
    return label if label in KEYWORDS.labels and folder not in FOLDERS.values() and name.suffix == ".wav" else ""


def read_archive(path: Path) -> Raw:
    """Both parts of the course edition from the official archive.

    Raises
    ------
    DatasetError
        If the archive is damaged, a clip is no sound, or a label has no clip.
    """
    clips: dict[str, list[tuple[int, str, int, np.ndarray]]] = {part: [] for part in BELOW}
    for name, content in wanted_members(path, lambda name: bool(label_of(name)), "keywords"):
        label = label_of(name)
        found = SPEAKER.search(name.name)
        if not found and label != "silence":
            raise DatasetError(f"{path}: {name} does not tell its speaker. Run: tdl data fetch keywords")
        speaker = found.group(1) if found else ""
        part = part_of(speaker or name.name)
        if part and (samples := _second(path, name, content)) is not None:
            number = int(speaker, 16) if speaker else NOBODY
            clips[part].append((KEYWORDS.labels.index(label), name.name, number, samples))
    return {part: _arrays(path, part, sorted(rows, key=lambda row: row[:2])) for part, rows in clips.items()}


def _second(path: Path, name: PurePosixPath, content: bytes) -> np.ndarray | None:
    """The samples of a clip of one second; None of a shorter one."""
    try:
        return read_sound(KEYWORDS, content)
    except ValueError:
        return None  # of another length
    except (wave.Error, EOFError) as error:
        raise DatasetError(f"{path}: {name} is no sound ({error}). Run: tdl data fetch keywords") from error


def _arrays(path: Path, part: str, rows: list[tuple[int, str, int, np.ndarray]]) -> dict[str, np.ndarray]:
    missing = set(range(len(KEYWORDS.labels))) - {row[0] for row in rows}
    if missing:
        names = ", ".join(KEYWORDS.labels[label] for label in sorted(missing))
        raise DatasetError(f"{path} has no clips of {names} for the {part} part. Run: tdl data fetch keywords")
    labels, _, speakers, samples = zip(*rows, strict=True)
    return {
        "x": np.stack(samples).astype(np.int16),
        "y": np.array(labels, np.uint8),
        "speaker": np.array(speakers, np.uint32),
    }

"""From the repository of the Free Spoken Digit Dataset to the course edition of the digits dataset.

In: GitHub's .tar.gz of the commit that the course edition was taken from. Out: raw arrays equal to the mirror's: takes
0 to 17 of each digit, by speaker. GitHub may pack an archive anew, so its own digest means nothing: the SHA-256 of all
clips of a part, one after the other, is checked instead.
"""

from __future__ import annotations

import hashlib
import re
import wave
from pathlib import Path, PurePosixPath

import numpy as np

from tdl_course.datasets.card import DatasetError
from tdl_course.datasets.files import Raw
from tdl_course.datasets.registry import DIGITS
from tdl_course.datasets.tars import wanted_members
from tdl_course.datasets.zips import DIGIT_SPEAKERS, read_sound

SPEAKERS = {"train": ("jackson", "nicolas", "theo", "yweweler"), "test": ("lucas",)}
TAKES = 18
CLIP = re.compile(r"(\d)_([a-z]+)_(\d+)\.wav")
# of the wav files of a part, by speaker, digit and take
DIGESTS = {
    "train": "7e3f2f62795c227c8a68d1ed05c990dd547dffea81533d7f013f976fc2ddb0dc",
    "test": "116f4833f1a67267d2b394acc117322a656bed8c3f1f592c0bb4e7dce8674133",
}


def clips_of(part: str) -> list[tuple[int, str, int]]:
    """(digit, speaker, take) of each clip of a part, in order."""
    return [(digit, speaker, take) for speaker in SPEAKERS[part] for digit in range(10) for take in range(TAKES)]


def read_archive(path: Path) -> Raw:
    """Both parts of the course edition from GitHub's archive.

    Raises
    ------
    DatasetError
        If the archive is damaged, a clip is missing, or the clips are not those of the course edition.
    """
    known = {clip for part in SPEAKERS for clip in clips_of(part)}
    contents = {
        _clip(name): content for name, content in wanted_members(path, lambda name: _clip(name) in known, "digits")
    }
    return {part: _arrays(path, part, contents) for part in SPEAKERS}


def _clip(name: PurePosixPath) -> tuple[int, str, int] | None:
    found = CLIP.fullmatch(name.name)
    if name.parent.name != "recordings" or not found:
        return None
    return int(found.group(1)), found.group(2), int(found.group(3))


def _arrays(path: Path, part: str, contents: dict[tuple[int, str, int] | None, bytes]) -> dict[str, np.ndarray]:
    clips = clips_of(part)
    missing = [clip for clip in clips if clip not in contents]
    if missing:
        digit, speaker, take = missing[0]
        raise DatasetError(
            f"{path} has no recordings/{digit}_{speaker}_{take}.wav ({len(missing)} of {len(clips)} clips are missing)"
            ". Run: tdl data fetch digits"
        )
    got = hashlib.sha256(b"".join(contents[clip] for clip in clips)).hexdigest()
    if got != DIGESTS[part]:
        raise DatasetError(
            f"The clips of the {part} part in {path} are not those we know:\n  expected SHA-256 {DIGESTS[part]}\n"
            f"  got      SHA-256 {got}\nRun: tdl data fetch digits"
        )
    try:
        sounds = np.stack([read_sound(DIGITS, contents[clip]) for clip in clips]).astype(np.int16)
    except (ValueError, wave.Error, EOFError) as error:
        raise DatasetError(f"{path}: a clip of the {part} part is not of the format: {error}") from error
    return {
        "x": sounds,
        "y": np.array([digit for digit, _, _ in clips], np.uint8),
        "speaker": np.array([1 + DIGIT_SPEAKERS.index(speaker) for _, speaker, _ in clips], np.uint8),
    }

"""Read a part that is a zip: one sound or image a sample, `<label>/<name>.wav` or `.jpg`, and manifest.csv beside them.

In: the bytes of train.zip and a `Card`. Out: the arrays that the card names, sample by sample in the manifest's order.
Nothing of the zip is trusted: a member is measured before it is unpacked, and an image before it is decoded.
"""

from __future__ import annotations

import csv
import io
import struct
import wave
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import numpy as np

from tdl_course.datasets.card import Card, DatasetError

MANIFEST = "manifest.csv"
MEMBER_BYTES = 1 << 20  # no sample and no manifest of the course edition is larger
SAMPLES = 1 << 14  # nor has a part more samples
UNREADABLE = (zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, ValueError, EOFError, OSError)
LONGEST_CLIP = {"digits": 24000}  # samples: clips of these datasets end with the word, and are fitted to a length here
DIGIT_SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
BLOCK_OF_LEAVES = 12  # leaves photographed one after the other: they go to one part


def read_zip(card: Card, path: Path, content: bytes) -> dict[str, np.ndarray]:
    """The arrays of one part of `card`.

    Raises
    ------
    DatasetError
        Names the member that is missing, unlisted, too large, or no sound or image of the card's format.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except UNREADABLE as error:
        raise DatasetError(f"{path} is not a zip ({error}). Copy it again.") from error
    rows = _manifest(card, path, archive)
    columns = [_columns(card, path, row) for row in rows]
    arrays = {spec.name: np.empty((len(rows), *spec.tail), spec.dtype) for spec in card.arrays}
    for name in columns[0]:
        arrays[name][:] = [each[name] for each in columns]
    for sample, row in zip(arrays["x"], rows, strict=True):
        sample[:] = _sample(card, path, archive, row["file"], sample.shape)
    return arrays


def centred(samples: np.ndarray, length: int) -> np.ndarray:
    """`length` samples with the middle of `samples` in the middle: zeros around a shorter clip, a longer one is cut."""
    if len(samples) >= length:
        first = (len(samples) - length) // 2
        return samples[first : first + length]
    before = (length - len(samples)) // 2
    return np.pad(samples, (before, length - len(samples) - before))


def _manifest(card: Card, path: Path, archive: zipfile.ZipFile) -> list[dict[str, str]]:
    """The rows of manifest.csv; they list every other member once, under its label."""
    members = [info.filename for info in archive.infolist()]
    if MANIFEST not in members:
        raise DatasetError(f"{path} has no {MANIFEST} among its {len(members)} members. Copy it again.")
    try:
        rows = list(csv.DictReader(io.StringIO(_member(path, archive, MANIFEST).decode("utf-8"))))
        listed = [row["file"] for row in rows]
        for row in rows:
            if row["label"] not in card.labels or PurePosixPath(row["file"]).parent.name != row["label"]:
                raise DatasetError(
                    f"{path}: {row['file']!r} has label {row['label']!r}; allowed is the name of its folder, "
                    f"one of {', '.join(card.labels)}"
                )
    except (UnicodeDecodeError, csv.Error, KeyError, TypeError) as error:
        raise DatasetError(f"{path}: {MANIFEST} has no column file or label that can be read ({error!r})") from error
    if not 0 < len(rows) <= SAMPLES:
        raise DatasetError(f"{path}: {MANIFEST} lists {len(rows)} samples, allowed are 1 to {SAMPLES}")
    if sorted([*listed, MANIFEST]) != sorted(members):
        odd = sorted(set(listed) ^ (set(members) - {MANIFEST})) or sorted(set(listed))
        raise DatasetError(
            f"{path}: {MANIFEST} lists {len(listed)} samples and the zip has {len(members) - 1}; they differ at "
            f"{odd[0]!r}: every sample is there once and listed once"
        )
    return rows


def _columns(card: Card, path: Path, row: Mapping[str, str]) -> dict[str, np.generic]:
    """What the manifest says about one sample, as numbers of the card's types."""
    try:
        values = {"y": card.labels.index(row["label"])} | COLUMNS[card.name](row)
        return {spec.name: np.dtype(spec.dtype).type(values[spec.name]) for spec in card.arrays if spec.name != "x"}
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        raise DatasetError(f"{path}: {MANIFEST} says about {row['file']!r} what cannot be read ({error!r})") from error


def _keyword_columns(row: Mapping[str, str]) -> dict[str, int]:
    """The speaker's anonymous id, eight hexadecimal digits, as a number; 0 where nobody speaks."""
    return {"speaker": int(row["speaker"], 16) if row["speaker"] else 0}


def _leaf_columns(row: Mapping[str, str]) -> dict[str, int]:
    """Number of the leaf, of its block of 12 consecutive numbers, and severity 0 to 4."""
    leaf = int(PurePosixPath(row["file"]).stem)
    return {"leaf": leaf, "block": 1 + (leaf - 1) // BLOCK_OF_LEAVES, "severity": int(row["severity_0to4"])}


def _numbered_columns(row: Mapping[str, str]) -> dict[str, int]:
    """The speaker's number, eight decimal digits; 0 where nobody speaks."""
    return {"speaker": int(row["speaker"], 10) if row["speaker"] else 0}


def _digit_columns(row: Mapping[str, str]) -> dict[str, int]:
    """The speaker's place, from 1, among the six."""
    return {"speaker": 1 + DIGIT_SPEAKERS.index(row["speaker"])}


COLUMNS = {
    "keywords": _keyword_columns,
    "leaf": _leaf_columns,
    "keywords_ar": _numbered_columns,
    "digits": _digit_columns,
}


def _member(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    size = archive.getinfo(name).file_size
    if size > MEMBER_BYTES:
        raise DatasetError(f"{path}: member {name!r} unpacks to {size} bytes, allowed are {MEMBER_BYTES}")
    try:
        return archive.read(name)
    except UNREADABLE as error:
        raise DatasetError(f"{path}: member {name!r} cannot be unpacked ({error}). Copy the file again.") from error


def _sample(card: Card, path: Path, archive: zipfile.ZipFile, name: str, shape: tuple[int, ...]) -> np.ndarray:
    content = _member(path, archive, name)
    try:
        return read_sound(card, content) if len(shape) == 1 else _image(content, shape)
    except (*UNREADABLE, wave.Error, SyntaxError) as error:
        raise DatasetError(f"{path}: member {name!r} is not what the dataset consists of: {error}") from error


def read_sound(card: Card, content: bytes) -> np.ndarray:
    """int16 [samples] of a RIFF WAVE file, of the length that the card says.

    Raises
    ------
    ValueError
        Unless the sound is mono, 16 bit, at the card's rate, and of the card's length, or, where clips of the dataset
        end with the word, of 1 to `LONGEST_CLIP` samples.
    wave.Error, EOFError
        If the file is damaged.
    """
    (length,) = next(spec.tail for spec in card.arrays if spec.name == "x")
    longest = LONGEST_CLIP.get(card.name)
    with wave.open(io.BytesIO(content)) as sound:
        got = (sound.getnchannels(), 8 * sound.getsampwidth(), sound.getframerate(), sound.getnframes())
        allowed = (1, 16, int(card.sampling_hz))
        right = 0 < got[3] <= longest if longest else got[3] == length
        if got[:3] != allowed or not right:
            most = f"1 to {longest}" if longest else length
            raise ValueError(f"channels, bits, Hz and samples are {got}, allowed are {(*allowed, most)}")
        samples = np.frombuffer(sound.readframes(got[3]), "<i2")
    if len(samples) != got[3]:
        raise ValueError(f"the file ends after {len(samples)} of {got[3]} samples")
    return centred(samples, length)


def _image(content: bytes, shape: tuple[int, ...]) -> np.ndarray:
    """uint8 [height, width, 3] of a JPEG file; raises ValueError unless it is RGB and of that size."""
    from PIL import Image

    with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
        got = (image.mode, *image.size)
        allowed = ("RGB", shape[1], shape[0])
        if got != allowed:
            raise ValueError(f"mode, width and height are {got}, allowed are {allowed}")
        return np.asarray(image)

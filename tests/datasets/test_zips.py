"""Parts that are zips: what was written is read, and whatever is wrong with a member is said by its name."""

import hashlib
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tdl_course import datasets
from tdl_course.datasets import CARDS, DatasetError, zips
from tests.datasets.archives import wav
from tests.datasets.records import stand_in

ROWS = 24


def picture(pixels, form="JPEG"):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form, quality=95)
    return file.getvalue()


def sound_members(name, speaker_text, rate=16000):
    """A function from the arrays of one part to member name -> bytes, manifest and all."""

    def members_of(arrays):
        lines, members = ["file,label,speaker,source"], {}
        for index in range(ROWS):
            label = CARDS[name].labels[arrays["y"][index]]
            speaker = speaker_text(int(arrays["speaker"][index])) if arrays["speaker"][index] else ""
            file = f"{label}/{index}.wav"
            members[file] = wav(arrays["x"][index], rate=rate)
            lines.append(f"{file},{label},{speaker},")
        return {**members, "manifest.csv": "\n".join(lines).encode()}

    return members_of


def digit_members(arrays):
    """As in the real zips: six people at most, and clips without the zeros around the word, as many at either end."""
    arrays["speaker"] = 1 + (arrays["speaker"] - 1) % 5
    whole = sound_members("digits", lambda number: zips.DIGIT_SPEAKERS[number - 1], 8000)(arrays)
    for file, samples in zip(whole, arrays["x"][:ROWS], strict=False):
        margin = min(np.flatnonzero(samples)[0], np.flatnonzero(samples[::-1])[0])
        whole[file] = wav(samples[margin : len(samples) - margin], rate=8000)
    return whole


def leaf_members(arrays):
    lines, members = ["file,label,severity_0to4"], {}
    for index in range(ROWS):
        label = CARDS["leaf"].labels[arrays["y"][index]]
        name = f"{label}/{arrays['leaf'][index]:04}.jpg"
        members[name] = picture(arrays["x"][index])
        lines.append(f"{name},{label},{arrays['severity'][index]}")
    return {**members, "manifest.csv": "\n".join(lines).encode()}


WRITERS = {
    "keywords": sound_members("keywords", lambda number: f"{number:08x}"),
    "keywords_ar": sound_members("keywords_ar", lambda number: f"{number:08}"),
    "digits": digit_members,
    "leaf": leaf_members,
}
MEMBERS = {(name, part): WRITERS[name](stand_in(name)[part]) for name in sorted(WRITERS) for part in ("train", "test")}
PATH = Path("train.zip")


def packed(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def read(name, members):
    return zips.read_zip(CARDS[name], PATH, packed(members))


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_a_mirror_of_zips_is_loaded_and_its_digests_are_checked(name, tmp_path, monkeypatch):
    folder = tmp_path / CARDS[name].folder
    folder.mkdir()
    for part in ("train", "test"):
        (folder / f"{part}.zip").write_bytes(packed(MEMBERS[name, part]))
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    monkeypatch.setitem(CARDS, name, replace(CARDS[name], files=digests))
    monkeypatch.setenv("TDL_DATA", str(tmp_path))
    dataset, made = datasets.load(name), stand_in(name)
    assert dataset.source == "mirror" and len(dataset.x_train) == ROWS
    for part in ("train", "test"):
        for array in ("y", CARDS[name].group):
            expected = made[part][array][:ROWS]
            expected = 1 + (expected - 1) % 5 if (name, array) == ("digits", "speaker") else expected
            np.testing.assert_array_equal(dataset.raw[part][array], expected)
        difference = dataset.raw[part]["x"].astype(int) - made[part]["x"][:ROWS]
        assert np.abs(difference).mean() < (6 if name == "leaf" else 1e-9)  # JPEG loses, WAV does not
    content = bytearray((folder / "test.zip").read_bytes())
    content[1000] ^= 1
    (folder / "test.zip").write_bytes(content)
    with pytest.raises(DatasetError, match=r"test\.zip is not the file we know"):
        datasets.load(name)


def first(name):
    return next(iter(MEMBERS[name, "train"]))


SOUND = np.zeros(16000, np.int16)
PIXELS = np.zeros((64, 128, 3), np.uint8)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("keywords", wav(SOUND[:-1]), r"\(1, 16, 16000, 15999\), allowed are \(1, 16, 16000, 16000\)"),
        ("keywords", wav(SOUND, channels=2), r"\(2, 16, 16000, 8000\)"),
        ("keywords", wav(SOUND, width=1), r"\(1, 8, 16000, 32000\)"),
        ("keywords", wav(SOUND, rate=8000), r"\(1, 16, 8000, 16000\)"),
        ("keywords", wav(SOUND)[:20000], "member"),
        ("keywords", b"RIFF", "member"),
        ("keywords_ar", wav(SOUND, rate=8000), r"\(1, 16, 8000, 16000\), allowed are \(1, 16, 16000, 16000\)"),
        ("digits", wav(SOUND), r"\(1, 16, 16000, 16000\), allowed are \(1, 16, 8000, '1 to 24000'\)"),
        ("digits", wav(SOUND[:0], rate=8000), r"\(1, 16, 8000, 0\)"),
        ("digits", wav(np.zeros(24001, np.int16), rate=8000), r"\(1, 16, 8000, 24001\)"),
        ("digits", wav(SOUND, rate=8000)[:9000], "ends after 4478 of 16000 samples"),
        ("keywords", b"", "member"),
        ("keywords", bytes(2 << 20), "unpacks to 2097152 bytes, allowed are 1048576"),
        ("leaf", picture(PIXELS[:32]), r"\('RGB', 128, 32\), allowed are \('RGB', 128, 64\)"),
        ("leaf", picture(PIXELS.transpose(1, 0, 2)), r"\('RGB', 64, 128\)"),
        ("leaf", picture(PIXELS[:, :, 0]), r"\('L', 128, 64\)"),
        ("leaf", picture(PIXELS, "PNG"), "cannot identify image"),
        ("leaf", picture(stand_in("leaf")["train"]["x"][0])[:1500], "truncated"),
        ("leaf", b"", "cannot identify image"),
    ],
)
def test_a_member_that_is_not_of_the_format_is_named(name, content, says):
    with pytest.raises(DatasetError, match=says) as error:
        read(name, {**MEMBERS[name, "train"], first(name): content})
    assert repr(first(name)) in str(error.value)


def without(members, name):
    return {each: content for each, content in members.items() if each != name}


def listing(*lines):
    return lambda members: {**members, "manifest.csv": "\n".join(lines).encode()}


def relisted(old, new):
    def change(members):
        return {**members, "manifest.csv": members["manifest.csv"].replace(old.encode(), new.encode())}

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda members: without(members, "manifest.csv"), "has no manifest.csv among its 24 members"),
        (lambda members: without(members, "yes/0.wav"), r"lists 24 samples and the zip has 23.*'yes/0\.wav'"),
        (lambda members: {**members, "yes/x.wav": b""}, r"lists 24 samples and the zip has 25.*'yes/x\.wav'"),
        (relisted("yes/1.wav", "yes/0.wav"), r"differ at 'yes/1\.wav'"),
        (relisted("yes/0.wav,yes", "yes/0.wav,no"), r"'yes/0\.wav' has label 'no'"),
        (relisted("yes/0.wav,yes", "../yes/0.wav,yes"), r"'\.\./yes/0\.wav'"),
        (relisted("yes/0.wav,yes,00000001", "yes/0.wav,yes,nobody"), r"about 'yes/0\.wav' what cannot be read"),
        (relisted("yes/0.wav,yes,00000001", "yes/0.wav,yes,1ffffffff"), r"about 'yes/0\.wav' what cannot be read"),
        (listing("file,label,speaker"), "lists 0 samples"),
        (listing("file,speaker", "yes/0.wav,1"), "no column file or label"),
        (listing("file,label,speaker", ",yes"), "''"),
        (lambda members: {**members, "manifest.csv": b"\xff\xfe\x00"}, "no column file or label"),
        (lambda members: {**members, "manifest.csv": bytes(2 << 20)}, "'manifest.csv' unpacks to 2097152 bytes"),
    ],
)
def test_a_manifest_that_does_not_fit_the_zip_is_refused(change, says):
    with pytest.raises(DatasetError, match=says):
        read("keywords", change(MEMBERS["keywords", "train"]))


def test_more_samples_than_a_part_may_have(monkeypatch):
    monkeypatch.setattr(zips, "SAMPLES", ROWS - 1)
    with pytest.raises(DatasetError, match="lists 24 samples, allowed are 1 to 23"):
        read("keywords", MEMBERS["keywords", "train"])


@given(length=st.integers(1, 20), wanted=st.integers(1, 20))
def test_a_fitted_clip_keeps_its_samples_in_the_middle(length, wanted):
    samples = np.arange(1, length + 1, dtype=np.int16)
    fitted = zips.centred(samples, wanted)
    kept = np.flatnonzero(fitted)
    assert len(fitted) == wanted and fitted.dtype == np.int16
    assert len(kept) == min(length, wanted) and (np.diff(kept) == 1).all() and (np.diff(fitted[kept]) == 1).all()
    before, after = kept[0] + (1 - fitted[kept[0]]), wanted - 1 - kept[-1] - (length - fitted[kept[-1]])
    assert before - after in (-1, 0, 1), "as much around it, or cut off, on one side as on the other"


def test_a_speaker_who_is_not_one_of_the_six_is_refused():
    with pytest.raises(DatasetError, match="about '0/0.wav' what cannot be read"):
        read("digits", relisted("0/0.wav,0,george", "0/0.wav,0,nobody")(MEMBERS["digits", "train"]))


SMALL = packed(MEMBERS["leaf", "train"])


@settings(max_examples=150)
@given(at=st.integers(0, len(SMALL) - 1), flip=st.integers(1, 255), end=st.integers(0, len(SMALL)))
def test_corrupt_bytes_are_refused_or_harmless(at, flip, end):
    content = bytearray(SMALL)
    content[at] ^= flip
    for damaged in (bytes(content), SMALL[:end]):
        try:
            arrays = zips.read_zip(CARDS["leaf"], PATH, damaged)
        except DatasetError as error:
            assert "train.zip" in str(error)
        else:
            assert arrays["x"].shape == (ROWS, 64, 128, 3)

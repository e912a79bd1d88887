"""The official archive, made up: same members, same checks, and the course-edition format at the end."""

import hashlib
import zipfile

import numpy as np
import pytest

from tdl_course.datasets import CARDS, DatasetError, files, mitbih, scale
from tests.datasets.records import atr_bytes, dat_bytes, header_text

RECORDS = {"train": (101, 114), "test": (100,)}
SAMPLES = 20_000


def record_files(number):
    """30 beats of a triangle on MLII (the second lead in record 114, as in the real one)."""
    positions = 400 + 600 * np.arange(30)
    lead = np.full(SAMPLES, 1024)
    for position in positions:
        lead[position - 10 : position + 11] += 20 * (10 - np.abs(np.arange(-10, 11)))
    other = np.full(SAMPLES, 900)
    symbols = ["N", "A", "V"] * 10
    second = number == 114
    return {
        f"{number}.hea": header_text(number, SAMPLES, ("V5", "MLII") if second else ("MLII", "V5")).encode(),
        f"{number}.dat": dat_bytes(*((other, lead) if second else (lead, other))),
        f"{number}.atr": atr_bytes(positions, symbols),
    }


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """`archive(change)` writes the zip after `change(members)`; the digests stay those of the whole members."""

    def make(change=lambda members: None):
        numbers = [number for part in RECORDS.values() for number in part]
        members = {name: content for number in numbers for name, content in record_files(number).items()}
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in members.items()}
        monkeypatch.setattr(mitbih, "RECORDS", RECORDS)
        monkeypatch.setattr(mitbih, "member_digests", lambda: digests)
        change(members)
        path = tmp_path / "mitdb.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in members.items():
                file.writestr(f"mit-bih-arrhythmia-database-1.0.0/{name}", content)
        return path

    return make


def test_the_archive_becomes_the_course_edition(archive):
    raw = mitbih.read_archive(archive())
    card = CARDS["ecg"]
    for part, numbers in RECORDS.items():
        assert set(raw[part]["record"]) == set(numbers)
        for spec in card.arrays:
            assert raw[part][spec.name].dtype == np.dtype(spec.dtype)
            assert raw[part][spec.name].shape[1:] == spec.tail
        assert (raw[part]["x"].argmax(axis=1) == 51).all()
        assert (np.abs(raw[part]["x"].max(axis=1) - 200) < 15).all(), "the peak is 1 mV, 200 counts"
        assert (raw[part]["rr_ms"] == 1667).all()
        assert np.bincount(raw[part]["y"]).tolist() == [9 * len(numbers), 10 * len(numbers), 9 * len(numbers)]
    files.check_groups(card, raw, archive())
    assert scale.ecg_input(raw["test"]).shape == (28, 128, 1, 3)


def tamper(members):
    members["114.dat"] = members["114.dat"][:-1] + b"\x7f"


def lose(members):
    del members["100.atr"]


def inflate(members):
    members["101.hea"] = bytes(mitbih.LARGEST_MEMBER + 1)


@pytest.mark.parametrize(
    ("change", "says"),
    [(tamper, r"114\.dat in .* is not PhysioNet's"), (lose, r"no 100\.atr"), (inflate, "claims 4000001 bytes")],
)
def test_a_member_that_is_not_physionets_is_an_error(change, says, archive):
    with pytest.raises(DatasetError, match=says):
        mitbih.read_archive(archive(change))


def test_a_cut_zip_is_an_error(archive):
    path = archive()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DatasetError, match="not a readable zip"):
        mitbih.read_archive(path)


def test_every_record_of_both_parts_has_its_published_digests():
    digests = mitbih.member_digests()
    numbers = [number for part in mitbih.RECORDS.values() for number in part]
    assert len(numbers) == len(set(numbers)) == 33
    assert set(digests) == {f"{number}.{kind}" for number in numbers for kind in ("hea", "dat", "atr")}
    assert all(len(digest) == 64 for digest in digests.values())


@pytest.mark.parametrize(("hz", "gain"), [(5, 1.0), (40, 1.0), (60, 1.0), (125, 0.0), (170, 0.0)])
def test_halving_the_rate_keeps_the_band_and_nothing_above_it(hz, gain):
    time = np.arange(3600) / 360
    halved = mitbih.halve_rate(np.sin(2 * np.pi * hz * time))
    wanted = gain * np.sin(2 * np.pi * hz * time[::2])
    assert len(halved) == 1800
    assert np.abs(halved - wanted)[30:-30].max() < 0.03

"""Official archives, made up and served by a site in this process: they become the course edition, or are refused."""

import csv
import hashlib
import io
import zipfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from tdl_course import datasets
from tdl_course.datasets import CARDS, DatasetError, bidmc, download, fsdd, resample, speech_commands, tars
from tests.datasets import archives
from tests.datasets.site import serving

RATES = {1: 66, 3: 96, 5: 120}
RECORDS = {"train": (1, 3), "test": (5,)}
made = {
    "keywords": lru_cache(archives.keyword_members),
    "digits": lru_cache(archives.digit_members),
    "ppg": lru_cache(lambda: archives.pulse_members(RATES)),
}
NAMES = sorted(made)


def packed(name, members):
    return archives.zipped(members, "bidmc/bidmc_csv") if name == "ppg" else archives.tar(members)


@pytest.fixture
def official(monkeypatch):
    """`official(name, members)` publishes the digests of the made-up members and gives the bytes of the archive."""

    def make(name, change=lambda members: None):
        members = dict(made[name]())
        if name == "digits":
            monkeypatch.setattr(fsdd, "DIGESTS", archives.digit_digests(members))
        elif name == "ppg":
            digests = {file: hashlib.sha256(content).hexdigest() for file, content in members.items()}
            monkeypatch.setattr(bidmc, "member_digests", lambda: digests)
            monkeypatch.setattr(bidmc, "RECORDS", RECORDS)
        change(members)
        content = packed(name, members)
        if name == "keywords":
            published = replace(download.ARCHIVES[name], sha256=hashlib.sha256(content).hexdigest())
            monkeypatch.setitem(download.ARCHIVES, name, published)
        return content

    return make


@pytest.fixture
def site(official, monkeypatch):
    """`site(name)` is a context: the home of dataset `name` is a server of the made-up archive."""
    monkeypatch.setenv("TDL_OFFLINE", "0")

    def make(name):
        server = serving(official(name))

        class Published:
            def __enter__(self):
                self.server = server.__enter__()
                monkeypatch.setitem(CARDS, name, replace(CARDS[name], download=self.server.url))
                return self.server

            def __exit__(self, *error):
                server.__exit__(*error)

        return Published()

    return make


@pytest.mark.parametrize("name", NAMES)
def test_it_is_fetched_resumed_prepared_and_found_again(name, site, tmp_path):
    with site(name) as server:
        server.cut_after = len(server.content) // 2
        with pytest.raises(download.Unreachable, match="no connection"):
            datasets.fetch(name)
        server.cut_after = None
        dataset = datasets.load(name)
        assert dataset.source == "download" and len(server.asked) == 2 and server.asked[1].startswith("bytes=")
    again = datasets.load(name)
    assert again.source == "cache" and again.digest == dataset.digest
    for part in ("train", "test"):
        for spec in CARDS[name].arrays:
            array = dataset.raw[part][spec.name]
            assert array.dtype == np.dtype(spec.dtype) and array.shape[1:] == spec.tail
    assert not set(dataset.group_train) & set(dataset.group_test)


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_archive_is_an_error_and_not_kept(name, site, tmp_path):
    with site(name) as server:
        content = bytearray(server.content)
        content[len(content) // 2] ^= 0xFF
        server.content, whole = bytes(content), server.content
        with pytest.raises(DatasetError) as error:
            datasets.load(name)
        assert f"tdl data fetch {name}" in str(error.value)
        assert not isinstance(error.value, download.Unreachable)
        assert list((tmp_path / "cache" / "downloads").iterdir()) == []
        server.content = whole
        assert datasets.load(name).source == "download"


def written(path, content):
    path.write_bytes(content)
    return path


def test_keywords_go_by_the_hash_of_the_speaker_and_only_whole_seconds(official, tmp_path):
    raw = speech_commands.read_archive(written(tmp_path / "a.tar.gz", official("keywords")))
    for part in ("train", "test"):
        speakers = {int(speaker, 16) for speaker in archives.speakers_of(part, 3)}
        assert set(raw[part]["speaker"]) == speakers | {0}
        counts = np.bincount(raw[part]["y"])
        assert counts[:5].tolist() == [3] * 5, "the short clip is left out"
        quiet = [n for n in range(40) if speech_commands.part_of(f"{n}.wav") == part]
        assert counts[5] == len(quiet) > 0
        np.testing.assert_array_equal(raw[part]["speaker"] == 0, raw[part]["y"] == 5)
    assert (np.diff(raw["train"]["y"].astype(int)) >= 0).all()


def test_digits_are_the_clips_centred_in_a_second(official, tmp_path):
    raw = fsdd.read_archive(written(tmp_path / "a.tar.gz", official("digits")))
    assert np.bincount(raw["train"]["y"]).tolist() == [72] * 10 and np.bincount(raw["test"]["y"]).tolist() == [18] * 10
    assert set(raw["train"]["speaker"]) == {2, 4, 5, 6} and set(raw["test"]["speaker"]) == {3}
    content = made["digits"]()["free-spoken-digit-dataset-26eb9aa/recordings/7_lucas_4.wav"]
    samples = np.frombuffer(content[44:], "<i2")
    row = raw["test"]["x"][7 * 18 + 4]
    start = (8000 - len(samples)) // 2
    np.testing.assert_array_equal(row[start : start + len(samples)], samples)
    assert not row[:start].any() and not row[start + len(samples) :].any()


def test_pulse_windows_are_the_light_at_50_hz_with_medians_of_the_monitor(official, tmp_path):
    raw = bidmc.read_archive(written(tmp_path / "a.zip", official("ppg")))
    assert raw["train"]["record"].tolist() == [1] * 60 + [3] * 60 and set(raw["test"]["record"]) == {5}
    for part, numbers in RECORDS.items():
        rates = np.repeat([RATES[number] for number in numbers], 60)
        light = 0.5 + 0.25 * np.sin(
            2 * np.pi * rates[:, None] / 60 * (np.arange(400) / 50 + np.tile(np.arange(60), len(numbers))[:, None] * 8)
        )
        off = np.abs(raw[part]["x"] - 4096 * light)
        assert off[:, 30:-30].max() < 4
        np.testing.assert_array_equal(
            raw[part]["vitals"][:, 0], rates, "one beat more in a second of eight: not the median"
        )
        np.testing.assert_array_equal(raw[part]["y"], np.digitize(rates, (80, 100)))
        nothing = np.tile(np.arange(60) == 1, len(numbers))
        np.testing.assert_array_equal(np.isnan(raw[part]["vitals"][:, 2]), nothing)


def drop(name):
    return lambda members: members.pop(name)


def becomes(name, content):
    return lambda members: members.update({name: content})


RECORDING = "free-spoken-digit-dataset-26eb9aa/recordings/9_theo_17.wav"


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("digits", drop(RECORDING), r"no recordings/9_theo_17\.wav \(1 of 720 clips are missing\)"),
        ("digits", becomes(RECORDING, archives.wav(np.ones(9, np.int16), rate=8000)), "train part .* expected SHA-256"),
        ("digits", becomes(RECORDING, bytes((1 << 20) + 1)), "claims 1048577 bytes"),
        ("keywords", becomes("./go/nobody.wav", b""), "go/nobody.wav does not tell its speaker"),
        ("keywords", becomes("./go/00000001_nohash_0.wav", b"RIFF"), "is no sound"),
        (
            "keywords",
            lambda members: [members.pop(n) for n in list(members) if "/no/" in n],
            "no clips of no for the train",
        ),
        ("ppg", drop("bidmc_03_Signals.csv"), r"no bidmc_03_Signals\.csv"),
        ("ppg", becomes("bidmc_03_Signals.csv", b"Time"), r"bidmc_03_Signals\.csv in .* is not PhysioNet's"),
        ("ppg", becomes("bidmc_01_Numerics.csv", bytes(bidmc.LARGEST_MEMBER + 1)), "claims 16000001 bytes"),
    ],
)
def test_an_archive_that_is_not_the_official_one_is_named(name, change, says, official, tmp_path):
    path = written(tmp_path / "archive", official(name, change))
    with pytest.raises(DatasetError, match=r"(?s)" + says):
        download.ARCHIVES[name].read(path)


@pytest.mark.parametrize(
    ("signals", "numerics", "says"),
    [
        (b"Time [s], RESP\n0,1\n", None, "no column PLETH; it has Time .s., RESP"),
        (b"Time [s], PLETH\n0,1\n1,2\n", None, "has 2 of 2 samples, needed are 60000"),
        (b"Time [s], PLETH\n0,1\n1\n", None, "no table of 2 columns"),
        (None, b"Time [s], HR\n0,1\n", "no column PULSE, RESP, SpO2"),
    ],
)
def test_a_table_of_another_form_is_named(signals, numerics, says):
    whole = made["ppg"]()
    files = {"bidmc_01_Signals.csv": signals, "bidmc_01_Numerics.csv": numerics}
    with pytest.raises(DatasetError, match=says):
        bidmc.read_record(1, lambda name: files[name] or whole[name])


def test_an_archive_of_too_many_members_is_refused(official, tmp_path, monkeypatch):
    monkeypatch.setattr(tars, "MEMBERS", 50)
    with pytest.raises(DatasetError, match="more than 50 members"):
        speech_commands.read_archive(written(tmp_path / "a.tar.gz", official("keywords")))


@pytest.mark.parametrize(("hz", "gain"), [(0.5, 1.0), (5, 1.0), (15, 1.0), (30, 0.0), (45, 0.0), (60, 0.0)])
def test_two_fifths_of_the_rate_keep_the_band_and_nothing_above_it(hz, gain):
    fewer = resample.two_fifths_of_rate(np.sin(2 * np.pi * hz * np.arange(5000) / 125))
    assert len(fewer) == 2000
    wanted = gain * np.sin(2 * np.pi * hz * np.arange(2000) / 50)
    assert np.abs(fewer - wanted)[30:-30].max() < 0.01
    np.testing.assert_allclose(resample.two_fifths_of_rate(np.full(50, 3.0)), 3.0, rtol=0.01)


def test_every_recording_of_both_parts_has_its_published_digests():
    numbers = [number for part in bidmc.RECORDS.values() for number in part]
    assert len(numbers) == len(set(numbers)) == 44
    wanted = {f"bidmc_{number:02}_{kind}.csv" for number in numbers for kind in ("Signals", "Numerics")}
    assert set(bidmc.member_digests()) == wanted


@pytest.fixture
def mirrored(monkeypatch, real_mirror):
    """`mirrored(name)`: the folder of the real dataset; skips where there is none."""
    monkeypatch.setenv("TDL_DATA", real_mirror)

    def find(name):
        place = datasets.available(name)["mirror"]
        if place.startswith("no: "):
            pytest.skip(f"TDL_DATA has no {name}")
        return Path(place)

    return find


def rows_of(path):
    with zipfile.ZipFile(path) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("manifest.csv").decode())))
        return rows, {row["file"]: archive.read(row["file"]) for row in rows}


def test_the_rule_for_keywords_is_that_of_the_mirror(mirrored):
    folder = mirrored("keywords")
    for part in ("train", "test"):
        rows, _ = rows_of(folder / f"{part}.zip")
        for row in rows:
            file = row["source"].rsplit("/", 1)[-1]
            assert speech_commands.part_of(row["speaker"] or file) == part
            found = speech_commands.SPEAKER.search(file)
            assert (found.group(1) if found else "") == row["speaker"]


def test_the_digests_of_digits_are_those_of_the_mirror(mirrored):
    folder = mirrored("digits")
    for part in ("train", "test"):
        rows, contents = rows_of(folder / f"{part}.zip")
        clips = [(int(row["label"]), row["speaker"], int(row["take"])) for row in rows]
        assert clips == fsdd.clips_of(part)
        assert hashlib.sha256(b"".join(contents[row["file"]] for row in rows)).hexdigest() == fsdd.DIGESTS[part]


def test_the_recordings_of_ppg_are_those_of_the_mirror(mirrored):
    mirrored("ppg")
    raw = datasets.load("ppg").raw
    for part, numbers in bidmc.RECORDS.items():
        assert tuple(np.unique(raw[part]["record"])) == numbers

"""`load`: which source is taken, that nothing is swapped silently, and what a damaged file says."""

import json
import os
import sys

import numpy as np
import pytest

from tdl_course import datasets
from tdl_course.datasets import CARDS, DatasetError, banner, download
from tests.datasets.records import stand_in

NAMES = sorted(CARDS)
SHAPES = {
    "ecg": (128, 1, 3),
    "activity": (64, 1, 6),
    "keywords": (49, 20, 1),
    "ppg": (200, 1, 1),
    "leaf": (32, 64, 3),
    "soil": (7, 1, 8),
    "keywords_ar": (49, 20, 1),
    "digits": (49, 20, 1),
}


@pytest.mark.parametrize("name", NAMES)
def test_without_any_source_it_is_synthetic_and_says_so(name, capsys):
    dataset = datasets.load(name)
    printed = capsys.readouterr().out
    assert dataset.synthetic and dataset.source == "synthetic"
    assert printed.startswith("SYNTHETIC ") and len(printed.splitlines()) == 1
    assert "TDL_DATA is not set" in printed and "TDL_DATA is not set" in dataset.detail


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("folder", [None, "flat"])
def test_the_mirror_comes_first(name, folder, mirror, capsys):
    place = mirror(name, folder=name if folder else None)
    dataset = datasets.load(name)
    assert dataset.source == "mirror" and not dataset.synthetic
    assert capsys.readouterr().out == ""
    assert place.name in dataset.detail and str(place.parent) not in str(dataset)
    assert len(dataset.x_train) == len(dataset.y_train) == len(dataset.group_train) == 300
    assert datasets.available(name)["mirror"] == str(place)


def test_several_mirrors_are_searched_in_order(mirror, monkeypatch, tmp_path):
    place = mirror("ecg")
    (tmp_path / "empty").mkdir()
    roots = [str(tmp_path / "empty"), str(tmp_path / "missing"), str(place.parent)]
    monkeypatch.setenv("TDL_DATA", os.pathsep.join(roots))
    assert datasets.load("ecg").source == "mirror"


def test_a_mirror_without_the_dataset_is_named_in_the_banner(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TDL_DATA", str(tmp_path / "missing"))
    datasets.load("ecg")
    assert f"{tmp_path / 'missing'} does not exist" in capsys.readouterr().out


@pytest.mark.parametrize("name", NAMES)
def test_input_is_float32_and_fits_one_int8_scale(name):
    dataset = datasets.load(name, source="synthetic")
    for x, y, group in (
        (dataset.x_train, dataset.y_train, dataset.group_train),
        (dataset.x_test, dataset.y_test, dataset.group_test),
    ):
        assert x.dtype == np.float32 and x.shape[1:] == SHAPES[name] and len(x) == len(y) == len(group)
        assert np.abs(x).max() <= 2.0
        assert y.dtype == group.dtype == np.int64
        assert set(np.unique(y)) == set(range(len(dataset.labels)))
    assert not set(dataset.group_train) & set(dataset.group_test)


def test_two_recordings_of_one_person_are_one_group(mirror):
    def rename(raw):
        raw["train"]["record"] = np.where(raw["train"]["record"] == 1, 201, 202).astype(np.int16)
        return raw

    mirror("ecg", rows=None, change=rename)
    dataset = datasets.load("ecg")
    assert set(dataset.raw["train"]["record"]) == {201, 202}
    assert set(dataset.group_train) == {201}


def test_samples_of_nobody_are_dealt_out_to_the_groups_of_their_part():
    dataset = datasets.load("keywords", source="synthetic")
    silence = dataset.y_train == dataset.labels.index("silence")
    assert (dataset.raw["train"]["speaker"][silence] == 0).all() and (
        dataset.raw["train"]["speaker"][~silence] > 0
    ).all()
    speakers, clips = np.unique(dataset.group_train[silence], return_counts=True)
    assert set(speakers) == set(dataset.raw["train"]["speaker"]) - {0} and np.ptp(clips) <= 1
    np.testing.assert_array_equal(dataset.group_train[~silence], dataset.raw["train"]["speaker"][~silence])


def test_a_changed_byte_is_an_error_and_never_a_silent_stand_in(mirror):
    path = mirror("ecg") / "test.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DatasetError) as error:
        datasets.load("ecg")
    text = str(error.value)
    assert "test.npz" in text and CARDS["ecg"].files["test.npz"] in text and "source='synthetic'" in text


def test_a_missing_file_is_an_error(mirror):
    (mirror("ecg") / "train.npz").unlink()
    with pytest.raises(DatasetError, match=r"train\.npz: No such file"):
        datasets.load("ecg")


def drop_symbols(raw):
    del raw["test"]["symbol"]
    return raw


def floats(raw):
    raw["train"]["x"] = raw["train"]["x"].astype(np.float32)
    return raw


def unequal(raw):
    raw["train"]["rr_ms"] = raw["train"]["rr_ms"][:10]
    return raw


def fourth_class(raw):
    raw["train"]["y"][0] = 3
    return raw


def pickled(raw):
    raw["train"]["symbol"] = raw["train"]["symbol"].astype(object)
    return raw


def leak(raw):
    raw["test"]["record"][:] = raw["train"]["record"][0]
    return raw


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (drop_symbols, "symbol"),
        (floats, r"'x' is float32\[300, 128\], allowed is int16\[300, 128\]"),
        (unequal, r"'rr_ms' is int16\[10, 3\]"),
        (fourth_class, r"labels up to 3, allowed are 0\.\.2"),
        (pickled, "allow_pickle=False"),
        (leak, r"records \[1\] are in train and in test"),
    ],
)
def test_arrays_that_are_not_what_the_card_says(change, says, mirror):
    mirror("ecg", change=change)
    with pytest.raises(DatasetError, match=says):
        datasets.load("ecg")


def test_unknown_names_and_sources_list_the_known():
    with pytest.raises(DatasetError, match="known are activity, digits, ecg, keywords, keywords_ar, leaf, ppg, soil"):
        datasets.load("eeg")
    with pytest.raises(DatasetError, match="allowed are mirror, cache, download, synthetic"):
        datasets.load("ecg", source="internet")


@pytest.mark.parametrize(
    ("source", "says"), [("mirror", "Set TDL_DATA"), ("cache", "tdl data fetch ecg"), ("download", "TDL_OFFLINE")]
)
def test_a_source_asked_for_is_not_replaced_by_another(source, says):
    with pytest.raises(DatasetError, match=says):
        datasets.load("ecg", source=source)


def test_what_fetch_keeps_is_found_in_the_cache_and_checked(tmp_path):
    folder = download.keep(CARDS["ecg"], stand_in("ecg"), tmp_path / "cache" / "ecg")
    assert datasets.load("ecg").source == "cache"
    assert datasets.load("ecg", source="cache").source == "cache"
    facts = json.loads((folder / "PREPARED.json").read_text())
    facts["sha256"]["train.npz"] = "0" * 64
    (folder / "PREPARED.json").write_text(json.dumps(facts))
    with pytest.raises(DatasetError, match="expected SHA-256 0000"):
        datasets.load("ecg")
    (folder / "PREPARED.json").write_text("[]")
    with pytest.raises(DatasetError, match="not what `fetch` writes"):
        datasets.load("ecg")


def test_in_a_notebook_the_banner_is_html(monkeypatch):
    dataset = datasets.load("ecg", source="synthetic")

    class Kernel:
        def get_ipython(self):
            return self

        def has_trait(self, name):
            return name == "kernel"

    monkeypatch.setitem(sys.modules, "IPython", Kernel())
    assert banner.in_notebook()
    assert "<strong>SYNTHETIC</strong>" in banner.as_html(dataset)


@pytest.mark.parametrize(
    ("name", "train", "test"),
    [
        ("ecg", [5060, 775, 1642], [2200, 275, 331]),
        ("activity", [77, 144, 838, 243, 183], [26, 46, 243, 70, 43]),
        ("keywords", [255, 242, 254, 242, 252, 267], [86, 93, 72, 78, 80, 65]),
        ("ppg", [442, 1205, 393], [125, 409, 66]),
        ("leaf", [173, 230, 327, 215, 90], [51, 79, 107, 69, 31]),
        ("soil", [4157, 6917, 5976], [1411, 2481, 2139]),
        ("keywords_ar", [54, 54, 54, 54, 54, 24], [12, 12, 12, 12, 18, 12]),
        ("digits", [72] * 10, [18] * 10),
    ],
)
def test_the_course_edition_where_there_is_a_mirror(name, train, test, monkeypatch, real_mirror):
    monkeypatch.setenv("TDL_DATA", real_mirror)
    if datasets.available(name)["mirror"].startswith("no: "):
        pytest.skip(f"TDL_DATA has no {name}")
    dataset = datasets.load(name)
    assert np.bincount(dataset.y_train).tolist() == train
    assert np.bincount(dataset.y_test).tolist() == test
    assert dataset.x_train.shape[1:] == dataset.x_test.shape[1:] == SHAPES[name]
    assert np.isfinite(dataset.x_train).all() and np.isfinite(dataset.x_test).all()
    assert np.abs(dataset.x_train).max() <= 2 and dataset.x_train.std() > 0.3
    assert not set(dataset.group_train) & set(dataset.group_test)

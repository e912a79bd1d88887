"""Dataset and validation_split: whole groups are held back, equal data has an equal digest."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdl_course import datasets
from tdl_course.datasets import CARDS, DatasetError, subset, validation_split


@pytest.fixture(scope="module")
def ecg():
    return datasets.load("ecg", source="synthetic")


@settings(max_examples=25, deadline=None)
@given(fraction=st.floats(0.01, 0.9), seed=st.integers(0, 1000))
def test_no_group_is_on_both_sides(ecg, fraction, seed):
    train, validation = validation_split(ecg, fraction, seed=seed)
    assert (train ^ validation).all()
    assert not set(ecg.group_train[train]) & set(ecg.group_train[validation])
    assert train.any() and validation.any()


def test_the_seed_chooses_and_repeats(ecg):
    first = validation_split(ecg, seed=3)[1]
    assert (validation_split(ecg, seed=3)[1] == first).all()
    assert any((validation_split(ecg, seed=seed)[1] != first).any() for seed in range(4, 8))


def test_named_groups_are_held_back(ecg):
    _, validation = validation_split(ecg, groups=[2, 5])
    assert set(ecg.group_train[validation]) == {2, 5}


def test_subset_keeps_the_chosen_training_samples_and_the_test_part(ecg):
    train, _ = validation_split(ecg, seed=1)
    smaller = subset(ecg, train)
    np.testing.assert_array_equal(smaller.x_train, ecg.x_train[train])
    np.testing.assert_array_equal(smaller.y_train, ecg.y_train[train])
    np.testing.assert_array_equal(smaller.group_train, ecg.group_train[train])
    assert smaller.x_test is ecg.x_test
    assert smaller.digest != ecg.digest


@pytest.mark.parametrize("mask", [np.array([True]), np.zeros(1), None])
def test_subset_refuses_what_is_no_mask_of_the_training_part(ecg, mask):
    mask = np.zeros(len(ecg.y_train), bool) if mask is None else mask
    with pytest.raises(DatasetError, match="validation_split"):
        subset(ecg, mask)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"groups": [99]}, r"no record \[99\]"),
        ({"groups": []}, "both sides"),
        ({"groups": range(1, 31)}, "both sides"),
        ({"fraction": 0.0}, "between 0 and 1"),
        ({"fraction": 0.99}, "both sides"),
    ],
)
def test_a_split_that_leaves_nothing_is_an_error(ecg, arguments, says):
    with pytest.raises(DatasetError, match=says):
        validation_split(ecg, **arguments)


def test_the_digest_sees_every_array(ecg):
    assert replace(ecg, detail="elsewhere").digest == ecg.digest
    for name in ("x_train", "y_train", "group_train", "x_test", "y_test", "group_test"):
        changed = getattr(ecg, name).copy()
        changed[0] += 1
        assert replace(ecg, **{name: changed}).digest != ecg.digest, name


def test_shown_as_html_it_names_counts_source_and_terms(ecg):
    page = ecg._repr_html_()
    assert "SYNTHETIC" in page and "Synthetic stand-in" in page and "ODC-By" not in page
    real = replace(ecg, source="mirror")._repr_html_()
    assert "SYNTHETIC" not in real and "ODC-By 1.0" in real and "not for medical" in real
    for count in np.bincount(ecg.y_train):
        assert f">{count:,}</td>" in page


@pytest.mark.parametrize("name", sorted(CARDS))
def test_every_card_states_its_facts(name):
    card = CARDS[name]
    assert set(card.files) in ({"train.npz", "test.npz"}, {"train.zip", "test.zip"})
    assert all(len(digest) == 64 and set(digest) <= set("0123456789abcdef") for digest in card.files.values())
    assert len(card.labels) == len(card.label_text) > 1
    assert card.group in {spec.name for spec in card.arrays}
    assert card.licence and card.licence_url.startswith("https://") and card.home.startswith("https://")

"""Metrics against slow, obvious definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdl_course.metrics import cluster_interval, confusion_matrix, macro_f1_interval, score, wilson_interval

LABELS = ("a", "b", "c")
PAIRS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=80)


@settings(max_examples=50, deadline=None)
@given(PAIRS)
def test_a_score_equals_its_definition(pairs):
    truth, predicted = np.array(pairs).T
    result = score(truth, predicted, LABELS)
    assert result.samples == len(pairs)
    assert np.isclose(result.accuracy, np.mean(truth == predicted))
    for label in range(3):
        hits = np.sum((truth == label) & (predicted == label))
        there, called = np.sum(truth == label), np.sum(predicted == label)
        assert result.confusion[label, label] == hits
        assert np.isclose(result.recall[label], hits / there if there else np.nan, equal_nan=True)
        precision, recall = hits / max(called, 1), hits / max(there, 1)
        assert np.isclose(result.f1[label], 2 * precision * recall / (precision + recall) if hits else 0.0)
    assert np.isclose(result.macro_f1, np.mean(result.f1))


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 5000), st.floats(0, 1))
def test_the_wilson_interval_solves_its_equation(total, share):
    hits = round(share * total)
    p, z = hits / total, 1.96
    low, high = wilson_interval(hits, total)
    assert 0 <= low <= p + 1e-12 and p - 1e-12 <= high <= 1
    assert (low == 0) == (hits == 0) and (high == 1) == (hits == total)
    for bound in (low, high):
        if 0 < bound < 1:
            assert np.isclose(abs(p - bound), z * np.sqrt(bound * (1 - bound) / total), atol=1e-9)


def test_scores_count_as_their_largest():
    scores = np.array([[-128, 127, 0], [5, 4, 3]], np.int8)
    assert score(np.array([1, 0]), scores, LABELS).accuracy == 1.0


def test_shown_as_text_and_html_every_class_has_its_row():
    result = score(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2]), LABELS)
    assert "accuracy 0.750 (95 % interval 0.301 to 0.954)" in str(result)
    assert result._repr_html_().count("<tr>") == 4


@pytest.mark.parametrize(
    ("truth", "predicted", "says"),
    [([0, 1], [0], "equally long"), ([], [], "not empty"), ([0, 3], [0, 0], r"0\.\.3"), ([0], [-1], r"-1\.\.-1")],
)
def test_what_cannot_be_counted_is_an_error(truth, predicted, says):
    with pytest.raises(ValueError, match=says):
        confusion_matrix(np.array(truth, int), np.array(predicted, int), 3)


def test_more_hits_than_samples_is_an_error():
    with pytest.raises(ValueError, match="3 hits of 2 samples"):
        wilson_interval(3, 2)
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_groups_whose_samples_agree_count_as_one_sample_each():
    """Copies of a sample add nothing: the interval over groups stays, and is wider than one over samples."""
    random = np.random.default_rng(1)
    one_each = (random.random(30) < 0.7).astype(float)
    values, groups = np.repeat(one_each, 50), np.repeat(np.arange(30), 50)
    few = cluster_interval(one_each, np.arange(30))
    assert cluster_interval(values, groups) == pytest.approx(few)
    low, high = wilson_interval(int(values.sum()), len(values))
    assert few[1] - few[0] > 4 * (high - low)


def test_the_interval_over_groups_covers_about_as_often_as_it_says():
    random = np.random.default_rng(2)
    hits = 0
    for _ in range(200):
        levels = random.normal(0, 1, 40)
        values = (levels[:, None] + random.normal(0, 1, (40, 5))).ravel()
        low, high = cluster_interval(values, np.repeat(np.arange(40), 5), repeats=400)
        hits += low <= 0 <= high
    assert 180 <= hits <= 198


def test_macro_f1_over_groups_by_drawing_the_samples_themselves():
    random = np.random.default_rng(3)
    truth, groups = random.integers(0, 3, 120), random.integers(0, 9, 120)
    predicted = np.where(random.random(120) < 0.7, truth, random.integers(0, 3, 120))
    members = [np.flatnonzero(groups == g) for g in range(9)]
    found = []
    for draw in np.random.default_rng(0).integers(0, 9, (300, 9)):
        at = np.concatenate([members[g] for g in draw])
        found.append(score(truth[at], predicted[at], LABELS).macro_f1)
    expected = tuple(np.quantile(found, [0.025, 0.975]))
    assert macro_f1_interval(truth, predicted, groups, 3, repeats=300) == pytest.approx(expected)


def test_groups_of_another_length_are_refused():
    with pytest.raises(ValueError, match="equally long"):
        cluster_interval(np.ones(3), np.ones(2))

"""The pruning explorer's numbers are those of the masks, and turning a knob changes them."""

import numpy as np
import pytest

from tdl_course.compress import prune
from tdl_course.widgets import PruningExplorer
from tdl_course.widgets.pruning import ALL, EACH, OF_FOUR, PruneSettings, prune_with


@pytest.fixture
def explorer():
    rng = np.random.default_rng(0)
    weights = {"large": rng.normal(size=(1, 1, 8, 10)), "small": 0.1 * rng.normal(size=(20, 6))}

    def accuracy(candidate):
        return float(np.mean([np.count_nonzero(w) / w.size for w in candidate.values()]))

    return PruningExplorer(weights, accuracy)


def test_moving_the_slider_redraws_with_fewer_weights_and_a_new_accuracy(explorer):
    before = explorer.view.value
    assert "100 of 200 weights are left (50% sparse)" in before
    explorer.sparsity.value = 0.9
    assert "20 of 200 weights are left (90% sparse)" in explorer.view.value
    assert "unpruned 100.0%" in explorer.view.value


def test_rules_differ_in_who_pays(explorer):
    shares = {
        rule: [prune.sparsity(w) for w in prune_with(explorer.weights, PruneSettings(0.5, rule)).values()]
        for rule in (ALL, EACH, OF_FOUR)
    }
    assert shares[ALL][0] < 0.2 < 0.7 < shares[ALL][1]
    assert shares[EACH] == [0.5, 0.5]
    assert shares[OF_FOUR] == [0.5, 0.5]


def test_a_kernel_that_has_no_groups_of_four_stays():
    odd = {"odd": np.ones((6, 3), np.float32)}
    assert prune_with(odd, PruneSettings(0.5, OF_FOUR))["odd"].all()


def test_nothing_goes_at_zero_whatever_the_rule(explorer):
    for rule in (ALL, EACH, OF_FOUR):
        pruned = prune_with(explorer.weights, PruneSettings(0.0, rule))
        assert all(np.array_equal(pruned[name], w) for name, w in explorer.weights.items())


def test_scores_are_computed_once_a_setting(explorer):
    calls = []
    explorer.accuracy = lambda weights: calls.append(1) or 0.5
    for value in (0.7, 0.8, 0.7):
        explorer.sparsity.value = value
    assert len(calls) == 2


def test_a_failure_is_shown_in_the_box(explorer):
    explorer.accuracy = lambda weights: 1 / 0
    explorer.sparsity.value = 0.25
    assert "division by zero" in explorer.view.value

"""The distillation explorer's numbers are those of the loss, and turning a knob changes them."""

import numpy as np
import pytest

from tdl_course.compress.soft_targets import distillation_loss, softmax
from tdl_course.widgets import DistillationExplorer

LABELS = ("well", "ill", "other")


@pytest.fixture
def explorer():
    random = np.random.default_rng(0)
    teacher, student = (softmax(random.normal(0, 3, (4, 3))) for _ in range(2))
    return DistillationExplorer(teacher, student, np.array([0, 1, 2, 1]), LABELS, random.random((4, 8, 16, 3)))


def test_both_parts_add_up_to_the_loss_of_the_sample(explorer):
    for sample, temperature, weight in ((0, 1.0, 0.0), (1, 4.0, 0.5), (3, 20.0, 1.0)):
        explorer.sample.value, explorer.temperature.value, explorer.weight.value = sample, temperature, weight
        at = slice(sample, sample + 1)
        expected = distillation_loss(
            explorer.student[at], explorer.teacher[at], explorer.truth[at], temperature, weight
        )
        assert sum(explorer.losses()) == pytest.approx(expected)
        assert f"of the loss {expected:.3f}" in explorer.view.value


def test_a_higher_temperature_raises_the_entropy(explorer):
    def entropy():
        return float(explorer.view.value.split("entropy of ")[1].split(" bits")[0])

    explorer.temperature.value = 1.0
    cold = entropy()
    explorer.temperature.value = 20.0
    assert cold < entropy() <= np.log2(3) + 0.01


def test_parts_of_different_lengths_are_refused(explorer):
    with pytest.raises(ValueError, match="4, 4, 3, 4 samples"):
        DistillationExplorer(explorer.teacher, explorer.student, explorer.truth[:3], LABELS, explorer.images)


def test_a_failure_is_shown_in_the_box(explorer):
    explorer.truth = np.array([9, 9, 9, 9])
    explorer.sample.value = 1
    assert "out of bounds" in explorer.view.value

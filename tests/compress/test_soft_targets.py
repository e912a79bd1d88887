"""Soft targets: the gradient of the hint against central differences, and what a second choice is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdl_course.compress import soft_targets


@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 5), st.integers(0, 100))
def test_the_gradient_of_a_hint_is_the_slope_of_its_loss(n, narrow, wide, seed):
    random = np.random.default_rng(seed)
    student, teacher, projection = (random.normal(size=s) for s in ((n, narrow), (n, wide), (narrow, wide)))
    _, gradient = soft_targets.hint_loss(student, teacher, projection)
    for place in np.ndindex(n, narrow):
        step = np.zeros_like(student)
        step[place] = 1e-4
        up, down = (soft_targets.hint_loss(student + move, teacher, projection)[0] for move in (step, -step))
        assert gradient[place] == pytest.approx((up - down) / 2e-4, abs=1e-6)


@given(st.integers(2, 6), st.integers(1, 30), st.integers(0, 100))
def test_the_second_choice_is_never_the_true_class(classes, n, seed):
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, n)
    shares = soft_targets.runner_up(soft_targets.softmax(random.normal(size=(n, classes))), labels)
    assert not np.diag(shares).any()
    np.testing.assert_allclose(shares.sum(axis=1), np.isin(np.arange(classes), labels))


@given(st.floats(0.1, 100))
def test_both_parts_of_the_loss_make_the_whole(temperature):
    random = np.random.default_rng(0)
    student, teacher = (soft_targets.softmax(random.normal(size=(6, 4))) for _ in range(2))
    hard, soft = soft_targets.loss_parts(student, teacher, np.arange(6) % 4, temperature)
    whole = soft_targets.distillation_loss(student, teacher, np.arange(6) % 4, temperature, 0.3)
    assert whole == pytest.approx(float(np.mean(0.7 * hard + 0.3 * temperature**2 * soft)))

"""Mixed precision: the allocation fits, is what brute force finds where that is possible, and says when it cannot."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdl_course.compress.mixed import allocate_bits, sensitivity, weight_bytes

NAMES = ("first", "second", "third")
CHOICES = (8, 4, 2)


@st.composite
def problems(draw):
    sizes = {name: draw(st.integers(1, 5000)) for name in NAMES}
    losses = {
        name: dict(zip(CHOICES, sorted(draw(st.lists(st.floats(0, 5), min_size=3, max_size=3))), strict=True))
        for name in NAMES
    }
    least = weight_bytes(sizes, dict.fromkeys(NAMES, 2))
    return losses, sizes, draw(st.integers(least, 2 * least + weight_bytes(sizes, dict.fromkeys(NAMES, 8))))


@given(problems())
def test_the_allocation_fits_and_one_step_earlier_did_not(problem):
    losses, sizes, budget = problem
    bits = allocate_bits(losses, sizes, budget)
    assert weight_bytes(sizes, bits) <= budget and set(bits) == set(NAMES) and set(bits.values()) <= set(CHOICES)
    higher = {2: 4, 4: 8}
    if any(b < 8 for b in bits.values()):
        before = [{**bits, name: higher[b]} for name, b in bits.items() if b < 8]
        assert any(weight_bytes(sizes, each) > budget for each in before)
    else:
        assert weight_bytes(sizes, dict.fromkeys(NAMES, 8)) <= budget


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.integers(0, 3))
def test_layers_of_one_size_are_lowered_in_the_order_of_their_losses(rises, lowered):
    sizes, losses = dict.fromkeys(NAMES, 100), {name: {8: 1.0, 4: 1 + r} for name, r in zip(NAMES, rises, strict=True)}
    budget = 300 - 50 * lowered
    found = sum(losses[name][b] for name, b in allocate_bits(losses, sizes, budget).items())
    ways = [dict(zip(NAMES, bits, strict=True)) for bits in product((8, 4), repeat=3)]
    fitting = [bits for bits in ways if weight_bytes(sizes, bits) <= budget]
    best = min(sum(losses[name][b] for name, b in bits.items()) for bits in fitting)
    assert found == pytest.approx(best)


def test_loss_counts_for_each_byte_that_is_saved():
    losses = {"large": {8: 0.0, 4: 0.4}, "small": {8: 0.0, 4: 0.1}}
    assert allocate_bits(losses, {"large": 1000, "small": 10}, 1005) == {"large": 4, "small": 8}


def test_sensitivity_asks_for_one_layer_at_a_time():
    found = sensitivity(["a", "b"], [4, 2], lambda bits: sum((8 - b) * len(name) for name, b in bits.items()))
    assert found == {"a": {4: 4, 2: 6}, "b": {4: 4, 2: 6}}


def test_a_budget_that_is_too_small_and_layers_that_differ_are_refused():
    losses = {"a": {8: 0.0, 4: 1.0}}
    with pytest.raises(ValueError, match="take 50 bytes; the budget is 49"):
        allocate_bits(losses, {"a": 100}, 49)
    with pytest.raises(ValueError, match="losses of a; sizes of b"):
        allocate_bits(losses, {"b": 100}, 49)

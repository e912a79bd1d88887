"""Fixed-point arithmetic against exact rationals, and its C twin against it over the whole int32 range."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from host_kernels import call_shim
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tdl_course.ops.fixed_point import (
    activation_range,
    divide_by_power_of_two,
    multiply_by_quantized_multiplier,
    multiply_high,
    quantize_multiplier,
)

INT32 = st.integers(-(2**31), 2**31 - 1)
EDGES = np.array([-(2**31), 1 - 2**31, -(2**30), -3, -2, -1, 0, 1, 2, 3, 2**30 - 1, 2**30, 2**31 - 2, 2**31 - 1])


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def half_away(value: Fraction) -> int:
    return half_up(value) if value >= 0 else -half_up(-value)


@given(st.floats(1e-8, 1e8))
def test_a_multiplier_has_31_significant_bits(real: float) -> None:
    multiplier, shift = quantize_multiplier(real)
    assert 2**30 <= multiplier < 2**31
    assert abs(Fraction(multiplier) * Fraction(2) ** (shift - 31) / Fraction(real) - 1) <= Fraction(1, 2**31)


@pytest.mark.parametrize(
    ("real", "expected"),
    [
        (0.0, (0, 0)),
        (1.0, (2**30, 1)),
        (0.5, (2**30, 0)),
        (1 - 2.0**-40, (2**30, 1)),  # rounds up to 2**31, so halved, with one more shift
        (2.0**-32, (2**30, -31)),  # the smallest one kept
        (2.0**-33, (0, 0)),
    ],
)
def test_corner_cases_of_a_multiplier(real: float, expected: tuple[int, int]) -> None:
    assert quantize_multiplier(real) == expected


@pytest.mark.parametrize("real", [-1.0, float("nan"), float("inf")])
def test_no_multiplier_for_what_is_no_ratio_of_scales(real: float) -> None:
    with pytest.raises(ValueError, match="finite and not negative"):
        quantize_multiplier(real)


@given(INT32, INT32)
@example(-(2**31), -(2**31))
def test_multiply_high_rounds_half_up_and_saturates(a: int, b: int) -> None:
    assert multiply_high(a, b) == min(half_up(Fraction(a * b, 2**31)), 2**31 - 1)


@given(INT32, st.integers(0, 31))
def test_division_rounds_half_away_from_zero(x: int, exponent: int) -> None:
    assert divide_by_power_of_two(x, exponent) == half_away(Fraction(x, 2**exponent))


@given(INT32, st.integers(0, 2**31 - 1), st.integers(-31, 0))
def test_a_right_shift_rounds_twice(x: int, multiplier: int, shift: int) -> None:
    high = half_up(Fraction(x * multiplier, 2**31))
    assert multiply_by_quantized_multiplier(x, multiplier, shift) == half_away(Fraction(high, 2**-shift))


@given(INT32, st.integers(0, 2**31 - 1), st.integers(1, 31))
def test_a_left_shift_wraps_at_32_bits(x: int, multiplier: int, shift: int) -> None:
    wrapped = (x * 2**shift + 2**31) % 2**32 - 2**31
    assert multiply_by_quantized_multiplier(x, multiplier, shift) == half_up(Fraction(wrapped * multiplier, 2**31))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_c_scales_as_numpy_does(seed: int) -> None:
    """100,000 random triples a time, with every pair of edges among them."""
    rng = np.random.default_rng(seed)
    count = 100_000
    x = rng.integers(-(2**31), 2**31, count)
    small = rng.random(count) < 0.3
    x[small] >>= rng.integers(1, 31, small.sum())
    x[: len(EDGES) ** 2] = np.repeat(EDGES, len(EDGES))
    multiplier = rng.integers(2**30, 2**31, count)
    multiplier[: len(EDGES) ** 2] = np.tile(np.abs(EDGES), len(EDGES)) % 2**31
    shift = rng.integers(-31, 32, count)
    expected = multiply_by_quantized_multiplier(x.astype(np.int32), multiplier.astype(np.int32), shift.astype(np.int32))
    np.testing.assert_array_equal(call_shim("scale", x, multiplier, shift), expected)


def test_c_multiplies_and_divides_as_numpy_does() -> None:
    rng = np.random.default_rng(0)
    random = rng.integers(-(2**31), 2**31, (2, 200_000))
    a, b = np.concatenate([random, np.stack(np.meshgrid(EDGES, EDGES)).reshape(2, -1)], axis=1)
    np.testing.assert_array_equal(call_shim("multiply_high", a, b), multiply_high(a, b))
    exponent = rng.integers(0, 32, len(a))
    np.testing.assert_array_equal(call_shim("divide", a, exponent), divide_by_power_of_two(a, exponent))


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("NONE", (-128, 127)),
        ("RELU", (-28, 127)),
        ("RELU6", (-28, 92)),
        ("RELU_N1_TO_1", (-48, -8)),
    ],
)
def test_bounds_of_fused_activations(activation: str, expected: tuple[int, int]) -> None:
    assert activation_range(activation, 0.05, -28) == expected


def test_bounds_stay_in_int8() -> None:
    assert activation_range("RELU6", 0.01, -128) == (-128, 127)
    assert activation_range("RELU_N1_TO_1", 0.001, 0) == (-128, 127)


def test_an_unknown_activation_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'TANH' is not supported; use one of NONE, RELU"):
        activation_range("TANH", 0.05, 0)

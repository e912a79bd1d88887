"""The from-scratch quantizer: error bounds, exact zero, saturation, integer requantization against real arithmetic."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdl_course import compress
from tdl_course.compress.quantize import METHODS

reals = st.floats(-1e4, 1e4, allow_nan=False, width=32).map(lambda value: 0.0 if abs(value) < 1e-30 else value)


@st.composite
def ranges(draw):
    a, b = draw(reals), draw(reals)
    return min(a, b), max(a, b)


@given(ranges(), st.integers(2, 16))
def test_zero_is_exact_and_the_range_is_covered(limits, bits):
    scale, zero_point = compress.affine_params(*limits, bits=bits)
    low, high = compress.integer_range(bits)
    assert low <= zero_point <= high
    assert compress.fake_quantize(np.zeros(1), scale, zero_point, bits)[0] == 0.0
    if max(map(abs, limits)) > 0:
        assert scale * (low - zero_point) <= min(limits[0], 0) + scale
        assert scale * (high - zero_point) >= max(limits[1], 0) - scale


@given(ranges(), st.integers(3, 16), st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_error_inside_the_range_is_at_most_one_step(limits, bits, fractions):
    scale, zero_point = compress.affine_params(*limits, bits=bits)
    low, high = min(limits[0], 0.0), max(limits[1], 0.0)
    values = low + np.array(fractions) * (high - low)
    error = np.abs(compress.fake_quantize(values, scale, zero_point, bits) - values)
    assert (error <= scale * 1.001 + 1e-3 * np.abs(values)).all()


@pytest.mark.parametrize("axis", [None, 2])
@given(bits=st.integers(2, 16), seed=st.integers(0, 2**32 - 1))
def test_weights_are_off_by_at_most_half_a_step_of_their_own_scale(axis, bits, seed):
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(3, 2, 4)) * rng.uniform(0.01, 10, size=4)
    q, quantization = compress.quantize_weights(weights, bits, axis)
    _, high = compress.integer_range(bits, narrow=True)
    assert np.abs(q.astype(int)).max() == high
    scale = np.array(quantization.scale).reshape((1, 1, -1))
    largest = np.abs(weights).max(axis=(0, 1) if axis == 2 else None)
    np.testing.assert_allclose(scale.ravel(), largest.ravel() / high)
    assert (np.abs(compress.dequantize(q, scale, 0) - weights) <= scale * 0.501 + 1e-6).all()


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_scales_lie_along_the_named_axis(axis):
    weights = np.arange(1, 13, dtype=float).reshape(3, 4)
    q, quantization = compress.quantize_weights(weights, 8, axis)
    assert len(quantization.scale) == weights.shape[axis]
    assert (np.abs(q).max(axis=1 - (axis % 2)) == 127).all()


def test_clipped_ranges_ignore_outliers_and_mse_is_never_worse_than_minmax():
    rng = np.random.default_rng(0)
    values = np.append(rng.normal(size=20_000), [40.0, -55.0])
    found = {method: compress.calibrate(values, method, bits=4) for method in METHODS}
    assert found["minmax"] == (-55.0, 40.0)
    assert found["percentile"][1] < 5
    errors = {}
    for method, limits in found.items():
        scale, zero_point = compress.affine_params(*limits, bits=4)
        errors[method] = np.mean((compress.fake_quantize(values, scale, zero_point, 4) - values) ** 2)
    assert errors["mse"] <= errors["minmax"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: compress.affine_params(1.0, -1.0), "r_min <= r_max"),
        (lambda: compress.affine_params(0.0, float("nan")), "finite"),
        (lambda: compress.calibrate(np.array([])), "0 values"),
        (lambda: compress.calibrate(np.ones(3), "median"), "percentile"),
        (lambda: compress.integer_range(1), "2 to 16"),
    ],
)
def test_bad_arguments_are_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()


@given(st.floats(1e-6, 100.0), st.integers(-(2**20), 2**20))
def test_multiplier_and_shift_stand_for_the_real_factor(real, accumulator):
    multiplier, shift = compress.quantize_multiplier(real)
    exact = multiplier * 2.0 ** (shift - 31)
    assert exact == pytest.approx(real, rel=2**-30)
    expected = np.clip(np.rint(accumulator * real), -128, 127)
    assert abs(int(compress.requantize(np.array([accumulator]), multiplier, shift, 0)[0]) - expected) <= 1


@given(st.integers(0, 2**32 - 1))
def test_integer_dense_layer_stays_within_one_step_of_the_real_one(seed):
    rng = np.random.default_rng(seed)
    x_scale, x_zero = 0.02, 5
    x = rng.integers(-128, 128, (4, 16)).astype(np.int8)
    weights = rng.normal(size=(3, 16))
    q, quantization = compress.quantize_weights(weights, 8, 0)
    scales = np.array(quantization.scale)
    bias = rng.integers(-500, 500, 3).astype(np.int32)
    real = compress.dequantize(x, x_scale, x_zero) @ (q * scales[:, None]).T + bias * x_scale * scales
    y_scale, y_zero = compress.affine_params(real.min(), real.max())
    pairs = [compress.quantize_multiplier(x_scale * s / y_scale) for s in scales]
    multiplier, shift = (np.array(column) for column in zip(*pairs, strict=True))
    y = compress.dense_int8(x, q, bias, x_zero, multiplier, shift, y_zero)
    assert np.abs(compress.dequantize(y, y_scale, y_zero) - real).max() <= 1.01 * y_scale


def test_signal_to_noise():
    real = np.array([1.0, -1.0])
    assert compress.signal_to_noise_db(real, real) == float("inf")
    assert compress.signal_to_noise_db(real, real * 0.9) == pytest.approx(20.0)

"""Lesson 02's checks against answers as learners write them, not as the checks' own wrong functions do."""

import numpy as np
import pytest

from tdl_course import checks


def right(r_min, r_max):
    low, high = np.minimum(r_min, 0), np.maximum(r_max, 0)
    scale = (high - low) / np.float64(255)
    return scale, np.round(127 - high / scale).astype(np.int32)


def zero_outside(r_min, r_max):
    step = (r_max - r_min) / (127 + 128)
    return step, min(127, max(-128, int(np.rint(127 - r_max / step))))


def two_to_the_eight(r_min, r_max):
    step = (max(0, r_max) - min(0, r_min)) / 2**8
    return step, round(-min(0, r_min) / step) - 128


def float_zero_point(r_min, r_max):
    step = (max(0, r_max) - min(0, r_min)) / 255
    return [step, -min(0, r_min) / step - 128]


def plus_r_min(r_min, r_max):
    low = min(0, r_min)
    step = (max(0, r_max) - low) / 255
    return step, max(round(low / step) - 128, -128)


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (zero_outside, "range not widened"),
        (two_to_the_eight, "256 steps"),
        (float_zero_point, "zero point not rounded"),
        (plus_r_min, "sign of the zero point"),
    ],
)
def test_affine_params_recognises(answer, misconception):
    result = checks.affine_params(answer)
    assert (result.state, result.misconception) == ("wrong", misconception)


def test_affine_params_accepts_numpy_numbers():
    assert checks.affine_params(right).state == "correct"


def rounded_by_adding_half(real, scale, zero_point):
    return np.minimum(127, np.maximum(-128, np.floor(real / scale + 0.5) + zero_point)).astype("int8")


def cast_at_once(real, scale, zero_point):
    return np.array([max(-128, min(127, int(r / scale + zero_point))) for r in real], np.int8)


def no_limits(real, scale, zero_point):
    return np.round(real / scale + zero_point).astype(np.int32).astype(np.int8)


def zero_point_on_the_wrong_side(real, scale, zero_point):
    return np.clip(np.round(real / scale - zero_point), -128, 127).astype(np.int8)


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (cast_at_once, "cut off instead of rounded"),
        (no_limits, "wraps round"),
        (zero_point_on_the_wrong_side, "zero point subtracted"),
    ],
)
def test_quantize_recognises(answer, misconception):
    assert checks.quantize(answer).misconception == misconception


def test_quantize_accepts_another_way_and_wants_int8():
    assert checks.quantize(rounded_by_adding_half).state == "correct"
    wide = checks.quantize(lambda *a: rounded_by_adding_half(*a).astype(np.int64))
    assert wide.state == "wrong" and "int8 is expected" in wide.message


def test_dequantize_recognises_what_int8_arithmetic_does():
    def narrow(q, scale, zero_point):
        return (q - np.array(zero_point, np.int8)) * scale

    assert checks.dequantize(narrow).misconception == "int8 overflow"
    assert checks.dequantize(lambda q, s, z: s * q.astype(float) - z).misconception == "zero point not scaled"
    assert checks.dequantize(lambda q, s, z: (q.astype(float) - z) * s).state == "correct"


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (lambda v, p: (np.quantile(v, 1 - p / 100), np.quantile(v, p / 100)), "tails not halved"),
        (lambda v, p: (-np.percentile(abs(v), p), np.percentile(abs(v), p)), "sign ignored"),
        (lambda v, p: (v.min(), np.percentile(v, p)), "one end only"),
    ],
)
def test_percentile_range_recognises(answer, misconception):
    assert checks.percentile_range(answer).misconception == misconception


def test_percentile_range_accepts_quantiles_as_an_array():
    assert checks.percentile_range(lambda v, p: np.quantile(v, [0.5 - p / 200, 0.5 + p / 200])).state == "correct"


@pytest.mark.parametrize(
    ("scale_of", "misconception"),
    [
        (lambda w: np.abs(w).max() / 127 * np.ones(w.shape[1]), "one scale for all"),
        (lambda w: np.max(w, axis=0) / 127, "negative weights forgotten"),
        (lambda w: np.abs(w).max(axis=0) / 128, "divided by 128"),
        (lambda w: np.abs(w).max(axis=1) / 127, "wrong axis"),
    ],
)
def test_quantize_per_channel_recognises(scale_of, misconception):
    def answer(weights):
        scales = scale_of(weights)
        columns = scales if len(scales) == weights.shape[1] else scales[:, None]
        return np.round(weights / columns).clip(-127, 127).astype(np.int8), scales

    assert checks.quantize_per_channel(answer).misconception == misconception


def columns(weights, axis=0, keep=False, rounding=np.round, statistic=np.max, steps=127):
    scales = statistic(np.abs(weights), axis=axis, keepdims=keep) / steps
    return np.minimum(127, np.maximum(-127, rounding(weights / scales))).astype(np.int8), scales


@pytest.mark.parametrize(
    ("slip", "misconception"),
    [
        ({"axis": 1}, "along the rows, scales not fitted"),
        ({"axis": 1, "keep": True}, "along the rows, axis kept"),
        ({"axis": None}, "one number as the scale"),
        ({"rounding": np.fix}, "cut off instead of rounded"),
        ({"rounding": np.floor}, "rounded down"),
        ({"statistic": np.mean}, "mean instead of maximum"),
        ({"steps": 127.5}, "255 steps for both sides"),
        ({"steps": 255}, "255 steps for one side"),
    ],
)
def test_quantize_per_channel_recognises_axes_and_roundings(slip, misconception):
    assert checks.quantize_per_channel(columns).state == "correct"
    assert checks.quantize_per_channel(lambda w: columns(w, **slip)).misconception == misconception


def test_quantize_per_channel_recognises_a_scale_upside_down():
    upside_down = checks.quantize_per_channel(lambda w: (columns(w)[0], 127 / abs(w).max(axis=0)))
    assert upside_down.misconception == "scale upside down"


def python_integers(accumulator, multiplier, shift, zero_point):
    def one(a, m, k):
        high = (a * m + 2**30) // 2**31
        nearest = (abs(high) * 2 + 2**-k) // (2 * 2**-k)
        return max(-128, min(127, (nearest if high >= 0 else -nearest) + zero_point))

    lists = (x.tolist() for x in np.broadcast_arrays(accumulator, multiplier, shift))
    rows = [np.ravel(x).tolist() for x in lists]
    return np.array([one(*args) for args in zip(*rows, strict=True)], np.int8).reshape(np.shape(accumulator))


def test_requantize_accepts_python_integers_and_recognises_other_roundings():
    assert checks.requantize(python_integers).state == "correct"

    def in_float(a, m, k, z):
        return np.clip(np.round(a * (m / 2**31) * 2.0**k) + z, -128, 127).astype(np.int8)

    def bare_shift(a, m, k, z):
        high = (a.astype(np.int64) * m + 2**30) // 2**31
        return np.clip(high // 2 ** (-np.asarray(k)) + z, -128, 127).astype(np.int8)

    def numpy_round(a, m, k, z):
        high = (a.astype(np.int64) * m + 2**30) // 2**31
        return np.clip(np.round(high / 2.0 ** (-np.asarray(k))) + z, -128, 127).astype(np.int8)

    assert checks.requantize(numpy_round).misconception == "np.round in the second step"
    assert checks.requantize(in_float).misconception == "floating point"
    assert checks.requantize(bare_shift).misconception == "second step rounded down"


def in_two_steps(a, m, k, z, half=2**30, round_first=None, end=-128):
    product, right = a.astype(np.int64) * m, -np.asarray(k, np.int64)
    high = (product + half) // 2**31 if round_first is None else round_first(product / 2**31).astype(np.int64)
    nearest = np.sign(high) * ((2 * np.abs(high) + 2**right) // (2 * 2**right))
    return np.clip(nearest + z, end, 127).astype(np.int8)


@pytest.mark.parametrize(
    ("slip", "misconception"),
    [
        ({"half": 0}, "first step without its half"),
        ({"half": 2**31}, "first step adds too much"),
        ({"round_first": np.round}, "np.round in the first step"),
        ({"end": -127}, "clipped at -127"),
    ],
)
def test_requantize_recognises_slips_of_the_first_step(slip, misconception):
    assert checks.requantize(in_two_steps).state == "correct"
    assert checks.requantize(lambda *a: in_two_steps(*a, **slip)).misconception == misconception


@pytest.mark.parametrize(
    ("second", "misconception"),
    [
        (lambda h, k: h * 2**-k, "shifted to the left"),
        (lambda h, k: h, "second step left out"),
        (lambda h, k: (h / 2.0**-k).astype(np.int64), "second step cut off"),
        (lambda h, k: np.sign(h) * ((abs(h) + 2**-k) // 2**-k), "whole divisor added"),
    ],
)
def test_requantize_recognises_slips_of_the_second_step(second, misconception):
    def answer(a, m, k, z):
        t = second((a.astype(np.int64) * m + 2**30) // 2**31, np.asarray(k, np.int64))
        return np.clip(t + z, -128, 127).astype(np.int8)

    assert checks.requantize(answer).misconception == misconception
    minus = checks.requantize(lambda a, m, k, z: in_two_steps(a, m, k, -z))
    assert minus.misconception == "zero point subtracted"


def test_dense_int8_recognises_what_is_missing():
    def dense(x, w, b, x_zero, m, k, y_zero, keep_zero=True, keep_bias=True):
        x = x.astype(np.int64) - (x_zero if keep_zero else 0)
        total = np.einsum("bi,oi->bo", x, w.astype(np.int64)) + (b if keep_bias else 0)
        return python_integers(total, m, k, y_zero)

    assert checks.dense_int8(dense).state == "correct"
    assert checks.dense_int8(lambda *a: dense(*a, keep_zero=False)).misconception == "input zero point forgotten"
    assert checks.dense_int8(lambda *a: dense(*a, keep_bias=False)).misconception == "bias forgotten"

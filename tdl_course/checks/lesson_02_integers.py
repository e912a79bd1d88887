"""The checks of lesson 02, exercises 2.6 and 2.7: int32 accumulators to int8, and a dense layer without floating point.

The reference answers are the library's own functions, which equal TensorFlow Lite for Microcontrollers bit for bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tdl_course import compress
from tdl_course.checks.framework import Check, Misconception

Integers = Any  # an int or an integer array, as NumPy's operators take either


def _saturate(values: np.ndarray) -> np.ndarray:
    return np.clip(values, -128, 127).astype(np.int8)


def _multiply_high(accumulator: np.ndarray, multiplier: Integers) -> np.ndarray:
    return (accumulator.astype(np.int64) * multiplier + (1 << 30)) >> 31


def _divide(high: np.ndarray, shift: Integers) -> np.ndarray:
    right = -np.asarray(shift, np.int64)
    return np.sign(high) * ((np.abs(high) + ((np.int64(1) << right) >> 1)) >> right)


def _in_float(accumulator: np.ndarray, multiplier: Integers, shift: Integers, zero_point: int) -> np.ndarray:
    real = np.asarray(multiplier) * 2.0 ** (np.asarray(shift) - 31)
    return _saturate(np.rint(accumulator * real) + zero_point)


def _rounded_once(accumulator: np.ndarray, multiplier: Integers, shift: Integers, zero_point: int) -> np.ndarray:
    right = 31 - np.asarray(shift, np.int64)
    product = accumulator.astype(np.int64) * multiplier
    return _saturate(((product + (np.int64(1) << (right - 1))) >> right) + zero_point)


def _shifted_down(accumulator: np.ndarray, multiplier: Integers, shift: Integers, zero_point: int) -> np.ndarray:
    high = _multiply_high(accumulator, multiplier)
    return _saturate((high >> -np.asarray(shift, np.int64)) + zero_point)


def _halves_up(accumulator: np.ndarray, multiplier: Integers, shift: Integers, zero_point: int) -> np.ndarray:
    right = -np.asarray(shift, np.int64)
    high = _multiply_high(accumulator, multiplier)
    return _saturate(((high + ((np.int64(1) << right) >> 1)) >> right) + zero_point)


def _narrow_product(accumulator: np.ndarray, multiplier: Integers, shift: Integers, zero_point: int) -> np.ndarray:
    product = (accumulator.astype(np.int64) * multiplier).astype(np.int32)
    return _saturate(_divide((product.astype(np.int64) + (1 << 30)) >> 31, shift) + zero_point)


def _not_saturated(accumulator: np.ndarray, multiplier: Integers, shift: Integers, zero_point: int) -> np.ndarray:
    return (_divide(_multiply_high(accumulator, multiplier), shift) + zero_point).astype(np.int8)


def _zero_point_after(accumulator: np.ndarray, multiplier: Integers, shift: Integers, zero_point: int) -> np.ndarray:
    clipped = np.clip(_divide(_multiply_high(accumulator, multiplier), shift), -128, 127)
    return (clipped + zero_point).astype(np.int8)


def _zero_point_first(accumulator: np.ndarray, multiplier: Integers, shift: Integers, zero_point: int) -> np.ndarray:
    return _saturate(_divide(_multiply_high(accumulator + zero_point, multiplier), shift))


def _no_zero_point(accumulator: np.ndarray, multiplier: Integers, shift: Integers, zero_point: int) -> np.ndarray:
    return _saturate(_divide(_multiply_high(accumulator, multiplier), shift))


_small = np.arange(-21, 22, dtype=np.int32)
_large = np.linspace(-60_000, 60_000, 41).astype(np.int32)
_quarter = (1 << 30, -1)
_typical = compress.quantize_multiplier(0.0073)
_fine = compress.quantize_multiplier(0.0731)
_channels = np.array([compress.quantize_multiplier(m) for m in (0.0031, 0.25, 0.0007)])


def _whole_divisor(accumulator: np.ndarray, multiplier: Integers, shift: Integers, zero_point: int) -> np.ndarray:
    high, right = _multiply_high(accumulator, multiplier), -np.asarray(shift, np.int64)
    return _saturate(np.sign(high) * ((np.abs(high) + (np.int64(1) << right)) >> right) + zero_point)


requantize = Check(
    name="requantize",
    exercise="2.6",
    reference=compress.requantize,
    cases=(
        (_small, *_quarter, 0),
        (_small, *_quarter, -3),
        (_large, *_typical, 11),
        (np.arange(-800, 801, dtype=np.int32), *_fine, -60),
        (_large[:39].reshape(13, 3), _channels[:, 0], _channels[:, 1], -128),
    ),
    misconceptions=(
        Misconception(
            "floating point",
            "Floating point rounds once, and np.rint rounds halves to even: 2.5 becomes 2. The chip rounds twice, in "
            "integers. Follow the three steps with >>, no real number in between.",
            _in_float,
        ),
        Misconception(
            "rounded once",
            "One shift by 31 - k rounds once. TensorFlow Lite rounds after the multiplication and again after the "
            "shift: do it in two steps, and the ties will agree.",
            _rounded_once,
        ),
        Misconception(
            "second step rounded down",
            "A bare >> rounds down: -5 >> 1 is -3 and 5 >> 1 is 2. Step 2 rounds to the nearest: add half of the "
            "divisor to the absolute value, shift that, and give the sign back.",
            _shifted_down,
        ),
        Misconception(
            "negative halves rounded up",
            "Step 2 rounds halves away from zero, so -2.5 becomes -3; adding half and shifting gives -2. Work with "
            "the absolute value, then give the sign back.",
            _halves_up,
        ),
        Misconception(
            "product overflows",
            "An int32 accumulator times a 31-bit multiplier does not fit into 32 bits. Widen first: "
            "accumulator.astype(np.int64).",
            _narrow_product,
        ),
        Misconception(
            "not saturated",
            "Large accumulators wrap round in int8. Clip to -128 ... 127 before you convert.",
            _not_saturated,
        ),
        Misconception(
            "zero point after saturation",
            "The zero point moves saturated values out of the range again, where they wrap. Add it first, clip last.",
            _zero_point_after,
        ),
        Misconception(
            "zero point scaled",
            "The output's zero point counts in the output's steps. Add it after the multiplication, not before.",
            _zero_point_first,
        ),
        Misconception(
            "zero point forgotten",
            "A sum of zero must become the integer that stands for zero in the next layer: add the zero point.",
            _no_zero_point,
        ),
        Misconception(
            "np.round in the second step",
            "np.round and np.rint round halves to *even*: 2.5 becomes 2. Step 2 rounds halves away from zero, in "
            "integers: add half of the divisor to the absolute value, shift, and give the sign back.",
            lambda a, m, k, z: _saturate(np.rint(_multiply_high(a, m) / 2.0 ** -np.asarray(k)) + z),
        ),
        Misconception(
            "np.round in the first step",
            "np.round and np.rint round halves to *even*. Step 1 adds 2^30 and shifts right by 31, so that halves "
            "go up.",
            lambda a, m, k, z: _saturate(_divide(np.rint(a * (m / 2.0**31)).astype(np.int64), k) + z),
        ),
        Misconception(
            "first step without its half",
            "A bare >> 31 rounds down. Step 1 rounds to the nearest: add half of the divisor, 1 << 30, before you "
            "shift.",
            lambda a, m, k, z: _saturate(_divide(a.astype(np.int64) * m >> 31, k) + z),
        ),
        Misconception(
            "first step adds too much",
            "Half of 2^31 is 2^30. With 1 << 31 everything becomes one larger than rounded down.",
            lambda a, m, k, z: _saturate(_divide((a.astype(np.int64) * m >> 31) + 1, k) + z),
        ),
        Misconception(
            "shifted to the left",
            "k is negative and stands for a division: shift *right* by -k places.",
            lambda a, m, k, z: _saturate((_multiply_high(a, m) << -np.asarray(k, np.int64)) + z),
        ),
        Misconception(
            "second step left out",
            "After step 1 the number is still to be divided by 2^(-k): that is step 2.",
            lambda a, m, k, z: _saturate(_multiply_high(a, m) + z),
        ),
        Misconception(
            "second step cut off",
            "The division drops what is behind the point. Step 2 rounds to the nearest: add half of the divisor "
            "to the absolute value before you shift.",
            lambda a, m, k, z: _saturate(np.trunc(_multiply_high(a, m) / 2.0 ** -np.asarray(k)) + z),
        ),
        Misconception(
            "whole divisor added",
            "Half of the divisor 2^(-k) makes >> round to the nearest. You added all of it: 1 << (-k) is twice as "
            "much.",
            _whole_divisor,
        ),
        Misconception(
            "zero point subtracted",
            "The zero point is added here: an accumulator of 0 must become the integer that stands for zero.",
            lambda a, m, k, z: _saturate(_divide(_multiply_high(a, m), k) - z),
        ),
        Misconception(
            "clipped at -127",
            "Weights leave -128 out; activations use it. Clip to -128 ... 127.",
            lambda a, m, k, z: np.maximum(compress.requantize(a, m, k, z), np.int8(-127)),
        ),
    ),
    meaning="Every rounding is where TensorFlow Lite has it, so bytes can be compared for equality.",
)


def _centered(x: np.ndarray, zero_point: int) -> np.ndarray:
    return x.astype(np.int32) - zero_point


def _wide(weights: np.ndarray) -> np.ndarray:
    return weights.astype(np.int32).T


def _input_zero_point_forgotten(x, weights, bias, x_zero, multiplier, shift, y_zero):
    return compress.requantize(x.astype(np.int32) @ _wide(weights) + bias, multiplier, shift, y_zero)


def _input_zero_point_added(x, weights, bias, x_zero, multiplier, shift, y_zero):
    return compress.requantize(_centered(x, -x_zero) @ _wide(weights) + bias, multiplier, shift, y_zero)


def _bias_after(x, weights, bias, x_zero, multiplier, shift, y_zero):
    scaled = compress.requantize(_centered(x, x_zero) @ _wide(weights), multiplier, shift, y_zero)
    return _saturate(scaled.astype(np.int64) + bias)


def _bias_forgotten(x, weights, bias, x_zero, multiplier, shift, y_zero):
    return compress.requantize(_centered(x, x_zero) @ _wide(weights), multiplier, shift, y_zero)


def _summed_in_int8(x, weights, bias, x_zero, multiplier, shift, y_zero):
    total = (x - np.int8(x_zero)) @ weights.T
    return compress.requantize(total.astype(np.int32) + bias, multiplier, shift, y_zero)


def _subtracted_in_int8(x, weights, bias, x_zero, multiplier, shift, y_zero):
    total = (x - np.int8(x_zero)).astype(np.int32) @ _wide(weights)
    return compress.requantize(total + bias, multiplier, shift, y_zero)


def _dense_case(batch: int, inputs: int, outputs: int, x_zero: int, y_zero: int) -> tuple[Any, ...]:
    random = np.random.default_rng(inputs)
    x = random.integers(-128, 128, (batch, inputs)).astype(np.int8)
    weights = random.integers(-127, 128, (outputs, inputs)).astype(np.int8)
    bias = random.integers(-9000, 9000, outputs).astype(np.int32)
    pairs = np.array([compress.quantize_multiplier(m) for m in random.uniform(1e-3, 3e-3, outputs)])
    return x, weights, bias, x_zero, pairs[:, 0], pairs[:, 1], y_zero


dense_int8 = Check(
    name="dense_int8",
    exercise="2.7",
    reference=compress.dense_int8,
    cases=(_dense_case(4, 32, 3, -128, -11), _dense_case(1, 8, 5, 17, 40), _dense_case(3, 6, 6, -100, 0)),
    misconceptions=(
        Misconception(
            "input zero point forgotten",
            "An int8 input stands for s (q - z): subtract x_zero_point before you multiply. Otherwise each output is "
            "off by z times the sum of its weights.",
            _input_zero_point_forgotten,
        ),
        Misconception(
            "input zero point added",
            "The formula has q - z. With z = -128 the smallest input becomes 0: you added it instead.",
            _input_zero_point_added,
        ),
        Misconception(
            "bias added after scaling",
            "The bias counts in the accumulator's units, s_x s_w, not in the output's. Add it to the sum before you "
            "requantize.",
            _bias_after,
        ),
        Misconception(
            "bias forgotten",
            "Every output of a channel is off by the same amount. Which argument have you not used?",
            _bias_forgotten,
        ),
        Misconception(
            "summed in int8",
            "A sum of int8 products wrapped round. Widen inputs and weights to int32 before the product.",
            _summed_in_int8,
        ),
        Misconception(
            "subtracted in int8",
            "x - x_zero_point was computed in int8, where 100 - (-128) does not fit. Widen x to int32 first.",
            _subtracted_in_int8,
        ),
    ),
    meaning="This is a layer as the chip computes it: no floating point from the first byte to the last.",
)

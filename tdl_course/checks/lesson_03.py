"""The checks of lesson 03, exercises 3.1 and 3.2: gradients through a rounding.

Exercises 3.3 and 3.4 are in `lesson_03_ranges`, 3.5 to 3.7 in `lesson_03_bits`.
"""

from __future__ import annotations

import numpy as np

from tdl_course.checks.framework import Check, Misconception
from tdl_course.compress import rounding

Step = float | np.ndarray


def _highest(bits: int) -> int:
    return 2 ** (bits - 1) - 1


def _rounded(weights: np.ndarray, step: Step, bits: int) -> np.ndarray:
    return step * np.clip(np.rint(weights / step), -_highest(bits), _highest(bits))


def _true_derivative(weights: np.ndarray, step: Step, bits: int, upstream: np.ndarray) -> tuple[np.ndarray, ...]:
    return _rounded(weights, step, bits), np.zeros_like(upstream)


def _passes_everywhere(weights: np.ndarray, step: Step, bits: int, upstream: np.ndarray) -> tuple[np.ndarray, ...]:
    return _rounded(weights, step, bits), upstream


def _mask_without_upstream(weights: np.ndarray, step: Step, bits: int, upstream: np.ndarray) -> tuple[np.ndarray, ...]:
    return _rounded(weights, step, bits), (np.abs(weights / step) <= _highest(bits)).astype(float)


def _cast(weights: np.ndarray, step: Step, bits: int, upstream: np.ndarray) -> tuple[np.ndarray, ...]:
    integers = np.clip(np.trunc(weights / step), -_highest(bits), _highest(bits))
    return step * integers, rounding.straight_through(weights, step, bits, upstream)[1]


def _integers(weights: np.ndarray, step: Step, bits: int, upstream: np.ndarray) -> tuple[np.ndarray, ...]:
    return _rounded(weights, step, bits) / step, rounding.straight_through(weights, step, bits, upstream)[1]


def _mask_after_rounding(weights: np.ndarray, step: Step, bits: int, upstream: np.ndarray) -> tuple[np.ndarray, ...]:
    return _rounded(weights, step, bits), upstream * (np.abs(np.rint(weights / step)) <= _highest(bits))


def _wide(weights: np.ndarray, step: Step, bits: int, upstream: np.ndarray) -> tuple[np.ndarray, ...]:
    low, high = -_highest(bits) - 1, _highest(bits)
    scaled = weights / step
    return step * np.clip(np.rint(scaled), low, high), upstream * ((scaled >= low) & (scaled <= high))


def _one_step(weights: np.ndarray, step: Step, bits: int, upstream: np.ndarray) -> tuple[np.ndarray, ...]:
    return rounding.straight_through(weights, float(np.max(step)), bits, upstream)


def _matrix(rows: int, columns: int, spread: float) -> np.ndarray:
    """Weights from -spread to spread, none half way between two steps of the cases below."""
    return (np.linspace(-spread, spread, rows * columns) + 0.0137).reshape(rows, columns)


_CASES = (
    (_matrix(6, 2, 1.0), 0.3, 3, _matrix(6, 2, 2.0)),
    (_matrix(5, 3, 2.0), np.array([0.11, 0.2, 0.31]), 4, _matrix(5, 3, 1.0)),
    (_matrix(4, 2, 0.6), np.array([0.5, 0.23]), 2, _matrix(4, 2, 0.4)),
)


def _grid(weights: np.ndarray, step: Step, highest: int, upstream: np.ndarray) -> tuple[np.ndarray, ...]:
    scaled = weights / step
    return step * np.clip(np.rint(scaled), -highest, highest), upstream * (np.abs(scaled) <= highest)


def _not_clipped(weights: np.ndarray, step: Step, bits: int, upstream: np.ndarray) -> tuple[np.ndarray, ...]:
    return step * np.rint(weights / step), rounding.straight_through(weights, step, bits, upstream)[1]


def _one_end(weights: np.ndarray, step: Step, bits: int, upstream: np.ndarray) -> tuple[np.ndarray, ...]:
    return _rounded(weights, step, bits), upstream * (weights / step <= _highest(bits))


def _mask_inverted(weights: np.ndarray, step: Step, bits: int, upstream: np.ndarray) -> tuple[np.ndarray, ...]:
    return _rounded(weights, step, bits), upstream * (np.abs(weights / step) > _highest(bits))


def _gradient_of(weights: np.ndarray, step: Step, bits: int, upstream: np.ndarray) -> tuple[np.ndarray, ...]:
    return rounding.straight_through(weights, step, bits, upstream)


def _floored(weights: np.ndarray, step: Step, bits: int, upstream: np.ndarray) -> tuple[np.ndarray, ...]:
    integers = np.clip(np.floor(weights / step), -_highest(bits), _highest(bits))
    return step * integers, rounding.straight_through(weights, step, bits, upstream)[1]


straight_through = Check(
    name="straight_through",
    exercise="3.1",
    reference=rounding.straight_through,
    cases=_CASES,
    misconceptions=(
        Misconception(
            "derivative of rounding",
            "That is what calculus says: a staircase is flat, its derivative is zero, and no weight ever learns. Go "
            "straight through: hand `upstream` on where the weight is inside the grid.",
            _true_derivative,
        ),
        Misconception(
            "gradient outside the grid",
            "Beyond the last step the output cannot follow the weight. If the gradient still passes there, they "
            "run away for ever: set it to zero where |weight| > highest integer x step.",
            _passes_everywhere,
        ),
        Misconception(
            "upstream left out",
            "You return the mask only. The chain rule multiplies it by `upstream`, what the rest of the network says.",
            _mask_without_upstream,
        ),
        Misconception(
            "cut off instead of rounded",
            "Converting to an integer drops what is behind the point. Round to the nearest: np.rint.",
            _cast,
        ),
        Misconception(
            "integers returned",
            "These are the integers. The network goes on with real numbers: multiply by the step again.",
            _integers,
        ),
        Misconception(
            "mask after rounding",
            "Look at a weight of 3.3 steps with 3 bits: it rounds to 3, yet it lies outside already. Compare the "
            "weight itself with the last step, before rounding.",
            _mask_after_rounding,
        ),
        Misconception(
            "most negative integer used",
            "Weights use a symmetric grid: 3 bits are -3 ... 3, without -4, as int8 weights leave -128 out.",
            _wide,
        ),
        Misconception(
            "one step for all channels",
            "`step` may be an array with one step for each column. Let NumPy broadcast it.",
            _one_step,
        ),
        Misconception(
            "highest integer is 2^(b-1)",
            "With 3 bits the integers go to 3, not to 4: h = 2^(b-1) - 1. 4 would need a bit more.",
            lambda weights, step, bits, upstream: _grid(weights, step, 2 ** (bits - 1), upstream),
        ),
        Misconception(
            "grid without a sign bit",
            "2^b - 1 is the largest *unsigned* number. Half of the values are negative, so h = 2^(b-1) - 1.",
            lambda weights, step, bits, upstream: _grid(weights, step, 2**bits - 1, upstream),
        ),
        Misconception(
            "grid of 8 bits",
            "You wrote 127, which belongs to 8 bits. With `bits` bits it is h = 2^(b-1) - 1.",
            lambda weights, step, bits, upstream: _grid(weights, step, 127, upstream),
        ),
        Misconception(
            "not forced into the grid",
            "The gradient knows the ends of the grid, the rounded weights do not: np.clip the integers to -h ... h.",
            _not_clipped,
        ),
        Misconception(
            "one end only",
            "You compare the signed weight with h × step. Weights beyond -h × step are outside, too: take |weight|.",
            _one_end,
        ),
        Misconception(
            "mask upside down",
            "You pass the gradient on where the weight lies *outside* and stop it inside. Turn the comparison round.",
            _mask_inverted,
        ),
        Misconception(
            "gradient times step",
            "Straight through means: as if there were no rounding. Rounded and latent weight are in the same "
            "unit, so the gradient passes as it is, without the step.",
            lambda weights, step, bits, upstream: _gradient_of(weights, step, bits, step * upstream),
        ),
        Misconception(
            "gradient divided by step",
            "The division by the step and the multiplication behind the rounding cancel: the gradient passes as it is.",
            lambda weights, step, bits, upstream: _gradient_of(weights, step, bits, upstream / step),
        ),
        Misconception(
            "rounded down",
            "np.floor and // always go down. Take the nearest integer: np.rint.",
            _floored,
        ),
    ),
    meaning="A weight can now learn although the network only ever sees it rounded.",
)


def _integer_only(weights: np.ndarray, step: Step, bits: int) -> np.ndarray:
    return _rounded(weights, step, bits) / step


def _zero_outside(weights: np.ndarray, step: Step, bits: int) -> np.ndarray:
    return np.where(np.abs(weights / step) < _highest(bits), rounding.step_gradient(weights, step, bits), 0.0)


def _unsigned_outside(weights: np.ndarray, step: Step, bits: int) -> np.ndarray:
    inside = np.abs(weights / step) < _highest(bits)
    return np.where(inside, rounding.step_gradient(weights, step, bits), float(_highest(bits)))


def _sign_inside(weights: np.ndarray, step: Step, bits: int) -> np.ndarray:
    inside = np.abs(weights / step) < _highest(bits)
    return np.where(inside, -1.0, 1.0) * rounding.step_gradient(weights, step, bits)


def _in_units_of_weights(weights: np.ndarray, step: Step, bits: int) -> np.ndarray:
    return step * rounding.step_gradient(weights, step, bits)


step_gradient = Check(
    name="step_gradient",
    exercise="3.2",
    reference=rounding.step_gradient,
    cases=tuple(case[:3] for case in _CASES),
    misconceptions=(
        Misconception(
            "scaled weight taken as constant",
            "You have differentiated `step` in front only. It also stands inside the rounding: straight through, the "
            "derivative of round(w / s) is that of w / s, which is -w / s². Times s, that is one more term: -w / s.",
            _integer_only,
        ),
        Misconception(
            "no gradient outside",
            "Outside the grid the output is highest x step: it moves with the step, `highest` times as fast. It is "
            "these weights that ask for a larger step.",
            _zero_outside,
        ),
        Misconception(
            "sign lost outside",
            "At the negative end the output is -highest x step, so its derivative is negative there.",
            _unsigned_outside,
        ),
        Misconception(
            "sign inside",
            "Inside it is round(w / s) - w / s. Test: where the rounding goes up, a larger step pushes the output up.",
            _sign_inside,
        ),
        Misconception(
            "multiplied by the step",
            "The derivative of step x something by the step has no unit: w / s and its rounding are plain numbers.",
            _in_units_of_weights,
        ),
    ),
    meaning="The step can learn, too: weights outside pull it up, rounding errors inside say which way is better.",
)

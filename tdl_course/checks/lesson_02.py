"""The checks of lesson 02, exercises 2.1 to 2.3: the affine map there and back.

The reference answers are the library's own functions. Exercises 2.4 and 2.5 are in `lesson_02_ranges`, 2.6 and 2.7 in
`lesson_02_integers`.
"""

from __future__ import annotations

import numpy as np

from tdl_course import compress
from tdl_course.checks.framework import Check, Misconception


def _not_widened(r_min: float, r_max: float) -> tuple[float, int]:
    scale = (r_max - r_min) / 255
    return scale, int(np.clip(round(-128 - r_min / scale), -128, 127))


def _steps_256(r_min: float, r_max: float) -> tuple[float, int]:
    r_min, r_max = min(r_min, 0.0), max(r_max, 0.0)
    scale = (r_max - r_min) / 256
    return scale, int(np.clip(round(-128 - r_min / scale), -128, 127))


def _not_rounded(r_min: float, r_max: float) -> tuple[float, float]:
    r_min, r_max = min(r_min, 0.0), max(r_max, 0.0)
    scale = (r_max - r_min) / 255
    return scale, -128 - r_min / scale


def _truncated(r_min: float, r_max: float) -> tuple[float, int]:
    scale, zero_point = _not_rounded(r_min, r_max)
    return scale, int(zero_point)


def _sign_flipped(r_min: float, r_max: float) -> tuple[float, int]:
    r_min, r_max = min(r_min, 0.0), max(r_max, 0.0)
    scale = (r_max - r_min) / 255
    return scale, int(np.clip(round(-128 + r_min / scale), -128, 127))


def _unsigned(r_min: float, r_max: float) -> tuple[float, int]:
    r_min, r_max = min(r_min, 0.0), max(r_max, 0.0)
    scale = (r_max - r_min) / 255
    return scale, round(-r_min / scale)


affine_params = Check(
    name="affine_params",
    exercise="2.1",
    reference=compress.affine_params,
    cases=((-0.42, 0.97), (-1.0, 1.55), (0.2, 1.0), (-3.3, -0.7), (-0.013, 6.0), (-8.0, 0.31)),
    misconceptions=(
        Misconception(
            "range not widened",
            "Zero is not representable. Look at the range 0.2 … 1.0: no int8 value stands for 0.0, which padding and "
            "ReLU need. Widen the range to include zero before you divide.",
            _not_widened,
        ),
        Misconception(
            "256 steps",
            "256 values have 255 steps between them, as five fingers have four gaps. With 256, r_max would need the "
            "value 128, which int8 does not have.",
            _steps_256,
        ),
        Misconception(
            "zero point not rounded",
            "The zero point is one of the int8 values, because it stands for the real zero: round it, then return an "
            "int.",
            _not_rounded,
        ),
        Misconception(
            "zero point truncated",
            "int() cuts off towards zero; the nearest integer is wanted. Round first.",
            _truncated,
        ),
        Misconception(
            "sign of the zero point",
            "Put r = r_min and q = -128 into r = s (q - z) and solve for z: mind the sign of r_min / s.",
            _sign_flipped,
        ),
        Misconception(
            "unsigned range",
            "That is the zero point for uint8, 0 … 255. int8 begins at -128: r_min belongs to q = -128.",
            _unsigned,
        ),
    ),
    meaning="Every real number in the range has an int8 neighbour at most half a step away, and zero is exact.",
)


def _arguments(scale: float, zero_point: int, low: float, high: float) -> tuple[np.ndarray, float, int]:
    """Real numbers from `low` to `high`, none of which lies half way between two steps, with their parameters."""
    return np.linspace(low, high, 37) + 0.123 * scale, scale, zero_point


def _cast_truncates(real: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    return np.clip(np.trunc(real / scale + zero_point), -128, 127).astype(np.int8)


def _trunc_then_shift(real: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    return np.clip(np.trunc(real / scale) + zero_point, -128, 127).astype(np.int8)


def _floored(real: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    return np.clip(np.floor(real / scale) + zero_point, -128, 127).astype(np.int8)


def _wraps(real: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    return (np.rint(real / scale) + zero_point).astype(np.int64).astype(np.int8)


def _clipped_early(real: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    return (np.clip(np.rint(real / scale), -128, 127) + zero_point).astype(np.int64).astype(np.int8)


def _zero_point_subtracted(real: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    return np.clip(np.rint(real / scale) - zero_point, -128, 127).astype(np.int8)


def _zero_point_scaled(real: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    return np.clip(np.rint((real + zero_point) / scale), -128, 127).astype(np.int8)


quantize = Check(
    name="quantize",
    exercise="2.2",
    reference=compress.quantize,
    cases=(
        _arguments(0.01, -28, -0.9, 1.5),
        _arguments(0.01, -28, -9.0, 9.0),
        _arguments(0.05, 100, -8.0, 4.0),
        _arguments(0.03125, -128, 0.0, 12.0),
        _arguments(0.5, 0, -60.0, 60.0),
    ),
    misconceptions=(
        Misconception(
            "cut off instead of rounded",
            "A conversion to an integer type drops what is behind the point, so 2.9 becomes 2. Round to the nearest "
            "integer first: np.rint.",
            _cast_truncates,
        ),
        Misconception(
            "quotient cut off",
            "The quotient is cut off towards zero before the zero point is added: 2.9 becomes 2 and -2.9 becomes -2. "
            "Round it to the nearest integer: np.rint.",
            _trunc_then_shift,
        ),
        Misconception(
            "rounded down",
            "np.floor and // always go down, which shifts every number by half a step on average. Take the nearest "
            "integer: np.rint.",
            _floored,
        ),
        Misconception(
            "wraps round",
            "Numbers outside the range wrap round: the largest came out negative. Force them into -128 ... 127 with "
            "np.clip while they are still wide, then convert to int8.",
            _wraps,
        ),
        Misconception(
            "clipped before the zero point",
            "The numbers are in -128 ... 127 when you clip them, but the zero point then moves them out again, and "
            "they wrap. Add the zero point first, clip after it.",
            _clipped_early,
        ),
        Misconception(
            "zero point subtracted",
            "Solve r = s (q - z) for q: the zero point changes its side, so here it is added. Test: what must r = 0 "
            "become?",
            _zero_point_subtracted,
        ),
        Misconception(
            "zero point divided by the scale",
            "The zero point is an int8 value already, not a real number. Add it after the division, not before.",
            _zero_point_scaled,
        ),
    ),
    meaning="No number is moved by more than half a step, unless it lies outside the range; there it saturates.",
)


def _overflows(q: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    return scale * (q - np.int8(zero_point))


def _zero_point_added(q: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    return scale * (q.astype(np.int32) + zero_point)


def _scaled_first(q: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    return scale * q.astype(np.int32) - zero_point


def _no_zero_point(q: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    return scale * q.astype(np.int32)


_every_int8 = np.arange(-128, 128, 5, dtype=np.int8)

dequantize = Check(
    name="dequantize",
    exercise="2.3",
    reference=compress.dequantize,
    cases=((_every_int8, 0.01, -28), (_every_int8, 0.05, 100), (_every_int8, 0.5, -128), (_every_int8[10:20], 2.0, 7)),
    misconceptions=(
        Misconception(
            "int8 overflow",
            "q - zero_point was computed in int8, where 120 - (-28) wraps round to -108. Widen first: "
            "q.astype(np.int32).",
            _overflows,
        ),
        Misconception(
            "zero point added",
            "The integer that stands for zero must come out as 0.0: put q = z into your formula and look.",
            _zero_point_added,
        ),
        Misconception(
            "zero point not scaled",
            "Mind the brackets: the zero point counts steps, so it is subtracted before the multiplication by the "
            "scale.",
            _scaled_first,
        ),
        Misconception(
            "zero point forgotten",
            "Every number is off by the same amount, scale times zero point: subtract the zero point from q.",
            _no_zero_point,
        ),
    ),
    meaning="Quantize and dequantize together lose at most half a step of every number inside the range.",
)

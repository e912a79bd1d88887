"""The checks of lesson 11, exercises 11.1 and 11.6: a logarithm in integers, and real time."""

from __future__ import annotations

import math

from tdl_course.checks.framework import Check, Misconception


def _log2_fixed(value: int, bits: int) -> int:
    whole = value.bit_length() - 1
    fraction = ((value - (1 << whole)) << bits) >> whole
    return (whole << bits) + fraction


def _off_by_one(value, bits):
    whole = value.bit_length()
    return (whole << bits) + (((value << bits) >> whole) - (1 << bits))


def _shifted_first(value, bits):
    whole = value.bit_length() - 1
    return (whole << bits) + (((value - (1 << whole)) >> whole) << bits)


def _divided_as_floats(value, bits):
    whole = value.bit_length() - 1
    return (whole << bits) + int((value / 2**whole - 1) * 2**bits)


def _half_fraction(value, bits):
    whole = value.bit_length() - 1
    return (whole << bits) + (((value - (1 << whole)) << bits) >> (whole + 1))


def _rounded_up(value, bits):
    whole = value.bit_length() - 1
    return (whole << bits) - ((((1 << whole) - value) << bits) >> whole)


def _rounded(value, bits):
    whole = value.bit_length() - 1
    return (whole << bits) + round((value - (1 << whole)) * 2**bits / 2**whole)


log2_fixed = Check(
    name="log2_fixed",
    exercise="11.1",
    reference=_log2_fixed,
    cases=(
        (1, 8),
        (3, 8),
        (1023, 15),
        (1_000_003, 15),
        ((1 << 61) + (1 << 60) + 12345, 15),
        ((1 << 62) - 1, 15),
        (11, 2),
    ),
    misconceptions=(
        Misconception(
            "one bit too many",
            "`bit_length()` of 1 is 1, but log2(1) is 0: the highest bit has the number `bit_length() - 1`.",
            _off_by_one,
        ),
        Misconception(
            "the fraction lost",
            "Your result has no fraction: it is the number of the highest bit only. What lies below that bit is the "
            "fraction, nearly. Shift it **left** by `bits` before you shift it right, or every bit of it falls off.",
            _shifted_first,
        ),
        Misconception(
            "the whole part not shifted",
            "In this format 1.0 is `1 << bits`: the whole part has to be shifted left by `bits` too.",
            lambda value, bits: value.bit_length() - 1 + (_log2_fixed(value, bits) & ((1 << bits) - 1)),
        ),
        Misconception(
            "the highest bit left in",
            "You are 1.0 too high, in the format `1 << bits`. Either the whole part is `bit_length()`, one too many, "
            "or the highest bit is still in the fraction, which is what lies **below** it.",
            lambda value, bits: ((value.bit_length() - 1) << bits) + ((value << bits) >> (value.bit_length() - 1)),
        ),
        Misconception(
            "the whole part only, not shifted",
            "That is the place of the highest bit. Shift it left by `bits`, and add the fraction: what lies below that "
            "bit.",
            lambda value, bits: value.bit_length() - 1,
        ),
        Misconception(
            "the fraction only",
            "That is the fraction. Add the whole part, `whole << bits`.",
            lambda value, bits: _log2_fixed(value, bits) & ((1 << bits) - 1),
        ),
        Misconception(
            "the sum shifted",
            "`+` binds more tightly than `<<`: `whole << bits + fraction` shifts by the sum. Write `(whole << bits) + "
            "fraction`.",
            lambda value, bits: (value.bit_length() - 1) << (bits + (_log2_fixed(value, bits) & ((1 << bits) - 1))),
        ),
        Misconception(
            "half the fraction",
            "The fraction comes out half as large as it should: divide by 2^whole, where `whole` is `bit_length() - "
            "1`.",
            _half_fraction,
        ),
        Misconception(
            "a real number",
            "That is the logarithm as a float. In fixed point it is an integer, in which `1 << bits` stands for 1.0.",
            lambda value, bits: value.bit_length() - 2 + value / (1 << (value.bit_length() - 1)),
        ),
        Misconception(
            "the natural logarithm",
            "That is the natural logarithm. Octaves are powers of 2; and the check wants the straight line between "
            "them, which needs no `log`.",
            lambda value, bits: math.floor(math.log(value) * 2**bits),
        ),
        Misconception(
            "divided as floats",
            "For large values you are one step too high: a float has 53 bits, and rounds 2^62 - 1 up to 2^62. Stay in "
            "integers: `<<` and `>>`.",
            _divided_as_floats,
        ),
        Misconception(
            "the true logarithm",
            "That is the true logarithm. A core without a fast `log` draws a straight line between powers of two; the "
            "check wants that line, so use shifts and sums only.",
            lambda value, bits: math.floor(math.log2(value) * 2**bits),
        ),
        Misconception(
            "the true logarithm, rounded",
            "That is the true logarithm, rounded. The check wants the straight line between powers of two, "
            "which needs no `log`: shifts and sums only.",
            lambda value, bits: round(math.log2(value) * 2**bits),
        ),
        Misconception(
            "rounded",
            "Nearly: a shift to the right rounds down. Leave the rounding out, and stay in integers.",
            _rounded,
        ),
        Misconception(
            "rounded up",
            "Nearly: you round the fraction up. A shift to the right rounds down.",
            _rounded_up,
        ),
    ),
    meaning="A logarithm without a table or a division: at most 0.09 off, and it costs some ten instructions.",
)


def _real_time_factor(hop_cycles: int, network_cycles: int, stride: int, hop_s: float, clock_hz: float) -> float:
    return (hop_cycles + network_cycles / stride) / (hop_s * clock_hz)


real_time_factor = Check(
    name="real_time_factor",
    exercise="11.6",
    reference=_real_time_factor,
    cases=((24_000, 1_200_000, 5, 0.02, 48e6), (10_000, 3_000_000, 1, 0.01, 168e6), (30_000, 900_000, 10, 0.02, 16e6)),
    misconceptions=(
        Misconception(
            "the network in every hop",
            "The network does not run in every hop, only in every `stride`-th: share its cycles among them.",
            lambda h, n, stride, hop, clock: (h + n) / (hop * clock),
        ),
        Misconception(
            "the front end once a stride",
            "The front end runs in **every** hop, the network in every `stride`-th.",
            lambda h, n, stride, hop, clock: (h + n) / (hop * stride * clock),
        ),
        Misconception(
            "upside down",
            "That is how many times faster than life the core is. The factor is the other way round: time needed, "
            "divided by time there is.",
            lambda h, n, stride, hop, clock: (hop * clock) / (h + n / stride),
        ),
        Misconception(
            "seconds of work",
            "These are the seconds of work in a hop. Divide them by the seconds that a hop lasts.",
            lambda h, n, stride, hop, clock: (h + n / stride) / clock,
        ),
        Misconception(
            "front end forgotten",
            "The front end needs cycles too, in every hop.",
            lambda h, n, stride, hop, clock: n / stride / (hop * clock),
        ),
        Misconception(
            "in percent",
            "Your result is in percent; the factor itself is asked for: 0.25 is a quarter of the time.",
            lambda h, n, stride, hop, clock: 100 * _real_time_factor(h, n, stride, hop, clock),
        ),
        Misconception(
            "more work with a longer stride",
            "You multiply by the stride. A longer stride means *less* work: divide.",
            lambda h, n, stride, hop, clock: (h + n * stride) / (hop * clock),
        ),
        Misconception(
            "work of a stride, time of a hop",
            "You count the work of `stride` hops, but the time of one. Divide by `stride × hop_s`.",
            lambda h, n, stride, hop, clock: (h * stride + n) / (hop * clock),
        ),
        Misconception(
            "the rest",
            "That is the share of the time that is left for sleep. The factor is the share that the work takes.",
            lambda h, n, stride, hop, clock: 1 - _real_time_factor(h, n, stride, hop, clock),
        ),
        Misconception(
            "front end and network exchanged",
            "You share the front end's cycles among `stride` hops. It is the network that runs in every `stride`-th "
            "only.",
            lambda h, n, stride, hop, clock: (h / stride + n) / (hop * clock),
        ),
        Misconception(
            "network forgotten",
            "The network needs cycles too, in every `stride`-th hop.",
            lambda h, n, stride, hop, clock: h / (hop * clock),
        ),
        Misconception(
            "clock forgotten",
            "These are the cycles that a second of sound needs. The core has `clock_hz` of them a second: divide.",
            lambda h, n, stride, hop, clock: (h + n / stride) / hop,
        ),
    ),
    meaning="Below 1 the core keeps up; what is left of 1 is the time that it may sleep.",
)

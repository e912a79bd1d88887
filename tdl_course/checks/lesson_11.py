"""The checks of lesson 11, exercises 11.1, 11.2 and 11.6: a logarithm in integers, noise at a ratio, real time."""

from __future__ import annotations

import math

import numpy as np

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


def _rounded(value, bits):
    whole = value.bit_length() - 1
    return (whole << bits) + round((value - (1 << whole)) * 2**bits / 2**whole)


log2_fixed = Check(
    name="log2_fixed",
    exercise="11.1",
    reference=_log2_fixed,
    cases=((1, 8), (2, 8), (3, 8), (1023, 15), (1_000_003, 15), ((1 << 61) + (1 << 60) + 12345, 15), (11, 2)),
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
            "The fraction is what lies **below** the highest bit: take that bit off first.",
            lambda value, bits: ((value.bit_length() - 1) << bits) + ((value << bits) >> (value.bit_length() - 1)),
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
    ),
    meaning="A logarithm without a table or a division: at most 0.09 off, and it costs some ten instructions.",
)


def _mixed(clip, noise, snr_db, power=2.0, decibel=10.0, sign=1.0):
    signal, added = clip.astype(float), noise.astype(float)
    ratio = (signal**2).mean() / (added**2).mean() / 10 ** (sign * snr_db / decibel)
    return signal + ratio ** (1 / power) * added


def _mix_at_snr(clip: np.ndarray, noise: np.ndarray, snr_db: float) -> np.ndarray:
    return _mixed(clip, noise, snr_db)


def _by_peak(clip, noise, snr_db):
    signal, added = clip.astype(float), noise.astype(float)
    return signal + np.abs(signal).max() / np.abs(added).max() * 10 ** (-snr_db / 20) * added


def _clip_scaled(clip, noise, snr_db):
    signal, added = clip.astype(float), noise.astype(float)
    return signal * np.sqrt((added**2).mean() / (signal**2).mean() * 10 ** (snr_db / 10)) + added


def _noise_not_measured(clip, noise, snr_db):
    return clip + noise * 10 ** (-snr_db / 20)


def _int16_overflow(clip, noise, snr_db):
    return clip + np.sqrt((clip**2).mean() / (noise**2).mean() / 10 ** (snr_db / 10)) * noise


_CLIP = np.array([0, 300, -4000, 2500, 12000, -300, 10, -900], np.int16)
_NOISE = np.array([50, -20, 400, 30, -70, -40, 10, 60], np.int16)

mix_at_snr = Check(
    name="mix_at_snr",
    exercise="11.2",
    reference=_mix_at_snr,
    cases=((_CLIP, _NOISE, 10.0), (_CLIP, _NOISE, 0.0), (_NOISE, _CLIP, -6.0), (_CLIP // 100, _NOISE, 20.0)),
    misconceptions=(
        Misconception(
            "10 dB as an amplitude",
            "A ratio in dB is one of **powers**: 10 × log10. Power goes with the square of the amplitude, so the "
            "noise's factor is the square root of the powers' ratio.",
            lambda clip, noise, snr_db: _mixed(clip, noise, snr_db, power=1.0),
        ),
        Misconception(
            "20 instead of 10",
            "The square root takes care of amplitudes already. A ratio of powers in dB is 10 × log10, so divide by 10.",
            lambda clip, noise, snr_db: _mixed(clip, noise, snr_db, decibel=20.0),
        ),
        Misconception(
            "ratio upside down",
            "More dB are a **clearer** word: your noise grows with snr_db. The noise's power is the word's, divided by "
            "10^(snr_db / 10).",
            lambda clip, noise, snr_db: _mixed(clip, noise, snr_db, sign=-1.0),
        ),
        Misconception(
            "peak instead of power",
            "You compare the loudest samples. One click would decide. Compare mean powers: the mean of the squares.",
            _by_peak,
        ),
        Misconception(
            "the word made louder",
            "Leave the word as it is, and scale the noise: else the network also has to learn loudness.",
            _clip_scaled,
        ),
        Misconception(
            "the noise's own power forgotten",
            "A noise that was recorded softly stays soft here. Measure its power too.",
            _noise_not_measured,
        ),
        Misconception(
            "squares in 16 bits",
            "The samples are int16, and the square of 12,000 does not fit in 16 bits: it wraps around. Make floats of "
            "them first: `clip.astype(float)`.",
            _int16_overflow,
        ),
        Misconception(
            "noise only",
            "That is the noise, at the right level. Add the word.",
            lambda clip, noise, snr_db: _mixed(clip, noise, snr_db) - clip,
        ),
    ),
    meaning="With this you can ask at which level of noise a spotter stops to understand.",
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
    ),
    meaning="Below 1 the core keeps up; what is left of 1 is the time that it may sleep.",
)

"""The check of lesson 11, exercise 11.2: noise at a given ratio."""

from __future__ import annotations

import numpy as np

from tdl_course.checks.framework import Check, Misconception


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


def _by_spread(clip, noise, snr_db, spread):
    signal, added = clip.astype(float), noise.astype(float)
    return signal + spread(signal) / spread(added) * 10 ** (-snr_db / 20) * added


def _decibel_as_ratio(clip, noise, snr_db):
    signal, added = clip.astype(float), noise.astype(float)
    return signal + np.sqrt((signal**2).mean() / (added**2).mean() / snr_db) * added


def _powers_swapped(clip, noise, snr_db):
    signal, added = clip.astype(float), noise.astype(float)
    return signal + np.sqrt((added**2).mean() / (signal**2).mean() / 10 ** (snr_db / 10)) * added


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
        Misconception(
            "rounded",
            "Right, but rounded. Leave the floats as they are here: rounding and limiting to 16 bits come later.",
            lambda clip, noise, snr_db: np.round(_mixed(clip, noise, snr_db)),
        ),
        Misconception(
            "cut to integers",
            "Right, but cut to integers (`astype` to an integer rounds towards 0). Return the floats.",
            lambda clip, noise, snr_db: np.trunc(_mixed(clip, noise, snr_db)),
        ),
        Misconception(
            "variance instead of power",
            "You take the standard deviation or the variance, which leave the mean out. Power is the mean of the "
            "squares, as they are.",
            lambda clip, noise, snr_db: _by_spread(clip, noise, snr_db, np.std),
        ),
        Misconception(
            "mean amplitude instead of power",
            "You compare mean amplitudes. The ratio is one of mean **powers**: square the samples first.",
            lambda clip, noise, snr_db: _by_spread(clip, noise, snr_db, lambda x: np.abs(x).mean()),
        ),
        Misconception(
            "10 with amplitudes",
            "You have a ratio of amplitudes (roots of powers), but 10^(snr_db / 10) is a ratio of powers. Take its "
            "root too, which is 10^(snr_db / 20).",
            lambda clip, noise, snr_db: _mixed(clip, noise, 2 * snr_db),
        ),
        Misconception(
            "decibels taken as a ratio",
            "`snr_db` is not the ratio itself, but 10 × log10 of it: the ratio is 10^(snr_db / 10).",
            _decibel_as_ratio,
        ),
        Misconception(
            "powers the wrong way round",
            "The factor has the power of the word above and that of the noise below: a loud noise has to be made "
            "softer.",
            _powers_swapped,
        ),
        Misconception(
            "noise not scaled",
            "You add the noise as loud as it is. Scale it, so that the ratio of the powers is the one asked for.",
            lambda clip, noise, snr_db: clip.astype(float) + noise,
        ),
    ),
    meaning="With this you can ask at which level of noise a spotter stops to understand.",
)

"""Cut a continuous ECG into single heartbeats with their timing, in the course-edition format.

In: one lead at 180 Hz and the positions and marks of its beats. Out: the arrays of train.npz / test.npz.
The official download and the synthetic generator both end here, so their beats are cut alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

SAMPLING_HZ = 180
BEFORE_R = 51
LENGTH = 128
MEAN_OVER = 8
COUNTS_PER_MILLIVOLT = 200
CAPS = (220, 160, 160)  # beats of N, S, V that one record gives at most

# ANSI/AAMI EC57 classes of the MIT-BIH marks; fusion, paced and unknown beats belong to none of the three
AAMI = {symbol: index for index, symbols in enumerate(("NLRej", "AaJS", "VE")) for symbol in symbols}


def cut_beats(
    millivolts: np.ndarray, positions: np.ndarray, symbols: Sequence[str], record: int, random: np.random.Generator
) -> dict[str, np.ndarray]:
    """Beats of one record, drawn at random up to `CAPS` per class, in order of time.

    Parameters
    ----------
    millivolts : np.ndarray
        float [samples] at 180 Hz.
    positions : np.ndarray
        Integer [beats], ascending: sample of each beat's R mark. All beats, also those of no class: RR intervals
        run from beat to beat.
    symbols : sequence of str
        The mark of each beat ("N", "V", ...). Beats whose mark is not in `AAMI` are left out.
    record : int
    random : np.random.Generator

    Returns
    -------
    dict
        "x" int16 [n, 128] in 5 uV counts with R at index 51, "y" uint8 [n], "record" int16 [n], "rr_ms" int16 [n, 3]
        (RR before, RR after, mean of the last 8 up to the one before), "symbol" U1 [n].
    """
    positions = np.asarray(positions, np.int64)
    classes = np.array([AAMI.get(symbol, -1) for symbol in symbols], np.int64)
    intervals = np.diff(positions) * (1000 / SAMPLING_HZ)
    index = np.arange(len(positions))
    usable = (classes >= 0) & (index > 0) & (index < len(positions) - 1)
    usable &= (positions >= BEFORE_R) & (positions + LENGTH - BEFORE_R <= len(millivolts))
    chosen = np.sort(np.concatenate([_draw(index[usable & (classes == c)], cap, random) for c, cap in enumerate(CAPS)]))
    means = [intervals[max(0, i - MEAN_OVER) : i].mean() for i in chosen]
    rr = (
        np.stack([intervals[chosen - 1], intervals[chosen], np.array(means)], axis=1)
        if len(chosen)
        else np.empty((0, 3))
    )
    windows = positions[chosen, None] - BEFORE_R + np.arange(LENGTH)
    limits = np.iinfo(np.int16)
    counts = np.clip(np.rint(millivolts[windows] * COUNTS_PER_MILLIVOLT), limits.min, limits.max)
    return {
        "x": counts.astype(np.int16),
        "y": classes[chosen].astype(np.uint8),
        "record": np.full(len(chosen), record, np.int16),
        "rr_ms": np.clip(np.rint(rr), 1, limits.max).astype(np.int16),
        "symbol": np.array([symbols[i] for i in chosen], "U1"),
    }


def join(parts: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The same arrays of several records, one after the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _draw(candidates: np.ndarray, cap: int, random: np.random.Generator) -> np.ndarray:
    return candidates if len(candidates) <= cap else random.choice(candidates, cap, replace=False)

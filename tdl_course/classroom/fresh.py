"""Hidden cases of an exercise: its check again, on arguments that no notebook shows.

In: a check, a function, the instructor's seed. Out: a `CheckResult`. `DRAW` has for an exercise one set of arguments,
as its text allows them; ties of rounding have no chance in them. An exercise that is not there (its rounding or its
special cases are the point, and its visible cases hold them) has its visible cases only: `fresh` says so with None.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.random import Generator

from tdl_course.checks import Check, CheckResult
from tdl_course.checks.framework import judge

COUNT = 6  # hidden cases of an exercise


def fresh(check: Check, seed: int) -> Check | None:
    """The check with hidden cases in place of its own; None where there is no way to draw them."""
    if check.name not in DRAW:
        return None
    rng = np.random.default_rng([seed, zlib.crc32(check.name.encode())])
    return replace(check, cases=tuple(DRAW[check.name](rng) for _ in range(COUNT)))


def judge_fresh(check: Check, function: Callable[..., Any], seed: int) -> CheckResult:
    """The verdict on the hidden cases; on the visible ones again where there are no others."""
    return judge(fresh(check, seed) or check, function)


def _layer(r: Generator) -> tuple[int, ...]:
    return _int(r, 8, 200), _int(r, 1, 32), _int(r, 1, 32), _int(r, 1, 9), _int(r, 1, 3)


def _int(r: Generator, low: int, high: int) -> int:
    """From `low` to `high`, both included."""
    return int(r.integers(low, high + 1))


def _float(r: Generator, low: float, high: float) -> float:
    return float(r.uniform(low, high))


def _share(r: Generator, size: int) -> float:
    """A sparsity that removes a whole number of `size` weights."""
    return _int(r, 1, size - 1) / size


def _fold(r: Generator) -> tuple[Any, ...]:
    gamma, variance = r.uniform(0.5, 2, 5), r.uniform(0.3, 3, 5)
    return r.normal(size=(3, 4, 5)), r.normal(size=5), gamma, r.normal(size=5), r.normal(size=5), variance, 0.001


def _mask_step(r: Generator) -> tuple[Any, ...]:
    mask = r.random((4, 6)) < 0.5
    return r.normal(size=(4, 6)) * mask, mask, r.normal(size=(4, 6)), r.normal(size=(4, 6)), _float(r, 0.01, 0.2)


def _channels(r: Generator) -> tuple[Any, ...]:
    n = _int(r, 3, 7)
    return r.normal(size=(4, n)), r.normal(size=(3, 3, n, 1)), r.normal(size=(n, 5)), _int(r, 0, n - 1)


DRAW: dict[str, Callable[[Generator], tuple[Any, ...]]] = {
    "milliseconds": lambda r: (_int(r, 1000, 10**8), _float(r, 8e6, 4e8)),
    "conv_cost": _layer,
    "separable_cost": _layer,
    "peak_bytes": lambda r: ([(_int(r, 4, 99), _int(r, 1, 40)) for _ in range(_int(r, 2, 6))],),
    "energy_uj": lambda r: (_int(r, 10**4, 10**7), _int(r, 16, 400), _float(r, 3, 90), _float(r, 1.7, 5)),
    "battery_days": lambda r: (
        _float(r, 1, 200),
        _float(r, 0.5, 9),
        _float(r, 3, 90),
        _float(r, 2, 900),
        235,
    ),
    "affine_params": lambda r: (-_float(r, 0.01, 9), _float(r, 0.01, 9)),
    "quantize": lambda r: (r.normal(0, 3, (4, 9)), _float(r, 0.01, 0.05), _int(r, -100, 100)),
    "dequantize": lambda r: (r.integers(-128, 128, 30).astype(np.int8), _float(r, 0.01, 0.05), _int(r, -128, 127)),
    "percentile_range": lambda r: (r.normal(size=(30, 9)), _float(r, 90, 99.5)),
    "quantize_per_channel": lambda r: (r.normal(0, r.uniform(0.01, 4, 5), (11, 5)),),
    "straight_through": lambda r: (r.normal(size=(6, 2)), _float(r, 0.1, 0.4), _int(r, 2, 4), r.normal(size=(6, 2))),
    "step_gradient": lambda r: (r.normal(size=(6, 2)), _float(r, 0.1, 0.4), _int(r, 2, 4)),
    "moving_range": lambda r: (-_float(r, 0, 2), _float(r, 0, 4), r.normal(0, 3, (4, 5)), 0.9, bool(_int(r, 0, 3))),
    "fold_batch_norm": _fold,
    "ternarize": lambda r: (r.normal(size=(5, 4)),),
    "pack_int4": lambda r: (r.integers(-7, 8, _int(r, 3, 12)).astype(np.int8),),
    "magnitude_mask": lambda r: (r.normal(size=(5, 8)), _share(r, 40)),
    "masked_step": _mask_step,
    "cubic_sparsity": lambda r: (_int(r, 0, 150), _int(r, 0, 30), _int(r, 60, 120), _float(r, 0.3, 0.95)),
    "n_of_m_mask": lambda r: (r.normal(size=(8, 5)), _int(r, 1, 3), 4),
    "remove_channel": _channels,
    "winning_ticket": lambda r: (r.normal(size=(5, 6)), r.normal(size=(5, 6)), _share(r, 30)),
    "shared_bytes": lambda r: (_int(r, 20, 9000), _int(r, 3, 200), int(r.choice([1, 2, 4]))),
    "density_centroids": lambda r: (r.normal(size=60), _int(r, 2, 9)),
    "kmeans_step": lambda r: (r.normal(size=40), np.sort(r.normal(size=5))),
    "centroid_gradient": lambda r: (r.normal(size=(5, 4)), r.integers(0, 6, (5, 4)).astype(np.uint8), 6),
    "entropy_bits": lambda r: (r.integers(0, _int(r, 2, 6), 30),),
    "macro_f1": lambda r: (r.integers(0, 4, 30), r.integers(0, 4, 30), 4),
    "softmax": lambda r: (r.normal(0, 3, (4, 5)), _float(r, 0.5, 6)),
    "hint_loss": lambda r: (r.normal(size=(6, 3)), r.normal(size=(6, 4)), r.normal(size=(3, 4))),
    "log2_fixed": lambda r: (_int(r, 1, 10**6), _int(r, 4, 12)),
    "smooth": lambda r: (r.uniform(0, 255, (9, 3)), _int(r, 1, 5)),
    "detect": lambda r: (r.uniform(0, 255, (14, 3)), _float(r, 120, 200), _int(r, 1, 4)),
    "false_accepts": lambda r: (_int(r, 0, 12), _float(r, 0.2, 6)),
}

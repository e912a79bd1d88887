"""Codebooks: weights that take at most 16 different values, as indices of four bits.

In: int8 or int4 weights. Out: the values, the indices two to a byte, or why there is no such book. This module knows no
window and no loop order.
"""

from __future__ import annotations

import numpy as np

from tdl_course.ops.int4 import INT4_MAX, INT4_MIN, pack_int4

BOOK = 16


def why_not(weights: np.ndarray, dtype: str, zero: bool) -> str | None:
    """None where a codebook holds all `weights`, and 0 where it is needed for padding, and int8 ones shrink."""
    values = np.unique(weights)
    if zero:
        values = np.union1d(values, [0])
    if len(values) > BOOK:
        return f"its weights take {len(values)} values; a codebook holds {BOOK}"
    if dtype == "int8" and weights.size // 2 + BOOK >= weights.size:
        return "its weights would not shrink"
    return None


def book_of(weights: np.ndarray, dtype: str) -> np.ndarray:
    """int8 [16]: the values of `weights` and zeros behind; of int4 all values, each where its own bits point to."""
    if dtype == "int4":
        return np.roll(np.arange(INT4_MIN, INT4_MAX + 1), BOOK // 2).astype(np.int8)
    values = np.unique(weights)
    return np.pad(values, (0, BOOK - len(values))).astype(np.int8)


def packed_words(weights: np.ndarray, book: np.ndarray) -> np.ndarray:
    """uint32 of eight indices each, the first one lowest, from weights in this order, all of them in `book`."""
    order = np.argsort(book, kind="stable")
    indices = order[np.searchsorted(book, weights.reshape(-1), sorter=order)]
    return pack_int4(indices.astype(np.int8)).view("<u4")

"""Weights of a pruned layer as the sparse kernels walk over them: of each output channel those that are not zero.

In: weights [channels, taps]. Out: `Entries`, a step and a weight each, and the words that say how few they are. This
module knows no layout in memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.kernels.pairs import why_not as pairs_why_not
from tdl_course.ops.weighted import operands

SUM_FACTOR = 2
MOST = 0xFFFF
"""A channel's entries, or its groups of them, are counted in a halfword."""


@dataclass(frozen=True, eq=False)
class Entries:
    """What a channel's weights are multiplied with, entry after entry, channel after channel.

    `counts` [channels]: entries of each, one or more; `steps` [entries]: taps to go on from the entry before, from
    tap 0 for a channel's first; `weights` [entries].
    """

    counts: np.ndarray
    steps: np.ndarray
    weights: np.ndarray


def entries_of(weights: np.ndarray, reach: int) -> Entries:
    """The entries of `weights` [channels, taps], none of whose steps is longer than `reach`.

    Where the next weight is farther away, entries of weight zero lead to it; a channel without any weight has one.

    >>> entries_of(np.array([[0, 5, 0, 0, 0, 0, 7], [0, 0, 0, 0, 0, 0, 0]]), reach=4)
    Entries(counts=array([3, 1]), steps=array([1, 4, 1, 0]), weights=array([5, 0, 7, 0]))
    """
    there = weights != 0
    there[:, 0] |= ~there.any(axis=1)
    channel, tap = np.nonzero(there)
    first = np.append(True, channel[1:] != channel[:-1])
    step = np.where(first, tap, np.diff(tap, prepend=0))
    between = np.maximum(step - 1, 0) // reach
    last = np.cumsum(between + 1) - 1
    steps, values = np.full(last[-1] + 1, reach), np.zeros(last[-1] + 1, weights.dtype)
    steps[last], values[last] = step - reach * between, weights[channel, tap]
    return Entries(np.bincount(channel, between + 1).astype(np.int64), steps, values)


def note(graph: Graph, op: Op) -> str:
    """How many of the weights there is something to do for."""
    weights = np.asarray(operands(graph, op)[1].data)
    return f"{100 * np.count_nonzero(weights) / weights.size:.0f} % of its weights are not zero"


def why_not(graph: Graph, op: Op, reach: int, by: int = 1) -> str | None:
    """Why sums do not fit, an output cannot be scaled, or a channel has too many entries; None where all is exact.

    Entries are counted `by` that many.
    """
    reason = pairs_why_not(graph, op, 0, SUM_FACTOR, pairs=False)
    if reason:
        return reason
    weights = np.asarray(operands(graph, op)[1].data)
    most = int(entries_of(weights.reshape(len(weights), -1), reach).counts.max())
    return f"a channel has {most:,} entries; at most {by * MOST:,} can be counted" if most > by * MOST else None


def counted(entries: Entries, by: int = 1) -> np.ndarray:
    """uint8 [channels, 2]: how many times `by` entries each channel has, as a halfword, low byte first."""
    return (entries.counts // by).astype("<u2").view(np.uint8).reshape(-1, 2)

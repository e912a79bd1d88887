"""place: offsets for buffers, some of which must not touch, in as little memory as a short search finds.

In: sizes, and for each pair that lives at the same time how close the two may come. Out: one offset a buffer.
This module knows no graph and no operator.

Method: buffers are placed one after the other, each at the lowest offset that is allowed. From the largest to the
smallest this is near the greedy-by-size heuristic of Pisarchyk and Lee, "Efficient Memory Management for Deep Neural
Net Inference" (2020), which takes the smallest gap; here it is one of three orders to begin with, and the best one is
improved by random exchanges.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

ALIGNMENT = 4
EXCHANGES = 20_000
"""Placements of one buffer that the search may try."""

Leads = Mapping[tuple[int, int], int]
"""`leads[i, j]`: where buffer j starts above buffer i, by at least so many bytes. Pairs without an entry may touch."""


def place(sizes: Sequence[int], leads: Leads, times: Sequence[int]) -> list[int]:
    """Find offsets for buffers.

    Parameters
    ----------
    sizes : sequence of int
        Bytes of each buffer, multiples of `ALIGNMENT`.
    leads : mapping of (int, int) to int
        For each pair that lives at the same time, in both directions: multiples of `ALIGNMENT`.
    times : sequence of int
        When each buffer is first written: only an order to begin the search with.

    Returns
    -------
    list of int
        Offsets in bytes, multiples of `ALIGNMENT`; the same for the same arguments.
    """
    everything = range(len(sizes))
    rivals: list[list[tuple[int, int, int]]] = [[] for _ in everything]
    for (below, above), lead in leads.items():
        rivals[above].append((below, leads[above, below], lead))

    orders = (
        sorted(everything, key=lambda i: (-sizes[i], times[i], i)),
        sorted(everything, key=lambda i: (-times[i], -sizes[i], i)),
        sorted(everything, key=lambda i: (times[i], -sizes[i], i)),
    )
    best = min(orders, key=lambda order: height(sizes, placed(order, rivals)))
    lowest = height(sizes, placed(best, rivals))
    shuffle = random.Random(0)
    for _ in range(EXCHANGES // max(1, len(sizes) ** 2) if len(sizes) > 2 else 0):
        one, other = shuffle.sample(everything, 2)
        order = list(best)
        order[one], order[other] = order[other], order[one]
        reached = height(sizes, placed(order, rivals))
        if reached <= lowest:
            best, lowest = order, reached
    return placed(best, rivals)


def placed(order: Sequence[int], rivals: Sequence[Sequence[tuple[int, int, int]]]) -> list[int]:
    """Offsets when each buffer in turn takes the lowest place left.

    `rivals[i]`: (other buffer, bytes that i must start below it, bytes that i must start above it).
    """
    offsets = [-1] * len(order)
    for buffer in order:
        closed = sorted(
            (offsets[other] - below, offsets[other] + above)
            for other, below, above in rivals[buffer]
            if offsets[other] >= 0
        )
        offset = 0
        for start, end in closed:
            if offset <= start:
                break
            offset = max(offset, end)
        offsets[buffer] = offset
    return offsets


def height(sizes: Sequence[int], offsets: Sequence[int]) -> int:
    """Bytes from 0 to the end of the highest buffer."""
    return max((offset + size for offset, size in zip(offsets, sizes, strict=True)), default=0)


def aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT

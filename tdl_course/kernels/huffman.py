"""Huffman codes of int8 values: frequent values in few bits, rare ones in many.

In: int8 values. Out: a code, and the values as one stream of bits. This module knows no operator.

Codes are canonical: of one length they are consecutive numbers, and a longer one is greater than every shorter one when
both are filled up to 16 bits. So the lengths say everything, and a decoder needs three small tables and no tree.

Sources: D. A. Huffman, "A Method for the Construction of Minimum-Redundancy Codes", 1952; E. S. Schwartz and
B. Kallick, "Generating a canonical prefix encoding", 1964; for the limit of lengths L. L. Larmore and D. S. Hirschberg,
"A fast algorithm for optimal length-limited Huffman codes", 1990.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

LONGEST = 16
"""Bits of a code at most: a decoder looks at a halfword."""
START_BITS = 5
"""Of the next bits, so many tell the shortest length that a code beginning with them may have."""


@dataclass(frozen=True)
class HuffmanCode:
    """`symbols`, the values in the order of their codes, shortest first, and the `lengths` of these in bits."""

    symbols: tuple[int, ...]
    lengths: tuple[int, ...]

    @property
    def codes(self) -> tuple[int, ...]:
        """The code of each symbol, in its lowest `length` bits."""
        codes, code, before = [], 0, 0
        for length in self.lengths:
            code <<= length - before
            codes.append(code)
            code, before = code + 1, length
        return tuple(codes)


@dataclass(frozen=True, eq=False)
class Tables:
    """What a decoder reads; `last` and `offset` are by length, `start` by the next `START_BITS` bits.

    `last` uint16: the greatest halfword that begins with a code of this length or a shorter one. `offset` uint8: what
    makes a code of this length the number of its symbol, modulo 256. `start` uint8: the shortest possible length.
    """

    symbols: np.ndarray
    last: np.ndarray
    offset: np.ndarray
    start: np.ndarray

    @property
    def nbytes(self) -> int:
        return sum(table.nbytes for table in (self.symbols, self.last, self.offset, self.start))


def huffman_code(values: np.ndarray) -> HuffmanCode:
    """The code that makes these values the shortest, of all whose codes have at most 16 bits.

    Parameters
    ----------
    values : int8 array, not empty

    Examples
    --------
    >>> huffman_code(np.array([7, 7, 7, 7, -1, -1, 0], np.int8))
    HuffmanCode(symbols=(7, -1, 0), lengths=(1, 2, 2))
    """
    counts = np.bincount(np.asarray(values, np.int8).reshape(-1).astype(np.int64) + 128, minlength=256)
    found = [(int(counts[place]), int(place) - 128) for place in np.flatnonzero(counts)]
    if not found:
        raise ValueError("no values; a code needs at least 1")
    lengths = _lengths(found)
    symbols = sorted(lengths, key=lambda symbol: (lengths[symbol], symbol))
    return HuffmanCode(tuple(symbols), tuple(lengths[symbol] for symbol in symbols))


def _lengths(found: list[tuple[int, int]]) -> dict[int, int]:
    """Bits of each symbol of (count, symbol): package-merge. A symbol alone gets one bit."""
    if len(found) == 1:
        return {found[0][1]: 1}
    coins = sorted((count, (symbol,)) for count, symbol in found)
    packages: list[tuple[int, tuple[int, ...]]] = []
    for _ in range(LONGEST):
        line = sorted(coins + packages, key=lambda item: item[0])
        packages = [(a[0] + b[0], a[1] + b[1]) for a, b in zip(line[::2], line[1::2], strict=False)]
    return Counter(symbol for _, symbols in packages[: len(found) - 1] for symbol in symbols)


def tables(code: HuffmanCode) -> Tables:
    """What a decoder of `code` reads."""
    longest = code.lengths[-1]
    last, offset = np.zeros(longest + 1, np.uint16), np.zeros(longest + 1, np.uint8)
    for number, (length, bits) in enumerate(zip(code.lengths, code.codes, strict=True)):
        last[length:] = ((bits + 1) << (LONGEST - length)) - 1
        if code.lengths[:number].count(length) == 0:
            offset[length] = (number - bits) % 256
    firsts = np.arange(1 << START_BITS) << (LONGEST - START_BITS)
    shortest = np.searchsorted(last[1:], firsts) + 1  # the first length whose last halfword is not below
    start = np.clip(shortest, code.lengths[0], longest).astype(np.uint8)
    return Tables(np.array(code.symbols, np.int8), last, offset, start)


def encoded_bits(values: np.ndarray, code: HuffmanCode) -> int:
    """Bits that `encode` needs, without what fills the last byte."""
    return int(_by_value(code, code.lengths)[np.asarray(values, np.int8).reshape(-1).view(np.uint8)].sum())


def encode(values: np.ndarray, code: HuffmanCode) -> bytes:
    """The codes of int8 `values`, one behind the other, first bit highest; zeros fill the last byte.

    Raises
    ------
    ValueError
        A value has no code.
    """
    flat = np.asarray(values, np.int8).reshape(-1)
    unknown = sorted(set(flat.tolist()) - set(code.symbols))
    if unknown:
        raise ValueError(f"value {unknown[0]} has no code; the code has {len(code.symbols)} values")
    lengths, codes = (_by_value(code, numbers)[flat.view(np.uint8)] for numbers in (code.lengths, code.codes))
    starts = np.cumsum(lengths) - lengths
    bits = np.zeros(int(lengths.sum()), np.uint8)
    for place in range(code.lengths[-1]):
        longer = lengths > place
        bits[starts[longer] + place] = codes[longer] >> (lengths[longer] - 1 - place) & 1
    return np.packbits(bits).tobytes()


def _by_value(code: HuffmanCode, numbers: tuple[int, ...]) -> np.ndarray:
    """int64 [256] of a number for each symbol, by the symbol's byte."""
    found = np.zeros(256, np.int64)
    found[np.array(code.symbols, np.int8).view(np.uint8)] = numbers
    return found


def decode(stream: bytes, code: HuffmanCode, count: int) -> np.ndarray:
    """The first `count` values of a stream, int8 [count], in the way of `fully_connected_huffman_ref.c`.

    Raises
    ------
    ValueError
        The stream is shorter than that.
    """
    bits, held, used = int.from_bytes(stream, "big") << LONGEST, 8 * len(stream), 0
    table, values = tables(code), np.zeros(count, np.int8)
    for i in range(count):
        halfword = bits >> max(held - used, 0) & 0xFFFF
        length = int(table.start[halfword >> (LONGEST - START_BITS)])
        while length + 1 < len(table.last) and halfword > table.last[length]:
            length += 1
        used += length
        if used > held:
            raise ValueError(f"the stream of {len(stream)} bytes ends after {i} values; {count} were asked for")
        values[i] = table.symbols[((halfword >> (LONGEST - length)) + int(table.offset[length])) % 256]
    return values

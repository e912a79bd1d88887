"""The checks of lesson 05, exercises 5.5 to 5.7: entropy, and Huffman's code from counts to values and back."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from tdl_course.checks.framework import Check, Misconception
from tdl_course.compress import entropy


def _shares(values: np.ndarray) -> np.ndarray:
    counts = np.unique(values, return_counts=True)[1]
    return np.asarray(counts / counts.sum())


def _with_log(logarithm: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], float]:
    return lambda values: float(-(_shares(values) @ logarithm(_shares(values))))


def _from_counts(values: np.ndarray, formula: Callable[[np.ndarray], Any]) -> float:
    return float(formula(np.unique(values, return_counts=True)[1]))


entropy_bits = Check(
    name="entropy_bits",
    exercise="5.5",
    reference=entropy.entropy_bits,
    cases=(
        (np.array([0, 0, 0, 0, 5, 5, -3, 9]),),
        (np.array([1, 1, 2, 3, 3, 3, 3, 3, 3, 3, 7, 7], np.int8),),
        (np.repeat(np.arange(5), (50, 20, 5, 3, 1)),),
        (np.array([4, 4, 4]),),
    ),
    misconceptions=(
        Misconception(
            "natural logarithm",
            "That is the entropy in nats, 0.69 of a bit's worth. Bits need the logarithm to base 2: `np.log2`.",
            _with_log(np.log),
        ),
        Misconception("decimal logarithm", "Bits need the logarithm to base 2: `np.log2`.", _with_log(np.log10)),
        Misconception(
            "all values equally frequent",
            "That is log2 of the number of different values: right only if all are equally frequent. A frequent value "
            "needs fewer bits than a rare one.",
            lambda values: float(np.log2(len(np.unique(values)))),
        ),
        Misconception(
            "not weighted by the share",
            "Each value's log2(1/p) counts as often as the value occurs: multiply it by p before you sum up.",
            lambda values: float(np.log2(1 / _shares(values)).sum()),
        ),
        Misconception(
            "mean over values",
            "The mean is over all *weights*, not over the different values: multiply log2(1/p) by p and sum up.",
            lambda values: float(np.log2(1 / _shares(values)).mean()),
        ),
        Misconception(
            "sign",
            "p is below 1, so log2(p) is negative. Use log2(1/p), or put a minus in front.",
            lambda values: -entropy.entropy_bits(values),
        ),
        Misconception(
            "total instead of mean",
            "That is for all values together. The entropy is per value: use shares instead of counts.",
            lambda values: entropy.entropy_bits(values) * len(values),
        ),
        Misconception(
            "counts instead of shares",
            "You weigh by counts. p is a *share*: the count divided by the number of all values.",
            lambda values: _from_counts(values, lambda c: c @ np.log2(1 / c)),
        ),
        Misconception(
            "counts instead of shares, sign lost",
            "You weigh by counts, without the minus. p is a *share*: the count divided by the number of all values.",
            lambda values: _from_counts(values, lambda c: c @ np.log2(c)),
        ),
        Misconception(
            "shares of the different values",
            "You divide by how many *different* values there are. A share is the count divided by the number of "
            "all values.",
            lambda values: _from_counts(values, lambda c: c / len(c) @ np.log2(len(c) / c)),
        ),
        Misconception(
            "each length rounded up",
            "log2(1/p) need not be whole: entropy is a mean, and a floor for codes. What rounding costs comes "
            "with Huffman.",
            lambda values: float(_shares(values) @ np.ceil(np.log2(1 / _shares(values)))),
        ),
        Misconception(
            "rounded up",
            "Entropy need not be whole: it is a mean over all values. Return it as it is.",
            lambda values: float(np.ceil(entropy.entropy_bits(values))),
        ),
        Misconception(
            "the rarest value only",
            "That is what the rarest value takes. Take the mean over all values: multiply each log2(1/p) by p and "
            "sum up.",
            lambda values: float(np.log2(1 / _shares(values)).max()),
        ),
        Misconception(
            "logarithm of the number of values",
            "That is log2 of how many values there are in all. What counts is how often each of them occurs.",
            lambda values: float(np.log2(len(values))),
        ),
        Misconception(
            "shares of the largest entropy",
            "That is a share of what is possible, between 0 and 1. The result is in bits: do not divide by log2 "
            "of the number of values.",
            lambda values: entropy.entropy_bits(values) / max(1.0, np.log2(len(_shares(values)))),
        ),
        Misconception(
            "divided twice",
            "The shares add up to 1, so the sum is a mean already. Divide by nothing more.",
            lambda values: entropy.entropy_bits(values) / len(values),
        ),
        Misconception(
            "mean of the products",
            "The p in front makes the sum a mean already: add up p × log2(1/p), without dividing by the number of "
            "different values.",
            lambda values: entropy.entropy_bits(values) / len(_shares(values)),
        ),
        Misconception(
            "bits of the range",
            "So many bits number every integer from the smallest to the largest. Entropy looks at how *often* "
            "each value occurs.",
            lambda values: float(np.log2(float(values.max()) - float(values.min()) + 1)),
        ),
    ),
    meaning="You know the floor under every code of single values, before you have built one.",
)


def _tied(counts: dict, most_frequent: bool = False, whole_parcel: bool = True) -> dict[object, int]:
    """Huffman's lengths; or with the most frequent parcels tied first, or with only bare values becoming longer."""
    if len(counts) == 1:
        return dict.fromkeys(counts, 1)
    lengths = dict.fromkeys(counts, 0)
    parcels = [(count, [value]) for value, count in counts.items()]
    while len(parcels) > 1:
        parcels.sort(key=lambda parcel: parcel[0], reverse=most_frequent)
        (count_a, a), (count_b, b), *parcels = parcels
        for parcel in (a, b):
            for value in parcel if whole_parcel or len(parcel) == 1 else ():
                lengths[value] += 1
        parcels.append((count_a + count_b, a + b))
    return lengths


def _equal(counts: dict) -> dict[object, int]:
    return dict.fromkeys(counts, max(1, (len(counts) - 1).bit_length()))


def _shannon(counts: dict) -> dict[object, int]:
    total = sum(counts.values())
    return {value: max(1, math.ceil(math.log2(total / count))) for value, count in counts.items()}


def _unary(counts: dict) -> dict[object, int]:
    ordered = [value for value, _ in Counter(counts).most_common()]
    return {value: min(place + 1, max(1, len(counts) - 1)) for place, value in enumerate(ordered)}


code_lengths = Check(
    name="code_lengths",
    exercise="5.6",
    reference=_tied,
    cases=(
        ({"A": 50, "B": 20, "C": 11, "D": 6},),
        ({0: 700, 5: 90, -5: 85, 12: 40, -12: 38, 30: 20, -30: 17},),
        ({"a": 45, "b": 13, "c": 12, "d": 16, "e": 9, "f": 5},),
        ({1: 10, 2: 11, 3: 12, 4: 13},),
        ({7: 3},),
    ),
    misconceptions=(
        Misconception(
            "most frequent first",
            "You tied the two most *frequent* parcels, so the frequent values got the long codes. Tie the two rarest: "
            "what is tied early becomes long.",
            lambda counts: _tied(counts, most_frequent=True),
        ),
        Misconception(
            "depth ignored",
            "When a parcel is tied into another one, *every* value in it gets one bit longer, not only a value that "
            "was still alone.",
            lambda counts: _tied(counts, whole_parcel=False),
        ),
        Misconception(
            "one length for all",
            "That is what indices of fixed width take. The point of Huffman's code is that frequent values take less.",
            _equal,
        ),
        Misconception(
            "each length alone from its share",
            "log2(1/p), rounded up for each value, makes a code that works (Shannon), but one that is often too long. "
            "Tie parcels instead.",
            _shannon,
        ),
        Misconception(
            "one longer for each place",
            "1, 2, 3, 4 ... is right only where each value is more frequent than all rarer ones together. Two parcels "
            "may well be tied that hold several values each.",
            _unary,
        ),
    ),
    meaning="No code of single values is shorter: that is what Huffman proved.",
)


def _decoded(bits: str, codes: dict, count: int) -> list[object]:
    values: list[object] = []
    code = ""
    for bit in bits:
        code += bit
        if len(values) < count and code in codes:
            values.append(codes[code])
            code = ""
    return values


def _padding_too(bits: str, codes: dict, count: int) -> list[object]:
    return _decoded(bits, codes, len(bits))


def _longest_first(bits: str, codes: dict, count: int) -> list[object]:
    """As many bits as the longest code has, compared as numbers; fewer where that is no code."""
    numbers = {int(code, 2): value for code, value in codes.items()}
    longest, at, values = max(map(len, codes)), 0, list[object]()
    while at < len(bits) and len(values) < count:
        for length in range(longest, 0, -1):
            number = int(bits[at : at + length], 2)
            if number in numbers:
                break
        values.append(numbers.get(number))
        at += length
    return values


def _fixed_width(bits: str, codes: dict, count: int) -> list[object]:
    """Each value is looked up right, but the reader then moves on by the longest code."""
    longest, values = max(map(len, codes)), list[object]()
    for at in range(0, len(bits), longest):
        if len(values) < count:
            values += _decoded(bits[at : at + longest], codes, 1)
    return values


def _backwards(bits: str, codes: dict, count: int) -> list[object]:
    return _decoded(bits[::-1], codes, count)


_CODES = {"0": 0, "10": 5, "110": -5, "1110": 9, "1111": -9}
_WIDE = {"00": "a", "01": "b", "10": "c", "110": "d", "111": "e"}

decode_bits = Check(
    name="decode_bits",
    exercise="5.7",
    reference=_decoded,
    cases=(
        ("0101101110001111" + "0000", _CODES, 8),
        ("1110" + "10" + "0" + "110" + "1111" + "00", _CODES, 5),
        ("110" + "00" + "01" + "111" + "10" + "01" + "00", _WIDE, 6),
        ("10" + "111" + "110" + "01" + "00" + "110" + "0", _WIDE, 6),
    ),
    misconceptions=(
        Misconception(
            "padding decoded",
            "The zeros that fill the last byte look like codes, but they are not values. Stop after `count` of them.",
            _padding_too,
        ),
        Misconception(
            "codes compared as numbers, the longest first",
            "01 and 1 are the same *number*, but not the same code. Compare strings of bits, beginning with the "
            "shortest: the first that is a code is the one, because no code begins another.",
            _longest_first,
        ),
        Misconception(
            "always as far as the longest code",
            "After a value the next code begins right behind *its* bits, not at a multiple of the longest length.",
            _fixed_width,
        ),
        Misconception(
            "read from the end",
            "The first bit of the string comes first. Backwards, codes are not free of beginnings any more.",
            _backwards,
        ),
    ),
    meaning="You can read a stream without commas. You have also seen why a processor does not like to.",
)

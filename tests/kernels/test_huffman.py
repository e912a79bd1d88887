"""Huffman codes: what is encoded comes back, in as few bits as any such code could take."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdl_course.kernels.huffman import (
    LONGEST,
    HuffmanCode,
    decode,
    encode,
    encoded_bits,
    huffman_code,
    tables,
)

INT8 = st.integers(-128, 127)
FIBONACCI = [1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987, 1597, 2584, 4181, 6765]
LEAST_FOR_LONGER = 4181
"""Values: with fewer no code of Huffman's is longer than 16 bits, since each level takes a Fibonacci number more."""


@st.composite
def values(draw: st.DrawFn) -> np.ndarray:
    """Some values, each some times: equal shares up to shares that double."""
    symbols = draw(st.lists(INT8, min_size=1, max_size=40, unique=True))
    counts = [draw(st.sampled_from([1, 2, 3, 10, 500, *FIBONACCI[:15]])) for _ in symbols]
    repeated = np.repeat(np.array(symbols, np.int8), counts)
    return np.random.default_rng(draw(st.integers(0, 99))).permutation(repeated)


def entropy(x: np.ndarray) -> float:
    """Bits per value."""
    shares = np.unique(x, return_counts=True)[1] / len(x)
    return float(-(shares * np.log2(shares)).sum())


def huffman_bits(x: np.ndarray) -> int:
    """Bits of all values by Huffman's own method, without a limit: each merge makes all below it one bit longer."""
    heap = np.unique(x, return_counts=True)[1].tolist()
    heapq.heapify(heap)
    bits = 0
    while len(heap) > 1:
        both = heapq.heappop(heap) + heapq.heappop(heap)
        heapq.heappush(heap, both)
        bits += both
    return bits


def kraft_sum(code: HuffmanCode) -> float:
    """1: complete; above 1 no prefix-free code has such lengths. Exact, since all terms are powers of two."""
    return sum(2.0**-length for length in code.lengths)


@settings(max_examples=60, deadline=None)
@given(values())
def test_what_is_encoded_comes_back(x: np.ndarray) -> None:
    code = huffman_code(x)
    stream = encode(x, code)
    assert len(stream) == -(-encoded_bits(x, code) // 8)
    np.testing.assert_array_equal(decode(stream, code, len(x)), x)


@settings(deadline=None)
@given(values())
def test_the_code_is_prefix_free_complete_and_near_the_entropy(x: np.ndarray) -> None:
    code = huffman_code(x)
    words = [f"{bits:0{length}b}" for bits, length in zip(code.codes, code.lengths, strict=True)]
    assert set(code.symbols) == set(x.tolist()) and len(set(code.symbols)) == len(words)
    assert max(code.lengths) <= LONGEST and list(code.lengths) == sorted(code.lengths)
    in_order = sorted(words)  # a prefix stands directly before what begins with it
    assert not any(b.startswith(a) for a, b in zip(in_order, in_order[1:], strict=False))
    mean = encoded_bits(x, code) / len(x)
    if len(words) == 1:
        assert code.lengths == (1,)
    else:
        assert kraft_sum(code) == 1.0
        assert entropy(x) - 1e-9 <= mean
        if len(x) < LEAST_FOR_LONGER:
            assert mean < entropy(x) + 1
            assert encoded_bits(x, code) == huffman_bits(x)


def test_lengths_are_limited() -> None:
    """Shares of Fibonacci numbers would take one bit more for each value."""
    x = np.repeat(np.arange(len(FIBONACCI), dtype=np.int8), FIBONACCI)
    code = huffman_code(x)
    assert max(code.lengths) == LONGEST < len(FIBONACCI) - 1
    assert kraft_sum(code) == 1.0
    assert huffman_bits(x) < encoded_bits(x, code) < 1.001 * huffman_bits(x)
    np.testing.assert_array_equal(decode(encode(x[:300], code), code, 300), x[:300])


def test_all_values_once_take_eight_bits() -> None:
    x = np.arange(-128, 128).astype(np.int8)
    assert huffman_code(x).lengths == (8,) * 256
    assert len(encode(x, huffman_code(x))) == 256


@given(values())
def test_tables_are_small(x: np.ndarray) -> None:
    code = huffman_code(x)
    assert tables(code).nbytes <= len(code.symbols) + 3 * (LONGEST + 1) + 32


def test_refusals_say_what_is_wrong() -> None:
    code = huffman_code(np.array([1, 2, 2], np.int8))
    with pytest.raises(ValueError, match="value 3 has no code; the code has 2 values"):
        encode(np.array([3], np.int8), code)
    with pytest.raises(ValueError, match="1 bytes ends after 8 values; 9 were asked for"):
        decode(b"\x00", code, 9)
    with pytest.raises(ValueError, match="no values"):
        huffman_code(np.zeros(0, np.int8))

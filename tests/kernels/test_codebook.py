"""Codebooks: every weight is found again, and who has none is told why."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tdl_course.kernels.codebook import BOOK, book_of, packed_words, why_not
from tdl_course.ops.int4 import unpack_int4


@given(st.lists(st.integers(-128, 127), min_size=1, max_size=16, unique=True), st.integers(0, 2**32 - 1))
def test_weights_come_back_from_their_indices(values: list[int], seed: int) -> None:
    weights = np.random.default_rng(seed).choice(values, 80).astype(np.int8)
    book = book_of(weights, "int8")
    assert book.shape == (BOOK,) and why_not(weights, "int8", zero=False) is None
    packed = packed_words(weights, book)
    assert packed.dtype == np.uint32 and packed.size == 10
    np.testing.assert_array_equal(book[unpack_int4(packed.view(np.uint8)) & 15], weights)


@given(st.lists(st.integers(-8, 7), min_size=8, max_size=8))
def test_int4_weights_are_their_own_indices(values: list[int]) -> None:
    weights = np.array(values, np.int8)
    packed = packed_words(weights, book_of(weights, "int4"))
    np.testing.assert_array_equal(unpack_int4(packed.view(np.uint8)), weights)


def test_why_there_is_no_book() -> None:
    sixteen = np.arange(1, 17).repeat(9)
    assert why_not(sixteen, "int8", zero=False) is None
    assert why_not(sixteen, "int8", zero=True) == "its weights take 17 values; a codebook holds 16"
    assert why_not(np.arange(17).repeat(9), "int8", zero=False) == "its weights take 17 values; a codebook holds 16"
    assert why_not(np.zeros(32), "int8", zero=True) == "its weights would not shrink"
    assert why_not(np.zeros(32), "int4", zero=True) is None

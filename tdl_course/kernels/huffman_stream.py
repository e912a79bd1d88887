"""Weights as a Huffman code, as the kernels "huffman" read them: `tdl_huffman.h`.

In: int8 weights in the order in which they are decoded. Out: the parameters that hold them, or why that saves nothing.
"""

from __future__ import annotations

import numpy as np

from tdl_course.kernels.huffman import encode, encoded_bits, huffman_code, tables
from tdl_course.ops.operator import ConstArray, Param


def would_not_shrink(values: np.ndarray, weight_bytes: int) -> str | None:
    """None where the code of all `values`, tables and all, takes less than `weight_bytes`."""
    code = huffman_code(values)
    if 2 * halfwords(encoded_bits(values, code)) + tables(code).nbytes >= weight_bytes:
        return "its weights would not shrink"
    return None


def halfwords(bits: int) -> int:
    """Of a stream: it is read a halfword at a time, and up to one ahead."""
    return -(-bits // 16) + 1


def stream_params(values: np.ndarray) -> tuple[Param, ...]:
    """The stream and the tables of its code."""
    code = huffman_code(values)
    table, stream = tables(code), encode(values, code)
    padded = stream.ljust(2 * halfwords(encoded_bits(values, code)), b"\0")
    return (
        Param("const uint16_t *", "stream", ConstArray("uint16_t", np.frombuffer(padded, ">u2"))),
        Param("const int8_t *", "symbols", ConstArray("int8_t", table.symbols)),
        Param("const uint16_t *", "last", ConstArray("uint16_t", table.last)),
        Param("const uint8_t *", "offset", ConstArray("uint8_t", table.offset)),
        Param("const uint8_t *", "start", ConstArray("uint8_t", table.start)),
    )

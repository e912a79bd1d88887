"""Entropy coding: frequent values in few bits; and what each stage of Deep Compression leaves of a network.

In: integers, or pruned float weights. Out: bits and bytes, and streams that decode again. The coder is the one of our
firmware kernel (`kernels.huffman`): canonical, at most 16 bits a code, int8 values. This module knows no layer.

Sources: C. E. Shannon, "A Mathematical Theory of Communication", 1948; D. A. Huffman, "A Method for the Construction of
Minimum-Redundancy Codes", 1952; S. Han, H. Mao, W. J. Dally, "Deep Compression", 2016.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tdl_course.compress.cluster import Codebook, kmeans
from tdl_course.compress.prune import RelativeIndex, relative_index
from tdl_course.kernels.huffman import HuffmanCode, decode, encode, encoded_bits, huffman_code, tables
from tdl_course.table import Table

__all__ = [
    "Coded",
    "Compressed",
    "HuffmanCode",
    "StageBytes",
    "Stages",
    "code_values",
    "decode",
    "deep_compress",
    "deep_compression_size",
    "encode",
    "encoded_bits",
    "entropy_bits",
    "huffman_bytes",
    "huffman_code",
]


def entropy_bits(values: np.ndarray) -> float:
    """Bits per value that no code of single values can beat: -sum p log2 p of the shares p (Shannon, 1948).

    >>> entropy_bits(np.array([1, 1, 2, 3])), entropy_bits(np.array([5, 5]))
    (1.5, 0.0)
    """
    counts = np.unique(values, return_counts=True)[1]
    if not len(counts):
        raise ValueError("no values; at least 1 is needed")
    shares = counts / counts.sum()
    return float(shares @ np.log2(1 / shares))


@dataclass(frozen=True)
class Coded:
    """`count` bytes as one stream, and the code that reads it."""

    stream: bytes
    code: HuffmanCode
    count: int

    @property
    def nbytes(self) -> int:
        """The stream, and the tables that our decoder reads."""
        return len(self.stream) + tables(self.code).nbytes

    def decode(self) -> np.ndarray:
        """The values, uint8 [count]."""
        return decode(self.stream, self.code, self.count).view(np.uint8)


def code_values(values: np.ndarray) -> Coded:
    """Values of 8 bits, int8 or uint8, by the code that makes them shortest."""
    values = np.asarray(values)
    if values.dtype not in (np.int8, np.uint8):
        raise ValueError(f"values of {values.dtype}; int8 and uint8 are allowed")
    flat = values.ravel().view(np.int8)
    code = huffman_code(flat)
    return Coded(encode(flat, code), code, flat.size)


def huffman_bytes(values: np.ndarray) -> int:
    """Bytes of int8 or uint8 `values` when Huffman coded: the stream and the decoder's tables."""
    return code_values(values).nbytes


class StageBytes(NamedTuple):
    """Bytes of weights after each stage of Deep Compression.

    `float32` as trained; `pruned`: the float32 values that are left, and the numbers of zeros between them; `shared`:
    indices into a table instead of values; `huffman`: indices and numbers coded, with the tables of both decoders.
    """

    float32: int
    pruned: int
    shared: int
    huffman: int


@dataclass(frozen=True)
class Stages:
    """Bytes after each stage, by the name of the weights."""

    layers: Mapping[str, StageBytes]

    @property
    def total(self) -> StageBytes:
        """Of all layers together."""
        return StageBytes(*(sum(sizes) for sizes in zip(*self.layers.values(), strict=True)))

    @property
    def table(self) -> Table:
        """A row for each layer and one for all; the last column is how many times smaller it has become."""
        sizes = {**self.layers, "all": self.total}
        rows = [
            (name, *(f"{size:,}" for size in layer), f"{layer.float32 / layer.huffman:.1f}")
            for name, layer in sizes.items()
        ]
        columns = ("weights", *(f"{stage} [B]" for stage in StageBytes._fields), "times smaller")
        return Table("Bytes after each stage of Deep Compression", columns, tuple(rows), "measured: bytes counted")

    def __str__(self) -> str:
        return str(self.table)

    def _repr_html_(self) -> str:
        return self.table._repr_html_()


@dataclass(frozen=True, eq=False)
class Compressed:
    """A weight array after all stages: coded `gaps` and `indices`, the `centroids` float32 [k]; and its `stages`."""

    gaps: Coded
    indices: Coded
    centroids: np.ndarray
    shape: tuple[int, ...]
    index_bits: int
    stages: StageBytes

    @property
    def nbytes(self) -> int:
        return self.gaps.nbytes + self.indices.nbytes + self.centroids.nbytes

    def decode(self) -> np.ndarray:
        """The shared weights again, float32. A loop over bits: a second for some ten thousand weights."""
        values = Codebook(self.centroids, self.indices.decode()).decode()
        return RelativeIndex(self.gaps.decode(), values, self.shape, self.index_bits).decode()


def deep_compress(weights: np.ndarray, clusters: int = 32, index_bits: int = 5) -> Compressed:
    """All stages of Deep Compression on one array that is pruned already: its zeros are not stored.

    Where a gap is too long and a zero is stored instead, one of the clusters is 0. Weights that share at most
    `clusters` values already, as after training a codebook, keep them exactly.

    Parameters
    ----------
    weights : float array
        Not all zero.
    clusters : int
        1 to 256; Han et al. take 32 for dense layers and 256 for convolutions of AlexNet.
    index_bits : int
        1 to 8 bits for the zeros before each stored weight; the tables of Han et al. have 5, and 4 for AlexNet.

    Raises
    ------
    ValueError
        All weights are zero or one is not finite; `clusters` or `index_bits` is not allowed.
    """
    weights = np.asarray(weights, np.float32)
    sparse = relative_index(weights, index_bits)
    stored = len(sparse.values)
    if not stored:
        raise ValueError(f"all {weights.size} weights are zero; at least 1 must be left: prune less, or drop the layer")
    codebook = kmeans(sparse.values, clusters, keep_zero=bool((sparse.values == 0).any()))
    gaps, indices = code_values(sparse.gaps), code_values(codebook.indices)
    gap_bytes = -(-stored * index_bits // 8)
    stages = StageBytes(
        float32=weights.nbytes,
        pruned=gap_bytes + sparse.values.nbytes,
        shared=gap_bytes + codebook.nbytes(),
        huffman=gaps.nbytes + indices.nbytes + codebook.centroids.nbytes,
    )
    return Compressed(gaps, indices, codebook.centroids, weights.shape, index_bits, stages)


def deep_compression_size(weights: Mapping[str, np.ndarray], clusters: int = 32, index_bits: int = 5) -> Stages:
    """Bytes of each array after each stage of `deep_compress`.

    Parameters
    ----------
    weights : pruned float arrays by name
        At least one. Kernels; biases are few and stay as they are.
    clusters, index_bits : int
        As in `deep_compress`.
    """
    if not weights:
        raise ValueError("no weights; at least one array is needed, such as {'dense': kernel}")
    return Stages({name: deep_compress(array, clusters, index_bits).stages for name, array in weights.items()})

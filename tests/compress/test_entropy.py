"""Entropy coding: no shorter than Shannon allows, hardly longer, and everything decodes again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tdl_course.compress import cluster, entropy, prune
from tdl_course.kernels.huffman import tables

BYTES = arrays.arrays(np.int8, st.integers(1, 200), elements=st.integers(-3, 3) | st.integers(-128, 127))


@given(BYTES)
def test_the_mean_length_lies_within_a_bit_above_the_entropy(x):
    bound = entropy.entropy_bits(x)
    mean = entropy.encoded_bits(x, entropy.huffman_code(x)) / x.size
    assert bound - 1e-9 <= mean <= bound + 1 and (mean < bound + 1 or bound == 0)


@given(BYTES, st.randoms())
def test_entropy_knows_shares_only(x, random):
    names = list(range(1000, 1256))
    random.shuffle(names)
    renamed = np.array(names)[x.astype(int) + 128]
    assert entropy.entropy_bits(np.tile(renamed, 3)) == pytest.approx(entropy.entropy_bits(x), abs=1e-12)
    assert -1e-12 <= entropy.entropy_bits(x) <= np.log2(len(np.unique(x))) + 1e-12


@given(BYTES, st.booleans())
def test_coded_values_come_back(x, unsigned):
    values = x.view(np.uint8) if unsigned else x
    coded = entropy.code_values(values)
    np.testing.assert_array_equal(coded.decode(), x.view(np.uint8))
    bits = entropy.encoded_bits(x, coded.code)
    assert coded.nbytes == entropy.huffman_bytes(values) == -(-bits // 8) + tables(coded.code).nbytes


@st.composite
def pruned(draw):
    """Normal weights of which some are zero, mostly many."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    w = random.normal(size=draw(arrays.array_shapes(max_dims=3, max_side=8))).astype(np.float32)
    w *= prune.magnitude_mask(w, draw(st.sampled_from([0.0, 0.5, 0.9, 0.97])))
    w.flat[draw(st.integers(0, w.size - 1))] = 1.0
    return w


@settings(max_examples=50)
@given(pruned(), st.integers(2, 40), st.integers(1, 8))
def test_a_compressed_array_decodes_to_shared_weights(w, clusters, index_bits):
    compressed = entropy.deep_compress(w, clusters, index_bits)
    decoded = compressed.decode()
    assert decoded.shape == w.shape and decoded.dtype == np.float32
    assert (decoded[w == 0] == 0).all() and len(np.unique(decoded[decoded != 0])) <= clusters
    assert compressed.nbytes == compressed.stages.huffman
    again = entropy.deep_compress(decoded, clusters + 1, index_bits) if decoded.any() else compressed
    np.testing.assert_array_equal(again.decode(), decoded, "shared weights stay as they are")
    nearest = np.abs(w[..., None] - compressed.centroids).min(axis=-1)
    np.testing.assert_allclose(np.abs(w - decoded)[w != 0], nearest[w != 0], atol=1e-6)


@settings(max_examples=30)
@given(pruned(), st.integers(2, 40), st.integers(1, 8))
def test_each_stage_counts_what_it_stores(w, clusters, index_bits):
    stages = entropy.deep_compression_size({"w": w}, clusters, index_bits).layers["w"]
    stored = len(prune.relative_index(w, index_bits).values)
    used = entropy.deep_compress(w, clusters, index_bits).centroids
    gaps = int(np.ceil(stored * index_bits / 8))
    bits = int(np.ceil(np.log2(len(used))))
    assert stages.float32 == 4 * w.size
    assert stages.pruned == gaps + 4 * stored
    assert stages.shared == gaps + int(np.ceil(stored * bits / 8)) + 4 * len(used)


def test_a_large_layer_shrinks_at_every_stage():
    w = np.random.default_rng(0).normal(size=(300, 100)).astype(np.float32)
    w *= prune.magnitude_mask(w, 0.9)
    stages = entropy.deep_compression_size({"first": w, "second": w[:100]})
    first, second = stages.layers["first"], stages.layers["second"]
    assert first.float32 > 5 * first.pruned > 15 * first.shared / 2 and first.shared > first.huffman
    assert stages.total == tuple(a + b for a, b in zip(first, second, strict=True))
    for shown in (str(stages), stages._repr_html_()):
        assert all(text in shown for text in ("first", "second", "all", "120,000", f"{stages.total.huffman:,}"))


def test_a_trained_codebook_is_taken_as_it_is():
    w = np.random.default_rng(0).normal(size=(40, 40)).astype(np.float32)
    w *= prune.magnitude_mask(w, 0.8)
    book = cluster.kmeans(w, 16, keep_zero=True)
    np.testing.assert_array_equal(entropy.deep_compress(book.decode(), 16).decode(), book.decode())


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: entropy.entropy_bits(np.zeros(0)), "no values"),
        (lambda: entropy.huffman_bytes(np.zeros(3)), "float64; int8 and uint8"),
        (lambda: entropy.deep_compress(np.zeros(3)), "all 3 weights are zero"),
        (lambda: entropy.deep_compress(np.array([1.0, np.nan])), "1 of them finite"),
        (lambda: entropy.deep_compression_size({}), "at least one array"),
    ],
)
def test_bad_arguments_are_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()

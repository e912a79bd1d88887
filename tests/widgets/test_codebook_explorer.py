"""The codebook explorer's numbers are those of the library, and turning a knob changes them."""

import numpy as np
import pytest

from tdl_course.compress import cluster, entropy
from tdl_course.widgets import CodebookExplorer
from tdl_course.widgets.codebook import layer_bytes


@pytest.fixture
def explorer():
    rng = np.random.default_rng(0)
    return CodebookExplorer({"small": rng.normal(size=(4, 2)), "large": rng.normal(size=(7, 1, 3, 40)) ** 3})


def test_it_opens_with_the_largest_layer_and_redraws_when_a_knob_is_turned(explorer):
    before = explorer.view.value
    assert "large with 16 centroids of a linear start" in before
    explorer.bits.value = 2
    assert "large with 4 centroids" in explorer.view.value
    explorer.layer.value = "small"
    explorer.init.value = "density"
    assert "small with 4 centroids of a density start" in explorer.view.value


def test_k_means_lowers_the_error_of_every_start(explorer):
    for init in cluster.INITS:
        start, end = (explorer.codebook("large", 3, init, moved) for moved in (False, True))
        weights = explorer.weights["large"]
        assert cluster.distortion(weights, end) < cluster.distortion(weights, start)


def test_bytes_are_those_of_the_library(explorer):
    weights = explorer.weights["large"]
    book = cluster.kmeans(weights, 16)
    assert layer_bytes(weights, book) == {
        "float32": weights.nbytes,
        "int8": weights.size,
        "indices, table": weights.size // 2 + 16,
        "Huffman, tables": entropy.huffman_bytes(book.indices) + 16,
    }
    assert f"Huffman, tables {entropy.huffman_bytes(book.indices) + 16:,}" in explorer.view.value


def test_a_codebook_is_computed_once_for_a_setting(explorer):
    explorer.bits.value = 3
    misses = explorer.codebook.cache_info().misses
    explorer.bits.value = 4
    explorer.bits.value = 3
    assert explorer.codebook.cache_info().misses == misses


def test_a_failure_is_shown_in_the_box(explorer):
    explorer.weights["large"] = np.full(3, np.nan)
    explorer.bits.value = 5
    assert "Could not draw this setting" in explorer.view.value

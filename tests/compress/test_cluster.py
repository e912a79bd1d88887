"""Weight sharing: few values, each weight at its nearest, an error that only falls, the right gradient."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tdl_course.compress import cluster

FLOATS = st.floats(-10, 10, width=32).map(lambda value: 0.0 if abs(value) < 1e-3 else value)
WEIGHTS = arrays.arrays(
    np.float32, arrays.array_shapes(max_dims=3, max_side=8), elements=st.integers(-3, 3).map(float) | FLOATS
)
K = st.integers(1, 20)
INIT = st.sampled_from(cluster.INITS)


@given(WEIGHTS, K, INIT, st.integers(0, 20), st.booleans())
def test_at_most_k_values_and_each_weight_at_the_nearest(w, k, init, iterations, keep_zero):
    book = cluster.kmeans(w, k, init, iterations, keep_zero=keep_zero)
    assert book.centroids.dtype == np.float32 and book.indices.dtype == np.uint8 and book.indices.shape == w.shape
    assert len(book.centroids) <= k and (np.diff(book.centroids) >= 0).all()
    decoded = book.decode()
    assert decoded.dtype == np.float32 and len(np.unique(decoded)) <= k
    distance = np.abs(w[..., None].astype(np.float64) - book.centroids)
    np.testing.assert_allclose(np.abs(w - decoded.astype(np.float64)), distance.min(axis=-1), atol=1e-12)
    if keep_zero:
        assert 0.0 in book.centroids and (decoded[w == 0] == 0).all()


@given(WEIGHTS, K, INIT, st.booleans())
def test_the_error_never_grows(w, k, init, keep_zero):
    errors = [cluster.distortion(w, cluster.kmeans(w, k, init, i, keep_zero=keep_zero)) for i in range(8)]
    assert all(after <= before * (1 + 1e-6) + 1e-12 for before, after in zip(errors, errors[1:], strict=False))


@given(WEIGHTS, K, INIT)
def test_in_the_end_no_centroid_is_idle_and_each_is_the_mean_of_its_weights(w, k, init):
    book = cluster.kmeans(w, k, init, iterations=1000)
    assert len(book.centroids) == min(k, len(np.unique(w)))
    means = [w[book.indices == i].mean(dtype=np.float64) for i in range(len(book.centroids))]
    np.testing.assert_allclose(book.centroids, means, rtol=1e-5, atol=1e-5)


@given(WEIGHTS)
def test_few_different_weights_are_kept_exactly(w):
    book = cluster.kmeans(w, len(np.unique(w)))
    np.testing.assert_array_equal(book.decode(), w)
    assert cluster.distortion(w, book) == 0.0


@given(WEIGHTS, K)
def test_starts_lie_among_the_weights_and_linear_is_linear(w, k):
    for method in cluster.INITS:
        start = cluster.initial_centroids(w, k, method)
        assert start.shape == (k,) and (np.diff(start) >= 0).all()
        assert w.min() <= start.min() and start.max() <= w.max()
    np.testing.assert_allclose(np.diff(cluster.initial_centroids(w, k), 2), 0, atol=1e-9)


def test_density_puts_as_many_weights_at_each_centroid_and_linear_does_not():
    w = np.random.default_rng(0).normal(size=8000)
    share = {
        method: np.bincount(cluster.nearest(w, cluster.initial_centroids(w, 8, method)), minlength=8) / len(w)
        for method in cluster.INITS
    }
    assert share["density"].min() > 0.08 and share["linear"].min() < 0.01


def test_four_centroids_of_uniform_weights_are_the_middles_of_quarters():
    """The optimum is known: equal cells."""
    book = cluster.kmeans(np.linspace(0, 1, 4001), 4, "random", iterations=1000)
    np.testing.assert_allclose(book.centroids, [1 / 8, 3 / 8, 5 / 8, 7 / 8], atol=1e-2)


@given(WEIGHTS, K, st.integers(0, 2**32 - 1))
def test_the_gradient_is_what_moving_a_centroid_does_to_the_loss(w, k, seed):
    book = cluster.kmeans(w, k)
    slope = np.random.default_rng(seed).normal(size=w.shape)

    def loss(centroids):
        return float(np.sum(slope * np.sin(centroids[book.indices])))

    centroids = book.centroids.astype(np.float64)
    gradient = cluster.centroid_gradient(slope * np.cos(centroids[book.indices]), book.indices, len(centroids))
    step = 1e-5 * np.eye(len(centroids))
    measured = [(loss(centroids + move) - loss(centroids - move)) / 2e-5 for move in step]
    np.testing.assert_allclose(gradient, measured, atol=1e-6)


@given(WEIGHTS, K)
def test_bytes_are_packed_indices_and_table(w, k):
    book = cluster.kmeans(w, k)
    used = len(book.centroids)
    assert 2**book.bits >= used > (2**book.bits) // 2
    assert book.nbytes() == int(np.ceil(book.bits * w.size / 8)) + 4 * used
    assert book.nbytes() - book.nbytes(centroid_bytes=1) == 3 * used


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: cluster.kmeans(np.ones(4), 0), "k is 0; 1 to 256"),
        (lambda: cluster.kmeans(np.ones(4), 257), "k is 257"),
        (lambda: cluster.kmeans(np.zeros(0), 2), "0 weights"),
        (lambda: cluster.kmeans(np.array([1.0, np.inf]), 2), "2 weights, 1 of them finite"),
        (lambda: cluster.kmeans(np.arange(4.0), 2, iterations=-1), "-1 iterations"),
        (lambda: cluster.kmeans(np.arange(4.0), 2, "forgy"), "linear, random, density"),
        (lambda: cluster.centroid_gradient(np.ones(3), np.zeros(4, np.uint8), 2), r"\[3\] for indices of \[4\]"),
    ],
)
def test_bad_arguments_are_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()

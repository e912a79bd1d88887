"""Pruning: exactly as many weights as asked for, the smallest ones, and sizes that a decoder confirms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tdl_course.compress import prune

SHAPES = arrays.array_shapes(min_dims=1, max_dims=4, max_side=6)
SHARES = st.floats(0, 1)
COARSE = st.integers(-4, 4).map(float)
"""Few different values: many ties."""


def weights(shapes=SHAPES):
    return arrays.arrays(np.float32, shapes, elements=COARSE | st.floats(-10, 10, width=32))


@given(weights(), SHARES)
def test_as_many_go_as_asked_for_and_none_is_greater_than_one_that_stays(w, share):
    mask = prune.magnitude_mask(w, share)
    assert mask.shape == w.shape and mask.dtype == bool
    assert np.count_nonzero(~mask) == round(share * w.size)
    assert np.abs(w[~mask]).max(initial=0) <= np.abs(w[mask]).min(initial=np.inf)


@given(weights(), SHARES, SHARES)
def test_more_sparsity_only_removes_more(w, a, b):
    less, more = prune.magnitude_mask(w, min(a, b)), prune.magnitude_mask(w, max(a, b))
    assert (less | ~more).all()


@given(st.integers(1, 30), SHARES)
def test_of_equal_magnitudes_the_first_go(size, share):
    mask = prune.magnitude_mask(np.resize([1.0, -1.0], size), share)
    assert mask.tolist() == sorted(mask.tolist())


@given(st.lists(weights(), min_size=1, max_size=3), SHARES)
def test_global_masks_share_one_threshold(listed, share):
    by_name = {f"layer {i}": w for i, w in enumerate(listed)}
    masks = prune.global_masks(by_name, share)
    assert list(masks) == list(by_name)
    assert all(masks[name].shape == w.shape for name, w in by_name.items())
    gone = np.concatenate([np.abs(w[~masks[name]]) for name, w in by_name.items()])
    kept = np.concatenate([np.abs(w[masks[name]]) for name, w in by_name.items()])
    assert len(gone) == round(share * sum(w.size for w in listed))
    assert gone.max(initial=0) <= kept.min(initial=np.inf)


def test_no_arrays_have_no_masks():
    assert prune.global_masks({}, 0.5) == {}


@given(st.data())
def test_n_of_m_stay_in_every_group(data):
    m, axis = data.draw(st.integers(1, 5)), data.draw(st.integers(-3, 2))
    n = data.draw(st.integers(0, m))
    shape = [data.draw(st.integers(1, 3)) for _ in range(3)]
    shape[axis] *= m
    w = data.draw(weights(st.just(tuple(shape))))
    mask = prune.n_of_m_mask(w, n, m, axis)
    rows = np.moveaxis(w, axis, -1).reshape(-1, m)
    kept = np.moveaxis(mask, axis, -1).reshape(-1, m)
    assert (kept.sum(axis=1) == n).all()
    for row, stays in zip(np.abs(rows), kept, strict=True):
        assert row[~stays].max(initial=0) <= row[stays].min(initial=np.inf)


@given(st.integers(-10, 10), st.integers(1, 100), SHARES, SHARES)
def test_the_schedule_goes_from_initial_to_final_and_never_back(begin, steps, a, b):
    initial, final = min(a, b), max(a, b)
    line = [prune.cubic_sparsity(begin + step, begin, begin + steps, final, initial) for step in range(-2, steps + 3)]
    assert line[:3] == pytest.approx([initial] * 3) and line[-3:] == [final] * 3
    assert all(before <= after + 1e-12 for before, after in zip(line, line[1:], strict=False))
    half = prune.cubic_sparsity(begin + steps, begin, begin + 2 * steps, final, initial)
    assert half == pytest.approx(final - (final - initial) / 8)


@given(weights(), st.sampled_from([1, 2]))
def test_channel_norms_are_norms_of_filters(w, order):
    for axis in range(w.ndim):
        expected = [np.linalg.norm(np.take(w, c, axis).ravel(), order) for c in range(w.shape[axis])]
        np.testing.assert_allclose(prune.channel_norms(w, axis, order), expected, rtol=1e-5, atol=1e-30)


sparse = arrays.arrays(
    np.int8, arrays.array_shapes(max_dims=2, max_side=40), elements=st.just(0), fill=st.just(0)
).flatmap(
    lambda zeros: st.lists(st.tuples(st.integers(0, zeros.size - 1), st.integers(-128, 127)), max_size=12).map(
        lambda places: scattered(zeros, places)
    )
)


def scattered(zeros, places):
    flat = zeros.copy().ravel()
    for place, value in places:
        flat[place] = value
    return flat.reshape(zeros.shape)


@given(sparse, st.integers(1, 8))
def test_relative_indices_decode_and_fill_only_where_a_gap_is_too_long(q, bits):
    stored = prune.relative_index(q, bits)
    decoded = stored.decode()
    np.testing.assert_array_equal(decoded, q)
    assert decoded.dtype == q.dtype and stored.gaps.dtype == np.uint8
    assert stored.gaps.max(initial=0) < 2**bits
    fillers = stored.values == 0
    assert (stored.gaps[fillers] == 2**bits - 1).all()
    assert len(stored.values) <= np.count_nonzero(q) + q.size // 2**bits


@given(sparse)
def test_storage_is_what_the_forms_hold(q):
    nonzeros = np.count_nonzero(q)
    assert prune.sparsity(q) == pytest.approx(1 - nonzeros / q.size)
    assert prune.storage_bytes(q, "dense") == q.nbytes
    assert prune.storage_bytes(q, "bitmap") == len(np.packbits(q != 0)) + nonzeros
    assert 2 * nonzeros <= prune.storage_bytes(q, "relative") <= 2 * (nonzeros + q.size // 256)


def test_each_form_wins_somewhere():
    def best(zeros):
        q = np.ones(4096, np.int8)
        q[np.random.default_rng(0).permutation(4096)[: int(zeros * 4096)]] = 0
        return min(prune.FORMS, key=lambda form: prune.storage_bytes(q, form))

    assert [best(zeros) for zeros in (0.05, 0.5, 0.95)] == ["dense", "bitmap", "relative"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: prune.magnitude_mask(np.ones(4), 1.1), "sparsity is 1.1; 0 to 1"),
        (lambda: prune.magnitude_mask(np.array([1.0, np.nan]), 0.5), "1 weights are not finite"),
        (lambda: prune.n_of_m_mask(np.ones((6, 4)), 2, 4), "axis -2 has 6 weights, no multiple of 4"),
        (lambda: prune.n_of_m_mask(np.ones((8, 4)), 5, 4), "5 of 4 weights"),
        (lambda: prune.cubic_sparsity(0, 5, 5, 0.5), "from step 5 to 5"),
        (lambda: prune.cubic_sparsity(0, 0, 5, -0.5), "final is -0.5"),
        (lambda: prune.sparsity(np.zeros(0)), "no weights"),
        (lambda: prune.relative_index(np.zeros(3), 9), "index_bits is 9; 1 to 8"),
        (lambda: prune.storage_bytes(np.zeros(3), "dense"), "float64; int8"),
        (lambda: prune.storage_bytes(np.zeros(3, np.int8), "csr"), "dense, bitmap, relative"),
    ],
)
def test_bad_arguments_are_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()

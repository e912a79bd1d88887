"""Thinned graphs: as many weights as asked for are zero, the smallest ones, and nothing else has changed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdl_course.compress.thin import PRUNED, thin
from tdl_course.graph import Graph, Op, Quantization, Tensor

RNG = np.random.default_rng(0)


def graph(kind="CONV_2D"):
    weights = RNG.integers(-128, 128, (8, 3, 3, 4)).astype(np.int8)
    tensors = (
        Tensor("x", (1, 6, 6, 4), "int8", Quantization((0.1,), (0,))),
        Tensor("w", weights.shape, "int8", Quantization((0.1,), (0,)), weights),
        Tensor("y", (1, 6, 6, 8), "int8", Quantization((0.1,), (0,))),
    )
    return Graph("one", tensors, (Op(kind, (0, 1), (2,), {}),), (0,), (2,))


@given(st.floats(0, 1), st.sampled_from(PRUNED))
def test_the_smallest_go_and_the_others_stay(sparsity, kind):
    before = graph(kind)
    after = thin(before, sparsity)
    old, new = (np.abs(g.tensors[1].data.astype(int)) for g in (before, after))
    kept = new != 0
    assert new.dtype == old.dtype and after.tensors[1].data.dtype == np.int8
    assert (new[kept] == old[kept]).all()
    assert np.count_nonzero(~kept) >= round(sparsity * old.size)
    assert old[~kept].max(initial=0) <= old[kept].min(initial=200)
    assert after.tensors[0] is before.tensors[0] and after.ops is before.ops


def test_what_cannot_be_thinned_is_named():
    with pytest.raises(ValueError, match="graph 'one' has DEPTHWISE_CONV_2D; a CONV_2D or FULLY_CONNECTED"):
        thin(replace(graph("DEPTHWISE_CONV_2D")), 0.5)
    with pytest.raises(ValueError, match=r"sparsity is 1\.5"):
        thin(graph(), 1.5)

"""Other versions of a network: they compile, and compute what they should."""

import numpy as np
import pytest

from tdl_course.boards import board
from tdl_course.compiler import interpret, optimize
from tdl_course.compress.coarse import coarse
from tdl_course.pages import graphs
from tdl_course.pages.demos import compiled
from tests.chain import chain as make_chain

random = np.random.default_rng(0)


@pytest.fixture
def chain():
    return make_chain()


def x(length=16):
    return random.integers(-128, 128, (1, length, 1, 2)).astype(np.int8)


@pytest.mark.parametrize("bits", [8, 6, 4, 3, 2])
def test_fewer_bits_are_fewer_values_and_near_the_old_ones(chain, bits):
    fewer = coarse(chain, bits)
    highest = 2 ** (bits - 1) - 1
    for at in (1, 4):
        old, new = chain.tensors[at], fewer.tensors[at]
        assert np.abs(new.data).max() == highest and new.dtype == ("int4" if bits <= 4 else "int8")
        step = np.array(new.quantization.scale).reshape(-1, 1, 1, 1)
        was = old.data * np.array(old.quantization.scale).reshape(-1, 1, 1, 1)
        assert (np.abs(new.data * step - was) <= 0.501 * step).all()
    assert compiled(fewer, board("tiny32k")).flash_bytes > 0
    if bits == 8:
        sample = x()
        assert np.abs(interpret(fewer, sample)[0].astype(int) - interpret(chain, sample)[0]).max() <= 1


def test_bits_that_there_are_not(chain):
    with pytest.raises(ValueError, match="bits is 9; 2 to 8"):
        coarse(chain, 9)


def test_a_longer_window_keeps_the_weights_and_costs_in_proportion(chain):
    longer = graphs.with_length(chain, 64)
    assert [longer.tensors[at].shape[1] for at in (0, 3, 6)] == [64, 32, 32]
    assert graphs.macs(longer, longer.ops[0]) == 4 * graphs.macs(chain, chain.ops[0])
    assert longer.tensors[1].data is chain.tensors[1].data
    assert interpret(longer, x(64))[0].shape == (1, 4)


def test_channels_without_weights_are_taken_out_by_the_compiler(chain):
    halved = graphs.without_channels(chain, 0.5)
    kept = {tensor.name: tensor.shape for tensor in optimize(halved).tensors if tensor.is_constant}
    assert (3, 3, 1, 2) in kept.values(), kept
    sample = x()
    assert (interpret(optimize(halved), sample)[0] == interpret(halved, sample)[0]).all()

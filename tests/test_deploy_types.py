"""What deploy writes to an input of any type: the nearest number, saturated."""

import numpy as np
import pytest

from tdl_course.deployment import device_bytes
from tdl_course.graph import Quantization, Tensor


@pytest.mark.parametrize(("dtype", "zero_point"), [("int8", -5), ("uint8", 131), ("int16", 0)])
def test_real_numbers_become_the_nearest_of_the_inputs_type(dtype, zero_point):
    source = Tensor("x", (1, 64), dtype, Quantization((0.03,), (zero_point,)))
    x = np.random.default_rng(0).normal(scale=8, size=(5, 64)).astype(np.float32)
    written = device_bytes(x, source)
    assert written.dtype == np.int8 and written.nbytes == 5 * source.nbytes
    got = np.ascontiguousarray(written).view(dtype).astype(np.int64)
    limits = np.iinfo(dtype)
    inside = np.clip(x, (limits.min - zero_point) * 0.03, (limits.max - zero_point) * 0.03)
    assert np.abs((got - zero_point) * 0.03 - inside).max() <= 0.03 * 0.501
    assert {limits.min, limits.max} <= set(got.reshape(-1).tolist()) or dtype == "int16"


def test_float32_is_written_as_it_is():
    x = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
    np.testing.assert_array_equal(device_bytes(x, Tensor("x", (1, 3), "float32")).view(np.float32), x)

"""The product of two scales is formed in float64: a rare value tells, and random inputs seldom meet it.

The accumulators are chosen where a multiplier from a float32 product gives another output than one from a float64
product; TFLM decides which of them is right.
"""

import numpy as np
import pytest
from build_graph import activation, constant, one_op, quantization, run_c, run_numpy, run_tflm

from tdl_course.ops.fixed_point import quantize_multipliers, requantize

COLUMNS, ROWS = 2048, 32


def telling_accumulators(rng, source, weights, target):
    """int32 values whose requantization depends on how the product of the scales was rounded."""
    products = np.float64(source * weights), np.float64(source) * np.float64(weights)
    accumulators = np.arange(-4_000_000, 4_000_000, dtype=np.int32)
    single, double = (
        requantize(accumulators, *quantize_multipliers(np.array([product / np.float64(target)])), 0)
        for product in products
    )
    found = accumulators[single != double]
    return rng.choice(found, ROWS) if len(found) else found


def weights_of(accumulator):
    """A row of int8 weights whose product with (127, ..., 127, 1) is `accumulator`."""
    total = round(accumulator / 127)
    row = np.full(COLUMNS, total // (COLUMNS - 1))
    row[: total % (COLUMNS - 1)] += 1
    row[-1] = accumulator - 127 * total
    return row.astype(np.int8)


@pytest.mark.parametrize("biased", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_one_weight_scale_is_multiplied_in_float64(need, seed, biased):
    need("tflm")
    rng = np.random.default_rng(seed)
    found = np.empty(0)
    while not len(found):
        source, weights = rng.uniform(0.001, 0.1, 2).astype(np.float32)
        target = np.float32(source * weights * 4_000_000 / 128)
        found = telling_accumulators(rng, source, weights, target)
    x = np.full((1, COLUMNS), 127, np.int8)
    x[0, -1] = 1
    tensors = [
        activation("x", (1, COLUMNS), source, 0),
        constant("w", np.stack([weights_of(int(a)) for a in found]), quantization(weights)),
        *([constant("b", np.zeros(ROWS, np.int32), quantization(source * weights))] if biased else []),
        activation("y", (1, ROWS), target, 0),
    ]
    case = one_op("FULLY_CONNECTED", tensors, {"fused_activation_function": "NONE"}, (x,))
    np.testing.assert_array_equal(run_numpy(case), run_tflm(case))
    np.testing.assert_array_equal(run_c(case), run_tflm(case))

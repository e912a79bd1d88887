"""Kernel "winograd" on the simulated Cortex-M4, where its inner loops are assembly: the bytes of the definition."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from build_graph import activation, constant, one_op, quantization, run_numpy

from tdl_course import sim, toolchain
from tdl_course.compiler import emit_c, plan_memory

pytestmark = pytest.mark.sim
SHAPES = [(8, 5, 6, 1), (16, 6, 5, 2), (24, 7, 7, 3), (32, 1, 3, 5)]
"""Input channels (one turn of the inner loop for 8), height, width, output channels."""


@pytest.mark.parametrize("compiler", ["zig", "gcc"])
@pytest.mark.parametrize(("depth", "height", "width", "filters"), SHAPES)
def test_device_equals_numpy(
    depth: int, height: int, width: int, filters: int, compiler: str, need: Callable[[str], str]
) -> None:
    if compiler == "gcc":
        need("gcc")
    rng = np.random.default_rng(depth)
    x = rng.integers(-128, 128, (1, height, width, depth)).astype(np.int8)
    tensors = [
        activation("x", x.shape, 0.5, -3),
        constant("w", rng.integers(-127, 128, (filters, 3, 3, depth)).astype(np.int8), quantization(0.01)),
        constant("b", rng.integers(-9999, 10000, filters).astype(np.int32), quantization(0.005)),
        activation("y", (1, height, width, filters), 9.0, 2),
    ]
    options = {"stride_h": 1, "stride_w": 1, "padding": "SAME", "kernel": "winograd"}
    case = one_op("CONV_2D", tensors, options, [x])
    elf = toolchain.build(emit_c(case.graph, plan_memory(case.graph)), "stm32f405", toolchain=compiler)
    outputs = sim.run(elf, x.reshape(1, -1)).outputs
    np.testing.assert_array_equal(outputs.reshape(-1), run_numpy(case)[0].reshape(-1))

"""Every fast kernel, forced, on the simulated Cortex-M4, where its inner loops are assembly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from build_graph import run_numpy
from draw_fast import cases
from force import PAIRS
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tdl_course import sim, toolchain
from tdl_course.compiler import emit_c, plan_memory
from tdl_course.compiler.memory import block_bytes, block_offsets
from tdl_course.graph import Graph

pytestmark = pytest.mark.sim
AT_ONCE = 16  # cases in one firmware


@pytest.mark.parametrize("compiler", ["zig", "gcc"])
@pytest.mark.parametrize(("kind", "kernel"), PAIRS)
@settings(
    max_examples=1,
    phases=[Phase.generate],  # what fails is shown as it is: a smaller case would take a firmware for each attempt
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_the_device_equals_numpy(
    kind: str, kernel: str, compiler: str, data: st.DataObject, need: Callable[[str], str]
) -> None:
    if compiler == "gcc":
        need("gcc")
    drawn = [data.draw(cases(kind, kernel)) for _ in range(AT_ONCE)]
    graph = side_by_side([case.graph for case in drawn])
    elf = toolchain.build(emit_c(graph, plan_memory(graph), "kernels"), toolchain=compiler)
    given_bytes = joined(graph, graph.inputs, [x for case in drawn for x in case.inputs])
    outputs = sim.run(elf, given_bytes[None]).outputs[0]
    for case, at in zip(drawn, block_offsets(graph, graph.outputs), strict=True):
        (expected,) = run_numpy(case)
        got = outputs[at : at + expected.size].reshape(expected.shape)
        np.testing.assert_array_equal(got, expected, err_msg=repr(case))


def side_by_side(graphs: Sequence[Graph]) -> Graph:
    """One graph that computes several, each from its own inputs."""
    tensors, ops, inputs, outputs = [], [], [], []
    for graph in graphs:
        start = len(tensors)
        tensors += graph.tensors
        for op in graph.ops:
            moved = (tuple(start + i if i >= 0 else i for i in indices) for indices in (op.inputs, op.outputs))
            ops.append(replace(op, **dict(zip(("inputs", "outputs"), moved, strict=True))))
        inputs += [start + i for i in graph.inputs]
        outputs += [start + i for i in graph.outputs]
    return Graph("side_by_side", tuple(tensors), tuple(ops), tuple(inputs), tuple(outputs))


def joined(graph: Graph, indices: Sequence[int], values: Sequence[np.ndarray]) -> np.ndarray:
    """The values as they lie in the device's memory."""
    block = np.zeros(block_bytes(graph, indices), np.int8)
    for at, value in zip(block_offsets(graph, indices), values, strict=True):
        block[at : at + value.size] = value.reshape(-1)
    return block

"""int4 by rounding: as near as four bits can be, biases in the new scales, and the C equal to NumPy's definition."""

import numpy as np
import pytest

from tdl_course import sim
from tdl_course.compiler import emit_c, interpret, optimize, plan_memory
from tdl_course.compress.coarse import coarse
from tests.random_spotter import network


def test_weights_are_within_half_a_step_and_biases_keep_their_value():
    graph = network()
    rounded = coarse(graph)
    for op in graph.ops:
        if op.kind not in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
            continue
        before, after = graph.tensors[op.inputs[1]], rounded.tensors[op.inputs[1]]
        assert after.dtype == "int4" and np.abs(after.data).max() == 7
        shape = [-1 if axis == before.quantization.axis else 1 for axis in range(before.data.ndim)]
        steps = np.reshape(after.quantization.scale, shape if before.quantization.per_channel else [1])
        scales = np.reshape(before.quantization.scale, shape if before.quantization.per_channel else [1])
        assert (np.abs(after.data * steps - before.data * scales) <= 0.5001 * steps).all()
        bias, moved = graph.tensors[op.inputs[2]], rounded.tensors[op.inputs[2]]
        real, new = (np.asarray(t.quantization.scale) * t.data for t in (bias, moved))
        assert (np.abs(real - new) <= 0.5001 * np.asarray(moved.quantization.scale)).all()


@pytest.mark.sim
def test_the_c_of_the_rounded_network_equals_its_definition():
    graph = optimize(coarse(network()))
    shape = graph.tensors[graph.inputs[0]].shape
    x = np.random.default_rng(0).integers(-128, 128, (4, *shape[1:]), np.int8)
    found = sim.run(emit_c(graph, plan_memory(graph)), x, sim="host").outputs.reshape(4, -1)
    assert (found == np.array([interpret(graph, each[None])[0].ravel() for each in x])).all()


def test_a_graph_without_weights_is_refused():
    graph = network()
    with pytest.raises(ValueError, match="a layer with int8 weights is needed"):
        coarse(coarse(graph))

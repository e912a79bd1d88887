"""Every operator on the simulated Cortex-M: the bytes are those that TFLM gave for the recorded vectors."""

import numpy as np
import pytest

from tdl_course import sim, toolchain
from tdl_course.compiler import emit_c, plan_memory, read_tflite
from tdl_course.compiler.memory import block_bytes, block_offsets
from tdl_course.ops import OPERATORS
from tests.golden_vectors import golden_count, golden_inputs, golden_vector

pytestmark = pytest.mark.sim
VECTORS = 2  # of each operator: a firmware has to be built for each


@pytest.mark.parametrize("compiler", ["zig", "gcc"])
@pytest.mark.parametrize("kind", sorted(OPERATORS))
def test_device_gives_what_tflm_gave(kind, compiler, need):
    if compiler == "gcc":
        need("gcc")
    for number in range(min(VECTORS, golden_count(kind.lower()))):
        tflite, _, expected = golden_vector(kind.lower(), number)
        graph = read_tflite(tflite)
        sources = emit_c(graph, plan_memory(graph), "golden")
        elf = toolchain.build(sources, "tiny32k", toolchain=compiler)
        inputs = golden_inputs(kind.lower(), number, len(graph.inputs))
        outputs = sim.run(elf, side_by_side(graph, inputs)).outputs  # edges are bytes to the firmware
        np.testing.assert_array_equal(outputs.view(expected.dtype).reshape(expected.shape), expected)


def side_by_side(graph, arrays):
    """The bytes of all inputs as the firmware takes them, int8 [1, input bytes]."""
    block = np.zeros((1, block_bytes(graph, graph.inputs)), np.int8)
    for offset, array in zip(block_offsets(graph, graph.inputs), arrays, strict=True):
        block[0, offset : offset + array.nbytes] = np.frombuffer(array.tobytes(), np.int8)
    return block

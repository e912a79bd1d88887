"""Every operator on the simulated Cortex-M: the bytes are those that TFLM gave for the recorded vectors."""

import numpy as np
import pytest

from tdl_course import sim, toolchain
from tdl_course.compiler import emit_c, plan_memory, read_tflite
from tdl_course.ops import OPERATORS
from tests.golden_vectors import golden_count, golden_vector

pytestmark = pytest.mark.sim
VECTORS = 2  # of each operator: a firmware has to be built for each


@pytest.mark.parametrize("compiler", ["zig", "gcc"])
@pytest.mark.parametrize("kind", sorted(OPERATORS))
def test_device_gives_what_tflm_gave(kind, compiler, need):
    if compiler == "gcc":
        need("gcc")
    vectors = [golden_vector(kind.lower(), number) for number in range(golden_count(kind.lower()))]
    graphs = [read_tflite(tflite) for tflite, _, _ in vectors]
    one_input = [number for number, graph in enumerate(graphs) if len(graph.inputs) == 1]  # as firmware has it
    assert one_input
    for number in one_input[:VECTORS]:
        _, x, expected = vectors[number]
        sources = emit_c(graphs[number], plan_memory(graphs[number]), "golden")
        elf = toolchain.build(sources, "tiny32k", toolchain=compiler)
        outputs = sim.run(elf, x.view(np.int8).reshape(1, -1)).outputs  # real-valued edges are bytes to the firmware
        np.testing.assert_array_equal(outputs.view(expected.dtype).reshape(expected.shape), expected)

"""The cases that go to each core, many in one firmware, and what they have to give there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from build_graph import Case, one_op, run_numpy
from draw import FUSED, int8_values, weighted_tensors
from draw_fast import cases, forced
from force import PAIRS
from golden_vectors import golden_count, golden_inputs, golden_vector
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tdl_course.compiler import read_tflite
from tdl_course.compiler.memory import block_bytes, block_offsets
from tdl_course.graph import Graph
from tdl_course.ops import OPERATORS

MOST_BYTES = 4000  # of a case's tensors: all inputs and outputs have to fit the RAM side by side
EVERY_TIME_THE_SAME = settings(
    derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


@dataclass(frozen=True, eq=False)
class Solved:
    """A graph, an array for each of its inputs, and what its outputs have to be."""

    graph: Graph
    inputs: tuple[np.ndarray, ...]
    outputs: tuple[np.ndarray, ...]


def fast_cases(each: int) -> list[Solved]:
    """Some `each` cases of every fast kernel, the kernel named, the same ones every time; outputs by NumPy."""
    found: list[Solved] = []

    def draw(kind: str, kernel: str) -> None:
        @settings(EVERY_TIME_THE_SAME, max_examples=each)
        @given(whole_window() if (kind, kernel) == ("CONV_2D", "rows") else cases(kind, kernel))
        def collect(case: Case) -> None:
            if sum(tensor.nbytes for tensor in case.graph.tensors) <= MOST_BYTES:
                found.append(Solved(case.graph, case.inputs, tuple(run_numpy(case))))

        collect()

    for kind, kernel in PAIRS:
        draw(kind, kernel)
    return found


@st.composite
def whole_window(draw: st.DrawFn) -> Case:
    """CONV_2D whose window is the whole input, which drawn windows seldom are."""
    kernel, depth = (draw(st.integers(1, 4)), draw(st.integers(1, 4))), draw(st.sampled_from([1, 3, 4, 8]))
    filters, shape = draw(st.integers(1, 9)), (1, *kernel, depth)
    tensors = weighted_tensors(draw, shape, (filters, *kernel, depth), 0, (1, 1, 1, filters))
    options = {"padding": "VALID", "fused_activation_function": draw(FUSED)}
    for axis in "hw":
        options |= {f"stride_{axis}": 1, f"dilation_{axis}_factor": 1}
    return forced(one_op("CONV_2D", tensors, options, [int8_values(draw, shape)]), "rows")


def golden_cases(each: int) -> list[Solved]:
    """Some `each` recorded vectors of every operator; outputs by TFLM."""
    found = []
    for kind in sorted(OPERATORS):
        for number in range(min(each, golden_count(kind.lower()))):
            tflite, _, expected = golden_vector(kind.lower(), number)
            graph = read_tflite(tflite)
            inputs = golden_inputs(kind.lower(), number, len(graph.inputs))
            sizes = [graph.tensors[index].size for index in graph.outputs]
            outputs = np.split(expected.reshape(-1), np.cumsum(sizes)[:-1])  # a vector has several in a row
            found.append(Solved(graph, tuple(inputs), tuple(outputs)))
    return found


def without_kernels(graph: Graph) -> Graph:
    """The graph with no kernel named."""
    ops = (replace(op, options={k: v for k, v in op.options.items() if k != "kernel"}) for op in graph.ops)
    return replace(graph, ops=tuple(ops))


def block(graph: Graph, indices: Sequence[int], arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Arrays as they lie side by side in the firmware's memory: int8 [1, bytes], zeros in gaps."""
    bytes_ = np.zeros((1, block_bytes(graph, indices)), np.int8)
    for offset, array in zip(block_offsets(graph, indices), arrays, strict=True):
        bytes_[0, offset : offset + array.nbytes] = np.frombuffer(array.tobytes(), np.int8)
    return bytes_


def unequal(graph: Graph, outputs: np.ndarray, solved: Sequence[Solved]) -> list[str]:
    """The cases whose bytes are not those that they have to be."""
    offsets = iter(block_offsets(graph, graph.outputs))
    wrong = []
    for number, case in enumerate(solved):
        for expected in case.outputs:
            offset = next(offsets)
            found = outputs[0, offset : offset + expected.nbytes]
            if found.tobytes() != expected.tobytes():
                wrong.append(f"case {number}: {case.graph}, {dict(case.graph.ops[0].options)}")
    return wrong

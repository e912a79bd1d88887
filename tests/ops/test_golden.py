"""What TFLM computed once, on another machine: NumPy and C give it still, also where TFLM cannot be installed.

`tools/record_golden.py` writes the vectors.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from build_graph import Case, joined, run_c, run_numpy

from tdl_course.compiler import read_tflite
from tdl_course.ops import OPERATORS

GOLDEN = Path(__file__).parent.parent / "golden"


def load(kind: str) -> list[tuple[Case, np.ndarray]]:
    """(case, TFLM's output) of every vector of an operator."""
    with np.load(GOLDEN / f"{kind.lower()}.npz") as stored:
        count = sum(name.startswith("tflite_") for name in stored)
        vectors = []
        for number in range(count):
            graph = read_tflite(stored[f"tflite_{number}"].tobytes())
            inputs = tuple(stored[f"input_{number}_{index}"] for index in range(len(graph.inputs)))
            vectors.append((Case(graph, inputs), stored[f"output_{number}"]))
    return vectors


@pytest.mark.parametrize("kind", sorted(OPERATORS))
def test_numpy_and_c_give_what_tflm_gave(kind: str) -> None:
    vectors = load(kind)
    assert len(vectors) >= 4 and all(case.op.kind == kind for case, _ in vectors)
    assert max(len(np.unique(output)) for _, output in vectors) >= 5, "outputs that hardly vary prove little"
    for case, output in vectors:
        np.testing.assert_array_equal(joined(run_numpy(case)), output, err_msg=repr(case))
        np.testing.assert_array_equal(joined(run_c(case)), output, err_msg=repr(case))

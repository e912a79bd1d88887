"""Three thousand damaged files: each is refused with `TfliteError`, or is read as TensorFlow's own reader reads it.

`fuzz_tflite` has the damage and the oracle; `python tools/fuzz_tflite.py --count 100000` is the same by hand.
"""

from __future__ import annotations

import sys

import pytest

from tdl_course.compiler.tflite_reader import TfliteError, read_tflite
from tests.compiler.fuzz_tflite import disagreement, fuzz
from tests.golden_vectors import FOLDER, golden_vector

LIMIT_GROWTH_KILOBYTES = 256 * 1024


def _peak_kilobytes() -> int:
    """The most memory this process has had; 0 on Windows, which cannot say."""
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)


@pytest.mark.slow
def test_three_thousand_damaged_files(ecg_tflite: bytes) -> None:
    count = 3_000
    before = _peak_kilobytes()
    outcomes = fuzz(ecg_tflite, 0, count)
    growth = _peak_kilobytes() - before
    assert growth < LIMIT_GROWTH_KILOBYTES, f"memory grew by {growth} kB"
    # The damage is neither harmless nor fatal throughout, so that both ways out are really tested.
    assert 0.05 * count < outcomes["accepted"] < 0.95 * count, outcomes
    assert len(outcomes) > 30, outcomes
    assert all(field == "accepted" or field.startswith("Model") for field in outcomes), outcomes


@pytest.mark.parametrize("kind", sorted(path.stem for path in FOLDER.glob("*.npz")))
def test_a_hundred_damaged_files_of_each_operator(kind: str) -> None:
    outcomes = fuzz(golden_vector(kind)[0], seed=0, count=100)
    assert 0 < outcomes["accepted"] < 100, outcomes


def test_every_truncation_is_refused_or_complete(ecg_tflite: bytes) -> None:
    """A file cut short by a failed download never passes for a model, wherever it was cut."""
    for size in range(0, len(ecg_tflite), 7):
        with pytest.raises(TfliteError):
            read_tflite(ecg_tflite[:size])


def test_the_oracle_sees_a_wrong_graph(ecg_tflite: bytes) -> None:
    """An oracle that cannot object proves nothing: the graph of one file against the bytes of another."""
    graph = read_tflite(ecg_tflite)
    assert disagreement(graph, ecg_tflite) is None
    weights = next(t.data for t in graph.tensors if t.data is not None and t.dtype == "int8")
    at = ecg_tflite.index(weights.tobytes())
    changed = ecg_tflite[:at] + bytes([ecg_tflite[at] ^ 1]) + ecg_tflite[at + 1 :]
    assert disagreement(graph, changed) is not None

"""Record golden vectors: models of one operator, inputs, and what TFLM made of them, as tests/golden/<operator>.npz.

They keep the equality tests alive where the tflite-micro wheel is missing. Run it from the root of the repository, on
Linux x86-64, when an operator is added:

    python tools/record_golden.py [OPERATOR ...]
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "ops")]

from build_graph import Case, joined, run_tflm  # type: ignore[import-not-found]  # noqa: E402
from draw_cases import CASES  # type: ignore[import-not-found]  # noqa: E402
from tflite_writer import write_tflite  # type: ignore[import-not-found]  # noqa: E402

GOLDEN = ROOT / "tests" / "golden"
DRAWN = 400
KEPT = 6
OTHERS = 4
LARGEST = 4000  # bytes of a model and its inputs
Result = tuple[Case, np.ndarray]


def draw(kind: str) -> list[Case]:
    """`DRAWN` cases of an operator, the same at every run."""
    cases: list[Case] = []

    @settings(
        max_examples=DRAWN, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(CASES[kind])
    def collect(case: Case) -> None:
        cases.append(case)

    collect()
    return cases


def size(case: Case) -> int:
    return len(write_tflite(case.graph)) + sum(x.nbytes for x in case.inputs)


def numbers(case: Case) -> frozenset[str]:
    """Types other than those of an int8 model and its edges."""
    return frozenset(tensor.dtype for tensor in case.graph.tensors) & {"int4", "int16", "uint8"}


def in_turn(results: list[Result]) -> list[Result]:
    """The first result of each set of types, then the second of each, and so on."""
    seen: Counter[frozenset[str]] = Counter()
    turns = []
    for case, _ in results:
        turns.append(seen[numbers(case)])
        seen[numbers(case)] += 1
    return [results[index] for index in sorted(range(len(results)), key=turns.__getitem__)]


def record(kind: str) -> Path:
    """Keep the cases whose outputs vary most: they say most. One of each set of shapes, none of them large.

    At most half of them have several inputs. Behind them a few of other types of numbers, which take turns.
    """
    results = [(case, joined(run_tflm(case))) for case in draw(kind) if size(case) <= LARGEST]
    results.sort(key=lambda pair: len(np.unique(pair[1])))
    best = {(len(case.inputs), *(t.shape for t in case.graph.tensors)): (case, output) for case, output in results}
    results = sorted(best.values(), key=lambda pair: len(np.unique(pair[1])), reverse=True)
    others = in_turn([pair for pair in results if numbers(pair[0])])[:OTHERS]
    results = [pair for pair in results if not numbers(pair[0])]
    several = [pair for pair in results if len(pair[0].inputs) > 1][: KEPT // 2]
    one = [pair for pair in results if len(pair[0].inputs) == 1][: KEPT - len(several)]
    arrays: dict[str, np.ndarray] = {}
    for number, (case, output) in enumerate(one + several + others):
        arrays[f"tflite_{number}"] = np.frombuffer(write_tflite(case.graph), np.uint8)
        arrays[f"output_{number}"] = output
        for index, value in enumerate(case.inputs):
            arrays[f"input_{number}_{index}"] = value
    path = GOLDEN / f"{kind.lower()}.npz"
    np.savez_compressed(path, allow_pickle=False, **arrays)
    return path


def main(kinds: list[str]) -> None:
    unknown = sorted(set(kinds) - set(CASES))
    if unknown:
        raise SystemExit(f"no cases of {', '.join(unknown)}; there are cases of {', '.join(sorted(CASES))}")
    GOLDEN.mkdir(exist_ok=True)
    for kind in kinds or sorted(CASES):
        path = record(kind)
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])

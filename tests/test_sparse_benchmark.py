"""benchmarks/sparse.py: a row of its table, and the choice that it shows."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tdl_course import kernels
from tdl_course.compiler import optimize

SCRIPT = Path(__file__).resolve().parent.parent / "benchmarks" / "sparse.py"


def load():
    """The benchmark as a module."""
    spec = importlib.util.spec_from_file_location("sparse_benchmark", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["sparse_benchmark"] = module  # where its dataclass looks for its annotations
    spec.loader.exec_module(module)
    return module


sparse = load()


@pytest.mark.sim
def test_a_row():
    (row,) = sparse.rows("1x1 8x8x64", [0.1])
    assert (row.dense, row.chosen) == ("columns", "sparse")
    assert 2 * row.cycles < row.dense_cycles and row.flash < row.dense_flash


@pytest.mark.parametrize("name", sparse.LAYERS)
def test_the_estimate_changes_sides_once(name):
    """Few weights: sparse; all of them: another kernel; between them no way back."""
    chosen = [kernels.kernel_name(optimize(sparse.layer(name, density)).ops[0]) for density in sparse.DENSITIES]
    pruned = [kernel == "sparse" for kernel in chosen]
    assert pruned == sorted(pruned, reverse=True) and pruned[0] and not pruned[-1]


@pytest.mark.parametrize("density", [0.02, 0.3])
def test_the_density_is_what_was_asked_for(density):
    weights = sparse.layer("FC 256 to 128", density).tensors[1].data
    assert np.count_nonzero(weights) == round(density * weights.size)


def test_break_even_lies_on_the_line_between():
    row = sparse.Row("", 0.2, 100, 0, "rows", 150, 0, "sparse")
    assert sparse.break_even([row, replace(row, density=0.4, cycles=200)]) == pytest.approx(0.3)
    assert sparse.break_even([row, replace(row, density=0.4, cycles=150)]) is None

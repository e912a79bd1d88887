"""benchmarks/frontend.py: what it measures."""

import importlib.util
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.sim
SCRIPT = Path(__file__).resolve().parent.parent / "benchmarks" / "frontend.py"


def load():
    """The benchmark as a module."""
    spec = importlib.util.spec_from_file_location("frontend_benchmark", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["frontend_benchmark"] = module  # where its dataclass looks for its annotations
    spec.loader.exec_module(module)
    return module


frontend = load()


def test_a_hop_is_measured():
    found = frontend.measure(dsp=True)
    inside = sum(cycles for _, cycles in found.functions)
    assert found.cycles <= 24_000 and abs(inside - found.cycles) < 400  # pushes that only fill the window are in it
    assert found.ram_bytes == 2 * 512 + 4 * 512 + 8 * 20 + 4
    assert 2_000 < found.code_bytes < 4_000 and 4_000 < found.table_bytes < 4_500
    (row,) = frontend.cost_table([found]).rows
    assert row[4].startswith("0.") and row[4].endswith(" times)")


def test_the_error_grows_towards_the_quiet_end():
    rows = frontend.error_table().rows
    largest = [float(row[3]) for row in rows[:-1]]
    assert largest[0] == max(largest) == float(rows[-1][3]) < 3 and max(largest[1:]) < 1

"""The benchmark of weights in few bits: one layer of it, its figures in the order that they should have."""

import importlib.util
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.sim

SCRIPT = Path(__file__).resolve().parent.parent / "benchmarks" / "decoded.py"


def load():
    """The benchmark as a module."""
    spec = importlib.util.spec_from_file_location("decoded", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["decoded"] = module  # where its dataclass looks for its annotations
    spec.loader.exec_module(module)
    return module


decoded = load()


def test_few_bits_cost_little_time_and_save_flash():
    layer = "pointwise 8x8x64 -> 64"
    int8, codebook, huffman, int4, plain = found = [decoded.measure(layer, way) for way in decoded.WAYS]
    assert [each.kernel for each in found] == ["columns", "codebook", "huffman", "codebook", "ref"]
    assert int8.cycles < codebook.cycles < 1.1 * int8.cycles and 5 * int4.cycles < plain.cycles
    assert codebook.cycles < huffman.cycles < 2 * int8.cycles and huffman.flash < 0.75 * int8.flash
    assert codebook.flash == int4.flash < 0.65 * int8.flash
    assert all(abs(each.estimate / each.cycles - 1) < 0.05 for each in found[:4])
    assert layer in str(decoded.as_table(found))

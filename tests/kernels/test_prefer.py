"""Kernels that are asked for by name."""

from __future__ import annotations

import numpy as np
import pytest
from test_goals import SKEWED, UNIFORM, fully_connected

from tdl_course import kernels
from tdl_course.compiler.passes import choose_kernels, optimize
from tdl_course.compiler.passes.kernels import KERNELS, why


def chosen(graph, **wanted):
    (op,) = choose_kernels(graph, **wanted).ops
    return kernels.kernel_name(op)


@pytest.mark.parametrize("goal", ["speed", "size"])
@pytest.mark.parametrize("dsp", [True, False])
@pytest.mark.parametrize("name", ["ref", "columns", "huffman"])
def test_a_preferred_kernel_comes_before_its_cost_and_the_core(name, dsp, goal):
    (op,) = choose_kernels(SKEWED, dsp, goal, prefer=(name,)).ops
    assert kernels.kernel_name(op) == name
    assert why(SKEWED, op, dsp).startswith(f"{name}: asked for")


def test_the_first_that_is_exact_is_taken():
    assert chosen(UNIFORM, prefer=("winograd", "huffman", "columns", "rows")) == "columns"


def test_where_none_is_exact_cost_decides():
    assert chosen(UNIFORM, prefer=("huffman", "words")) == "rows" == chosen(UNIFORM)


def test_a_preferred_kernel_stays():
    once = optimize(SKEWED, prefer=("ref",))
    assert optimize(once) is once


def test_an_unknown_name_lists_the_known_ones():
    graph = fully_connected(np.ones((2, 3)))
    with pytest.raises(ValueError, match="prefer 'fastest': no operator has such a kernel; there are ref, codeb"):
        optimize(graph, prefer=("rows", "fastest"))
    with pytest.raises(ValueError, match=r"prefer is the text 'rows'.*prefer=\('rows',\)"):
        optimize(graph, prefer="rows")
    assert KERNELS[0] == "ref"

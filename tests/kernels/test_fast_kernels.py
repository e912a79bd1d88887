"""Every fast kernel, forced: the C gives the bits of the NumPy definition, and of TFLM."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from build_graph import run_c, run_numpy, run_tflm
from draw_fast import cases
from force import PAIRS
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from test_layout import assert_declared

from tdl_course import kernels
from tdl_course.ops import operator

RELAXED = settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@pytest.mark.parametrize(("kind", "kernel"), PAIRS)
@RELAXED
@given(data=st.data())
def test_c_equals_numpy(kind: str, kernel: str, data: st.DataObject) -> None:
    """Also with the output laid over each input that `overlap` names, and upon the first where it works in place."""
    case = data.draw(cases(kind, kernel))
    operator(kind).validate(case.graph, case.op)
    (expected,) = run_numpy(case)
    places = [*kernels.overlap(case.graph, case.op), *([0] if kernels.in_place(case.graph, case.op) else [])]
    for over in (None, *places):
        np.testing.assert_array_equal(run_c(case, over)[0], expected, err_msg=f"over {over}: {case!r}")


@pytest.mark.parametrize(("kind", "kernel"), PAIRS)
@settings(RELAXED, max_examples=10)
@given(data=st.data())
def test_struct_fields_lie_in_the_order_of_the_parameters(kind: str, kernel: str, data: st.DataObject) -> None:
    case = data.draw(cases(kind, kernel))
    needs_memory = kernels.scratch(case.graph, case.op) > 0
    assert_declared(kernels.kernel_call(case.graph, case.op), int(needs_memory))


@pytest.mark.parametrize(("kind", "kernel"), PAIRS)
@settings(RELAXED, max_examples=60)
@given(data=st.data())
def test_tflm_agrees(kind: str, kernel: str, data: st.DataObject, need: Callable[[str], str]) -> None:
    need("tflm")
    case = data.draw(cases(kind, kernel))
    assume("explicit_padding" not in case.op.options)  # no file can hold it
    np.testing.assert_array_equal(run_c(case)[0], run_tflm(case)[0], err_msg=repr(case))

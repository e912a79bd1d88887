"""Every operator: the NumPy definition, the C kernel and TFLM give the same bits on random cases."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from build_graph import Case, run_c, run_numpy, run_tflm
from draw_cases import CASES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tflite_writer import write_tflite

from tdl_course.compiler import read_tflite
from tdl_course.ops import OPERATORS, operator

RELAXED = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def assert_equal(expected: list[np.ndarray], got: list[np.ndarray], case: Case) -> None:
    for index, one, other in zip(case.op.outputs, expected, got, strict=True):
        tensor = case.graph.tensors[index]
        assert one.dtype == other.dtype == tensor.dtype and one.shape == other.shape == tensor.shape, case
        np.testing.assert_array_equal(other, one, err_msg=repr(case))


def test_every_operator_has_cases() -> None:
    assert set(CASES) == set(OPERATORS)


@pytest.mark.parametrize("kind", sorted(CASES))
@RELAXED
@given(data=st.data())
def test_c_equals_numpy(kind: str, data: st.DataObject) -> None:
    """Also with the output laid over each input that `overlap` names, as deep as it allows."""
    case = data.draw(CASES[kind])
    operator(kind).validate(case.graph, case.op)
    expected = run_numpy(case)
    assert_equal(expected, run_c(case), case)
    for position in operator(kind).overlap(case.graph, case.op):
        assert_equal(expected, run_c(case, over=position), case)


@pytest.mark.parametrize("kind", sorted(CASES))
@RELAXED
@given(data=st.data())
def test_tflm_equals_numpy(kind: str, data: st.DataObject, need: Callable[[str], str]) -> None:
    need("tflm")
    case = data.draw(CASES[kind])
    assert_equal(run_tflm(case), run_numpy(case), case)


@pytest.mark.parametrize("kind", sorted(CASES))
@settings(RELAXED, max_examples=20)
@given(data=st.data())
def test_the_reader_finds_every_option(kind: str, data: st.DataObject) -> None:
    """Option slots, enums and union codes are the schema's: options survive a file that another author's code wrote."""
    case = data.draw(CASES[kind])
    op = read_tflite(write_tflite(case.graph)).ops[0]
    expected = {field.name: field.default for field in operator(kind).OPTIONS.fields} | dict(case.op.options)
    assert (op.kind, op.inputs, op.outputs, dict(op.options)) == (kind, case.op.inputs, case.op.outputs, expected)

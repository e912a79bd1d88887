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


def assert_equal(expected: np.ndarray, got: np.ndarray, case: Case) -> None:
    assert got.dtype == expected.dtype and got.shape == expected.shape, (got.shape, expected.shape, case)
    np.testing.assert_array_equal(got, expected, err_msg=repr(case))


def test_every_operator_has_cases() -> None:
    assert set(CASES) == set(OPERATORS)


@pytest.mark.parametrize("kind", sorted(CASES))
@RELAXED
@given(data=st.data())
def test_c_equals_numpy(kind: str, data: st.DataObject) -> None:
    case = data.draw(CASES[kind])
    operator(kind).validate(case.graph, case.op)
    expected = run_numpy(case)
    assert expected.dtype == case.graph.tensors[-1].dtype and expected.shape == case.graph.tensors[-1].shape
    assert_equal(expected, run_c(case), case)
    source, target = case.graph.tensors[case.op.inputs[0]], case.graph.tensors[case.op.outputs[0]]
    if operator(kind).IN_PLACE and not source.is_constant and target.nbytes <= source.nbytes:
        assert_equal(expected, run_c(case, in_place=True), case)


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

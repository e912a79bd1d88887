"""A convolution with explicit padding is PAD, and the convolution without padding behind it: NumPy and C."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from build_graph import Case, one_op, run_c, run_numpy
from draw import int8_values, out_length, weighted_tensors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdl_course.ops import OperatorError, operator


@st.composite
def padded_cases(draw: st.DrawFn, kind: str) -> tuple[Case, Case]:
    """The same convolution twice: with explicit padding, and over an input that has been padded."""
    sides = tuple(draw(st.integers(0, 3)) for _ in range(4))
    length = [draw(st.integers(1, 7)) for _ in range(2)]
    full = [length[0] + sides[0] + sides[1], length[1] + sides[2] + sides[3]]
    channels, options = draw(st.integers(1, 5)), {"padding": "VALID", "depth_multiplier": 1}
    kernel, output = [], []
    for axis, size in zip("hw", full, strict=True):
        gap = options[f"dilation_{axis}_factor"] = draw(st.integers(1, 2))
        kernel.append(draw(st.integers(1, max(1, min(4, (size - 1) // gap + 1)))))
        step = options[f"stride_{axis}"] = draw(st.integers(1, 3))
        output.append(out_length(size, kernel[-1], step, gap, "VALID"))
    depthwise = kind == "DEPTHWISE_CONV_2D"
    filters = channels if depthwise else draw(st.integers(1, 4))
    weights = (1, *kernel, channels) if depthwise else (filters, *kernel, channels)
    tensors = weighted_tensors(draw, (1, *length, channels), weights, 3 if depthwise else 0, (1, *output, filters))
    x = int8_values(draw, (1, *length, channels))
    if not depthwise:
        del options["depth_multiplier"]
    wide = np.pad(x, ((0, 0), sides[:2], sides[2:], (0, 0)), constant_values=tensors[0].zero_point)
    before = one_op(kind, [replace(tensors[0], shape=wide.shape), *tensors[1:]], options, [wide])
    return one_op(kind, tensors, options | {"explicit_padding": sides}, [x]), before


@pytest.mark.parametrize("kind", ["CONV_2D", "DEPTHWISE_CONV_2D"])
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_it_is_a_padded_input(kind: str, data: st.DataObject) -> None:
    case, before = data.draw(padded_cases(kind))
    operator(kind).validate(case.graph, case.op)
    (expected,) = run_numpy(before)
    for (got,) in (
        run_numpy(case),
        run_c(case),
        *(run_c(case, over) for over in operator(kind).overlap(case.graph, case.op)),
    ):
        np.testing.assert_array_equal(got, expected, err_msg=repr(case))


@pytest.mark.parametrize("given_padding", [(1, 2, 3), (1, 1, 1, -1), "SAME", 1])
@settings(max_examples=1)
@given(data=st.data())
def test_other_values_are_refused(given_padding: object, data: st.DataObject) -> None:
    case, _ = data.draw(padded_cases("CONV_2D"))
    op = replace(case.op, options=dict(case.op.options) | {"explicit_padding": given_padding})
    with pytest.raises(OperatorError, match="top, bottom, left, right"):
        operator("CONV_2D").validate(case.graph, op)

"""Edits of a case that an operator takes, to one that it has to refuse, and the checks of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from build_graph import Case

from tdl_course.ops import OperatorError, operator


def tensor(index: int, **changes: object) -> Callable[[Case], Case]:
    """Change fields of one tensor."""

    def edit(case: Case) -> Case:
        tensors = list(case.graph.tensors)
        tensors[index] = replace(tensors[index], **changes)
        return Case(replace(case.graph, tensors=tuple(tensors)), ())

    return edit


def option(name: str, value: object) -> Callable[[Case], Case]:
    """Give one option another value."""
    return lambda case: with_op(case, options=dict(case.op.options) | {name: value})


def operands(*indices: int) -> Callable[[Case], Case]:
    """Let the operator read other tensors."""
    return lambda case: with_op(case, inputs=indices)


def with_op(case: Case, **changes: object) -> Case:
    return Case(replace(case.graph, ops=(replace(case.op, **changes),)), ())


def outputs(*indices: int) -> Callable[[Case], Case]:
    """Let the operator write other tensors."""
    return lambda case: with_op(case, outputs=indices)


def assert_taken(case: Case) -> None:
    """The operator takes the case."""
    operator(case.op.kind).validate(case.graph, case.op)


def assert_refused(case: Case, message: str) -> None:
    """The operator refuses the case, names itself, and says what `message` matches."""
    with pytest.raises(OperatorError, match=message) as raised:
        operator(case.op.kind).validate(case.graph, case.op)
    assert str(raised.value).startswith(f"{case.op.kind}: ")

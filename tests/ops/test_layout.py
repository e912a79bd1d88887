"""The C side and the Python side of a kernel agree on its parameters, name by name."""

from __future__ import annotations

import re

import pytest
from draw_cases import CASES
from host_kernels import KERNELS, arguments_of, header, library, struct_fields
from hypothesis import given, settings
from hypothesis import strategies as st

from tdl_course.ops import KernelCall, operator

LONGEST = {"ref": 120, "dsp": 170}  # lines of a kernel


@pytest.mark.parametrize("kind", sorted(CASES))
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_struct_fields_lie_in_the_order_of_the_parameters(kind: str, data: st.DataObject) -> None:
    case = data.draw(CASES[kind])
    assert_declared(operator(kind).kernel_call(case.graph, case.op), 0)


def assert_declared(call: KernelCall, more: int) -> None:
    """The headers have the call's struct and prototype; `more` arguments follow the operator's inputs and outputs."""
    assert [(p.ctype, p.name) for p in call.params] == struct_fields(call.params_type)
    assert (KERNELS / call.file).is_file()
    assert re.search(rf"void {call.kernel}\(const {call.params_type} \*p, ", header())
    named, variadic = arguments_of(call.kernel)
    passed = 1 + len(call.inputs) + len(call.outputs) + more
    assert named == passed or (variadic and named < passed)
    assert hasattr(library(), call.kernel)


@pytest.mark.parametrize("path", sorted(KERNELS.glob("*.c")), ids=lambda path: path.stem)
def test_a_kernel_is_short_and_pure(path) -> None:  # noqa: ANN001 - a Path of the parametrization
    """At most so many lines; no heap, printing, globals that can change, or floating point outside quantize."""
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST[path.stem.rsplit("_", 1)[1]]
    code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    for word in ("malloc", "free", "printf", "stdio", "stdlib", "double"):
        assert not re.search(rf"\b{word}\b", code), word
    if path.stem != "quantize_ref":
        assert not re.search(r"\bfloat\b", code)
    for line in re.findall(r"^static [^(]*[=;]", code, flags=re.MULTILINE):
        assert line.startswith("static const "), line

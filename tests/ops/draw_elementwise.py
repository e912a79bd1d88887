"""Cases of operators that work element by element, and reductions."""

from __future__ import annotations

from build_graph import Case, activation, constant, one_op
from draw import FUSED, SCALE, ZERO_POINT, Shape, int8_values
from hypothesis import strategies as st

LENGTH = st.sampled_from([1, 2, 3, 4])


@st.composite
def broadcast_shapes(draw: st.DrawFn, max_rank: int) -> tuple[Shape, Shape, Shape]:
    """Two operands' shapes and that of the result: equal, or repeated along any axes, or shorter."""
    shape = (*draw(st.lists(LENGTH, max_size=max_rank - 1)), draw(st.integers(1, 24)))
    if draw(st.sampled_from([True, False, False, False])):
        return shape, shape, shape
    operands = [tuple(draw(st.sampled_from([n, n, 1])) for n in shape) for _ in "ab"]
    result = tuple(max(pair) for pair in zip(*operands, strict=True))
    short = draw(st.sampled_from([0, 1, None, None]))
    if short is not None:
        ones = next((i for i, n in enumerate(operands[short]) if n != 1), len(shape))
        operands[short] = operands[short][draw(st.integers(0, ones)) :]  # the leading axes may be missing
    return operands[0], operands[1], result


def binary(kind: str, max_rank: int) -> st.SearchStrategy[Case]:
    @st.composite
    def case(draw: st.DrawFn) -> Case:
        *shapes, output = draw(broadcast_shapes(max_rank))
        operands = [activation(name, s, draw(SCALE), draw(ZERO_POINT)) for name, s in zip("ab", shapes, strict=True)]
        values = [int8_values(draw, s) for s in shapes]
        a, b = (tensor.scale for tensor in operands)
        # mostly a scale at which results fill int8 without saturating
        largest, fitting, limit = (a * b, (7, 9), 14) if kind == "MUL" else (max(a, b), (-1, 1), 6)
        scale = largest * 2.0 ** draw(st.one_of(st.floats(*fitting), st.floats(*fitting), st.floats(-6, limit)))
        fixed = draw(st.sampled_from([None, 0, 1]))
        if fixed is not None:
            tensor = operands[fixed]
            operands[fixed] = constant(tensor.name, values.pop(fixed), tensor.quantization)
        tensors = [*operands, activation("y", output, scale, draw(ZERO_POINT))]
        return one_op(kind, tensors, {"fused_activation_function": draw(FUSED)}, values)

    return case()


CASES: dict[str, st.SearchStrategy[Case]] = {
    "ADD": binary("ADD", 6),
    "MUL": binary("MUL", 6),
    "SUB": binary("SUB", 6),
}

"""plan_memory: no value is overwritten before its last reader, shown by playing the plan through."""

from hypothesis import given
from hypothesis import strategies as st

from tdl_course import ops
from tdl_course.compiler.memory import ALIGNMENT, plan_memory
from tdl_course.graph import Graph, Op, Tensor

KINDS = ("ADD", "RESHAPE", "CONV_2D")


@st.composite
def graphs(draw):
    """Random graphs of one to twelve operators; each reads one or two earlier values. Sizes are arbitrary."""
    sizes = draw(st.lists(st.integers(1, 300), min_size=2, max_size=13))
    tensors = tuple(Tensor(f"t{i}", (size,), "int8") for i, size in enumerate(sizes))
    operators = []
    for target in range(1, len(tensors)):
        kind = draw(st.sampled_from(KINDS))
        first = draw(st.integers(0, target - 1))
        inputs = (first, draw(st.integers(0, target - 1))) if kind == "ADD" else (first,)
        operators.append(Op(kind, inputs, (target,)))
    return Graph("random", tensors, tuple(operators), (0,), (len(tensors) - 1,))


@given(graphs())
def test_values_survive_until_their_last_reader(graph):
    plan = plan_memory(graph)
    owner: dict[int, int] = {}
    for op in graph.ops:
        for source in op.inputs:
            if source in plan.offsets:
                start = plan.offsets[source]
                held = {owner.get(byte) for byte in range(start, start + graph.tensors[source].nbytes)}
                assert held == {source}
        target = op.outputs[0]
        if target in plan.offsets:
            start, size = plan.offsets[target], graph.tensors[target].nbytes
            for source in op.inputs:
                if source in plan.offsets and op.kind == "CONV_2D":
                    begin = plan.offsets[source]
                    assert begin + graph.tensors[source].nbytes <= start or start + size <= begin
            owner.update(dict.fromkeys(range(start, start + size), target))


@given(graphs())
def test_arena_holds_every_value_and_is_no_smaller_than_the_fullest_moment(graph):
    plan = plan_memory(graph)
    assert set(plan.offsets) == set(plan.lifetimes)
    assert all(offset % ALIGNMENT == 0 for offset in plan.offsets.values())
    ends = [offset + graph.tensors[t].nbytes for t, offset in plan.offsets.items()]
    assert max(ends, default=0) <= plan.arena_bytes
    assert max(plan.live_bytes, default=0) <= plan.arena_bytes


@given(graphs())
def test_input_and_output_are_not_in_the_arena(graph):
    plan = plan_memory(graph)
    assert not set(plan.offsets) & {*graph.inputs, *graph.outputs}


def chain(kinds, sizes):
    tensors = tuple(Tensor(f"t{i}", (size,), "int8") for i, size in enumerate(sizes))
    operators = tuple(Op(kind, (i,), (i + 1,)) for i, kind in enumerate(kinds))
    return Graph("chain", tensors, operators, (0,), (len(tensors) - 1,))


def test_a_chain_needs_its_two_largest_neighbours():
    plan = plan_memory(chain(["CONV_2D"] * 4, [10, 100, 200, 60, 10]))
    assert plan.arena_bytes == 300


def test_an_in_place_operator_takes_over_its_input():
    plan = plan_memory(chain(["CONV_2D", "RESHAPE", "CONV_2D"], [10, 100, 100, 10]))
    assert plan.arena_bytes == 100
    assert plan.offsets[1] == plan.offsets[2]


def test_a_value_that_is_read_again_is_not_overwritten_in_place():
    tensors = tuple(Tensor(f"t{i}", (100,), "int8") for i in range(4))
    operators = (Op("CONV_2D", (0,), (1,)), Op("RESHAPE", (1,), (2,)), Op("ADD", (1, 2), (3,)))
    plan = plan_memory(Graph("residual", tensors, operators, (0,), (3,)))
    assert plan.offsets[1] != plan.offsets[2]

"""plan_memory: no value is overwritten before its last reader: the real kernels run in the planned arena."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdl_course.compiler import interpret_all, plan_memory
from tdl_course.compiler.memory import ALIGNMENT, MemoryPlan, block_bytes
from tdl_course.compiler.placement import height, place
from tdl_course.graph import Graph, Op, Quantization, Tensor

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "ops")]

import host_kernels  # noqa: E402
from draw_graphs import graphs  # noqa: E402

from tests.kernels.force import PAIRS, forced  # noqa: E402

SLOWER = settings(max_examples=60, deadline=None)


def play(plan: MemoryPlan, inputs: list[np.ndarray]) -> np.ndarray:
    """Run every operator's C kernel on the arena, whose bytes are rubbish but for the inputs. Returns the arena.

    After each operator, what it wrote must be there.
    """
    graph, expected = plan.graph, interpret_all(plan.graph, inputs)
    arena = np.random.default_rng(0).integers(0, 256, plan.arena_bytes).astype(np.uint8)
    for index, value in zip(graph.inputs, inputs, strict=True):
        arena[plan.offsets[index] :][: value.nbytes] = np.frombuffer(value.tobytes(), np.uint8)
    for step, op in enumerate(graph.ops):
        host_kernels.call_in_arena(graph, op, arena, plan.offsets, plan.scratch.get(step))
        for index in op.outputs:
            np.testing.assert_array_equal(value_of(plan, arena, index), expected[index])
    for index in graph.outputs:
        np.testing.assert_array_equal(value_of(plan, arena, index), expected[index])
    return arena


def value_of(plan: MemoryPlan, arena: np.ndarray, index: int) -> np.ndarray:
    tensor = plan.graph.tensors[index]
    raw = arena[plan.offsets[index] :][: tensor.nbytes]
    return raw.copy().view(tensor.dtype).reshape(tensor.shape)


@SLOWER
@given(graphs(), st.sampled_from([True, False, None]))
def test_the_kernels_compute_in_the_arena_what_the_interpreter_computes(case, keep_input):
    graph, inputs = case
    plan = plan_memory(graph, keep_input)
    arena = play(plan, inputs)
    if plan.keeps_input:
        for index, value in zip(graph.inputs, inputs, strict=True):
            np.testing.assert_array_equal(value_of(plan, arena, index), value)


@pytest.mark.parametrize(("kind", "kernel"), PAIRS)
@settings(SLOWER, max_examples=25)
@given(graphs(), st.sampled_from([True, False]))
def test_so_do_they_with_every_fast_kernel_forced(kind, kernel, case, keep_input):
    graph, inputs = case
    play(plan_memory(forced(graph, kind, kernel), keep_input), inputs)


@SLOWER
@given(graphs())
def test_arena_holds_every_value_and_is_no_smaller_than_the_fullest_moment(case):
    graph, _ = case
    plan = plan_memory(graph)
    assert set(plan.offsets) == set(plan.lifetimes) == {*graph.inputs, *(i for op in graph.ops for i in op.outputs)}
    assert all(plan.offsets[block[0]] % ALIGNMENT == 0 for block in (graph.inputs, graph.outputs))
    ends = [offset + graph.tensors[t].nbytes for t, offset in plan.offsets.items()]
    assert max(plan.live_bytes) <= max(ends) <= plan.arena_bytes
    assert plan_memory(graph).offsets == plan.offsets


@given(st.data())
def test_placed_buffers_keep_their_distance(data):
    count = data.draw(st.integers(1, 9))
    sizes = [4 * data.draw(st.integers(0, 40)) for _ in range(count)]
    pairs = data.draw(st.sets(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))))
    leads = {}
    for one, other in pairs:
        if one < other:
            leads[one, other] = min(sizes[one], 4 * data.draw(st.integers(0, 40)))
            leads[other, one] = sizes[other]
    offsets = place(sizes, leads, range(count))
    for (below, above), lead in leads.items():
        if offsets[above] > offsets[below] or (offsets[above] == offsets[below] and leads[above, below] > 0):
            assert offsets[above] - offsets[below] >= lead
    assert all(offset >= 0 and offset % ALIGNMENT == 0 for offset in offsets)
    assert height(sizes, offsets) <= sum(sizes)


def chain(kinds, lengths):
    """Operators one behind the other over signals of one channel; a CONV_2D has one tap, so it may work in place."""
    scale = Quantization((0.5,), (0,))
    tensors = [Tensor(f"t{i}", (1, n, 1, 1), "int8", scale) for i, n in enumerate(lengths)]
    weights = Tensor("w", (1, 1, 1, 1), "int8", Quantization((0.5,), (0,)), np.ones((1, 1, 1, 1), np.int8))
    operators = []
    for i, kind in enumerate(kinds):
        constants = (len(lengths),) if kind == "CONV_2D" else ()
        options = {"stride_h": -(-lengths[i] // lengths[i + 1]), "stride_w": 1, "padding": "SAME"}
        operators.append(Op(kind, (i, *constants), (i + 1,), options if constants else {}))
    return Graph("chain", (*tensors, weights), tuple(operators), (0,), (len(lengths) - 1,))


def test_a_convolution_of_one_tap_writes_over_its_input_but_for_one_pixel():
    plan = plan_memory(chain(["CONV_2D"], [200, 200]), keep_input=False)
    assert plan.arena_bytes == 200 + ALIGNMENT


def test_an_input_that_must_survive_has_bytes_of_its_own():
    plan = plan_memory(chain(["CONV_2D"], [200, 200]), keep_input=True)
    assert plan.arena_bytes == 400
    assert plan.lifetimes[0].last == len(plan.graph.ops)


def test_a_value_that_is_read_again_is_not_overwritten():
    scale = Quantization((0.5,), (0,))
    tensors = tuple(Tensor(f"t{i}", (100,), "int8", scale) for i in range(4))
    operators = (Op("RELU", (0,), (1,)), Op("RELU", (1,), (2,)), Op("ADD", (1, 2), (3,)))
    plan = plan_memory(Graph("residual", tensors, operators, (0,), (3,)), keep_input=False)
    assert plan.arena_bytes == 200
    assert plan.offsets[1] != plan.offsets[2]


def test_several_inputs_and_outputs_lie_side_by_side():
    scale = Quantization((0.5,), (0,))
    shapes = ((3,), (3,), (5,), (3,), (5,))
    dtypes = ("int8", "int8", "float32", "int8", "int8")
    tensors = tuple(
        Tensor(f"t{i}", shape, dtype, scale if dtype == "int8" else None)
        for i, (shape, dtype) in enumerate(zip(shapes, dtypes, strict=True))
    )
    operators = (Op("ADD", (0, 1), (3,)), Op("QUANTIZE", (2,), (4,)))
    graph = Graph("edges", tensors, operators, (0, 1, 2), (3, 4))
    plan = plan_memory(graph)
    starts = [plan.offsets[index] - plan.offsets[0] for index in graph.inputs]
    assert starts == [0, 3, 8], "a float32 starts at a multiple of 4"
    assert plan.offsets[4] - plan.offsets[3] == 3
    assert block_bytes(graph, graph.inputs) == 28 and block_bytes(graph, graph.outputs) == 8

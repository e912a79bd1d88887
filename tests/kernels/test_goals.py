"""What kernels are chosen for: cycles, or bytes of flash."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from build_graph import Case, activation, constant, one_op, quantization, run_c, run_numpy

from tdl_course import kernels
from tdl_course.compiler import emit_c, plan_memory
from tdl_course.compiler.passes import choose_kernels, optimize
from tdl_course.compiler.passes.kernels import AS_SMALL, explain, why
from tdl_course.graph import Graph
from tdl_course.ops.operator import ConstArray


def fully_connected_case(weights: np.ndarray, x: np.ndarray) -> Case:
    outputs, inputs = weights.shape
    tensors = [
        activation("x", (1, inputs), 0.5, 3),
        constant("w", weights.astype(np.int8), quantization(np.array([0.01], np.float32), 0, 0)),
        activation("y", (1, outputs), 0.5, 0),
    ]
    return one_op("FULLY_CONNECTED", tensors, {"fused_activation_function": "NONE"}, [x])


def fully_connected(weights: np.ndarray) -> Graph:
    return fully_connected_case(weights, np.zeros((1, weights.shape[1]), np.int8)).graph


RNG = np.random.default_rng(0)
SKEWED = fully_connected(np.clip(RNG.normal(0, 3, (64, 64)), -127, 127).round())
UNIFORM = fully_connected(RNG.integers(-127, 128, (64, 64)))


@pytest.mark.parametrize("dsp", [True, False])
def test_huffman_is_for_size_only(dsp: bool) -> None:
    (fast,), (small,) = (choose_kernels(SKEWED, dsp, goal).ops for goal in ("speed", "size"))
    assert kernels.kernel_name(fast) == ("rows" if dsp else "ref")
    assert kernels.kernel_name(small) == "huffman"
    assert "huffman" not in why(SKEWED, fast, dsp)


SHARED = fully_connected(RNG.choice(RNG.integers(-127, 128, 16), (64, 64)))


@pytest.mark.parametrize("dsp", [True, False])
def test_a_codebook_is_for_size_only_and_found_in_the_weights(dsp: bool) -> None:
    (fast,), (small,) = (choose_kernels(SHARED, dsp, goal).ops for goal in ("speed", "size"))
    assert kernels.kernel_name(fast) == ("rows" if dsp else "ref")
    assert kernels.kernel_name(small) == "codebook"
    assert "codebook" not in why(SHARED, fast, dsp)
    weights = 64 * 64
    assert kernels.flash(SHARED, small) == weights // 2 + 16 + 16 * 64


@pytest.mark.parametrize("goal", ["speed", "size"])
def test_int4_weights_take_the_codebook_for_speed_too(goal: str) -> None:
    """On a core without DSP its plain C is slower than the plain loops, which read the same bytes."""
    weights = replace(SHARED.tensors[1], dtype="int4", data=RNG.integers(-8, 8, (64, 64)).astype(np.int8))
    graph = replace(SHARED, tensors=(SHARED.tensors[0], weights, SHARED.tensors[2]))
    for dsp, kernel in ((True, "codebook"), (False, "ref")):
        (op,) = choose_kernels(graph, dsp, goal).ops
        assert kernels.kernel_name(op) == kernel


def test_weights_that_do_not_shrink_stay_as_they_are() -> None:
    (op,) = choose_kernels(UNIFORM, goal="size").ops
    assert kernels.kernel_name(op) == "rows"
    assert "not huffman: its weights would not shrink" in why(UNIFORM, op)


def test_the_reason_speaks_of_bytes() -> None:
    (op,) = choose_kernels(SKEWED, goal="size").ops
    sizes = {name: kernels.flash(SKEWED, replace(op, options={**op.options, "kernel": name})) for name in NAMES}
    said = [f"{name}: about {sizes[name]:,} bytes" for name in ("huffman", "ref", "rows", "columns", "sparse")]
    sparse = "88 % of its weights are not zero"
    book = f"codebook: its weights take {len(np.unique(SKEWED.tensors[1].data))} values; a codebook holds 16"
    assert why(SKEWED, op) == "; not ".join([*said[:-1], f"{said[-1]}, {sparse}", book])


NAMES = ("ref", "rows", "columns", "huffman", "sparse")


@pytest.mark.parametrize("graph", [SKEWED, UNIFORM], ids=["skewed", "uniform"])
def test_the_best_is_the_fastest_of_the_smallest(graph: Graph) -> None:
    possible = [choice for choice in explain(graph, graph.ops[0], goal="size") if choice.why_not is None]
    least = min(choice.flash for choice in possible)
    assert possible[0].flash <= AS_SMALL * least
    rivals = [c for c in possible if c.flash <= AS_SMALL * least and c.cycles is not None]
    assert possible[0].cycles == min(choice.cycles for choice in rivals)


def test_the_kernel_reads_codes_of_sixteen_bits() -> None:
    """Fibonacci numbers of 18 values, 6,764 in all; the drawn cases are too small for codes that long."""
    counts = [1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987, 1597, 2584]
    weights = RNG.permutation(np.repeat(np.arange(18) - 9, counts)).reshape(76, 89)
    case = fully_connected_case(weights, RNG.integers(-128, 128, (1, 89)).astype(np.int8))
    (op,) = choose_kernels(case.graph, goal="size").ops
    assert kernels.kernel_name(op) == "huffman"
    named = Case(replace(case.graph, ops=(op,)), case.inputs)
    params = {param.name: param.value for param in kernels.kernel_call(named.graph, op).params}
    assert params["last"].values.size == 16 + 1
    np.testing.assert_array_equal(run_c(named)[0], run_numpy(named)[0])


def test_flash_is_what_the_arrays_take() -> None:
    graph = choose_kernels(SKEWED, goal="size")
    call = kernels.kernel_call(graph, graph.ops[0])
    arrays = [p.value for p in call.params if isinstance(p.value, ConstArray)]
    assert kernels.flash(graph, graph.ops[0]) == sum(
        array.values.size * {"int8_t": 1, "uint8_t": 1, "uint16_t": 2, "int32_t": 4}[array.ctype] for array in arrays
    )
    assert {p.name: p.value for p in call.params}["per_channel"] == 0
    assert "fully_connected_huffman_ref.c" in emit_c(graph, plan_memory(graph), "small").kernels


def test_choosing_again_changes_nothing() -> None:
    once = optimize(SKEWED, goal="size")
    assert optimize(once, goal="size") is once


def test_an_unknown_goal_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="goal 'fame': what is optimized is one of speed, size"):
        optimize(SKEWED, goal="fame")

"""Each pass leaves the outputs equal, does what it says, and does it at once (idempotence)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tdl_course.compiler.passes import compact_tensors, constants, fold_constants, optimize, remove_dead_operators
from tdl_course.compiler.reference import interpret
from tdl_course.compiler.tflite_reader import read_tflite
from tdl_course.graph import Graph, Op, Quantization, Tensor
from tests.compiler.graph_content import content

Pass = Callable[[Graph], Graph]
PASSES = (fold_constants, remove_dead_operators, compact_tensors, optimize)


@pytest.fixture(scope="module")
def plain(ecg_tflite: bytes) -> Graph:
    return read_tflite(ecg_tflite)


@pytest.fixture(scope="module")
def cluttered(plain: Graph) -> Graph:
    """The model with a tensor that nobody uses, and a chain of two operators whose result nobody uses."""
    scores = plain.tensors[plain.ops[-1].inputs[0]]
    count = len(plain.tensors)
    dead, deader = replace(scores, name="dead", shape=(3, 1)), replace(scores, name="deader", shape=(3,))
    chain = (_reshape(plain.ops[-1].inputs[0], count + 1, (3, 1)), _reshape(count + 1, count + 2, (3,)))
    tensors = (*plain.tensors, Tensor("unused", (7,), "int8"), dead, deader)
    return replace(plain, tensors=tensors, ops=(*plain.ops[:-1], chain[0], plain.ops[-1], chain[1]))


@pytest.fixture(scope="module")
def foldable(plain: Graph) -> Graph:
    """The model whose fully connected layer gets its weights out of two RESHAPEs of a constant."""
    at = next(index for index, op in enumerate(plain.ops) if op.kind == "FULLY_CONNECTED")
    layer, count = plain.ops[at], len(plain.tensors)
    weights = plain.tensors[layer.inputs[1]]
    assert weights.data is not None
    flat = replace(weights, name="flat", shape=(48,), data=weights.data.reshape(48))
    cube, reshaped = replace(weights, name="cube", shape=(4, 12), data=None), replace(weights, name="back", data=None)
    chain = (_reshape(count, count + 1, (4, 12)), _reshape(count + 1, count + 2, weights.shape))
    layer = replace(layer, inputs=(layer.inputs[0], count + 2, *layer.inputs[2:]))
    ops = (*plain.ops[:at], *chain, layer, *plain.ops[at + 1 :])
    return replace(plain, tensors=(*plain.tensors, flat, cube, reshaped), ops=ops)


def _reshape(source: int, target: int, shape: tuple[int, ...]) -> Op:
    return Op("RESHAPE", (source,), (target,), {"new_shape": shape})


def _outputs(graph: Graph) -> np.ndarray:
    samples = np.random.default_rng(0).integers(-128, 128, (5, 1, 128, 1, 3), np.int8)
    return np.stack([interpret(graph, sample)[0] for sample in samples])


@pytest.mark.parametrize("apply", PASSES)
@pytest.mark.parametrize("name", ["plain", "cluttered"])
def test_outputs_stay_equal(apply: Pass, name: str, plain: Graph, request: pytest.FixtureRequest) -> None:
    graph = apply(request.getfixturevalue(name))
    np.testing.assert_array_equal(_outputs(graph), _outputs(plain))


@pytest.mark.parametrize("apply", [fold_constants, optimize])
def test_folding_leaves_outputs_equal(apply: Pass, foldable: Graph, plain: Graph) -> None:
    np.testing.assert_array_equal(_outputs(apply(foldable)), _outputs(plain))


@pytest.mark.parametrize("apply", PASSES)
@pytest.mark.parametrize("name", ["plain", "cluttered", "foldable"])
def test_a_second_time_changes_nothing(apply: Pass, name: str, request: pytest.FixtureRequest) -> None:
    once = apply(request.getfixturevalue(name))
    assert content(apply(once)) == content(once)


@pytest.mark.parametrize("apply", PASSES)
@pytest.mark.parametrize("name", ["cluttered", "foldable"])
def test_the_given_graph_is_untouched(apply: Pass, name: str, request: pytest.FixtureRequest) -> None:
    graph = request.getfixturevalue(name)
    before = content(graph)
    apply(graph)
    assert content(graph) == before


def test_fold_constants_folds_chains(foldable: Graph, plain: Graph) -> None:
    folded = fold_constants(foldable)
    assert [op.kind for op in folded.ops] == [op.kind for op in plain.ops]
    weights = next(tensor for tensor in folded.tensors if tensor.name == "back")
    assert weights.data is not None
    assert not weights.data.flags.writeable


def test_fold_constants_keeps_what_writes_an_output(plain: Graph) -> None:
    constant = Tensor("constant", (4,), "int8", data=np.arange(4, dtype=np.int8))
    graph = Graph("g", (constant, Tensor("out", (2, 2), "int8")), (_reshape(0, 1, (2, 2)),), (), (1,))
    assert fold_constants(graph).ops == graph.ops


def test_remove_dead_operators_removes_chains(cluttered: Graph, plain: Graph) -> None:
    assert len(cluttered.ops) == len(plain.ops) + 2
    assert remove_dead_operators(cluttered).ops == plain.ops


def test_compact_tensors_renumbers_in_order(cluttered: Graph) -> None:
    compact = compact_tensors(cluttered)
    assert [tensor.name for tensor in compact.tensors] == [tensor.name for tensor in _used(cluttered)]
    assert len(compact.tensors) == len(cluttered.tensors) - 1


def _used(graph: Graph) -> list[Tensor]:
    used = {index for op in graph.ops for index in (*op.inputs, *op.outputs)}
    return [tensor for index, tensor in enumerate(graph.tensors) if index in used]


def test_an_absent_input_stays_absent(plain: Graph) -> None:
    at = next(index for index, op in enumerate(plain.ops) if op.kind == "FULLY_CONNECTED")
    assert plain.ops[at].inputs[2] == -1
    assert compact_tensors(plain).ops[at].inputs[2] == -1


@pytest.mark.parametrize("name", ["cluttered", "foldable"])
def test_optimize_gives_back_the_plain_model(name: str, plain: Graph, request: pytest.FixtureRequest) -> None:
    best, expected = optimize(request.getfixturevalue(name)), optimize(plain)
    assert [op.kind for op in best.ops] == [op.kind for op in expected.ops]
    assert best.weight_bytes == expected.weight_bytes
    assert len(best.tensors) == len(expected.tensors)


def test_fold_constants_leaves_long_work_and_large_results_to_the_device(
    foldable: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "MOST_WORK", 47)  # the weights have 48 values
    assert fold_constants(foldable) is foldable


def test_many_operators_take_no_long_time() -> None:
    """Time grows with their number, not with its square: each kind of row and fan that a pass walks along."""
    count, quantization = 5000, Quantization((0.05,), (3,))
    tensors = tuple(Tensor(f"t{i}", (1, 2), "int8", quantization) for i in range(count + 1))
    for kind in ("RELU", "QUANTIZE", "RESHAPE"):
        row = tuple(Op(kind, (i,), (i + 1,)) for i in range(count))
        fan = tuple(Op(kind, (0,), (i + 1,)) for i in range(count))
        for ops, outputs in ((row, (count,)), (fan, tuple(range(1, count + 1)))):
            began = time.process_time()
            optimize(Graph("many", tensors, ops, (0,), outputs))
            assert time.process_time() - began < 20

"""Cores without DSP instructions compute the same: Cortex-M3 as a board, Cortex-M0+ bare.

The simulated M0+ faults where a word is read or written at an odd place, as the core does: a kernel that casts a
pointer to bytes into one to words would end here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from bare_core import BARE, build_bare
from many_cases import Solved, block, fast_cases, golden_cases, unequal, without_kernels
from test_on_the_device import side_by_side

from tdl_course import kernels, sim, toolchain
from tdl_course.boards import BOARDS, CORTEX_M3, Board
from tdl_course.compiler import emit_c, plan_memory
from tdl_course.compiler.passes import choose_kernels
from tdl_course.compiler.passes.kernels import NO_DSP, explain, why
from tdl_course.elf import Elf
from tdl_course.exports.c_costs import CFiles
from tdl_course.graph import Graph

pytestmark = pytest.mark.sim
M3 = BOARDS["stm32f205"]
PLACES = pytest.mark.parametrize("board", [M3, BARE], ids=lambda board: board.core.name)
COMPILERS = pytest.mark.parametrize("compiler", ["zig", "gcc"])


@cache
def fast() -> list[Solved]:
    """Cases of every fast kernel: odd channels, tails, strides, padding, dilation."""
    return fast_cases(each=8)


@cache
def golden() -> list[Solved]:
    return golden_cases(each=1)


def build(graph: Graph, board: Board, compiler: str, folder: Path) -> Elf:
    sources = emit_c(graph, plan_memory(graph), "many")
    return build_bare(sources, compiler, folder) if board is BARE else toolchain.build(sources, board, compiler)


def run_all(graph: Graph, elf: Elf, solved: list[Solved], simulator: str = "unicorn") -> sim.RunResult:
    inputs = [array for case in solved for array in case.inputs]
    result = sim.run(elf, block(graph, graph.inputs, inputs), sim=simulator)
    assert unequal(graph, result.outputs, solved) == []
    return result


@PLACES
@COMPILERS
@pytest.mark.parametrize("forced", [False, True], ids=["chosen", "forced"])
def test_every_fast_kernels_cases(board: Board, compiler: str, forced: bool, need: Callable, tmp_path: Path) -> None:
    """By the kernels that are chosen for the core, and by the fast ones, all in plain C."""
    if compiler == "gcc":
        need("gcc")
    graph = side_by_side([case.graph for case in fast()])
    graph = graph if forced else choose_kernels(without_kernels(graph), dsp=board.core.dsp)
    plain = {"CONV_2D", "FULLY_CONNECTED"}
    assert {op.kind for op in graph.ops if kernels.kernel_name(op) == kernels.REFERENCE} >= (set() if forced else plain)
    assert not forced or kernels.REFERENCE not in map(kernels.kernel_name, graph.ops)
    result = run_all(graph, build(graph, board, compiler, tmp_path), fast())
    assert result.instructions > 100_000
    assert {result.cycles, *(layer.cycles for layer in result.layers)} == {None}


@PLACES
@COMPILERS
def test_every_operator(board: Board, compiler: str, need: Callable, tmp_path: Path) -> None:
    if compiler == "gcc":
        need("gcc")
    graph = side_by_side([case.graph for case in golden()])
    run_all(graph, build(graph, board, compiler, tmp_path), golden())


@pytest.mark.parametrize("forced", [False, True], ids=["chosen", "forced"])
def test_qemus_cortex_m3_agrees_and_counts_the_same(forced: bool, need: Callable, tmp_path: Path) -> None:
    need("qemu")
    graph = side_by_side([case.graph for case in fast()])
    graph = graph if forced else choose_kernels(without_kernels(graph), dsp=CORTEX_M3.dsp)
    elf = build(graph, M3, "zig", tmp_path)
    counts = {run_all(graph, elf, fast(), simulator).instructions for simulator in ("unicorn", "qemu")}
    assert len(counts) == 1


def test_the_choice_says_why() -> None:
    """Kernels that live by DSP instructions are not taken without them; those that also win in plain C are."""
    for graph in (without_kernels(case.graph) for case in fast()):
        with_dsp, without = (
            {choice.kernel: choice for choice in explain(graph, graph.ops[0], dsp)} for dsp in (True, False)
        )
        for kernel, choice in without.items():
            if kernel in ("codebook", "columns", "rows", "sparse"):  # codebook: of int4 weights
                assert (choice.cycles, choice.why_not) == (None, NO_DSP)
                assert f"{kernel}: {NO_DSP}" in why(graph, graph.ops[0], dsp=False)
            else:
                assert choice == with_dsp[kernel]


UNALIGNED = """
#include <stdint.h>
int8_t tdl_input[8] __attribute__((aligned(4))), tdl_output[4] __attribute__((aligned(4)));
void tdl_infer(void) {
  *(volatile int32_t *)(void *)tdl_output = *(volatile int32_t *)(void *)(tdl_input + tdl_input[0]);
}
"""


def test_a_bare_core_faults_on_a_word_at_an_odd_place(tmp_path: Path) -> None:
    """What the tests above rely on."""
    elf = build_bare(CFiles({"model.c": UNALIGNED}), "zig", tmp_path)
    sim.run(elf, np.array([[4, 0, 0, 0, 0, 0, 0, 0]], np.int8))
    with pytest.raises(sim.SimulatorError, match=r"accessed 4 bytes at 0x2000\w+, and a cortex-m0plus.*tdl_infer"):
        sim.run(elf, np.array([[1, 0, 0, 0, 0, 0, 0, 0]], np.int8))


def test_the_runtime_is_refused_for_a_core_that_it_is_not_for() -> None:
    graph = fast()[0].graph
    with pytest.raises(toolchain.ToolchainError, match="needs an Armv7-M core.*tdl export"):
        toolchain.build(emit_c(graph, plan_memory(graph), "many"), BARE)

"""The cycle model against cycles added up by hand from the table."""

from __future__ import annotations

import numpy as np
import pytest

from tdl_course import sim
from tdl_course.elf import Elf
from tdl_course.sim.cycle_model import disassemble

# name in snippets.c: (instructions, cycles of each group of instructions, in order). A taken branch is 1 + 2.
BY_HAND = {
    "00_alu": (4, [1, 1, 1, 3]),
    "01_independent_loads": (6, [2, 2 + 1 + 1, 3]),
    "02_dependent_load": (6, [2, 1, 2, 2, 3]),
    "03_stores": (8, [2, 1, 2, 1, 2, 1, 3]),
    "04_loop": (4 + 5 * 10 + 1, [4, 10 * (2 + 1 + 1 + 1 + 1), 9 * 2, 3]),
    "05_it": (6, [1, 1, 1, 1, 1, 3]),
    "06_push_pop": (2, [1 + 5, 1 + 5 + 2]),
    "07_ldm_stm": (5, [2, 1 + 4, 1 + 3, 3]),
    "08_divide": (5, [1, 1, 7, 7, 3]),
    "09_float": (12, [2, 1 + 1, 1 + 2, 1, 3, 14, 1 + 1, 2, 1 + 4, 1 + 4, 3]),
    "10_double_words": (5, [2, 3, 3, 3]),
    "11_many_loads": (1503, [2, 2 + 1499, 3]),  # longer than a translated block: pipelining crosses its end
    "12_branch_to_next": (2, [1, 3]),  # the next PC is sequential
    "13_cbz_taken": (3, [1, 1 + 2, 3]),
    "14_call": (4, [1 + 2, 1 + 2, 3, 1 + 2 + 2]),
    "15_table_branch": (3, [1, 4, 3]),
    "16_status": (3, [2, 2, 3]),
}


@pytest.fixture(scope="module")
def result(snippets: Elf) -> sim.RunResult:
    return sim.run(snippets, np.zeros((1, 16), np.int8))


@pytest.mark.sim
@pytest.mark.parametrize("name", BY_HAND)
def test_snippet_costs_what_the_table_says(result: sim.RunResult, name: str) -> None:
    layer = next(layer for layer in result.layers or () if layer.name == f"tdl_layer_{name}")
    instructions, cycles = BY_HAND[name]
    assert (layer.instructions, layer.cycles) == (instructions, sum(cycles))


@pytest.mark.sim
def test_every_snippet_has_a_hand_count(result: sim.RunResult) -> None:
    assert {f"tdl_layer_{name}" for name in BY_HAND} == {layer.name for layer in result.layers or ()}


@pytest.mark.parametrize(
    ("code", "cycles", "after_load", "refill"),
    [
        ("0868", 2, 1, 0),  # ldr r0, [r1]
        ("8858", 2, 1, 0),  # ldr r0, [r1, r2]
        ("8850", 2, 1, 0),  # str r0, [r1, r2]
        ("0860", 1, 1, 0),  # str r0, [r1]
        ("d1f800f0", 2, 2, 2),  # ldr.w pc, [r1]: no load for the pipeline, it jumps
        ("10bd", 3, 3, 2),  # pop {r4, pc}
        ("8746", 1, 1, 2),  # mov pc, r0
        ("7047", 1, 1, 2),  # bx lr
        ("00bf", 1, 1, 0),  # nop
        ("90ed040b", 5 - 2, 5 - 2, 0),  # vldr d0, [r0, #16]: two words
    ],
)
def test_single_instructions(code: str, cycles: int, after_load: int, refill: int) -> None:
    (instruction,) = disassemble(bytes.fromhex(code), 0x0800_0000)
    assert (instruction.cycles, instruction.after_load, instruction.refill) == (cycles, after_load, refill)


def test_a_load_pairs_only_with_an_access_that_does_not_use_its_result() -> None:
    load, same, other = disassemble(bytes.fromhex("086802680a68"), 0)  # ldr r0,[r1]; ldr r2,[r0]; ldr r2,[r1]
    assert (same.cycles_after(load), other.cycles_after(load), other.cycles_after(None)) == (2, 1, 2)

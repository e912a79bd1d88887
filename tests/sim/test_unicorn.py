"""Runs of small firmwares: outputs, counts against a count of each instruction, and faults that are explained."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from unicorn import UC_HOOK_CODE

from tdl_course import sim, toolchain
from tdl_course.elf import Elf
from tdl_course.sim import counter, unicorn
from tdl_course.sim.cycle_model import Instruction, disassemble
from tdl_course.sim.machine import Machine

pytestmark = pytest.mark.sim
WEIGHTS = np.zeros((4, 64), np.int32)
WEIGHTS[0, :5], WEIGHTS[1, :2], WEIGHTS[2, :3], WEIGHTS[3, :2] = (1, -2, 3, 4, 5), (6, 7), (8, 9, 10), (-11, 12)


def random_inputs(count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(-128, 128, (count, 64), dtype=np.int8)


def expected(inputs: np.ndarray) -> np.ndarray:
    """What toy.c computes. C divides towards zero."""
    hidden = np.where(inputs < 0, -(-inputs.astype(np.int32) // 3), inputs)
    return ((hidden @ WEIGHTS.T) >> 6).astype(np.int8)


def test_outputs_are_what_the_program_computes(toy: Elf, toy_sources: toolchain.CSources) -> None:
    inputs = random_inputs(20)
    assert np.array_equal(sim.run(toy, inputs).outputs, expected(inputs))
    assert np.array_equal(sim.run(toy_sources, inputs, sim="host").outputs, expected(inputs))


def test_counts_are_of_the_first_inference(toy: Elf) -> None:
    inputs = random_inputs(3)
    alone, first = sim.run(toy, inputs[:1]), sim.run(toy, inputs)
    assert (alone.instructions, alone.cycles, alone.layers) == (first.instructions, first.cycles, first.layers)


def test_layers_and_call_overhead_add_up(toy: Elf) -> None:
    result = sim.run(toy, random_inputs(1), profile=True)
    assert [layer.name for layer in result.layers or ()] == ["tdl_layer_00_shrink", "tdl_layer_01_dense"]
    overhead = result.call_overhead
    assert overhead is not None and 0 < overhead.instructions < 20 and overhead.cycles > overhead.instructions
    assert sum(function.cycles for function in result.functions or ()) == result.cycles
    assert sum(function.instructions for function in result.functions or ()) == result.instructions


@pytest.mark.parametrize("name", ["zig", "gcc"])
def test_block_counts_equal_a_count_of_each_instruction(toy_sources: toolchain.CSources, name: str, need) -> None:
    """Equal but for instructions in IT blocks: Unicorn's code hook skips those whose condition fails."""
    if name == "gcc":
        need("gcc")
    elf = toolchain.build(toy_sources, toolchain=name)
    by_block, by_instruction = count_by_block(elf), count_by_instruction(elf)
    differing = {address for address in by_block if by_block[address] != by_instruction[address]}
    assert set(by_instruction) <= set(by_block)
    assert all(by_block[address] > by_instruction[address] for address in differing)
    assert differing <= in_it_blocks(elf)
    assert sum(by_block.values()) == sim.run(elf, random_inputs(1)).instructions


def prepared(elf: Elf) -> Machine:
    """At main, with the input written, to return to the vector table."""
    machine = Machine(elf)
    unicorn.boot(machine, 10)
    machine.write(elf.symbol("tdl_input").address, random_inputs(1).tobytes())
    machine.exits([machine.return_address])
    return machine


def count_by_instruction(elf: Elf) -> Counter[int]:
    machine, counts = prepared(elf), Counter()
    machine.engine.hook_add(UC_HOOK_CODE, lambda engine, address, size, data: counts.update([address]))
    machine.engine.ctl_flush_tb()
    machine.call(elf.symbol("tdl_infer").address, 10)
    return counts


def count_by_block(elf: Elf) -> Counter[int]:
    machine, counts = prepared(elf), Counter()
    blocks = counter.block_counter(machine.code)
    blocks.attach(machine.engine)
    machine.call(elf.symbol("tdl_infer").address, 10)
    for block in blocks.blocks():
        for instruction in disassemble(machine.read(block.address, block.size), block.address):
            counts[instruction.address] += block.count
    return counts


def in_it_blocks(elf: Elf) -> set[int]:
    """Addresses of the instructions under an IT instruction, in the functions of the model."""
    machine, found = Machine(elf), set()
    for function in elf.functions:
        if not function.name.startswith("tdl_"):
            continue
        body: list[Instruction] = list(disassemble(machine.read(function.address, function.size), function.address))
        for index, instruction in enumerate(body):
            if match := re.match(r"i(t[te]*) ", instruction.text):
                found.update(under.address for under in body[index + 1 : index + 1 + len(match[1])])
    return found


def test_stack_is_the_deepest_of_all_inputs(misbehaving: Elf) -> None:
    result = sim.run(misbehaving, np.zeros((2, 4), np.int8))
    assert result.stack_bytes is not None and 8 <= result.stack_bytes <= 64
    assert result.boot_stack_bytes is not None and 0 <= result.boot_stack_bytes <= 64


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (1, ["read 0x60000000", "tdl_layer_00_misbehave", "no memory"]),
        (2, ["wrote 0x08000100", "write_flash", "flash", "pc=0x08"]),
        (3, ["undefined instruction", "tdl_layer_00_misbehave"]),
        (4, ["Stack overflow", "dig", "more RAM"]),
        (5, ["No end after 0.5 s", "tdl_layer_00_misbehave", "timeout="]),
        (6, ["jumped to 0x2000", "called from tdl_layer_00_misbehave"]),
        (7, ["wrote 0x20020000", "beyond the 131,072 bytes of RAM"]),
        (8, ["EXIT 3 instead of returning"]),
        (9, ["tdl_infer returned with sp=0x2001fffc"]),
        (10, ["SVC"]),
        (11, ["Stack overflow"]),
    ],
)
def test_fault_is_explained(misbehaving: Elf, kind: int, words: list[str]) -> None:
    with pytest.raises(sim.SimulatorError) as error:
        sim.run(misbehaving, np.array([[0, 0, 0, 0], [kind, 0, 0, 0]], np.int8), timeout=0.5)
    assert [word for word in words if word not in str(error.value)] == [], str(error.value)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        (np.zeros((1, 64), np.float32), "float32, the device takes int8"),
        (np.zeros((2, 63), np.int8), r"\(2, 63\), 63 bytes each; tdl_input takes 64"),
        (np.zeros(64, np.int8), r"x\[None\]"),
        (np.zeros((64, 1), np.int8), r"pass x\[None\]"),
        (np.zeros((0, 64), np.int8), "nothing to run"),
    ],
)
def test_wrong_inputs_are_refused(toy: Elf, inputs: np.ndarray, words: str) -> None:
    with pytest.raises(sim.SimulatorError, match=words):
        sim.run(toy, inputs)


def test_inputs_may_have_any_shape_of_the_right_size(toy: Elf) -> None:
    inputs = random_inputs(2)
    assert np.array_equal(sim.run(toy, inputs.reshape(2, 8, 8, 1)).outputs, sim.run(toy, inputs).outputs)


def test_an_elf_without_the_contract_is_refused(toy: Elf) -> None:
    from dataclasses import replace

    symbols = {name: symbol for name, symbol in toy.symbols.items() if name not in ("tdl_infer", "tdl_output")}
    with pytest.raises(sim.SimulatorError, match="no symbol tdl_infer, tdl_output.*ELF contract"):
        sim.run(replace(toy, symbols=symbols), random_inputs(1))


def test_small_board_has_its_own_ram_only(toy_sources: toolchain.CSources) -> None:
    from pathlib import Path

    source = Path(__file__).with_name("misbehaving.c").read_text(encoding="utf-8")
    elf = toolchain.build(type(toy_sources)({"model.c": source}), "tiny32k")
    with pytest.raises(sim.SimulatorError, match="wrote 0x20008000, beyond the 32,768 bytes of RAM of board tiny32k"):
        sim.run(elf, np.array([[7, 0, 0, 0]], np.int8))

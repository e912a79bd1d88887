"""The two block counters are one: same blocks, same scopes; and the fallback says so once."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from tdl_course import sim, toolchain
from tdl_course.elf import Elf
from tdl_course.sim import counter, unicorn
from tdl_course.sim.machine import Machine

pytestmark = pytest.mark.sim
INPUTS = np.random.default_rng(2).integers(-128, 128, (1, 64), dtype=np.int8)


def blocks_of(elf: Elf, kind: type[counter.NativeCounter] | type[counter.PythonCounter]) -> list[counter.BlockCount]:
    machine = Machine(elf)
    unicorn.boot(machine, 10)
    machine.write(elf.symbol("tdl_input").address, INPUTS.tobytes())
    machine.exits([machine.return_address])
    blocks = kind(machine.code, [address for _, address in unicorn.layer_functions(elf)])
    blocks.attach(machine.engine)
    machine.call(elf.symbol("tdl_infer").address, 30)
    blocks.finish()
    blocks.detach()
    machine.call(elf.symbol("tdl_infer").address, 30)  # no longer counted
    return sorted(blocks.blocks(), key=lambda block: (block.scope, block.address, block.size))


def test_native_and_python_count_the_same(toy: Elf) -> None:
    native, python = blocks_of(toy, counter.NativeCounter), blocks_of(toy, counter.PythonCounter)
    assert native == python
    assert {block.scope for block in native} == {0, 1, 2}


def test_native_and_python_count_the_same_in_snippets(snippets: Elf) -> None:
    inputs = np.zeros((1, 16), np.int8)
    native = sim.run(snippets, inputs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counter, "_native", lambda: None)
        python = sim.run(snippets, inputs)
    assert (native.instructions, native.cycles, native.layers) == (python.instructions, python.cycles, python.layers)


def test_without_a_compiler_one_warning_and_the_same_counts(toy: Elf, monkeypatch: pytest.MonkeyPatch) -> None:
    native = sim.run(toy, INPUTS)

    def no_compiler(path: object) -> None:
        raise toolchain.ToolchainError("the C compiler is missing")

    monkeypatch.setattr(toolchain, "native_library", no_compiler)
    counter._native.cache_clear()
    try:
        with pytest.warns(UserWarning, match="the C compiler is missing"):
            first = sim.run(toy, INPUTS)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            second = sim.run(toy, INPUTS)
    finally:
        counter._native.cache_clear()
    assert first.cycles == second.cycles == native.cycles
    assert first.instructions == native.instructions


@pytest.mark.parametrize("kind", [counter.NativeCounter, counter.PythonCounter])
def test_code_outside_of_the_range_is_no_silent_loss(
    toy: Elf, kind: type[counter.NativeCounter] | type[counter.PythonCounter]
) -> None:
    machine = Machine(toy)
    unicorn.boot(machine, 10)
    machine.exits([machine.return_address])
    start = toy.symbol("tdl_infer").address
    blocks = kind(range(start, start + 4))
    blocks.attach(machine.engine)
    machine.call(start, 10)
    with pytest.raises(counter.LostBlocks, match="outside of the code range"):
        blocks.blocks()

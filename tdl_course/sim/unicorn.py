"""Unicorn: run a firmware in this process, on a simulated Cortex-M, and count what it does.

In: an `Elf` that keeps the ELF contract (`main`, `tdl_infer`, `tdl_input`, `tdl_output`) and int8 inputs.
Out: a `RunResult`. The firmware boots from reset to `main`; then `tdl_infer` is called once for each input, its input
written and its output read directly. The first inference is counted, the others run at full speed. Cycles are given for
the core that the cycle model is of.
For the firmware's serial protocol see `device`.
"""

from __future__ import annotations

import re
import time

import numpy as np

from tdl_course.elf import Elf
from tdl_course.sim.counter import OUTSIDE, BlockCount, block_counter
from tdl_course.sim.cycle_model import KINDS
from tdl_course.sim.inputs import check_inputs
from tdl_course.sim.machine import Machine
from tdl_course.sim.profile import BlockCosts, costs_by
from tdl_course.sim.result import NOTHING, FunctionCost, LayerCost, RunResult, SimulatorError

CONTRACT = ("main", "tdl_infer", "tdl_input", "tdl_output")
LAYER = re.compile(r"tdl_layer_(\d+)_\w+")


def run_unicorn(elf: Elf, inputs: np.ndarray, profile: bool = False, timeout: float = 60.0) -> RunResult:
    """Run every input through `tdl_infer` on the simulated board.

    Parameters
    ----------
    elf : Elf
        A firmware by the ELF contract.
    inputs : int8 array [n, ...]
        n inputs of as many bytes as `tdl_input` has.
    profile : bool
        Also give the cost of each C function of the first inference.
    timeout : float
        Seconds of this computer's time that boot and each inference may take.

    Returns
    -------
    RunResult
        `outputs` int8 [n, bytes of tdl_output]; counts are of the first inference.

    Raises
    ------
    SimulatorError
        The ELF breaks the contract, the inputs do not fit, or the firmware faults or does not end.
    """
    check_contract(elf)
    source, target = elf.symbols["tdl_input"], elf.symbols["tdl_output"]
    rows = check_inputs(inputs, source.size)
    began = time.perf_counter()
    machine = Machine(elf)
    boot_stack = boot(machine, timeout)
    layers = layer_functions(elf)
    counter = block_counter(machine.code, [address for _, address in layers])
    outputs = np.empty((len(rows), target.size), np.int8)
    machine.exits([machine.return_address])
    machine.sp = machine.initial_sp
    machine.paint_stack()
    counter.attach(machine.engine)
    for index, row in enumerate(rows):
        machine.write(source.address, row.tobytes())
        machine.call(elf.symbols["tdl_infer"].address, timeout)
        outputs[index] = np.frombuffer(machine.read(target.address, target.size), np.int8)
        if index == 0:
            counter.finish()
            counter.detach()
    stack = machine.stack_used()
    seconds = time.perf_counter() - began
    blocks = counter.blocks()
    costs = BlockCosts(machine.read, elf.board.core.timed)
    by_scope = costs_by(blocks, costs, lambda block: block.scope)
    per_layer = [by_scope.get(scope, NOTHING) for scope in range(OUTSIDE + 1, len(layers) + 1)]
    total = sum(by_scope.values(), NOTHING)
    spent: dict[int, tuple[int, ...]] = {}
    for block in blocks if elf.board.core.timed else ():
        before = spent.get(block.scope, (0,) * len(KINDS))
        spent[block.scope] = tuple(map(sum, zip(before, costs.by_kind(block), strict=True)))
    return RunResult(
        outputs=outputs,
        simulator="unicorn",
        seconds=seconds,
        instructions=total.instructions,
        cycles=total.cycles,
        layers=tuple(
            LayerCost(name, cost.instructions, cost.cycles, spent.get(scope, ()))
            for scope, ((name, _), cost) in enumerate(zip(layers, per_layer, strict=True), start=OUTSIDE + 1)
        ),
        functions=function_costs(elf, blocks, costs) if profile else None,
        stack_bytes=stack,
        boot_stack_bytes=boot_stack,
    )


def boot(machine: Machine, timeout: float) -> int:
    """Run from reset to the first instruction of `main`. Returns the stack used on the way, in bytes."""
    machine.exits([machine.elf.symbols["main"].address])
    machine.run(timeout)
    if machine.exit_code is not None:
        raise SimulatorError(f"the firmware ended with EXIT {machine.exit_code} before it reached main")
    return machine.stack_used()


def check_contract(elf: Elf) -> None:
    """Raises SimulatorError unless `elf` has the symbols of the ELF contract."""
    missing = [name for name in CONTRACT if name not in elf.symbols]
    if missing:
        raise SimulatorError(
            f"{elf.path.name} has no symbol {', '.join(missing)}. A firmware by the ELF contract defines main, "
            "void tdl_infer(void), int8_t tdl_input[] and int8_t tdl_output[]; build it with tdl build or tdl.deploy"
        )
    empty = [name for name in ("tdl_input", "tdl_output") if elf.symbols[name].size == 0]
    if empty:
        raise SimulatorError(
            f"{elf.path.name}: {', '.join(empty)} has size 0; the ELF contract asks for arrays of their true size "
            "in bytes"
        )


def layer_functions(elf: Elf) -> list[tuple[str, int]]:
    """(name, address) of the layer functions, in order of execution."""
    found = [
        (int(match[1]), name, elf.symbols[name].address) for name in elf.symbols if (match := LAYER.fullmatch(name))
    ]
    return [(name, address) for _, name, address in sorted(found)]


def function_costs(elf: Elf, blocks: list[BlockCount], costs: BlockCosts) -> tuple[FunctionCost, ...]:
    """Cost of each C function of a run, without what it calls, most cycles (else instructions) first."""

    def name(block: BlockCount) -> str:
        function = elf.function_at(block.address)
        return function.name if function else f"0x{block.address:08x}"

    sums = costs_by(blocks, costs, name)
    ordered = sorted(sums.items(), key=lambda item: (-(item[1].cycles or 0), -item[1].instructions, str(item[0])))
    return tuple(FunctionCost(str(function), cost.instructions, cost.cycles) for function, cost in ordered)

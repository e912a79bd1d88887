"""How fast the simulator counts: simulated instructions a second, with counting on and off.

    python benchmarks/count_speed.py [MODEL.tflite ...]

Runs `tdl_infer` of a loop like that of a convolution (5 instructions a block: the worst case, a hook call every few
instructions) and of every model given, and prints the measured rates and their ratio. Best of `REPEATS` runs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tdl_course import toolchain
from tdl_course.compiler import emit_c, optimize, plan_memory, read_tflite
from tdl_course.elf import Elf
from tdl_course.sim import counter, unicorn
from tdl_course.sim.machine import Machine
from tdl_course.sim.profile import BlockCosts, costs_by

GOAL = 50e6  # simulated instructions a second with counting on
REPEATS = 3
SECONDS = 300.0


@dataclass(frozen=True)
class Loop:
    """Sources of a model whose one layer is a loop of multiply-accumulates."""

    files: Mapping[str, str] = field(
        default_factory=lambda: {"model.c": Path(__file__).with_name("loop.c").read_text(encoding="utf-8")}
    )
    kernels: tuple[str, ...] = ()


def built(path: Path) -> Elf:
    graph = optimize(read_tflite(path.read_bytes()))
    return toolchain.build(emit_c(graph, plan_memory(graph), "benchmark"))


def seconds_of_infer(
    elf: Elf, kind: type[counter.NativeCounter] | type[counter.PythonCounter] | None
) -> tuple[float, int]:
    """(seconds, instructions) of the first `tdl_infer`, translation included; 0 instructions where nothing counts."""
    machine = Machine(elf)
    unicorn.boot(machine, SECONDS)
    source = elf.symbol("tdl_input")
    machine.write(source.address, np.random.default_rng(0).integers(-128, 128, source.size, dtype=np.int8).tobytes())
    machine.exits([machine.return_address])
    blocks = kind(machine.code) if kind else None
    if blocks:
        blocks.attach(machine.engine)
    began = time.perf_counter()
    machine.call(elf.symbol("tdl_infer").address, SECONDS)
    seconds = time.perf_counter() - began
    if not blocks:
        return seconds, 0
    costs = costs_by(blocks.blocks(), BlockCosts(machine.read), lambda block: None)
    return seconds, costs[None].instructions


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast the simulator counts.")
    parser.add_argument("models", nargs="*", type=Path, metavar="MODEL.tflite")
    programs = [("multiply-accumulate loop", toolchain.build(Loop()))]
    programs += [(path.name, built(path)) for path in parser.parse_args().models]
    print(f"{'program':32} {'instructions':>14} {'counting':>12} {'not counting':>14} {'ratio':>7} {'in Python':>12}")
    slowest = float("inf")
    for name, elf in programs:
        counted = min(seconds_of_infer(elf, counter.NativeCounter) for _ in range(REPEATS))
        plain = min(seconds_of_infer(elf, None) for _ in range(REPEATS))
        python = seconds_of_infer(elf, counter.PythonCounter)
        instructions = counted[1]
        rate = instructions / counted[0]
        slowest = min(slowest, rate)
        print(
            f"{name:32} {instructions:>14,} {rate / 1e6:>8,.0f} M/s {instructions / plain[0] / 1e6:>10,.0f} M/s "
            f"{plain[0] / counted[0]:>7.2f} {instructions / python[0] / 1e6:>8,.1f} M/s"
        )
    print(f"slowest with counting on: {slowest / 1e6:,.0f} M/s, {slowest / GOAL:.1f} times the goal")


if __name__ == "__main__":
    main()

"""cost_rows: what an exported library takes, for its README.

In: the library's C files, its graph, a board or core. Out: rows (what, how much, what kind of number). Sizes are those
of these very files, compiled for the core, before linking; stack and cycles are those of the same kernels in the
simulated firmware of the board.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from elftools.elf.elffile import ELFFile

from tdl_course import sim, toolchain
from tdl_course.boards import NOT_KNOWN, Board, Core
from tdl_course.compiler import Sources
from tdl_course.toolchain import DoesNotFit

ALLOCATED, WRITABLE = 0x2, 0x1


@dataclass(frozen=True)
class CFiles:
    """C files by name, kernels among them: what the toolchain takes."""

    files: Mapping[str, str]
    kernels: tuple[str, ...] = ()


def cost_rows(files: Mapping[str, str], sources: Sources, target: Board | Core) -> list[tuple[str, str, str]]:
    """Flash and RAM (measured); stack, instructions (simulated), cycles (modelled) where the firmware fits a board."""
    core = core_of(target)
    flash, ram = object_sizes(toolchain.objects(CFiles(files), core))
    rows = [
        (
            "flash: code and constants",
            f"{flash:,} bytes",
            f"measured: {core}, zig cc -O2 -fomit-frame-pointer -fno-unroll-loops, before linking",
        ),
        ("RAM: the arena, all that is static", f"{ram:,} bytes", "measured"),
    ]
    if isinstance(target, Core):
        return [*rows, ("stack, instructions, cycles", "not given", "no board was named")]
    try:
        elf = toolchain.build(sources, target)
    except DoesNotFit:
        reason = f"the whole firmware does not fit on {target.name}"
        return [*rows, ("stack, instructions, cycles", "not given", reason)]
    result = sim.run(elf, np.zeros((1, elf.symbol("tdl_input").size), np.int8))
    return [
        *rows,
        ("stack of one inference", f"{result.stack_bytes:,} bytes", f"simulated: {target.name}"),
        ("instructions of one inference", f"{result.instructions:,}", "simulated"),
        cycles_row(result.cycles),
    ]


def cycles_row(cycles: int | None) -> tuple[str, str, str]:
    name = "cycles of one inference"
    if cycles is None:
        return (name, "not given", NOT_KNOWN)
    return (name, f"{cycles:,}", "modelled: Cortex-M4 timing, zero flash wait states")


def core_of(target: Board | Core) -> Core:
    return target if isinstance(target, Core) else target.core


def object_sizes(objects: Sequence[Path]) -> tuple[int, int]:
    """(flash, RAM) bytes of object files: all that is allocated and not zero at the start; all that is writable."""
    flash = ram = 0
    for path in objects:
        with path.open("rb") as stream:
            for section in ELFFile(stream).iter_sections():
                if section["sh_flags"] & ALLOCATED:
                    flash += section["sh_size"] if section["sh_type"] != "SHT_NOBITS" else 0
                    ram += section["sh_size"] if section["sh_flags"] & WRITABLE else 0
    return flash, ram

"""The audio front end of keyword spotting: cycles of a hop, what it takes of a core, flash and RAM.

    python benchmarks/frontend.py

Built for stm32f405, plain C and with DSP instructions. Cycles are modelled and those of one hop of 20 ms (320 samples),
the copy of the samples included; they hardly depend on the samples. Flash and RAM are those of the front end alone:
code, tables, buffers. The last table is the distance of the int8 features from the float reference, over the clips of
the dataset keywords, by level.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from tdl_course import audio, datasets, sim, toolchain
from tdl_course.audio import STREAMING, FrontEnd
from tdl_course.compiler import emit_clip_c, emit_frontend
from tdl_course.elf import Elf
from tdl_course.table import Table

CLOCKS_MHZ = (168, 48)
SECONDS = 0.2
LEVELS = (-128, -96, -64, 0, 64, 128)


@dataclass(frozen=True)
class Measured:
    """One front end on one compiler: modelled cycles and instructions of a hop, bytes, cycles of each function."""

    form: str
    compiler: str
    cycles: int
    instructions: int
    code_bytes: int
    table_bytes: int
    ram_bytes: int
    stack_bytes: int
    functions: tuple[tuple[str, float], ...]


def measure(dsp: bool, compiler: str = "zig", front_end: FrontEnd = STREAMING) -> Measured:
    """Build the front end for stm32f405, run a clip of noise, and count."""
    hops = round(SECONDS * front_end.sampling_hz / front_end.hop)
    samples = np.random.default_rng(0).normal(0, 1000, (1, hops * front_end.hop)).astype(np.int16)
    elf = toolchain.build(emit_clip_c(samples.shape[1], front_end, dsp), toolchain=compiler)
    result = sim.run(elf, samples.view(np.int8), profile=True)
    if not (result.outputs.reshape(1, -1, front_end.mels) == audio.log_mel_int8(samples, front_end)).all():
        raise SystemExit("the simulated front end and the NumPy model disagree")
    assert result.layers and result.functions
    cost = result.layers[1]
    frames = hops - front_end.warmup + 1
    functions = tuple(
        (function.name, (function.cycles or 0) / frames)
        for function in result.functions
        if function.name.startswith(("tdl_frontend_", "move"))
    )
    code, tables, ram = sizes(elf, front_end, dsp)
    return Measured(
        "DSP" if dsp else "plain C",
        compiler,
        cost.cycles or 0,
        cost.instructions,
        code,
        tables,
        ram,
        result.stack_bytes or 0,
        functions,
    )


def sizes(elf: Elf, front_end: FrontEnd, dsp: bool) -> tuple[int, int, int]:
    """Bytes of code, of constants and of RAM that the front end has in the ELF, by its symbols."""
    names = {name.removesuffix(".c") for name in (*emit_frontend(front_end, dsp).kernels, "tdl_frontend_tables.c")}
    own = [
        symbol
        for symbol in elf.symbols.values()
        if symbol.name.startswith("tdl_frontend") or symbol.file.removesuffix(".c") in names
    ]
    code = sum(symbol.size for symbol in own if symbol.kind == "function")
    constants = sum(symbol.size for symbol in own if symbol.section == ".rodata")
    return code, constants, sum(symbol.size for symbol in own if symbol.section in (".bss", ".data"))


def cost_table(found: list[Measured], front_end: FrontEnd = STREAMING) -> Table:
    rows = []
    hop_seconds = front_end.hop / front_end.sampling_hz
    for each in found:
        factors = (hop_seconds * mhz * 1e6 / each.cycles for mhz in CLOCKS_MHZ)
        shares = (f"{1 / factor:.2%} ({factor:.0f} times)" for factor in factors)
        flash = f"{each.code_bytes + each.table_bytes:,} ({each.code_bytes:,} + {each.table_bytes:,})"
        rows.append(
            (
                each.form,
                each.compiler,
                f"{each.cycles:,}",
                f"{each.instructions:,}",
                *shares,
                flash,
                f"{each.ram_bytes:,}",
                f"{each.stack_bytes:,}",
            )
        )
    columns = ("form", "compiler", "cycles/hop", "instructions", *(f"of {mhz} MHz (real time)" for mhz in CLOCKS_MHZ))
    columns += ("flash, bytes (code + tables)", "RAM, bytes", "stack, bytes")
    milliseconds = 1000 * hop_seconds
    return Table(f"Front end, a hop of {milliseconds:g} ms (cycles modelled, sizes measured)", columns, tuple(rows))


def function_table(measured: Measured) -> Table:
    rows = tuple((name, f"{cycles:,.0f}") for name, cycles in measured.functions)
    return Table(f"Cycles of a hop, {measured.form}, {measured.compiler} (modelled)", ("function", "cycles"), rows)


def error_table(front_end: FrontEnd = STREAMING) -> Table:
    """Integer features less float ones, in int8 steps, by the level of the float one."""
    samples = datasets.load("keywords").raw["train"]["x"]
    reference = np.minimum(audio.log_mel(samples, front_end).astype(np.float64) / front_end.scale, 127)
    got = audio.log_mel_int8(samples, front_end)
    error = got - reference
    nearest = np.clip(np.round(reference), -128, 127)
    rows = []
    for low, high in [*zip(LEVELS, LEVELS[1:], strict=False), (LEVELS[0], LEVELS[-1])]:
        here = (reference >= low) & (reference < high)
        octaves = (front_end.log2_centre + level * front_end.octaves_per_step for level in (low, high))
        rows.append(
            (
                f"{low} to {high}",
                " to ".join(f"2^{octave:g}" for octave in octaves),
                f"{here.sum():,}",
                f"{np.abs(error[here]).max():.2f}",
                f"{np.abs(error[here]).mean():.3f}",
                f"{error[here].mean():+.4f}",
                f"{(got[here] != nearest[here]).mean():.2%}",
            )
        )
    columns = ("level, steps", "power", "features", "largest", "mean size", "mean", "another int8 than the float's")
    title = f"Integer less float, in steps of {front_end.octaves_per_step:g} octave, {len(samples):,} clips"
    return Table(title, columns, tuple(rows))


def main() -> int:
    found = [measure(dsp, compiler) for compiler in ("zig", "gcc") for dsp in (True, False)]
    print(cost_table(found), function_table(found[0]), error_table(), sep="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

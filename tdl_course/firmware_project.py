"""build_project: a .tflite file as a folder of firmware. open_elf, built_layers: what is run from there.

In: paths from a command line. Out: `model.elf`, `src/` with every C file it was made of, and `report.json`. Files are
written whole or not at all.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import tdl_course
from tdl_course import footprint, toolchain
from tdl_course.boards import BOARDS, Board
from tdl_course.compiler import Sources, emit_c, optimize, plan_memory, read_tflite
from tdl_course.compiler.emit_host import MLPERF
from tdl_course.deployment import firmware_name
from tdl_course.files import write_atomically
from tdl_course.graph import Tensor
from tdl_course.toolchain import Elf

FIRMWARE = Path(__file__).parent / "firmware"


def build_project(
    model: Path,
    out: Path,
    board: Board,
    toolchain_name: str = "zig",
    name: str | None = None,
    mlperf: str | None = None,
    goal: str = "speed",
) -> Elf:
    """Compile the .tflite file `model` for `board` into the folder `out`; the firmware says that it is `name`.

    `mlperf`: a benchmark of MLPerf Tiny, whose runner it shall serve: its name, and what the runner sends for it.
    `goal`: what the kernels are chosen for, "speed" or "size".

    Raises
    ------
    TfliteError
        The file is not a model that this compiler takes.
    DoesNotFit
        Flash or RAM of the board is too small.
    """
    graph = optimize(read_tflite(model), board.core.dsp, goal)
    sources = emit_c(
        graph, plan_memory(graph), name or mlperf or firmware_name(model), MLPERF.get(mlperf or "", "tensors")
    )
    elf = toolchain.build(sources, board, toolchain=toolchain_name, out=out / "model.elf")
    for path, text in source_files(sources, board).items():
        write_atomically(out / "src" / path, text)
    write_atomically(
        out / "report.json", json.dumps(describe(sources, elf, board, toolchain_name, goal), indent=2) + "\n"
    )
    return elf


def source_files(sources: Sources, board: Board) -> dict[str, str]:
    """Everything that went into the ELF: the model, its kernels, headers, runtime and linker scripts."""
    files = dict(sources.files)
    kernels = FIRMWARE / "kernels"
    chosen = [kernels / file for file in sources.kernels] + sorted(kernels.glob("*.h"))
    chosen += sorted((FIRMWARE / "runtime").glob("*.[ch]"))
    chosen += [FIRMWARE / "boards" / board.linker_script, FIRMWARE / "boards" / "sections.ld"]
    files.update({path.name: path.read_text("utf-8") for path in chosen})
    return files


def describe(sources: Sources, elf: Elf, board: Board, toolchain_name: str, goal: str) -> dict[str, object]:
    """What `report.json` says. Sizes in bytes, all measured on the linked file."""
    graph = sources.graph
    layers = [asdict(layer) for layer in footprint.layers(sources, elf)]
    inputs, outputs = ([edge(graph.tensors[index]) for index in end] for end in (graph.inputs, graph.outputs))
    return {
        "name": sources.name,
        "version": tdl_course.__version__,
        "board": board.name,
        "toolchain": toolchain_name,
        "optimize": goal,
        "command": toolchain.build_command(board, toolchain_name),
        "flash_bytes": elf.flash_bytes,
        "data_bytes": elf.data_bytes,
        "bss_bytes": elf.bss_bytes,
        "static_ram_bytes": elf.static_ram_bytes,
        "stack_reserve_bytes": board.stack_reserve_bytes,
        "arena_bytes": sources.plan.arena_bytes,
        "constant_bytes": footprint.constant_bytes(elf),
        "code_bytes": footprint.code_bytes(elf),
        "macs": sum(layer["macs"] for layer in layers),
        "input": inputs[0],  # what most models have only one of
        "output": outputs[0],
        "inputs": inputs,
        "outputs": outputs,
        "layers": layers,
    }


def edge(tensor: Tensor) -> dict[str, object]:
    """Shape, dtype and quantization of an input or output of the graph."""
    quantized = tensor.quantization is not None and tensor.dtype != "float32"
    return {
        "shape": list(tensor.shape),
        "dtype": tensor.dtype,
        "scale": tensor.scale if quantized else None,
        "zero_point": tensor.zero_point if quantized else None,
    }


def open_elf(path: Path, board_name: str | None = None) -> Elf:
    """Read an ELF for the named board, else for the one that `report.json` beside it names, else the first board."""
    if board_name is None:
        report = path.parent / "report.json"
        known = json.loads(report.read_text("utf-8")).get("board") if report.is_file() else None
        board_name = known if known in BOARDS else next(iter(BOARDS))
    return toolchain.read_elf(path, board_name)


def built_layers(path: Path) -> tuple[footprint.Layer, ...] | None:
    """The layers that `report.json` beside an ELF describes; None where there is no report.

    Raises
    ------
    ValueError
        The report is not one that `build_project` writes.
    """
    report = path.parent / "report.json"
    if not report.is_file():
        return None
    try:
        rows = json.loads(report.read_text("utf-8"))["layers"]
        return tuple(footprint.Layer(**{**row, "output": tuple(row["output"])}) for row in rows)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{report} is not a report of tdl build ({error!r}); build the model again") from None

"""Footprint: what each layer of a linked model takes of flash and RAM, and how much of the flash is not weights.

In: the compiler's `Sources` and the `Elf` made of them. Out: `Layer`s and byte counts, all measured on the linked file.
This module knows no simulator: what a layer costs in time is in `sim.RunResult`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tdl_course import kernels, ops
from tdl_course.compiler import Sources
from tdl_course.compiler.emit_c import constant_name
from tdl_course.compiler.passes.kernels import why
from tdl_course.elf import Elf, Symbol
from tdl_course.graph import Graph

CONSTANT = re.compile(r"layer_(?:\d+|constant)_\w+")  # arrays; structs of parameters and tables count as code
LAYER_OBJECT = re.compile(r"layer_(\d+)(?:_\w+)?")
FLASH_RULE = (
    "Flash of a layer: its constants, parameters and calling function; a kernel's code (with its static helpers) and a "
    "constant that several layers read count at the first of them."
)
RAM_RULE = "RAM of a layer: bytes of the values that must be kept while it runs, buffers of other layers included."


@dataclass(frozen=True)
class Layer:
    """One layer. `ram_bytes`, `flash_bytes` by `RAM_RULE`, `FLASH_RULE`; None before it is planned and linked.

    `kernel` names the C that it becomes, `why` says in a line how it was chosen: see `compiler.passes.kernels`.
    """

    operator: str
    output: tuple[int, ...]
    dtype: str
    macs: int
    ram_bytes: int | None = None
    flash_bytes: int | None = None
    kernel: str = kernels.REFERENCE
    why: str = ""


def graph_layers(graph: Graph, dsp: bool = True) -> tuple[Layer, ...]:
    """The layers of a model in order of execution, as the graph knows them; `dsp` as in `choose_kernels`."""
    outputs = [graph.output_tensors(op)[0] for op in graph.ops]
    return tuple(
        Layer(
            op.kind,
            output.shape,
            output.dtype,
            ops.operator(op.kind).macs(graph, op),
            kernel=kernels.kernel_name(op),
            why=why(graph, op, dsp),
        )
        for op, output in zip(graph.ops, outputs, strict=True)
    )


def layers(sources: Sources, elf: Elf) -> tuple[Layer, ...]:
    """The layers of a model in order of execution, with what each takes of `elf`."""
    graph, known, found = sources.graph, set[str](), []
    for index, layer in enumerate(graph_layers(graph, elf.board.core.dsp)):
        flash = layer_objects(elf, index) + elf.symbol(sources.layer_names[index]).size
        call = kernels.kernel_call(graph, graph.ops[index])
        for tensor in call.inputs:
            if graph.tensors[tensor].is_constant and constant_name(tensor) not in known:
                flash += elf.symbol(constant_name(tensor)).size
                known.add(constant_name(tensor))
        if call.kernel not in known:
            flash += kernel_bytes(elf, call.kernel, call.file)
            known.add(call.kernel)
        found.append(replace(layer, ram_bytes=sources.plan.live_bytes[index], flash_bytes=flash))
    return tuple(found)


def layer_objects(elf: Elf, index: int) -> int:
    """Bytes of the constants and parameters of layer `index` in flash."""
    matches = ((LAYER_OBJECT.fullmatch(symbol.name), symbol) for symbol in model_objects(elf))
    return sum(symbol.size for match, symbol in matches if match and int(match[1]) == index)


def kernel_bytes(elf: Elf, kernel: str, file: str) -> int:
    """Code of one kernel: its function and what is static in its C file."""
    helpers = sum(function.size for function in elf.functions if function.file == file)
    return helpers + (elf.symbols[kernel].size if kernel in elf.symbols else 0)


def constant_bytes(elf: Elf) -> int:
    """Flash bytes of the model's constant arrays: weights, biases, multipliers, shifts, lookup tables."""
    return sum(symbol.size for symbol in model_objects(elf) if CONSTANT.fullmatch(symbol.name))


def code_bytes(elf: Elf) -> int:
    """Flash bytes without the model's constant arrays: kernels, runtime, parameters, calls."""
    return elf.flash_bytes - constant_bytes(elf)


def model_objects(elf: Elf) -> list[Symbol]:
    """The constant objects of the generated model.c."""
    loaded = {section.name for section in elf.sections if section.loaded}
    return [symbol for symbol in elf.objects if symbol.section in loaded and symbol.file == "model.c"]

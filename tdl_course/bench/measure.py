"""measure: one .tflite file built, run, compared with TFLM, as a `Measurement`.

In: a path, a board, how many random inputs to compare. Out: sizes of the linked firmware (measured), instructions
(simulated), cycles (modelled; None where the cycle model is of another core), and for how many inputs the outputs equal
TFLM's bit for bit. The same files and versions give the same figures. This module knows no other engine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tdl_course import datasets, footprint, sim, toolchain
from tdl_course.boards import Board
from tdl_course.compiler import emit_c, optimize, plan_memory, read_tflite
from tdl_course.compiler.memory import block_bytes, block_offsets
from tdl_course.deployment import firmware_name, firmware_stack
from tdl_course.graph import Graph, Tensor
from tdl_course.sim import tflm

INPUTS = 100
DEFINITIONS = (
    "MACs: multiply-accumulates of the file as it is given, whether or not an engine computes them all",
    "cycles: modelled, one inference, Cortex-M4 timing with zero flash wait states over exact instruction counts",
    "RAM all in: .data + .bss + deepest stack of the whole firmware, protocol buffers included",
    "flash: everything that is programmed",
    "code: flash without the constant arrays of model.c (weights, biases, multipliers, shifts, tables); for TFLM flash "
    "without the .tflite file",
    "equal: random inputs for which all output bytes are those of TFLM (host build; the first also on the simulated "
    "device)",
)


@dataclass(frozen=True)
class LayerFigures:
    """One layer: what `tdl profile` says of it; `by_kind`: its cycles in the order of `sim.KINDS`."""

    operator: str
    output: tuple[int, ...]
    macs: int
    instructions: int
    cycles: int | None
    ram_bytes: int
    flash_bytes: int
    kernel: str = "ref"
    why: str = ""
    by_kind: tuple[int, ...] = ()


@dataclass(frozen=True)
class Measurement:
    """The figures of one model. Bytes; `equal` of `compared` inputs, None where TFLM is not installed."""

    name: str
    file: str
    sha256: str
    board: str
    toolchain: str
    macs: int
    instructions: int
    cycles: int | None
    flash_bytes: int
    code_bytes: int
    static_ram_bytes: int
    stack_bytes: int
    compared: int
    equal: int | None
    device_equal: bool | None
    layers: tuple[LayerFigures, ...]
    optimize: str = "speed"

    @property
    def ram_bytes(self) -> int:
        """RAM all in: static data and the deepest stack."""
        return self.static_ram_bytes + self.stack_bytes

    @property
    def peer_key(self) -> str | None:
        """The name under which peers.json knows the model: by its bytes, not by its file name."""
        known = {facts.sha256: facts.name.split("/")[1] for facts in datasets.MODELS.values()}
        return known.get(self.sha256)


def measure(
    path: Path, board: Board, count: int = INPUTS, toolchain_name: str = "zig", goal: str = "speed"
) -> Measurement:
    """Build the model at `path` for `board`, run it, and compare `count` random inputs with TFLM.

    `goal`: what the kernels are chosen for, "speed" or "size".

    Raises
    ------
    TfliteError, DoesNotFit, ToolchainError, SimulatorError
        As `tdl build` and `tdl run` do.
    """
    tflite = path.read_bytes()
    given = read_tflite(tflite)
    graph = optimize(given, board.core.dsp, goal)
    sources = emit_c(graph, plan_memory(graph), firmware_name(path))
    elf = toolchain.build(sources, board, toolchain=toolchain_name)
    inputs = random_inputs(given, count)
    rows = side_by_side(given, given.inputs, inputs)
    device = sim.run(elf, rows[:1])
    assert device.instructions is not None and device.layers is not None
    equal = device_equal = None
    if tflm.available():
        outputs = sim.run(sources, rows, sim="host").outputs
        expected = side_by_side(given, given.outputs, tflm.run_tflm_all(tflite, inputs, len(given.outputs)))
        equal = int((outputs == expected).all(axis=1).sum())
        device_equal = bool((device.outputs[0] == expected[0]).all())
    built = footprint.layers(sources, elf)
    return Measurement(
        name=short_name(path, tflite),
        file=path.name,
        sha256=hashlib.sha256(tflite).hexdigest(),
        board=board.name,
        toolchain=toolchain_name,
        macs=sum(layer.macs for layer in footprint.graph_layers(given)),
        instructions=device.instructions,
        cycles=device.cycles,
        flash_bytes=elf.flash_bytes,
        code_bytes=footprint.code_bytes(elf),
        static_ram_bytes=elf.static_ram_bytes,
        stack_bytes=firmware_stack(elf),
        compared=count,
        equal=equal,
        device_equal=device_equal,
        layers=tuple(
            LayerFigures(
                layer.operator,
                layer.output,
                layer.macs,
                cost.instructions,
                cost.cycles,
                layer.ram_bytes or 0,
                layer.flash_bytes or 0,
                layer.kernel,
                layer.why,
                cost.by_kind,
            )
            for layer, cost in zip(built, device.layers, strict=True)
        ),
        optimize=goal,
    )


def short_name(path: Path, tflite: bytes) -> str:
    """The published name of a reference model, else the file's stem."""
    digest = hashlib.sha256(tflite).hexdigest()
    return next((facts.name for facts in datasets.MODELS.values() if facts.sha256 == digest), path.stem)


def random_inputs(graph: Graph, count: int) -> list[np.ndarray]:
    """[count, *shape] for each input, the same ones each time: any integer, or float32 of mean 0 and variance 1.

    The first of a model with one int8 input is `numpy.random.default_rng(0).integers(-128, 128)`, as in peers.json.
    """
    rng = np.random.default_rng(0)
    return [draw(rng, graph.tensors[index], count) for index in graph.inputs]


def draw(rng: np.random.Generator, tensor: Tensor, count: int) -> np.ndarray:
    shape = (count, *tensor.shape)
    if tensor.dtype == "float32":
        return rng.standard_normal(shape).astype(np.float32)
    limits = np.iinfo(tensor.dtype)
    return rng.integers(limits.min, limits.max, shape, endpoint=True).astype(tensor.dtype)


def side_by_side(graph: Graph, indices: Sequence[int], values: Sequence[np.ndarray]) -> np.ndarray:
    """Inputs or outputs [n, *shape] as they lie in the device's memory: int8 [n, bytes], zeros in gaps."""
    block = np.zeros((len(values[0]), block_bytes(graph, indices)), np.int8)
    for offset, value in zip(block_offsets(graph, indices), values, strict=True):
        data = np.ascontiguousarray(value).reshape(len(value), -1).view(np.int8)
        block[:, offset : offset + data.shape[1]] = data
    return block

"""deploy: the whole way from a trained model to a run on the simulated microcontroller, in one call.

In: a Keras model (or .tflite bytes, or a path) and calibration data. Out: a `Deployment` that holds every noun on the
way. TensorFlow is needed only where a Keras model comes in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tdl_course import boards, sim, toolchain
from tdl_course.compiler import MemoryPlan, Sources, emit_c, optimize, plan_memory, read_tflite
from tdl_course.compress.quantize import dequantize, quantize
from tdl_course.energy import energy
from tdl_course.graph import Graph, Tensor
from tdl_course.sim import RunResult
from tdl_course.table import Table, labelled_table, si
from tdl_course.toolchain import Elf

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, eq=False)
class Deployment:
    """Every noun between a trained model and its run: `tflite`, `graph`, `plan`, `sources`, `elf`, `result`.

    `result` is the counted run of one input; `run` and `predict` run more. `stack_bytes` is the deepest stack of the
    whole firmware, from reset through one inference that was asked for over the serial port.
    """

    board: boards.Board
    tflite: bytes
    graph: Graph
    plan: MemoryPlan
    sources: Sources
    elf: Elf
    result: RunResult
    stack_bytes: int

    @property
    def ram_bytes(self) -> int:
        """RAM all in: static data and the deepest stack."""
        return self.elf.static_ram_bytes + self.stack_bytes

    @property
    def input(self) -> Tensor:
        return self.graph.tensors[self.graph.inputs[0]]

    @property
    def output(self) -> Tensor:
        return self.graph.tensors[self.graph.outputs[0]]

    def quantize(self, x: np.ndarray) -> np.ndarray:
        """Real inputs [n, ...] (float32) as the int8 [n, ...] that the device takes.

        A model with an input of another type takes the bytes of its numbers: int8 [n, bytes].
        """
        return device_bytes(x, self.input)

    def run(self, x: np.ndarray, simulator: str = "unicorn") -> RunResult:
        """Run real-valued inputs [n, ...] (float32) on the simulated board; simulator="host": on this computer."""
        program = self.sources if simulator == "host" else self.elf
        return sim.run(program, self.quantize(x), sim=simulator)

    def predict(self, x: np.ndarray, simulator: str = "unicorn") -> np.ndarray:
        """Real-valued outputs [n, ...] (float32) of the device for real-valued inputs."""
        one = self.output.shape[1:] if self.output.shape[:1] == (1,) else self.output.shape
        outputs = self.run(x, simulator).outputs.view(self.output.dtype).reshape(len(x), *one)
        if self.output.quantization is None:
            return outputs
        return dequantize(outputs, self.output.scale, self.output.zero_point)

    def table(self) -> Table:
        """Flash, RAM, stack, instructions, cycles, time and energy of one inference on the board, each labelled."""
        elf, board, result = self.elf, self.board, self.result
        cost = None if result.cycles is None else energy(result.cycles, board)
        joules = None if cost is None else cost.joules
        current = board.run_current_a
        rows = [
            ("flash", f"{elf.flash_bytes:,} B", f"{board.flash_bytes:,} B", "measured"),
            ("static RAM (.data + .bss)", f"{elf.static_ram_bytes:,} B", "", "measured"),
            ("stack, high-water mark", f"{self.stack_bytes:,} B", "", "simulated"),
            ("RAM all in", f"{self.ram_bytes:,} B", f"{board.ram_bytes:,} B", "simulated"),
            ("instructions", f"{result.instructions:,}", "", "simulated"),
            ("cycles", boards.NOT_KNOWN if cost is None else f"{cost.cycles:,}", "", "modelled"),
            (
                f"time at {board.clock_hz / 1e6:.0f} MHz",
                boards.NOT_KNOWN if cost is None else si(cost.seconds, "s"),
                "",
                "modelled",
            ),
            ("energy per inference", boards.NOT_KNOWN if joules is None else si(joules, "J"), "", "modelled"),
            (
                "supply current while running",
                boards.NOT_KNOWN if current is None else f"{current * 1e3:.0f} mA",
                "",
                "datasheet",
            ),
        ]
        return labelled_table(f"One inference on {board.name}", rows)

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def __repr__(self) -> str:
        flash, ram = self.elf.flash_bytes, self.ram_bytes
        return f"Deployment of {self.sources.name!r} on {self.board.name}: flash {flash:,} B, RAM all in {ram:,} B"


def deploy(
    model: keras.Model | bytes | str | Path,
    calibration: np.ndarray | None = None,
    board: str | boards.Board = "stm32f405",
    name: str | None = None,
    toolchain_name: str = "zig",
    goal: str = "speed",
    prefer: Sequence[str] = (),
) -> Deployment:
    """Quantize, compile, link and run `model` on `board`.

    Parameters
    ----------
    model : keras.Model, bytes or path
        A trained Keras model, or an int8 .tflite file or its bytes.
    calibration : float32 array [n, ...]
        Real inputs whose ranges fix the scales; needed for a Keras model. The first one is also the profiled input.
    board : str or Board
        A name of `tdl_course.boards.BOARDS`.
    goal : str
        "speed", or "size" for as little flash as kernels can do with.
    prefer : sequence of str
        Names of kernels, as ("sparse",), that are taken wherever they are exact, whatever they cost.

    Raises
    ------
    DoesNotFit
        Flash or RAM of the board is too small; the message says what does not fit and by how much.
    """
    board = boards.board(board) if isinstance(board, str) else board
    tflite = tflite_bytes(model, calibration)
    graph = replace(optimize(read_tflite(tflite), board.core.dsp, goal, prefer), name=name or firmware_name(model))
    plan = plan_memory(graph)
    sources = emit_c(graph, plan)
    elf = toolchain.build(sources, board, toolchain=toolchain_name)
    source = graph.tensors[graph.inputs[0]]
    if calibration is None:
        first = np.zeros((1, source.nbytes), np.int8)
    else:
        first = device_bytes(np.asarray(calibration[:1], np.float32), source)
    result = sim.run(elf, first)
    return Deployment(board, tflite, graph, plan, sources, elf, result, firmware_stack(elf))


def device_bytes(x: np.ndarray, source: Tensor) -> np.ndarray:
    """Real inputs [n, ...] as what is written to `tdl_input`: int8, or the bytes of other numbers; int8 [n, ...]."""
    if source.quantization is None:
        numbers = np.asarray(x, source.dtype)
    elif source.dtype == "uint8":  # 128 more than an int8 of the same scale
        numbers = quantize(x, source.scale, source.zero_point - 128).view(np.uint8) ^ 128
    else:
        numbers = quantize(x, source.scale, source.zero_point, bits=8 * np.dtype(source.dtype).itemsize)
    if source.dtype == "int8":
        return numbers
    return np.ascontiguousarray(numbers).reshape(len(x), -1).view(np.int8)


def firmware_stack(elf: Elf) -> int:
    """Deepest stack in bytes of the whole firmware: boot, serial protocol and one inference."""
    device = sim.Device(elf)
    device.send(b"infer 1 0%")
    return device.stack_bytes


def tflite_bytes(model: keras.Model | bytes | str | Path, calibration: np.ndarray | None) -> bytes:
    """The .tflite bytes of whatever `deploy` was given."""
    if isinstance(model, bytes):
        return model
    if isinstance(model, (str, Path)):
        return Path(model).read_bytes()
    from tdl_course.export import to_tflite

    if calibration is None:
        raise ValueError("a Keras model needs calibration data: pass a few hundred training inputs, float32 [n, ...]")
    return to_tflite(model, calibration)


def firmware_name(model: keras.Model | bytes | str | Path) -> str:
    """A name that the firmware may report: the model's or the file's own, with odd characters replaced."""
    given = Path(model).stem if isinstance(model, (str, Path)) else getattr(model, "name", "model")
    return "".join(c if c.isascii() and (c.isalnum() or c in "_.-") else "_" for c in given)[:40] or "model"

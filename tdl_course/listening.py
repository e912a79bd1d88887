"""deploy_spotter: from a trained network to a firmware that listens, in one call; and what listening costs.

In: a Keras model (or .tflite bytes) on spectrograms of a `FrontEnd`, calibration data. Out: a `Listener`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tdl_course import boards, sim, toolchain
from tdl_course.audio import STREAMING, Detection, FrontEnd, Recording, Spotter, StreamingScore, spot
from tdl_course.audio.evaluation import operating_curve
from tdl_course.compiler import SpotterSources, emit_clip_c, emit_spotter
from tdl_course.deployment import Deployment, deploy
from tdl_course.elf import Elf
from tdl_course.energy import Streaming, streaming
from tdl_course.table import Table, labelled_table

if TYPE_CHECKING:
    import keras

HOPS = 12  # of noise, in which the cycles of a hop are counted


@dataclass(frozen=True, eq=False)
class Listener:
    """A keyword spotter: `network`, the deployed model alone; `sources` and `elf`, the firmware that listens.

    `hop_cycles` (modelled) are those of the front end in one hop, None on a core without a cycle model; `stack_bytes`
    (simulated) is the deepest stack of the firmware while it listens.
    """

    network: Deployment
    sources: SpotterSources
    elf: Elf
    hop_cycles: int | None
    stack_bytes: int

    @property
    def front_end(self) -> FrontEnd:
        return self.sources.front_end

    @property
    def ram_bytes(self) -> int:
        """RAM all in: static data and the deepest stack."""
        return self.elf.static_ram_bytes + self.stack_bytes

    @property
    def hop_seconds(self) -> float:
        return self.front_end.hop / self.front_end.sampling_hz

    def cycles_per_hop(self, stride: int | None = None) -> float:
        """Modelled cycles of a hop on average: the front end's, and the network's over the hops of a stride."""
        stride = self.sources.spotter.stride if stride is None else stride
        if self.network.result.cycles is None or self.hop_cycles is None:
            raise ValueError(f"the cycles of {self.elf.board.name} are {boards.NOT_KNOWN}; take stm32f405")
        return self.hop_cycles + self.network.result.cycles / stride

    def real_time_factor(self, clock_hz: float | None = None, stride: int | None = None) -> float:
        """Time that the work takes over the time that the sound lasts: below 1 the core keeps up."""
        clock = self.elf.board.clock_hz if clock_hz is None else clock_hz
        return self.cycles_per_hop(stride) / (self.hop_seconds * clock)

    def energy(self, core: str | boards.Board | None = None) -> Streaming:
        """What listening costs a core that works at full clock and sleeps in between (see `tdl.energy.streaming`)."""
        stride = self.sources.spotter.stride
        cycles = round(stride * self.cycles_per_hop())
        return streaming(cycles, stride * self.hop_seconds, self.elf.board if core is None else core)

    def outputs(self, samples: np.ndarray, spotter: Spotter | None = None) -> np.ndarray:
        """The network's outputs on the windows of a sound int16 [n], on this computer: int8 [inferences, labels]."""
        return sim.spotter_outputs(self._with(spotter), samples)

    def spot(self, samples: np.ndarray, spotter: Spotter | None = None) -> tuple[Detection, ...]:
        """The detections in a sound int16 [n], on this computer, in the device's integers."""
        sources = self._with(spotter)
        return spot(self.outputs(samples, spotter), sources.spotter, sources.frames, sources.front_end)

    def listen(self, samples: np.ndarray, spotter: Spotter | None = None) -> tuple[Detection, ...]:
        """The detections in a sound int16 [n], on the simulated device."""
        return sim.listen(self.elf, samples, self.sources.spotter if spotter is None else spotter)

    def curve(self, recording: Recording) -> tuple[tuple[Spotter, StreamingScore], ...]:
        """How it does on a recording at each threshold, on this computer."""
        sources = self.sources
        outputs = self.outputs(recording.samples)
        return operating_curve(outputs, recording, sources.spotter, sources.frames, front_end=sources.front_end)

    def _with(self, spotter: Spotter | None) -> SpotterSources:
        return self.sources if spotter is None else replace(self.sources, spotter=spotter)

    def table(self) -> Table:
        """Flash, RAM, cycles and the real-time factor, each labelled."""
        board, network = self.elf.board, self.network
        rows = [
            ("flash", f"{self.elf.flash_bytes:,} B", f"{board.flash_bytes:,} B", "measured"),
            ("static RAM (.data + .bss)", f"{self.elf.static_ram_bytes:,} B", "", "measured"),
            ("RAM all in", f"{self.ram_bytes:,} B", f"{board.ram_bytes:,} B", "simulated"),
        ]
        works = {
            f"front end, a hop of {1e3 * self.hop_seconds:g} ms": self.hop_cycles,
            f"network, every {self.sources.spotter.stride} hops": network.result.cycles,
        }
        for what, cycles in works.items():
            rows.append((what, boards.NOT_KNOWN if cycles is None else f"{cycles:,} cycles", "", "modelled"))
        for clock in sorted({board.clock_hz, 48_000_000}, reverse=True) if None not in works.values() else ():
            factor = self.real_time_factor(clock)
            rows.append((f"real-time factor at {clock / 1e6:g} MHz", f"{factor:.3f}", "1", "modelled"))
        return labelled_table(f"Listening on {board.name}", rows)

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def __repr__(self) -> str:
        return (
            f"Listener {self.network.sources.name!r} on {self.elf.board.name}: flash {self.elf.flash_bytes:,} B, "
            f"RAM all in {self.ram_bytes:,} B"
        )


def deploy_spotter(
    model: keras.Model | bytes,
    calibration: np.ndarray | None = None,
    spotter: Spotter | None = None,
    board: str | boards.Board = "stm32f405",
    front_end: FrontEnd = STREAMING,
) -> Listener:
    """Quantize, compile and link `model` into a firmware that listens, and count what that costs.

    Parameters
    ----------
    model : keras.Model or bytes
        Trained on `audio.log_mel(samples, front_end)`, or its int8 .tflite bytes.
    calibration : float32 array [n, frames, mels, 1]
        As for `deploy`.
    spotter : Spotter, optional
        The operating point after reset.
    board : str or Board
    front_end : FrontEnd

    Raises
    ------
    DoesNotFit
        Flash or RAM of the board is too small.
    EmitError
        The model does not take frames of this front end, or has not the spotter's labels.
    """
    network = deploy(model, calibration, board)
    sources = emit_spotter(network.sources, spotter, front_end, network.board.core.dsp)
    elf = toolchain.build(sources, network.board)
    noise = np.random.default_rng(0).normal(0, 1000, sources.frames * front_end.hop + front_end.window)
    samples = noise.astype(np.int16)
    return Listener(network, sources, elf, hop_cycles(front_end, network.board), sim.listening_stack(elf, samples))


def hop_cycles(front_end: FrontEnd, board: boards.Board) -> int | None:
    """Modelled cycles of the front end in one hop on `board`, counted in some hops of noise; None where not known."""
    samples = np.random.default_rng(0).normal(0, 1000, (1, (HOPS + front_end.warmup) * front_end.hop)).astype(np.int16)
    elf = toolchain.build(emit_clip_c(samples.shape[1], front_end, board.core.dsp), board)
    layers = sim.run(elf, samples.view(np.int8), profile=True).layers
    assert layers is not None
    return layers[1].cycles

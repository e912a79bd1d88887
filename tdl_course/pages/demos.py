"""What runs live on a slide: bits, a window in 32 KB, a coin cell.

In: a converted network or its deployment, samples. Out: ipywidgets boxes. Each change compiles, links and runs for
real; what was made before comes from the toolchain's cache.
"""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets
import numpy as np

from tdl_course import metrics, sim, toolchain
from tdl_course.boards import Board, board
from tdl_course.compiler import emit_c, optimize, plan_memory
from tdl_course.compress.coarse import coarse
from tdl_course.elf import Elf
from tdl_course.energy import CR2032, STM32L412, processor, streaming
from tdl_course.fit import DoesNotFit
from tdl_course.footprint import constant_bytes
from tdl_course.graph import Graph
from tdl_course.pages.graphs import with_length
from tdl_course.picture import BLUE, GREEN, GREY, ORANGE, VERMILION, Picture, figure, picture
from tdl_course.widgets.explorer import Explorer

KIB = 1024
SHAPE = {"style": {"description_width": "11rem"}, "layout": ipywidgets.Layout(width="40rem")}


def compiled(graph: Graph, target: Board, prefer: Sequence[str] = ()) -> Elf:
    """The firmware of a converted network. Raises DoesNotFit where the board is too small."""
    optimized = optimize(graph, target.core.dsp, prefer=prefer)
    return toolchain.build(emit_c(optimized, plan_memory(optimized)), target)


class BitsOnChip(Explorer):
    """Bits a weight -> accuracy of the network that the chip would run, and its flash.

    Parameters
    ----------
    graph : Graph
        An int8 network, as converted.
    x : int8 array [n, ...]
        Quantized test samples, y: int array [n].
    target : Board
    """

    def __init__(self, graph: Graph, x: np.ndarray, y: np.ndarray, labels: Sequence[str], target: Board) -> None:
        self.graph, self.x, self.y, self.labels, self.target = graph, x, y, labels, target
        self.found: dict[int, tuple[metrics.Score, int]] = {}
        self.bits = ipywidgets.SelectionSlider(
            options=[8, 6, 5, 4, 3, 2], value=8, description="bits a weight", continuous_update=False, **SHAPE
        )
        super().__init__([self.bits])

    def warmed(self) -> BitsOnChip:
        """The same, with every width compiled, so that nobody waits for it later; none is shown as tried."""
        kept = dict(self.found)
        for bits in self.bits.options:
            self.score(bits)
        self.found = kept
        return self

    def score(self, bits: int) -> tuple[metrics.Score, int]:
        """Accuracy in the chip's integers (computed by its C on this computer), constants in flash; remembered."""
        if bits not in self.found:
            optimized = optimize(coarse(self.graph, bits), self.target.core.dsp)
            sources = emit_c(optimized, plan_memory(optimized))
            outputs = sim.run(sources, self.x, sim="host").outputs.reshape(len(self.x), -1)
            elf = toolchain.build(sources, self.target)
            self.found[bits] = metrics.score(self.y, outputs, self.labels), constant_bytes(elf)
        return self.found[bits]

    def picture(self) -> Picture:
        """Accuracy and bytes of every width that was tried so far."""
        score, size = self.score(self.bits.value)
        fig, (right, left) = figure(width=8.4, height=3.1, columns=2)
        tried = sorted(self.found, reverse=True)
        accuracy = [100 * self.found[bits][0].accuracy for bits in tried]
        limits = np.array([self.found[bits][0].accuracy_interval for bits in tried]).T * 100
        ends = np.abs(limits - accuracy)
        left.bar([str(b) for b in tried], [self.found[b][1] for b in tried], color=BLUE)
        left.set(xlabel="bits a weight", ylabel="constants in flash (bytes)", title="Room (measured)")
        right.errorbar(tried, accuracy, ends, fmt="o-", color=BLUE, capsize=4, markersize=7)
        right.plot([self.bits.value], [100 * score.accuracy], "D", color=ORANGE, markersize=11)
        right.set(
            xlabel="bits a weight", ylabel="accuracy (%)", title="Accuracy (measured)", xlim=(8.5, 1.5), ylim=(0, 102)
        )
        low, high = score.accuracy_interval
        words = (
            f"{self.bits.value} bits a weight, rounded after training: accuracy {score.accuracy:.1%} "
            f"(95 %: {low:.1%} to {high:.1%}, {score.samples:,} test beats), constants {size:,} bytes. Measured."
        )
        return picture(fig, words)


class WindowInRam(Explorer):
    """How many seconds of signal fit: the network for a longer window, linked for 32 KB.

    Parameters
    ----------
    graph : Graph
        An int8 chain of convolutions over time that ends in a mean.
    sampling_hz : float
    """

    def __init__(self, graph: Graph, sampling_hz: float, target: str | Board = "tiny32k") -> None:
        self.graph, self.sampling_hz, self.target = graph, sampling_hz, board(target)
        own = graph.tensors[graph.inputs[0]].shape[1]
        self.samples = ipywidgets.SelectionSlider(
            options=[(f"{own * k / sampling_hz:.1f} s", own * k) for k in (1, 2, 4, 8, 16, 24, 32)],
            description="window",
            continuous_update=False,
            **SHAPE,
        )
        super().__init__([self.samples])

    def picture(self) -> Picture:
        """The RAM that it takes, against the board's."""
        graph = with_length(self.graph, self.samples.value)
        limit = self.target.ram_bytes
        try:
            elf = compiled(graph, self.target)
            over = 0
        except DoesNotFit as error:
            elf = compiled(graph, board("stm32f405"))
            over = error.over_bytes
        arena = plan_memory(optimize(graph, self.target.core.dsp)).arena_bytes
        parts = {
            "activations": arena,
            "runtime": elf.static_ram_bytes - arena,
            "stack, reserved": self.target.stack_reserve_bytes,
        }
        fig, (ax,) = figure(width=8.4, height=2.7)
        left = 0.0
        for (name, size), color in zip(parts.items(), (BLUE, GREEN, GREY), strict=True):
            ax.barh([0], [size / KIB], left=left, color=color, label=name, height=0.5)
            left += size / KIB
        ax.axvline(limit / KIB, color=VERMILION, linewidth=3, linestyle="--", ymax=0.72, label=f"{limit // KIB} KB")
        ax.set(xlabel="RAM (KB)", yticks=[], xlim=(0, max(40.0, 1.05 * left)), ylim=(-0.5, 1.3))
        ax.legend(frameon=False, ncols=4, loc="upper left")
        said = f"The linker says: RAM is {over:,} bytes too small" if over else "The linker has placed it"
        words = (
            f"A window of {self.samples.value / self.sampling_hz:.1f} s: {left * KIB:,.0f} bytes of RAM of {limit:,}, "
            f"{elf.flash_bytes:,} bytes of flash. {said}. Measured."
        )
        return picture(fig, words)


class CoinCell(Explorer):
    """Heart rate, processor -> days on a CR2032, and who takes the charge. All of it modelled from datasheets."""

    def __init__(self, cycles: int) -> None:
        self.cycles = cycles
        self.rate = ipywidgets.IntSlider(75, 40, 200, 5, description="beats a minute", continuous_update=False, **SHAPE)
        cores = [("STM32F405 at 168 MHz, stop", processor("stm32f405")), ("STM32L412, stop 2", STM32L412)]
        self.core = ipywidgets.Dropdown(options=cores, description="processor", **SHAPE)
        self.times = ipywidgets.SelectionSlider(
            options=[0.1, 0.5, 1, 2, 10, 100],
            value=1,
            description="cycles ×",
            continuous_update=False,
            **SHAPE,
        )
        super().__init__([self.rate, self.core, self.times])

    def picture(self) -> Picture:
        """Charge a day of each state, and the days."""
        core = self.core.value
        sleep = next(name for name, mode in core.sleep_modes.items() if mode.keeps_ram)
        node = streaming(round(self.cycles * self.times.value), 60 / self.rate.value, core, sleep=sleep).on(CR2032)
        names = ("network", "waking up", "asleep")
        states = [(name, each.charge_per_day / 3.6) for name, each in zip(names, node.states, strict=True)]
        fig, (ax,) = figure(width=8.4, height=2.4)
        typical = [charge.typical for _, charge in states]
        ends = [[c.typical - c.least for _, c in states], [c.most - c.typical for _, c in states]]
        top = int(np.argmax(typical))
        colors = [ORANGE if index == top else BLUE for index in range(len(states))]
        ax.barh(range(len(states)), typical, color=colors, xerr=ends, ecolor=GREY, capsize=4)
        ax.set_yticks(range(len(states)), [name for name, _ in states])
        ax.invert_yaxis()
        ax.grid(axis="y", visible=False)
        ax.set(xlabel="charge a day (mAh), least to most", xlim=(0, None))
        share = typical[0] / sum(typical)
        words = (
            f"At {self.rate.value} beats a minute a CR2032 lasts {node.days.typical:,.0f} days "
            f"({node.days.least:,.0f} to {node.days.most:,.0f}); "
            f"the network takes {share:.0%} of the charge. Modelled, from datasheet currents; "
            f"without front end and radio."
        )
        return picture(fig, words)

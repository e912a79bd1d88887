"""BeatOnChip: one heartbeat is shown, and the simulated chip says what it is when it is asked.

In: a deployment, a dataset of heartbeats. Out: an ipywidgets box: a slider, a button, a picture with its words. Each
press of the button runs the firmware.
"""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets
import numpy as np

from tdl_course.compress.quantize import dequantize
from tdl_course.datasets import Dataset
from tdl_course.deployment import Deployment
from tdl_course.energy import energy
from tdl_course.picture import BLUE, GREY, ORANGE, Picture, figure, picture
from tdl_course.table import si
from tdl_course.widgets.explorer import Explorer

SHAPE = {"style": {"description_width": "6rem"}, "layout": ipywidgets.Layout(width="34rem")}


class BeatOnChip(Explorer):
    """Choose a beat, ask the audience, press the button: the simulated chip answers.

    Parameters
    ----------
    device : Deployment
        Of a network on heartbeats [n, 128, 1, 3] with three classes.
    beats : Dataset
        Its test part is asked, in the order of `rows`.
    rows : sequence of int
    """

    def __init__(self, device: Deployment, beats: Dataset, rows: Sequence[int]) -> None:
        self.device, self.beats, self.rows = device, beats, list(rows)
        self.answer: np.ndarray | None = None
        self.beat = ipywidgets.IntSlider(
            1, 1, len(self.rows), description="test beat", continuous_update=False, **SHAPE
        )
        self.button = ipywidgets.Button(
            description=f"Run on the simulated {device.board.core.name.title()}", button_style="primary"
        )
        self.button.layout = ipywidgets.Layout(width="24rem")
        self.button.on_click(lambda button: self.run())
        super().__init__([self.beat])
        self.children = [ipywidgets.HBox([self.beat, self.button]), self.view]

    def refresh(self) -> None:
        """Another beat: nobody has answered yet."""
        self.answer = None
        super().refresh()

    def run(self) -> None:
        """Write the beat into the chip's RAM, call the network, read the answer back."""
        row = self.rows[self.beat.value - 1]
        self.result = self.device.run(self.beats.x_test[row : row + 1])
        output = self.device.output
        self.answer = dequantize(self.result.outputs.reshape(-1), output.scale, output.zero_point)
        super().refresh()

    def picture(self) -> Picture:
        """The beat, and what the chip makes of it."""
        row, labels = self.rows[self.beat.value - 1], self.beats.labels
        lead_mv = 2 * self.beats.x_test[row, :, 0, 0]
        times = np.arange(len(lead_mv)) / self.beats.sampling_hz * 1000
        fig, (signal, bars) = figure(width=8.4, height=3.1, columns=2)
        signal.plot(times, lead_mv, color=BLUE, linewidth=2)
        signal.set(xlabel="time (ms)", ylabel="ECG (mV)", title="What the chip is asked")
        bars.set(ylim=(0, 1), xlabel="class", ylabel="confidence", title="What it answers")
        bars.set_xticks(range(len(labels)), labels)
        if self.answer is None:
            bars.text(1, 0.5, "?", fontsize=60, color=GREY, ha="center", va="center")
            bars.set_xlim(-0.6, len(labels) - 0.4)
            return picture(
                fig, f"Test beat {self.beat.value}; nobody has asked the chip yet. What do you say: N, S or V?"
            )
        called, truth = int(self.answer.argmax()), int(self.beats.y_test[row])
        bars.bar(range(len(labels)), self.answer, color=[ORANGE if k == called else BLUE for k in range(len(labels))])
        cycles = self.result.cycles
        assert cycles is not None, "the cycles of this core are modelled"
        cost = energy(cycles, self.device.board)
        verdict = "as the cardiologists do" if called == truth else f"the cardiologists say {labels[truth]}"
        if self.beats.synthetic:
            verdict = f"the generator made {labels[truth]} (synthetic)"
        words = (
            f"The chip says {labels[called]} ({self.answer[called]:.2f}), {verdict}. {self.result.instructions:,} "
            f"instructions (simulated), {cycles:,} cycles, {si(cost.seconds, 's')}, "
            f"{si(cost.joules or 0, 'J')} (modelled)."
        )
        return picture(fig, words)

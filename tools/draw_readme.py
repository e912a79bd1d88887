"""Draw the course in one picture, for the README.

In: the heartbeat model, and its data (real ones in `TDL_DATA`). Out: `pictures/overview.png`, and on stdout the line of
the README that shows it. Every number in the picture is computed here, by this run.

    python tools/draw_readme.py
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

import tdl_course as tdl
from tdl_course.demo import oracle_outputs
from tdl_course.files import write_atomically
from tdl_course.picture import BLUE, GREEN, GREY, ORANGE, VERMILION, Picture, picture
from tdl_course.table import si

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "pictures"
WIDTH, HEIGHT = 10.4, 3.5  # inches
STAGE, GAP = 2.32, 0.24


@dataclass(frozen=True)
class Stage:
    """One stop on the way: its name, what is there, and its figures, each a line."""

    title: str
    lines: tuple[str, ...]
    color: str


def overview() -> Picture:
    """The heartbeat model from Keras to the simulated chip, with what it measures at each stop."""
    beats = tdl.datasets.load("ecg")
    model = tdl.models.load("ecg_cnn", beats)
    small = tdl.deploy(model, beats.x_train[:500], board="tiny32k")
    given = small.quantize(beats.x_test)
    on_device = tdl.sim.run(small.elf, given).outputs.reshape(len(given), -1)
    equal = int((on_device == oracle_outputs(small, given)).all(axis=1).sum())
    in_float = tdl.metrics.score(beats.y_test, tdl.models.predict(model, beats.x_test), beats.labels)
    in_int8 = tdl.metrics.score(beats.y_test, on_device, beats.labels)
    cycles = small.result.cycles
    assert cycles is not None and small.board.run_current_a is not None, "tiny32k has a cycle model and a current"
    cost = tdl.energy.energy(cycles, small.board)
    stages = (
        Stage(
            "Train",
            ("Keras, float32", f"{model.count_params():,} parameters", f"accuracy {in_float.accuracy:.3f} (measured)"),
            BLUE,
        ),
        Stage(
            "Shrink",
            ("int8", f"{len(small.tflite) / 1000:.1f} kB .tflite", f"accuracy {in_int8.accuracy:.3f} (measured)"),
            GREEN,
        ),
        Stage(
            "Compile",
            (
                "readable C, an ELF file",
                f"{small.elf.flash_bytes / 1000:.1f} kB of flash (measured)",
                f"{small.ram_bytes / 1000:.1f} kB of RAM (simulated)",
            ),
            ORANGE,
        ),
        Stage(
            "Run, simulated",
            (
                f"Cortex-M4: {cycles:,} cycles",
                f"{si(cost.seconds, 's')}, {si(cost.joules or 0.0, 'J')} (modelled)",
                f"TFLM agrees: {equal:,} of {len(given):,} beats",
            ),
            VERMILION,
        ),
    )
    kind = "synthetic" if beats.synthetic else "real"
    words = (
        f"A heartbeat classifier from notebook to chip, on {kind} data: "
        + "; ".join(f"{stage.title.lower()}: {', '.join(stage.lines)}" for stage in stages)
        + "."
    )
    chosen = int(np.flatnonzero(beats.y_test == len(beats.labels) - 1)[0])
    return picture(
        draw(stages, beats.x_test[chosen, :, 0, 0], small.predict(beats.x_test[chosen][None])[0], beats), words
    )


def draw(stages: tuple[Stage, ...], beat: np.ndarray, scores: np.ndarray, beats: tdl.datasets.Dataset) -> Figure:
    """The stages in a row; above the first what goes in, float [samples], above the last what comes out [classes]."""
    fig = Figure(figsize=(WIDTH, HEIGHT), dpi=130, facecolor="white")
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set_axis_off()
    ax.set_xlim(0, WIDTH)
    ax.set_ylim(0, HEIGHT)
    lefts = [0.2 + number * (STAGE + GAP) for number in range(len(stages))]
    for stage, left in zip(stages, lefts, strict=True):
        box(ax, stage, left)
    for end in lefts[1:]:
        ax.annotate("", (end, 0.85), (end - GAP, 0.85), arrowprops={"arrowstyle": "-|>", "color": "black", "lw": 1.4})
    wave = fig.add_axes((0.065, 0.58, 0.17, 0.3))
    wave.plot(np.arange(len(beat)) / beats.sampling_hz, beat, color=BLUE, linewidth=1.6)
    wave.set_xlabel("seconds", fontsize=9)
    wave.set_title("A heartbeat goes in", fontsize=11, loc="left")
    bars = fig.add_axes((0.805, 0.58, 0.17, 0.3))
    bars.barh(range(len(scores)), scores, color=[VERMILION if score == scores.max() else GREY for score in scores])
    bars.set_yticks(range(len(scores)), beats.labels)
    bars.set_xlim(0, 1)
    bars.invert_yaxis()
    bars.set_xlabel("score", fontsize=9)
    bars.set_title("The chip answers", fontsize=11, loc="left")
    for small in (wave, bars):
        small.tick_params(labelsize=9)
        small.spines[["top", "right"]].set_visible(False)
    ax.text(
        WIDTH / 2, 2.5, "In one notebook, on a laptop,\noffline, from pip alone", ha="center", va="center", fontsize=16
    )
    return fig


def box(ax: Axes, stage: Stage, left: float) -> None:
    """One stage as a box with its figures."""
    style = "round,pad=0,rounding_size=0.08"
    ax.add_patch(FancyBboxPatch((left, 0.2), STAGE, 1.3, style, facecolor="white", edgecolor=stage.color, lw=2))
    middle = left + STAGE / 2
    ax.text(middle, 1.27, stage.title, ha="center", va="center", fontsize=12, fontweight="bold")
    ax.text(middle, 0.66, "\n".join(stage.lines), ha="center", va="center", fontsize=9.0, linespacing=1.5)


def main() -> None:
    made = overview()
    FOLDER.mkdir(exist_ok=True)
    write_atomically(FOLDER / "overview.png", made.png)
    print(f"![{made.words}](pictures/overview.png)")


if __name__ == "__main__":
    main()

"""Picture: a plot that says in words what it shows.

In: a drawing function or a matplotlib Figure, and one sentence. Out: a `Picture` whose HTML carries the PNG, the
sentence as alt text, and the sentence as a caption. This module knows nothing of networks.
"""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's palette (jfly.uni-koeln.de/color, 2008): distinguishable with the common colour deficiencies.
BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, GREY = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#8A8A8A",
)
PALETTE = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION)
DPI = 110


@dataclass(frozen=True)
class Picture:
    """A PNG and its text equivalent."""

    png: bytes
    words: str

    def _repr_html_(self) -> str:
        source = base64.b64encode(self.png).decode("ascii")
        words = html.escape(self.words)
        return (
            f'<figure style="margin:0"><img alt="{words}" src="data:image/png;base64,{source}" '
            f'style="max-width:100%"><figcaption><em>In words:</em> {words}</figcaption></figure>'
        )

    def __repr__(self) -> str:
        return f"Picture: {self.words}"


def figure(
    width: float = 7.0, height: float = 3.2, columns: int = 1, sharey: bool = False
) -> tuple[Figure, list[Axes]]:
    """An empty figure (inches) with `columns` axes in one row, in the course's style."""
    fig = Figure(figsize=(width, height), layout="constrained", dpi=DPI)
    axes = list(fig.subplots(1, columns, squeeze=False, sharey=sharey).ravel())
    for ax in axes:
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(axis="y", color="#DDDDDD", linewidth=0.6)
        ax.set_axisbelow(True)
    return fig, axes


def picture(fig: Figure, words: str) -> Picture:
    """Render `fig` with its one-sentence text equivalent."""
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", metadata={"Software": None})
    return Picture(buffer.getvalue(), words)

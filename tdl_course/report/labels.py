"""place_labels: names beside points, so that none lies on a point, on a line, on another name, or over the edge.

In: axes whose limits are set, points and their names, lines. Out: the names drawn. This module does not know what
the points mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure

from tdl_course.picture import GREY

FONT_POINTS = 8
MARKER_PIXELS = 8  # half a marker's side, and a little air
LINE_PIXELS = 3
NEAR_PIXELS = 30
"""A name farther from its point than this gets a line to it."""

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, bottom, right, top, in pixels


def place_labels(
    fig: Figure, ax: Axes, points: Sequence[Point], lines: Sequence[tuple[Point, Point]], names: Sequence[str]
) -> None:
    """Write `names` beside `points`, off the ends and the way of horizontal and vertical `lines`, all in data's units.

    Each name takes the place that covers least of what is there already, the nearest of equal ones.
    """
    fig.draw_without_rendering()  # sets the layout
    renderer = RendererAgg(*(int(side) for side in fig.bbox.size), fig.dpi)
    at = ax.transData.transform(points)
    taken: list[Box] = [(x - MARKER_PIXELS, y - MARKER_PIXELS, x + MARKER_PIXELS, y + MARKER_PIXELS) for x, y in at]
    for ends in lines:
        (x0, y0), (x1, y1) = sorted(map(tuple, ax.transData.transform(ends)))
        low, high = sorted((y0, y1))
        taken.append((x0 - LINE_PIXELS, low - LINE_PIXELS, x1 + LINE_PIXELS, high + LINE_PIXELS))
    inside = ax.get_window_extent(renderer)
    edge: Box = (inside.x0, inside.y0, inside.x1, inside.y1)
    for index in sorted(range(len(names)), key=lambda i: at[i][0]):
        x, y = at[index]
        text = ax.annotate(names[index], points[index], fontsize=FONT_POINTS, in_layout=False)
        size = text.get_window_extent(renderer)
        places = candidates(x, y, size.width, size.height)
        box = min(places, key=lambda place: (round(covered(place, taken, edge)), distance(place, x, y)))
        text.remove()
        far = distance(box, x, y) > NEAR_PIXELS
        ax.annotate(
            names[index],
            points[index],
            ((box[0] - x) * 72 / fig.dpi, (box[1] - y) * 72 / fig.dpi),
            textcoords="offset points",
            fontsize=FONT_POINTS,
            va="bottom",
            in_layout=False,
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.6} if far else None,
        )
        taken.append(box)


def candidates(x: float, y: float, width: float, height: float) -> list[Box]:
    """Boxes of a name all around (x, y)."""
    found = []
    for reach, angle in product((12, 18, 26, 36, 48, 62, 80), np.linspace(0, 2 * np.pi, 16, endpoint=False)):
        across, up = float(np.cos(angle)), float(np.sin(angle))
        left = x + reach * across - width / 2 * (1 - across)
        bottom = y + reach * up - height / 2 * (1 - up)
        found.append((left, bottom, left + width, bottom + height))
    return found


def distance(box: Box, x: float, y: float) -> float:
    """From (x, y) to the box, in pixels."""
    across, up = max(box[0] - x, 0, x - box[2]), max(box[1] - y, 0, y - box[3])
    return float(np.hypot(across, up))


def covered(box: Box, taken: Sequence[Box], edge: Box) -> float:
    """Square pixels of `taken` under the box, and of the box outside the edge, which count ten times."""
    area = (box[2] - box[0]) * (box[3] - box[1])
    return sum(common(box, other) for other in taken) + 10 * (area - common(box, edge))


def common(a: Box, b: Box) -> float:
    """Square pixels that lie in both boxes."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, width) * max(0.0, height)

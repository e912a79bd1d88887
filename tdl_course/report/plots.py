"""Plots of values, accuracies, costs, examples: arrays in, a `Picture` out, its sentence computed from the arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
from matplotlib.ticker import EngFormatter, MaxNLocator

from tdl_course.picture import BLUE, GREY, ORANGE, PALETTE, PURPLE, VERMILION, Picture, figure, picture
from tdl_course.table import si

MARKS = ((ORANGE, "--"), ("black", "-."), (VERMILION, ":"), (PURPLE, "-"))
"""Colour and dashes of the lines over a histogram: none is the bars' blue, and the dashes differ as well."""
MARKERS = "os^Dv*XPd"
"""More than the palette has colours: a colour that comes a second time has another marker."""


def histogram(
    values: np.ndarray,
    bins: int = 60,
    xlabel: str = "value",
    title: str = "",
    marks: Mapping[str, float] | None = None,
    log: bool = False,
) -> Picture:
    """How often each value occurs; `marks` draws named vertical lines (a range's ends); `log`: logarithmic counts."""
    values = np.asarray(values, np.float64).ravel()
    fig, (ax,) = figure()
    ax.hist(values, bins=bins, color=BLUE, alpha=0.5 if marks else 1.0, log=log)
    for (name, at), (color, dashes) in zip((marks or {}).items(), cycle(MARKS), strict=False):
        ax.axvline(at, color=color, linestyle=dashes, linewidth=1.8, label=f"{name} = {at:.3g}")
    if marks:
        ax.legend(frameon=False)
    ax.set(xlabel=xlabel, ylabel="count", title=title)
    low, high = np.percentile(values, [5, 95])
    words = (
        f"{title or 'Histogram'}: {values.size:,} values from {values.min():.3g} to {values.max():.3g}; "
        f"nine in ten lie between {low:.3g} and {high:.3g}."
    )
    return picture(fig, words)


def bars(
    values: Mapping[str, float],
    ylabel: str,
    title: str = "",
    budget: float | None = None,
    errors: Mapping[str, tuple[float, float]] | None = None,
) -> Picture:
    """One bar a name; `budget` draws a limit; `errors` are (low, high) interval ends in the same unit."""
    names, heights = list(values), np.array(list(values.values()), np.float64)
    fig, (ax,) = figure(width=max(4.5, 0.9 * len(names) + 2))
    spans = None
    if errors is not None:
        spans = np.array([[h - errors[n][0], errors[n][1] - h] for n, h in zip(names, heights, strict=True)]).T
    ax.bar(range(len(names)), heights, color=BLUE, width=0.6, yerr=spans, capsize=4, ecolor=GREY)
    ax.set_xticks(range(len(names)), names)
    if budget is not None:
        ax.axhline(budget, color=VERMILION, linestyle="--")
        place = ax.get_yaxis_transform()
        ax.text(1.01, budget, f"budget\n{plain(budget)}", ha="left", va="center", color=VERMILION, transform=place)
        ax.set_ylim(0, 1.15 * max(budget, heights.max()))
    ax.set(ylabel=ylabel, title=title)
    flat = (" ".join(name.split()) for name in names)
    listed = ", ".join(f"{name} {plain(height)}" for name, height in zip(flat, heights, strict=True))
    limit = f" The budget is {plain(budget)}." if budget is not None else ""
    return picture(fig, f"{title or ylabel}: {listed} ({ylabel}).{limit}")


def rows(
    names: Sequence[str], values: Sequence[float], xlabel: str, title: str = "", words: str = "", unit: str = ""
) -> Picture:
    """One horizontal bar a name, from top to bottom, the largest in another colour; `words` says what to see."""
    fig, (ax,) = figure(height=0.9 + 0.32 * len(names))
    top = max(range(len(values)), key=values.__getitem__)
    ax.barh(range(len(names)), values, color=[ORANGE if index == top else BLUE for index in range(len(values))])
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", color="#DDDDDD", linewidth=0.6)
    ax.xaxis.set_major_formatter(engineering(unit))
    ax.set(xlabel=xlabel, title=title)
    return picture(fig, words or f"{title or xlabel}: the largest is {names[top]} with {values[top]:,.4g} ({xlabel}).")


def panels(groups: Mapping[str, Mapping[str, float]], xlabel: str, title: str = "") -> Picture:
    """One panel a group, each with a scale of its own; one bar a name, the first name in another colour.

    A name that a group lacks has no bar there, and "no figure" in its place.
    """
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    fig, axes = figure(width=2.1 + 1.75 * len(groups), height=1.5 + 0.36 * len(names), columns=len(groups), sharey=True)
    for ax, (group, values) in zip(axes, groups.items(), strict=True):
        heights = [values.get(name, 0.0) for name in names]
        ax.barh(range(len(names)), heights, color=[ORANGE, *[BLUE] * (len(names) - 1)], height=0.62)
        for index, name in enumerate(names):
            label = si(values[name], "") if name in values else "no figure"
            ax.annotate(label, (heights[index], index), (3, 0), textcoords="offset points", va="center", fontsize=8)
        ax.set_xlim(0, 1.45 * max(heights))
        ax.locator_params(axis="x", nbins=3)
        ax.xaxis.set_major_formatter(engineering(""))
        ax.grid(axis="y", visible=False)
        ax.set_title(group, fontsize=10)
    axes[0].set_yticks(range(len(names)), names)
    axes[0].set_ylim(len(names) - 0.4, -0.6)
    fig.supxlabel(xlabel, fontsize=10)
    fig.suptitle(title)
    parts = (f"{group}: " + ", ".join(f"{n} {v:,.0f}" for n, v in values.items()) for group, values in groups.items())
    return picture(fig, f"{title or xlabel}. {'; '.join(parts)} ({xlabel}).")


def timelines(
    tracks: Mapping[str, tuple[Sequence[float], Sequence[float | None]]],
    overall: Mapping[str, float],
    xlabel: str,
    ylabel: str,
    title: str = "",
    more: str = "",
) -> Picture:
    """One panel a track of (lengths, heights): a box for each, side by side in time; None leaves a gap, in grey.

    `overall` draws a dashed line in each panel; boxes higher than three times that line are cut there, with an arrow.
    `more` ends the text.
    """
    fig, axes = figure(width=1.2 + 2.2 * len(tracks), height=2.9, columns=len(tracks))
    parts = []
    for ax, (name, (lengths, heights)) in zip(axes, tracks.items(), strict=True):
        top, start = 3 * overall[name], 0.0
        for length, height in zip(lengths, heights, strict=True):
            shown = top if height is None else min(height, top)
            color = "#E4E4E4" if height is None else BLUE
            ax.bar(start, shown, width=length, align="edge", color=color, edgecolor="white", linewidth=0.5)
            if height is not None and height > top:
                ax.plot(start + length / 2, 0.97 * top, marker="^", color="white", markersize=4)
            start += length
        ax.axhline(overall[name], color=VERMILION, linestyle="--", linewidth=1)
        ax.set_ylim(0, 1.05 * top)
        ax.set_xlim(0, start)
        ax.locator_params(axis="x", nbins=4)
        ax.xaxis.set_major_formatter(engineering(""))
        ax.set_title(f"{name}: {overall[name]:.2f} overall", fontsize=10)
        known = [height for height in heights if height is not None]
        parts.append(f"{name} from {min(known):.2f} to {max(known):.2f}, {overall[name]:.2f} overall")
    axes[0].set_ylabel(ylabel)
    fig.supxlabel(xlabel, fontsize=10)
    fig.suptitle(title)
    return picture(fig, f"{title or ylabel}: {'; '.join(parts)}. Grey: what has none.{more}")


def lines(
    x: Sequence[float],
    series: Mapping[str, Sequence[float]],
    xlabel: str,
    ylabel: str,
    title: str = "",
    bands: Mapping[str, tuple[Sequence[float], Sequence[float]]] | None = None,
) -> Picture:
    """Curves over `x`; `bands` shades (low, high) intervals of a curve of the same name."""
    fig, (ax,) = figure()
    for number, (name, y) in enumerate(series.items()):
        color = PALETTE[number % len(PALETTE)]
        marker = MARKERS[number % len(MARKERS)] if len(x) <= 32 else None
        style = "-" if number < len(PALETTE) else "--"  # colours begin again
        ax.plot(x, y, color=color, marker=marker, linestyle=style, label=name)
        if bands and name in bands:
            ax.fill_between(x, *bands[name], color=color, alpha=0.2, linewidth=0)
    if len(series) > 1:
        ax.legend(frameon=False)
    if all(float(value).is_integer() for value in x):
        ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))  # no half turns, no half epochs
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    ends = "; ".join(f"{name} goes from {plain(y[0])} to {plain(y[-1])}" for name, y in series.items())
    return picture(fig, f"{title or ylabel}: over {xlabel} {x[0]:.4g} to {x[-1]:.4g}, {ends} ({ylabel}).")


def spread(
    x: Sequence[float], runs: Mapping[str, np.ndarray], xlabel: str, ylabel: str, title: str = "", log: bool = False
) -> Picture:
    """Repeated runs over `x`: every run a dot, the mean a line, one standard deviation either way a bar.

    Parameters
    ----------
    x : sequence of float
    runs : mapping of name to float array [len(x), runs]
        What each run gave, such as one accuracy for each seed.
    log : bool
        A logarithmic horizontal axis.

    Raises
    ------
    ValueError
        An array of another shape.
    """
    fig, (ax,) = figure()
    parts = []
    for number, (name, values) in enumerate(runs.items()):
        values = np.asarray(values, np.float64)
        if values.ndim != 2 or len(values) != len(x):
            raise ValueError(f"{name!r} is an array {list(values.shape)}; [{len(x)}, runs] is needed, a row for each x")
        color, mean = PALETTE[number % len(PALETTE)], values.mean(axis=1)
        deviation = values.std(axis=1, ddof=1) if values.shape[1] > 1 else np.zeros(len(x))
        label = f"{name}, {values.shape[1]} runs"
        ax.errorbar(x, mean, deviation, color=color, marker=MARKERS[number % len(MARKERS)], capsize=4, label=label)
        for run in values.T:
            ax.plot(x, run, ".", color=color, alpha=0.35, markersize=5)
        parts.append(f"{name} goes from {mean[0]:.4g} ± {deviation[0]:.2g} to {mean[-1]:.4g} ± {deviation[-1]:.2g}")
    if log:
        ax.set_xscale("log")
    ax.set_xticks(list(x), [f"{value:g}" for value in x], minor=False)
    ax.minorticks_off()
    ax.legend(frameon=False)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    return picture(
        fig,
        f"{title or ylabel}: over {xlabel} {x[0]:.4g} to {x[-1]:.4g}, {'; '.join(parts)} "
        f"({ylabel}, mean ± standard deviation of runs).",
    )


def examples(signals: Mapping[str, np.ndarray], sampling_hz: float, ylabel: str, title: str = "") -> Picture:
    """A few signals of each class, one panel a class: arrays [n, samples] by class name."""
    fig, axes = figure(width=7.4, height=2.6, columns=len(signals), sharey=True)
    for ax, (name, group), color in zip(axes, signals.items(), PALETTE, strict=False):
        time_ms = np.arange(group.shape[1]) / sampling_hz * 1000
        ax.plot(time_ms, group.T, color=color, alpha=0.5, linewidth=1)
        ax.plot(time_ms, group.mean(axis=0), color="black", linewidth=1.6)
        ax.set(title=name, xlabel="time (ms)")
    axes[0].set_ylabel(ylabel)
    fig.suptitle(title)
    parts = [
        f"{name}, {len(group)} shown, mean from {group.mean(axis=0).min():.2g} to {group.mean(axis=0).max():.2g}"
        for name, group in signals.items()
    ]
    span = next(iter(signals.values())).shape[1] / sampling_hz
    return picture(fig, f"{title or 'Signals'} over {span:.2g} s, {ylabel}: {'; '.join(parts)}. Black: the mean.")


def scatter(
    points: Mapping[str, tuple[float, float]],
    xlabel: str,
    ylabel: str,
    title: str = "",
    curve: tuple[Sequence[float], Sequence[float]] | None = None,
) -> Picture:
    """Named points (x, y); `curve` is a line (x, y) that a model draws through them."""
    fig, (ax,) = figure()
    if curve is not None:
        ax.plot(*curve, color=ORANGE, label="model")
        ax.legend(frameon=False)
    for name, (x, y) in points.items():
        ax.plot(x, y, "o", color=BLUE)
        ax.annotate(name, (x, y), xytext=(5, 4), textcoords="offset points", fontsize=8)
    ax.margins(x=0.12, y=0.12)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    by_height = sorted(points, key=lambda name: points[name][1])
    low, high = by_height[0], by_height[-1]
    words = (
        f"{title or ylabel}: lowest is {low} with {points[low][1]:.3g}, highest {high} with {points[high][1]:.3g} "
        f"({ylabel}); their {xlabel}: {points[low][0]:.3g} and {points[high][0]:.3g}."
    )
    return picture(fig, words)


def gallery(images: Mapping[str, np.ndarray], title: str = "") -> Picture:
    """Pictures side by side, one a name: arrays [height, width, 3] of red, green and blue from 0 to 1."""
    fig, axes = figure(width=2.0 * len(images), height=1.6, columns=len(images))
    for ax, (name, image) in zip(axes, images.items(), strict=True):
        ax.imshow(np.clip(image, 0, 1))
        ax.set_title(name, fontsize=10)
        ax.axis("off")
    fig.suptitle(title)
    return picture(fig, f"{title or 'Pictures'}: {', '.join(' '.join(name.split()) for name in images)}.")


def confusion(matrix: np.ndarray, labels: Sequence[str], title: str = "") -> Picture:
    """Counts [true, predicted], shaded by the share of the true class."""
    matrix = np.asarray(matrix)
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    fig, (ax,) = figure(width=4.2, height=3.4)
    ax.grid(False)
    ax.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(*matrix.shape):
        shade = "white" if share[row, column] > 0.5 else "black"
        ax.annotate(f"{matrix[row, column]:,}", (column, row), ha="center", va="center", color=shade)
    crowded = sum(map(len, labels)) > 24
    ax.set_xticks(range(len(labels)), labels, rotation=30 if crowded else 0, ha="right" if crowded else "center")
    ax.set_yticks(range(len(labels)), labels)
    ax.set(xlabel="predicted", ylabel="true", title=title)
    recalls = ", ".join(f"{label} {share[i, i]:.1%}" for i, label in enumerate(labels))
    return picture(fig, f"{title or 'Confusion matrix'}: share of each true class that is found: {recalls}.")


def plain(value: float) -> str:
    """A number as a reader writes it: 12,872 rather than 1.287e+04, and four digits of a small one.

    >>> plain(12872.0), plain(0.62957)
    ('12,872', '0.6296')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def engineering(unit: str) -> EngFormatter:
    return EngFormatter(unit=unit, sep=" ")

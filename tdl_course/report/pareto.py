"""pareto, pareto_of_lessons: accuracy against flash and against cycles, and which variants are worth having.

In: `Variant`s. Out: a `Picture` of two panels whose sentence names those on the Pareto front: no other variant is at
least as accurate for no higher cost (named after V. Pareto: Manuale di economia politica, 1906).
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import EngFormatter, FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from tdl_course.picture import BLUE, GREY, PALETTE, Picture, figure, picture
from tdl_course.report.labels import Point, place_labels
from tdl_course.report.variants import Variant, baselines, pareto_front

MOST_NAMES = 8
"""With more variants the points are numbered, and the names stand below."""
MARKERS = "os^DvPX"
PANELS = (("flash_bytes", "flash (kB, measured)", 1000), ("cycles", "cycles of one inference (modelled)", 1))
"""Cost, label of its axis, and what one unit of the axis is."""


def pareto(variants: Sequence[Variant], title: str = "Accuracy and what it costs") -> Picture:
    """Accuracy with its 95 % interval against flash and against cycles; the front filled and joined.

    Raises
    ------
    ValueError
        No variants, or variants of several datasets, whose accuracies do not compare.
    """
    datasets = sorted({variant.dataset for variant in variants})
    if len(datasets) != 1:
        raise ValueError(
            f"variants of datasets {', '.join(datasets) or '(none)'}; give those of one, or call pareto_of_lessons"
        )
    numbered = len(variants) > MOST_NAMES
    fig, axes = figure(width=9.6, height=4.2, columns=2, sharey=True)
    fig.suptitle(title + (" (synthetic data)" if variants[0].synthetic else ""))
    keys = [
        Line2D([], [], marker="o", color=BLUE, drawstyle="steps-post", label="on the Pareto front"),
        Line2D([], [], marker="o", color=GREY, markerfacecolor="white", linestyle="", label="dominated"),
        Line2D([], [], marker="|", color=GREY, linestyle="", markersize=11, label="95 % interval"),
    ]
    if numbered:
        _list_names(fig, variants)
    axes[0].legend(handles=keys, frameon=False, fontsize=8, ncols=3, loc="lower left", bbox_to_anchor=(0, 1))
    fronts = []
    for ax, (cost, label, unit) in zip(axes, PANELS, strict=True):
        front = pareto_front(variants, cost)
        costs = [getattr(variant, cost) / unit for variant in variants]
        _set_log_axis(ax, costs, label)
        steps = [getattr(variant, cost) / unit for variant in front]
        ax.plot(steps, [100 * v.accuracy for v in front], color=BLUE, drawstyle="steps-post", linewidth=1.2, zorder=2)
        for variant, x in zip(variants, costs, strict=True):
            color = BLUE if variant in front else GREY
            _draw_point(ax, variant, x, color, filled=variant in front)
        fronts.append(f"by {cost.split('_')[0]} {_listed(front, cost)}")
    low, high = min(v.low for v in variants), max(v.high for v in variants)
    axes[0].set_ylim(100 * low - 12 * (high - low) - 0.5, 100 * high + 12 * (high - low) + 0.5)
    axes[0].set_ylabel("accuracy (%)")
    names = [str(index + 1) if numbered else variant.name for index, variant in enumerate(variants)]
    for ax, (cost, _, unit) in zip(axes, PANELS, strict=True):
        points = [(getattr(variant, cost) / unit, 100 * variant.accuracy) for variant in variants]
        bars = [((x, 100 * v.low), (x, 100 * v.high)) for (x, _), v in zip(points, variants, strict=True)]
        on_front = [points[variants.index(variant)] for variant in pareto_front(variants, cost)]
        place_labels(fig, ax, points, [*bars, *_steps(on_front)], names)
    note = ", on synthetic data" if variants[0].synthetic else ""
    return picture(fig, f"{title}: of {len(variants)} variants{note}, on the Pareto front are {'; '.join(fronts)}.")


def pareto_of_lessons(
    variants: Sequence[Variant], title: str = "Every variant so far, against its baseline"
) -> Picture:
    """What variants of several lessons gain and lose against the baseline of their lesson and dataset.

    Up: accuracy less that of the baseline, in percentage points. Across: flash, and cycles, over those of the baseline.
    Filled and joined: the front of each lesson by itself, since datasets differ in how hard they are.

    Raises
    ------
    ValueError
        No variants, or a lesson without its one baseline.
    """
    if not variants:
        raise ValueError("no variants: run a lesson that calls keep_variants first")
    starts = baselines(variants)
    fig, axes = figure(width=9.6, height=4.2, columns=2, sharey=True)
    fig.suptitle(title)
    looks = {key: (PALETTE[i % len(PALETTE)], MARKERS[i % len(MARKERS)]) for i, key in enumerate(starts)}
    for ax, (cost, label, _) in zip(axes, PANELS, strict=True):
        places = {v: getattr(v, cost) / getattr(starts[v.lesson, v.dataset], cost) for v in variants}
        _set_log_axis(ax, list(places.values()), f"{label.split(' (')[0]}, relative to the baseline")
        ax.axhline(0, color=GREY, linewidth=0.8, linestyle="--")
        ax.axvline(1, color=GREY, linewidth=0.8, linestyle="--")
        for key, (color, marker) in looks.items():
            front = pareto_front(_of(key, variants), cost)
            heights = [_points(v, starts[key]) for v in front]
            ax.plot([places[v] for v in front], heights, color=color, drawstyle="steps-post", linewidth=0.8, alpha=0.6)
            for v in _of(key, variants):
                face = color if v in front else "white"
                ax.plot(places[v], _points(v, starts[key]), marker, color=color, markerfacecolor=face, markersize=7)
    axes[0].set_ylabel("accuracy, less the baseline's (points)")
    axes[0].margins(y=0.12)
    handles = [
        Line2D([], [], color=color, marker=marker, linestyle="", label=_lesson_name(key, variants))
        for key, (color, marker) in looks.items()
    ]
    handles.append(Line2D([], [], color=GREY, marker="o", markerfacecolor="white", linestyle="", label="dominated"))
    fig.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    parts = (_best_of(_lesson_name(key, variants), start, _of(key, variants)) for key, start in starts.items())
    return picture(fig, f"{title}: {', '.join(parts)}.")


def _steps(points: Sequence[Point]) -> list[tuple[Point, Point]]:
    """The lines of a stair through points: across, then up."""
    pairs = list(zip(points, points[1:], strict=False))
    return [line for (x, y), (to, up) in pairs for line in (((x, y), (to, y)), ((to, y), (to, up)))]


def _of(key: tuple[str, str], variants: Sequence[Variant]) -> list[Variant]:
    """The variants of one (lesson, dataset)."""
    return [v for v in variants if (v.lesson, v.dataset) == key]


def _best_of(name: str, start: Variant, own: Sequence[Variant]) -> str:
    small, fast = min(own, key=lambda v: v.flash_bytes), min(own, key=lambda v: v.cycles)
    flash, time = small.flash_bytes / start.flash_bytes, fast.cycles / start.cycles
    return (
        f"lesson {name} ({len(own)} variants; smallest {small.name}, {flash:.2f} times the flash,"
        f" {_points(small, start):+.1f} points; fastest {fast.name}, {time:.2f} times the cycles,"
        f" {_points(fast, start):+.1f} points)"
    )


def _points(variant: Variant, start: Variant) -> float:
    return 100 * (variant.accuracy - start.accuracy)


def _lesson_name(key: tuple[str, str], variants: Sequence[Variant]) -> str:
    synthetic = any(v.synthetic for v in _of(key, variants))
    return f"{key[0]} {key[1]}" + (" (synthetic)" if synthetic else "")


def _draw_point(ax: Axes, variant: Variant, x: float, color: str, filled: bool) -> None:
    y = 100 * variant.accuracy
    ax.plot([x, x], [100 * variant.low, 100 * variant.high], color=color, linewidth=1, alpha=0.55, zorder=1)
    ax.plot(x, y, "o", color=color, markerfacecolor=color if filled else "white", markersize=7, zorder=3)


def _set_log_axis(ax: Axes, costs: Sequence[float], label: str) -> None:
    """A logarithmic axis with room for names at both ends, and ticks that are plain numbers."""
    low, high = min(costs), max(costs)
    room = max(1.25, (high / low) ** 0.16)
    ax.set_xscale("log")
    ax.set_xlim(low / room, high * room)
    span = high / low * room**2
    steps = (1.0,) if span > 300 else (1.0, 2.0, 5.0) if span > 15 else (1.0, 2.0, 3.0, 5.0, 7.0)
    ax.xaxis.set_major_locator(LogLocator(subs=steps, numticks=20) if span > 4 else MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_minor_formatter(NullFormatter())
    large = high >= 1000
    ax.xaxis.set_major_formatter(EngFormatter(sep=" ") if large else FuncFormatter(lambda value, _: f"{value:g}"))
    ax.set_xlabel(label)


def _listed(front: Sequence[Variant], cost: str) -> str:
    costs = (f"{v.flash_bytes / 1000:,.1f} kB" if cost == "flash_bytes" else f"{getattr(v, cost):,}" for v in front)
    named = [f"{v.name} ({each}, {v.accuracy:.1%})" for v, each in zip(front, costs, strict=True)]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


def _list_names(fig: Figure, variants: Sequence[Variant]) -> None:
    """Numbers and names below the panels."""
    handles = [
        Line2D(
            [],
            [],
            marker=f"${index + 1}$",
            color="black",
            markeredgewidth=0,
            linestyle="",
            markersize=6 if index < 9 else 9,
        )
        for index in range(len(variants))
    ]
    labels = [variant.name for variant in variants]
    fig.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False, fontsize=8)

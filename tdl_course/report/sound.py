"""Plots of sound: spectrograms, and what a network says of a stream.

In: features, scores and times. Out: a `Picture`, or lines drawn into given axes. This module computes neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tdl_course.audio import FrontEnd, Recording
from tdl_course.audio.reference import mel_edges
from tdl_course.picture import DPI, GREY, PALETTE, Picture, figure, picture

DASHES = ("-", "--", "-.", ":")
HZ_TICKS = (200, 500, 1000, 2000, 4000)
FULL_SCORE = 255


def spectrograms(features: Mapping[str, np.ndarray], front_end: FrontEnd, title: str = "") -> Picture:
    """Log-mel spectrograms [frames, mels] side by side in rows of three, by name, all in the same colours."""
    rows = -(-len(features) // 3)
    fig = Figure(figsize=(7.6, 2.0 * rows + 0.4), layout="constrained", dpi=DPI)
    axes = fig.subplots(rows, min(3, len(features)), squeeze=False, sharex=True, sharey=True)
    low, high = min(f.min() for f in features.values()), max(f.max() for f in features.values())
    for ax, (name, each) in zip(axes.flat, features.items(), strict=False):
        draw_features(ax, each, front_end, low, high)
        ax.set_title(name, fontsize=10)
    for ax in axes.flat[len(features) :]:
        ax.axis("off")
    for ax in axes[-1]:
        ax.set_xlabel("time (s)")
    for ax in axes[:, 0]:
        ax.set_ylabel("frequency (Hz)")
    fig.suptitle(title)
    hop = front_end.hop / front_end.sampling_hz
    parts = []
    for name, each in features.items():
        loudest = float(each.mean(axis=1).argmax() + front_end.warmup) * hop
        centre = mel_edges(front_end)[1:-1][int(each.mean(axis=0).argmax())]
        parts.append(f"{name} is loudest after {loudest:.2f} s and, on average, at {centre:.0f} Hz")
    return picture(fig, f"{title or 'Spectrograms'}, bright is loud: {'; '.join(parts)}.")


def stream(
    scores: np.ndarray,
    times: np.ndarray,
    recording: Recording,
    labels: Sequence[str],
    keywords: Sequence[int],
    title: str = "",
    threshold: float | None = None,
) -> Picture:
    """Scores [inferences, labels], 0 to 255, of the keywords over time in s; what was said stands above, shaded."""
    fig, (ax,) = figure(width=8.4, height=3.0)
    for word in recording.words:
        begin, end = word.begin_ms / 1000, word.end_ms / 1000
        keyword = word.label in keywords
        ax.axvspan(begin, end, color=GREY, alpha=0.3 if keyword else 0.12, linewidth=0)
        name = labels[word.label] if keyword else "other"
        ax.annotate(name, ((begin + end) / 2, FULL_SCORE + 8), ha="center", fontsize=8, annotation_clip=False)
    draw_scores(ax, times, scores, keywords, labels, threshold)
    ax.set_xlim(0, recording.seconds)
    ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    ax.set_title(title, pad=16)
    said = [word for word in recording.words if word.label in keywords]
    right = 0
    for word in said:
        during = (times >= word.begin_ms / 1000) & (times <= word.end_ms / 1000 + 1)
        highest = scores[during].max(axis=0, initial=0)
        right += max(keywords, key=lambda label: highest[label]) == word.label
    words = (
        f"{title or 'Scores'}, {recording.seconds:.0f} s with {len(said)} keywords: from its begin to a second after "
        f"its end, {right} of them have the highest score of all keywords."
    )
    return picture(fig, words)


def draw_features(
    ax: Axes, features: np.ndarray, front_end: FrontEnd, lowest: float | None = None, highest: float | None = None
) -> None:
    """Features [frames, mels] over time in s and frequency in Hz; each frame is drawn as the hop that completes it."""
    hop = front_end.hop / front_end.sampling_hz
    begin = (front_end.warmup - 1) * hop
    extent = (begin, begin + len(features) * hop, -0.5, front_end.mels - 0.5)
    ax.imshow(
        features.T,
        origin="lower",
        aspect="auto",
        extent=extent,
        cmap="cividis",
        interpolation="nearest",
        vmin=lowest,
        vmax=highest,
    )
    centres = mel_edges(front_end)[1:-1]
    ticks = [hz for hz in HZ_TICKS if centres[0] <= hz <= centres[-1]]
    ax.set_yticks(np.interp(ticks, centres, np.arange(front_end.mels)), [str(hz) for hz in ticks])


def draw_scores(
    ax: Axes,
    times: np.ndarray,
    scores: np.ndarray,
    keywords: Sequence[int],
    labels: Sequence[str],
    threshold: float | None,
) -> None:
    """The scores [inferences, labels] of the keywords over time in s, and the threshold."""
    for number, label in enumerate(sorted(set(keywords))):
        color, dash = PALETTE[number % len(PALETTE)], DASHES[number % len(DASHES)]
        ax.plot(times, scores[:, label], dash, marker=".", markersize=4, color=color, label=labels[label])
    if threshold is not None:
        ax.axhline(threshold, color=GREY, linestyle=(0, (1, 1)), linewidth=2, label="threshold")
    ax.set(ylim=(0, 262), yticks=(0, 64, 128, 192, FULL_SCORE), xlabel="time (s)", ylabel="score")
    ax.spines[["top", "right"]].set_visible(False)

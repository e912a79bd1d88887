"""evaluation: how good a keyword spotter is on a long recording: what it finds, what it makes up, how soon.

In: `Detection`s and a `Recording`. Out: a `StreamingScore`. A clip-by-clip accuracy does not tell these: a device
hears ten windows a second, most of them without a keyword, and words that lie half in a window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tdl_course.audio.front_end import STREAMING, FrontEnd
from tdl_course.audio.recording import Recording
from tdl_course.audio.streaming import Detection, Spotter, spot
from tdl_course.metrics import poisson_interval, wilson_interval
from tdl_course.table import Table

WITHIN_MS = 1000  # a detection later than this after the word's end is not the word's


@dataclass(frozen=True)
class StreamingScore:
    """Keywords found and missed, detections without a reason, and milliseconds from each found word's end.

    A negative latency is a word that was known before it ended.
    """

    found: int
    keywords: int
    false_accepts: int
    hours: float
    latencies_ms: tuple[int, ...]

    @property
    def detection_rate(self) -> float:
        """Share of the keywords that were found; nan where there was none."""
        return self.found / self.keywords if self.keywords else float("nan")

    @property
    def detection_interval(self) -> tuple[float, float]:
        """95 % Wilson interval of the detection rate."""
        return wilson_interval(self.found, self.keywords)

    @property
    def false_accepts_per_hour(self) -> float:
        return self.false_accepts / self.hours

    @property
    def false_accept_interval(self) -> tuple[float, float]:
        """95 % interval of the false accepts an hour, exact for events that come independently of each other."""
        low, high = poisson_interval(self.false_accepts)
        return low / self.hours, high / self.hours

    @property
    def median_latency_ms(self) -> float:
        """Half of the found words were found sooner; nan where none was."""
        return float(np.median(self.latencies_ms)) if self.latencies_ms else float("nan")

    def rows(self) -> list[tuple[str, str, str]]:
        found, wrong = self.detection_interval, self.false_accept_interval
        latency, late = self.median_latency_ms, np.percentile(self.latencies_ms or [float("nan")], 95)
        return [
            ("keywords found", f"{self.found} of {self.keywords}: {self.detection_rate:.1%}", _text(found, "{:.1%}")),
            (
                "false accepts",
                f"{self.false_accepts} in {self.hours * 60:.1f} min: {self.false_accepts_per_hour:.1f} an hour",
                _text(wrong, "{:.1f}"),
            ),
            ("latency after the word's end", f"median {latency:.0f} ms, 95 % within {late:.0f} ms", ""),
        ]

    def table(self) -> Table:
        return Table("On the recording", ("what", "value", "95 % interval"), tuple(self.rows()))

    def __str__(self) -> str:
        return str(self.table())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def judge(
    detections: Sequence[Detection], recording: Recording, keywords: Sequence[int], within_ms: int = WITHIN_MS
) -> StreamingScore:
    """Give each detection to a word of its label, or count it as a false accept.

    A detection is a word's where it comes after the word's begin and at most `within_ms` after its end, and no earlier
    one has found that word. All others are false accepts: a wrong keyword, a second detection of the same word, a
    keyword out of nothing.

    Parameters
    ----------
    detections : sequence of Detection
        In the order of time.
    recording : Recording
    keywords : sequence of int
        The labels that should be found; all other words should not.
    within_ms : int
    """
    open_words = [word for word in recording.words if word.label in keywords]
    count, latencies, wrong = len(open_words), [], 0
    for detection in detections:
        for word in open_words:
            if word.label == detection.label and word.begin_ms <= detection.time_ms <= word.end_ms + within_ms:
                latencies.append(detection.time_ms - word.end_ms)
                open_words.remove(word)
                break
        else:
            wrong += 1
    return StreamingScore(len(latencies), count, wrong, recording.hours, tuple(latencies))


def operating_curve(
    outputs: np.ndarray,
    recording: Recording,
    spotter: Spotter,
    frames: int,
    thresholds: Sequence[int] = tuple(range(90, 251, 10)),
    front_end: FrontEnd = STREAMING,
) -> tuple[tuple[Spotter, StreamingScore], ...]:
    """The spotter at each threshold, and how it does on the recording.

    Parameters
    ----------
    outputs : np.ndarray
        int8 [inferences, labels] of the network on the recording, every `spotter.stride` hops.
    recording : Recording
    spotter : Spotter
    frames : int
        Frames of the network's input.
    thresholds : sequence of int
    front_end : FrontEnd
    """
    points = []
    for threshold in thresholds:
        point = replace(spotter, threshold=threshold)
        points.append((point, judge(spot(outputs, point, frames, front_end), recording, point.keywords)))
    return tuple(points)


def _text(interval: tuple[float, float], form: str) -> str:
    return " to ".join(form.format(bound) for bound in interval)

"""LiveSpotter: say a word to the browser, and watch the simulated device spot it.

In: the firmware of a keyword spotter, the sources that it was built from, its labels, and clips. Out: an ipywidgets
box. What it reports as heard comes from the simulated device; the curves come from the same integers on this computer,
and a difference between the two is an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import ipywidgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from tdl_course import sim
from tdl_course.audio import Detection, Spotter, log_mel_int8, spot
from tdl_course.audio.streaming import LIMITS, smoothed_sums
from tdl_course.compiler import SpotterSources
from tdl_course.elf import Elf
from tdl_course.picture import DPI, GREY, Picture, picture
from tdl_course.report.sound import draw_features, draw_scores
from tdl_course.widgets.explorer import Explorer
from tdl_course.widgets.microphone import Microphone

QUIET_S = 0.5
REMEMBERED = 64  # settings of one sound
NAME_ROOM = 0.08  # of the width of the plot, from one name to the next

LISTENING = (
    '<div style="position:relative"><p role="status" style="position:absolute;z-index:1;top:30%;left:26%;margin:0;'
    f'padding:4px 14px;background:white;color:black;border:1px solid {GREY};border-radius:3px">'
    '<strong>The simulated {core} is listening …</strong></p><div style="opacity:0.25">{before}</div></div>'
)


@dataclass(frozen=True, eq=False)
class Heard:
    """What the network makes of a sound: the samples it heard, quiet included, their features and its outputs.

    `samples` int16 [n] with `quiet` zeros before and after the sound; `features` int8 [frames, mels]; `outputs` int8
    [inferences, labels].
    """

    samples: np.ndarray
    quiet: int
    features: np.ndarray
    outputs: np.ndarray


def with_quiet(sound: np.ndarray, sources: SpotterSources) -> tuple[np.ndarray, int]:
    """The sound, with zeros before and after it where it is shorter than two windows; and how many on each side.

    A window is what the network sees at once. A word that fills one would be seen whole only once, and the smoothed
    score would have no time to rise. It is 0.5 s on each side, or more where the network would not run otherwise.
    """
    front_end = sources.front_end
    window = (front_end.warmup - 1 + sources.frames) * front_end.hop
    if len(sound) >= 2 * window:
        return sound, 0
    quiet = max(round(QUIET_S * front_end.sampling_hz), -(-(window - len(sound)) // 2))
    return np.pad(sound, quiet), quiet


def hear(sound: np.ndarray, sources: SpotterSources) -> Heard:
    """Front end and network on this computer, in the integers of the device."""
    samples, quiet = with_quiet(sound, sources)
    features = log_mel_int8(samples[None], sources.front_end)[0]
    return Heard(samples, quiet, features, sim.spotter_outputs(sources, samples))


class LiveSpotter(Explorer):
    """A recording or a clip -> spectrogram, smoothed scores, and what the simulated device detects.

    Parameters
    ----------
    elf : Elf
        `toolchain.build(sources)`.
    sources : SpotterSources
        From `compiler.emit_spotter`. Its spotter says where the sliders begin.
    labels : sequence of str
        The names of the network's outputs.
    clips : mapping of name to int16 array [n]
        What can be chosen where there is no microphone; the first one is heard at the begin.
    seconds : float
        Length of a recording.

    Attributes
    ----------
    microphone : Microphone
        Where the sound comes from.
    threshold, smoothing : IntSlider
        Of the operating point.

    Raises
    ------
    ValueError
        There are not as many labels as the network has outputs; or what `Microphone` refuses.
    """

    def __init__(
        self,
        elf: Elf,
        sources: SpotterSources,
        labels: Sequence[str],
        clips: Mapping[str, np.ndarray],
        seconds: float = 2.0,
    ) -> None:
        size = sources.model.graph.tensors[sources.model.graph.outputs[0]].size
        if len(labels) != size:
            raise ValueError(f"{len(labels)} labels for a network of {size} outputs; give one each")
        self.elf, self.sources, self.labels = elf, sources, tuple(labels)
        self.core = elf.board.core.name.title()
        self._heard: Heard | None = None
        self._detected: dict[Spotter, tuple[Detection, ...]] = {}
        self.microphone = Microphone(clips, seconds, sources.front_end.sampling_hz)
        self.microphone.use(next(iter(clips)))
        self.microphone.observe(lambda change: self._listen_anew(), names="samples")
        shape = {"style": {"description_width": "8rem"}, "layout": ipywidgets.Layout(width="28rem")}
        self.threshold, self.smoothing = (
            ipywidgets.IntSlider(
                getattr(sources.spotter, name), *LIMITS[name], description=name, continuous_update=False, **shape
            )
            for name in ("threshold", "smoothing")
        )
        super().__init__((self.microphone, self.threshold, self.smoothing))

    @property
    def spotter(self) -> Spotter:
        """The operating point of the sliders."""
        return replace(self.sources.spotter, threshold=self.threshold.value, smoothing=self.smoothing.value)

    @property
    def heard(self) -> Heard:
        """What the network makes of the sound; computed once for a sound."""
        if self._heard is None:
            self._heard = hear(self.microphone.sound, self.sources)
        return self._heard

    @property
    def detections(self) -> tuple[Detection, ...]:
        """What the simulated device reports of the sound at this operating point; it listens once for each.

        Raises SimulatorError where this computer finds something else in the same sound.
        """
        spotter, heard, sources = self.spotter, self.heard, self.sources
        if spotter not in self._detected:
            found = sim.listen(self.elf, heard.samples, spotter)
            expected = spot(heard.outputs, spotter, sources.frames, sources.front_end)
            if found != expected:
                raise sim.SimulatorError(
                    f"the simulated {self.core} heard {self._said(found)}, but the same integers on this computer give "
                    f"{self._said(expected)}. Is the firmware built from these sources? Next: elf = "
                    f"tdl.toolchain.build(sources)"
                )
            if len(self._detected) >= REMEMBERED:
                self._detected.clear()
            self._detected[spotter] = found
        return self._detected[spotter]

    def _listen_anew(self) -> None:
        self._heard = None
        self._detected.clear()
        self.refresh()

    def refresh(self) -> None:
        """Redraw. Until the device has listened, the picture of before is there, faded, and a line that says so."""
        if self.spotter not in self._detected and "<img" in self.view.value:
            self.view.value = LISTENING.format(core=self.core, before=self.view.value)
        super().refresh()

    def _said(self, detections: Sequence[Detection]) -> str:
        each = [f"{self.labels[d.label]} after {d.time_ms / 1000:.2f} s (score {d.score})" for d in detections]
        return ", ".join(each) if each else "no keyword"

    def picture(self) -> Picture:
        """The spectrogram and the smoothed scores over time, with the device's detections."""
        heard, spotter, found = self.heard, self.spotter, self.detections
        seconds = len(heard.samples) / self.sources.front_end.sampling_hz
        fig = Figure(figsize=(8.0, 4.6), layout="constrained", dpi=DPI)
        above, below = fig.subplots(2, 1, sharex=True)
        draw_features(above, heard.features, self.sources.front_end)
        above.set_ylabel("frequency (Hz)")
        above.set_title("Log-mel spectrogram, brighter is louder", loc="left", pad=18)
        scores = smoothed_sums(heard.outputs, spotter.smoothing) / spotter.smoothing
        times = self.sources.times(len(scores))
        draw_scores(below, times, scores, spotter.keywords, self.labels, spotter.threshold)
        below.set_ylabel("smoothed score")
        for ax in (above, below):
            ax.set_xlim(0, seconds)
        draw_detections(above, below, found, self.labels)
        if heard.quiet:
            quiet = heard.quiet / self.sources.front_end.sampling_hz
            below.axvspan(0, quiet, color=GREY, alpha=0.15, linewidth=0, label="quiet, added")
            below.axvspan(seconds - quiet, seconds, color=GREY, alpha=0.15, linewidth=0)
        below.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.05))
        added = ""
        if heard.quiet:
            added = f"; {quiet:.2g} s of quiet were put before and after the sound"
        keywords = sorted(set(spotter.keywords))
        peaks = ", ".join(f"{self.labels[label]} {int(scores[:, label].max())}" for label in keywords)
        words = (
            f"The simulated {self.core} heard {self._said(found)}, in {seconds:.2f} s of sound at threshold "
            f"{spotter.threshold} with {spotter.smoothing} outputs averaged{added}. Highest scores: {peaks}."
        )
        return picture(fig, words)


def draw_detections(above: Axes, below: Axes, found: Sequence[Detection], labels: Sequence[str]) -> None:
    """A line through both at each detection, its score in the lower one, its name above where there is room."""
    outline = [withStroke(linewidth=2.5, foreground="white")]  # to be seen on dark and bright
    room = NAME_ROOM * above.get_xlim()[1]
    named = -room
    for number, detection in enumerate(found):
        at = detection.time_ms / 1000
        above.axvline(at, color="black", linewidth=1, path_effects=outline, clip_on=False)
        below.axvline(at, color="black", linewidth=0.8, clip_on=False)
        label = None if number else "detection"
        below.plot(
            at,
            detection.score,
            "v",
            color="black",
            markersize=7,
            linestyle="none",
            zorder=5,
            clip_on=False,
            label=label,
        )
        if at - named >= room:
            transform = above.get_xaxis_transform()
            above.annotate(labels[detection.label], (at, 1.0), (0, 3), transform, "offset points", ha="center")
            named = at

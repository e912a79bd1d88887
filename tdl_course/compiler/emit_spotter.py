"""emit_spotter: a compiled network, a front end and an operating point as the firmware of a keyword spotter.

In: `Sources` of a model, a `FrontEnd`, a `Spotter`. Out: `SpotterSources` for the toolchain, with `tdl_spotter.c`:
what the application in `firmware/applications/keyword_spotter` must know, and its memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tdl_course.audio import STREAMING, FrontEnd
from tdl_course.audio.streaming import LIMITS, MOST_LABELS, Spotter, input_map
from tdl_course.compiler.emit_c import Sources, array_c
from tdl_course.compiler.emit_frontend import emit_frontend
from tdl_course.compiler.emit_host import EmitError
from tdl_course.graph import Tensor, shape_text
from tdl_course.ops.operator import ConstArray

APPLICATION = ("keyword_spotter.c", "spotter.c")


@dataclass(frozen=True, eq=False)
class SpotterSources:
    """C files by name, and the files of the firmware's library that they link. `frames`: of the network's input."""

    model: Sources
    front_end: FrontEnd
    spotter: Spotter
    frames: int
    files: MappingProxyType[str, str]
    kernels: tuple[str, ...]

    def times(self, inferences: int) -> np.ndarray:
        """When each inference is, in seconds from the begin of the sound, at the end of a hop: float64 [inferences]."""
        hops = self.front_end.warmup - 1 + self.frames + np.arange(inferences) * self.spotter.stride
        return hops * self.front_end.hop / self.front_end.sampling_hz


def emit_spotter(
    model: Sources, spotter: Spotter | None = None, front_end: FrontEnd = STREAMING, dsp: bool = True
) -> SpotterSources:
    """Write a firmware that listens: front end, the model on the newest frames, and the spotter on its outputs.

    Parameters
    ----------
    model : Sources
        From `emit_c`: one int8 input of whole frames, one int8 output.
    spotter : Spotter, optional
        The operating point after reset; commands change it.
    front_end : FrontEnd
        What the model was trained on.
    dsp : bool
        The core has DSP instructions: `board.core.dsp`.

    Raises
    ------
    EmitError
        The model does not take frames of this front end, or has not the labels of the spotter.
    ValueError
        A front end that `audio.tables` refuses.
    """
    spotter = Spotter() if spotter is None else spotter
    source, target = _edges(model)
    if source.size % front_end.mels:
        raise EmitError(f"the model takes {shape_text(source)}, which is no number of frames of {front_end.mels} mels")
    if not max(spotter.keywords) < target.size <= MOST_LABELS:
        raise EmitError(
            f"the model gives {shape_text(target)}, and the keywords are {spotter.keywords}; allowed are outputs of "
            f"{max(spotter.keywords) + 1} to {MOST_LABELS} labels"
        )
    frames = source.size // front_end.mels
    listening = emit_frontend(front_end, dsp)
    files = {**model.files, **listening.files}
    files["tdl_spotter.c"] = _spotter_c(spotter, front_end, frames, source, target)
    kernels = (*model.kernels, *listening.kernels, *APPLICATION)
    return SpotterSources(model, front_end, spotter, frames, MappingProxyType(files), kernels)


def _edges(model: Sources) -> tuple[Tensor, Tensor]:
    """The one input and the one output; raises EmitError unless both are int8."""
    graph = model.graph
    ends = [[graph.tensors[index] for index in end] for end in (graph.inputs, graph.outputs)]
    if any(len(end) != 1 or end[0].dtype != "int8" for end in ends):
        found = " -> ".join(", ".join(map(shape_text, end)) for end in ends)
        raise EmitError(f"a keyword spotter's model has one int8 input and one int8 output, this one is {found}")
    return ends[0][0], ends[1][0]


def _spotter_c(spotter: Spotter, front_end: FrontEnd, frames: int, source: Tensor, target: Tensor) -> str:
    settings = ", ".join(f".{name} = {getattr(spotter, name)}" for name in LIMITS)
    keywords = sum(1 << label for label in set(spotter.keywords))
    numbers = (
        f".sampling_hz = {front_end.sampling_hz}, .frames = {frames}, .labels = {target.size}, .keywords = {keywords}u"
    )
    return "\n".join(
        [
            f"/* {spotter}.",
            " * Written by tdl_course's compiler; the application is in firmware/applications. Do not edit. */",
            '#include "spotter.h"\n',
            array_c(ConstArray("int8_t", input_map(front_end, source.scale, source.zero_point)), "input"),
            f"static int16_t samples[{front_end.hop}] __attribute__((aligned(4)));",
            f"static int8_t features[{frames * front_end.mels}];",
            f"static uint8_t outputs[MOST_SMOOTHING * {target.size}];",
            f"static uint32_t sums[{target.size}];",
            "const tdl_spotter_info tdl_spotter = {",
            f"    .settings = {{{settings}}},",
            f"    {numbers},",
            "    .input = input, .samples = samples, .features = features, .outputs = outputs, .sums = sums};\n",
        ]
    )

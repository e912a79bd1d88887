"""What the listening dashboard needs: the network's .tflite and some clips, kept in a file; the firmware of both.

In: .tflite bytes, labels, clips. Out: the ELF and its sources; the toolchain's cache has them from the preparation, so
that nothing is compiled here a second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tdl_course import toolchain
from tdl_course.boards import board
from tdl_course.compiler import SpotterSources, emit_c, emit_spotter, optimize, plan_memory, read_tflite
from tdl_course.elf import Elf
from tdl_course.files import replacing

BOARD = "tiny32k"
Spotting = tuple[Elf, SpotterSources, list[str], dict[str, np.ndarray], list[str]]


def save(path: Path, tflite: bytes, labels: list[str], clips: Mapping[str, np.ndarray], synthetic: list[str]) -> None:
    """Write all of it; clips are int16 [n] of one length."""
    with replacing(path) as partial, open(partial, "wb") as file:
        np.savez_compressed(
            file,
            tflite=np.frombuffer(tflite, np.uint8),
            labels=np.array(labels),
            names=np.array(list(clips)),
            clips=np.stack(list(clips.values())),
            synthetic=np.array(synthetic, str),
        )


def load(path: Path) -> Spotting:
    """ELF, sources, labels, clips, and the datasets that are made up."""
    with np.load(path) as arrays:
        elf, sources = firmware(arrays["tflite"].tobytes())
        clips = dict(zip(arrays["names"].tolist(), arrays["clips"], strict=True))
        return elf, sources, arrays["labels"].tolist(), clips, arrays["synthetic"].tolist()


def firmware(tflite: bytes) -> tuple[Elf, SpotterSources]:
    """The firmware that listens, for `BOARD`."""
    graph = optimize(read_tflite(tflite))
    sources = emit_spotter(emit_c(graph, plan_memory(graph)), dsp=board(BOARD).core.dsp)
    return toolchain.build(sources, BOARD), sources

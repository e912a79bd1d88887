"""emit_frontend: the constants and the memory of an audio front end as C.

In: a `FrontEnd`. Out: `FrontEndSources`, with `tdl_frontend_tables.c`: the tables of `audio.tables`, the buffers, and
`tdl_frontend`, which describes them. What computes is in `firmware/frontend`. `emit_clip_c` adds what makes a firmware
of it that takes a clip and gives its spectrogram, for tests, benchmarks and lessons.
The same front end gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from tdl_course.audio import STREAMING, FrontEnd, tables
from tdl_course.audio.constants import FFT
from tdl_course.compiler.emit_c import array_c
from tdl_course.ops.operator import ConstArray

COMMON = ("frontend.c", "frontend_features.c")
LOOPS = ("frontend_fft", "frontend_bands")
TABLES = (
    ("hann", "int16_t", "window"),
    ("twiddles", "int32_t", "twiddles"),
    ("split", "int32_t", "split"),
    ("mel_lengths", "uint8_t", "mel_lengths"),
    ("mel_weights", "uint16_t", "mel_weights"),
    ("log2", "uint16_t", "log2"),
)
"""Field of tdl_frontend_info, C type of its elements, field of `Tables`."""


@dataclass(frozen=True, eq=False)
class FrontEndSources:
    """C files by name, and the files of `firmware/frontend` that they link: what the toolchain takes."""

    front_end: FrontEnd
    files: MappingProxyType[str, str]
    kernels: tuple[str, ...]


def emit_frontend(front_end: FrontEnd = STREAMING, dsp: bool = True) -> FrontEndSources:
    """Write the front end as C; `dsp`: for a core with DSP instructions (`board.core.dsp`), else plain C.

    Raises ValueError for a `front_end` that `audio.tables` refuses.
    """
    files = {"tdl_frontend_tables.c": _tables_c(front_end)}
    kernels = (*COMMON, *(f"{name}_{'dsp' if dsp else 'ref'}.c" for name in LOOPS))
    return FrontEndSources(front_end, MappingProxyType(files), kernels)


def emit_clip_c(samples: int, front_end: FrontEnd = STREAMING, dsp: bool = True) -> FrontEndSources:
    """A firmware that computes the spectrogram of a clip: int16 [samples] as bytes -> int8 [frames, mels].

    Samples that fill no hop are left out. Its second layer is one hop, the last one.

    Raises ValueError for a `front_end` that `audio.tables` refuses, and for a clip without a frame.
    """
    alone = emit_frontend(front_end, dsp)
    frames, mels = front_end.shape(samples)
    text = _CLIP_C.format(
        bytes=2 * (samples // front_end.hop * front_end.hop), features=frames * mels, scale=f"{front_end.scale.hex()}f"
    )
    files = MappingProxyType({**alone.files, "clip.c": text})
    return FrontEndSources(front_end, files, (*alone.kernels, "frontend_clip.c"))


def _tables_c(front_end: FrontEnd) -> str:
    constants = tables(front_end)
    arrays = [array_c(ConstArray(ctype, getattr(constants, field)), name) for name, ctype, field in TABLES]
    numbers = {
        "window": front_end.window,
        "hop": front_end.hop,
        "warmup": front_end.warmup,
        "mels": front_end.mels,
        "first_bin": constants.first_bin,
        "log2_centre": constants.log2_centre,
        "steps_per_octave": constants.steps_per_octave,
        "gain_control": constants.gain_control,
        "average_shift": front_end.average_shift,
    }
    fields = [f".{name} = {value}" for name, value in numbers.items()]
    buffers = [
        f"static int16_t frame[{FFT}] __attribute__((aligned(8)));",
        f"static int32_t spectrum[{FFT}] __attribute__((aligned(8)));",
        f"static uint64_t bands[{front_end.mels}];",
    ]
    pointers = [*(name for name, *_ in TABLES), "frame", "spectrum", "bands"]
    if front_end.gain_control:
        buffers.append(f"static uint64_t averages[{front_end.mels}];")
        pointers.append("averages")
    fields += [f".{name} = {name}" for name in pointers]
    return "\n".join(
        [
            f"/* {front_end}.",
            " * Written by tdl_course's compiler; the stages are in firmware/frontend. Do not edit. */",
            '#include "tdl_frontend.h"\n',
            *arrays,
            *buffers,
            "const tdl_frontend_info tdl_frontend = {\n    " + ",\n    ".join(fields) + "};\n",
        ]
    )


_CLIP_C = """/* Written by tdl_course's compiler. Do not edit. */
#include "tdl_model.h"

int8_t tdl_input[{bytes}] __attribute__((aligned(16)));
int8_t tdl_output[{features}] __attribute__((aligned(16)));
void tdl_layer_00_all_but_one(void);
void tdl_layer_01_last_hop(void);

static const tdl_tensor outputs[1] = {{
  {{.type = TDL_INT8, .offset = 0, .count = {features}, .scale = {scale}, .zero_point = 0}}}};
static const tdl_layer layers[2] = {{
  {{"ALL_BUT_ONE", tdl_layer_00_all_but_one}}, {{"LAST_HOP", tdl_layer_01_last_hop}}}};
const tdl_model_info tdl_model = {{.name = "frontend",
  .input = tdl_input, .output = tdl_output, .first_output = 0,
  .input_bytes = {bytes}, .output_bytes = {features},
  .output_count = 1, .outputs = outputs, .layer_count = 2, .layers = layers}};
"""

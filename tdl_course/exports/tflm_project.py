"""tflm_project: a model as TensorFlow Lite for Microcontrollers takes it.

In: a .tflite file, a name, a board or core (which TFLM's form does not depend on). Out: path in the folder -> text: the
file as an aligned array, an op resolver for exactly the operators that it uses, and the arena that TFLM asks for.
"""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import tdl_course
from tdl_course.boards import Board, Core
from tdl_course.compiler import read_tflite
from tdl_course.exports.template import fill
from tdl_course.graph import Graph, shape_text
from tdl_course.sim.tflm import TflmMissing
from tdl_course.sim.tflm_arena import TflmArena, tflm_arena

BYTES_A_LINE = 20
METHODS = {"PADV2": "AddPadV2"}  # not made by the rule of `method`


def tflm_project(model: Path, name: str, target: Board | Core, goal: str = "speed") -> dict[str, str]:
    """The files of the project `name`: the same ones for every target and goal, since the kernels are TFLM's.

    Raises
    ------
    TfliteError
        The file is not a model that the compiler takes.
    """
    tflite = model.read_bytes()
    graph = read_tflite(tflite)
    arena, reason = asked(tflite)
    kinds = list(dict.fromkeys(op.kind for op in graph.ops))
    places: dict[str, object] = {
        "name": name,
        "upper": name.upper(),
        "camel": "".join(part.capitalize() for part in name.split("_")),
        "title": f"{model.stem}, {shapes(graph, graph.inputs)} to {shapes(graph, graph.outputs)}",
        "version": tdl_course.__version__,
        "file": model.name,
        "sha256": hashlib.sha256(tflite).hexdigest(),
        "size": len(tflite),
        "bytes": array(tflite),
        "count": len(kinds),
        "lines": "\n".join(f"  TF_LITE_ENSURE_STATUS(resolver.{method(kind)}());" for kind in kinds),
        "input": shapes(graph, graph.inputs),
        "output": shapes(graph, graph.outputs),
        **arena_places(name, arena, reason),
    }
    return {path: fill(f"tflm/{path}", places) for path in ("model.h", "model.cc", "ops.h", "README.md")}


def method(kind: str) -> str:
    """The method of `MicroMutableOpResolver` that registers an operator.

    >>> method("DEPTHWISE_CONV_2D"), method("PADV2"), method("SOFTMAX")
    ('AddDepthwiseConv2D', 'AddPadV2', 'AddSoftmax')
    """
    words = (word.upper() if word[0].isdigit() else word.capitalize() for word in kind.split("_"))
    return METHODS.get(kind, "Add" + "".join(words))


def asked(tflite: bytes) -> tuple[TflmArena | None, str]:
    """TFLM's arena, or None and why it is not known."""
    try:
        return tflm_arena(tflite), ""
    except (TflmMissing, RuntimeError, subprocess.TimeoutExpired) as error:
        return None, str(error)


def arena_places(name: str, arena: TflmArena | None, reason: str) -> dict[str, object]:
    """What header, snippet and README say of the arena."""
    if arena is None:
        return {
            "arena": "// The arena's size is not known: see README.md.",
            "snippet_arena": "alignas(16) static unsigned char arena[ARENA_BYTES];  // the size is yours to find",
            "arena_text": (
                f"Not known here: {reason}. Begin with a large arena, call `interpreter.arena_used_bytes()` after "
                "`AllocateTensors()`, and take a little more."
            ),
        }
    constant = f"{name}_arena_bytes"
    return {
        "arena": (
            "// The smallest arena with which TFLM ran on a 64-bit computer, reference kernels: see README.md.\n"
            f"constexpr std::size_t {constant} = {arena.smallest};"
        ),
        "snippet_arena": f"alignas(16) static unsigned char arena[{constant}];",
        "arena_text": (
            f"TFLM reports {arena.used:,} bytes in use, and runs with {arena.smallest:,} (measured by its pip package: "
            "64-bit pointers, reference kernels). A 32-bit core needs less; optimized kernels such as CMSIS-NN's may "
            "want scratch memory besides. Print `interpreter.arena_used_bytes()` on the device, and leave a little "
            "more: the smallest arena that works can be larger than what is in use."
        ),
    }


def array(tflite: bytes) -> str:
    rows = (tflite[start : start + BYTES_A_LINE] for start in range(0, len(tflite), BYTES_A_LINE))
    return "\n".join("    " + " ".join(f"0x{byte:02x}," for byte in row) for row in rows)


def shapes(graph: Graph, indices: tuple[int, ...]) -> str:
    return ", ".join(shape_text(graph.tensors[index]) for index in indices)

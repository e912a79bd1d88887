"""The C kernels on the host: all compiled once into a shared library and called through ctypes.

Parameter structs are built from the order of `KernelCall.params`, so a struct whose fields lie otherwise computes
nonsense; `struct_fields` reads the header's order for a test that says it directly.
"""

from __future__ import annotations

import ctypes
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

import tdl_course
from tdl_course import kernels
from tdl_course.compiler.memory import ALIGNMENT
from tdl_course.graph import Graph, Op
from tdl_course.ops import ConstArray, KernelCall

KERNELS = Path(tdl_course.__file__).parent / "firmware" / "kernels"
FLAGS = ("-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Werror")
CTYPES = {"int32_t": ctypes.c_int32, "float": ctypes.c_float}

SHIM = """
#include "tdl_requantize.h"
void shim_scale(int32_t n, const int32_t *x, const int32_t *m, const int32_t *s, int32_t *y) {
  for (int32_t i = 0; i < n; i++) y[i] = tdl_scale(x[i], m[i], s[i]);
}
void shim_multiply_high(int32_t n, const int32_t *a, const int32_t *b, int32_t *y) {
  for (int32_t i = 0; i < n; i++) y[i] = tdl_multiply_high(a[i], b[i]);
}
void shim_divide(int32_t n, const int32_t *x, const int32_t *e, int32_t *y) {
  for (int32_t i = 0; i < n; i++) y[i] = tdl_divide_by_power_of_two(x[i], e[i]);
}
"""
"""Makes the static inline functions of tdl_requantize.h callable."""


@cache
def library() -> ctypes.CDLL:
    """Every kernel, warnings as errors, with the shim."""
    folder = Path(tempfile.mkdtemp(prefix="tdl-kernels-"))
    shim = folder / "shim.c"
    shim.write_text("#include <stdint.h>\n" + PROTOTYPES + SHIM)
    output = folder / "kernels.so"
    sources = [str(path) for path in sorted(KERNELS.glob("*.c"))]
    command = [
        sys.executable,
        "-m",
        "ziglang",
        "cc",
        *FLAGS,
        "-I",
        str(KERNELS),
        *sources,
        str(shim),
        "-o",
        str(output),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return ctypes.CDLL(str(output))


PROTOTYPES = "".join(line.removesuffix(" {") + ";\n" for line in SHIM.splitlines() if line.startswith("void"))


def call_shim(name: str, *arrays: np.ndarray) -> np.ndarray:
    """`shim_<name>` over int32 arrays of one length."""
    inputs = [np.ascontiguousarray(a, np.int32) for a in arrays]
    result = np.empty_like(inputs[0])
    getattr(library(), f"shim_{name}")(len(result), *(a.ctypes.data_as(ctypes.c_void_p) for a in (*inputs, result)))
    return result


def run_op(graph: Graph, op: Op, values: dict[int, np.ndarray], over: int | None = None) -> list[np.ndarray]:
    """Run the kernel of `op` on arrays by tensor index; returns its outputs.

    Each output has a guard of 16 bytes behind it, which must survive, and so has scratch memory. `over` lays the output
    over the input at that position: as deep as `overlap` allows, or exactly upon it where the kernel works in place.
    """
    call = kernels.kernel_call(graph, op)
    pointers: dict[int, np.ndarray] = {}
    for index in call.inputs:
        value = values.get(index, graph.tensors[index].data)
        assert value is not None
        pointers[index] = np.frombuffer(np.ascontiguousarray(value).tobytes() + bytes(16), np.uint8).copy()
    guarded = {index: np.full(graph.tensors[index].nbytes + 16, 0x5A, np.uint8) for index in call.outputs}
    if over is not None:
        distance = kernels.overlap(graph, op).get(over, 0)
        distance = -(-distance // ALIGNMENT) * ALIGNMENT
        source, (target,) = pointers[op.inputs[over]], call.outputs
        room = np.full(distance + max(len(source), len(guarded[target])) + 16, 0x5A, np.uint8)
        room[distance : distance + len(source) - 16] = source[:-16]
        pointers[op.inputs[over]] = room[distance:]
        guarded[target] = room
    scratch = [np.full(kernels.scratch(graph, op) + 16, 0x5A, np.uint8)] if kernels.scratch(graph, op) else []
    call_kernel(call, [*(pointers[i] for i in call.inputs), *(guarded[i] for i in call.outputs), *scratch])
    assert all((memory[-16:] == 0x5A).all() for memory in scratch), f"{call.kernel} writes past its scratch memory"
    results = []
    for index in call.outputs:
        tensor, raw = graph.tensors[index], guarded[index]
        assert over is not None or (raw[tensor.nbytes :] == 0x5A).all(), f"{call.kernel} writes past the end"
        results.append(raw[: tensor.nbytes].view(tensor.dtype).reshape(tensor.shape))
    return results


def call_in_arena(
    graph: Graph, op: Op, arena: np.ndarray, offsets: Mapping[int, int], scratch: int | None = None
) -> None:
    """Run the kernel of `op` on the uint8 bytes of an arena, each activation at its offset, constants elsewhere.

    `scratch`: the offset of the memory that the kernel works in, which is filled with rubbish before.
    """
    call = kernels.kernel_call(graph, op)
    arguments = []
    for index in (*call.inputs, *call.outputs):
        constant = graph.tensors[index].data
        arguments.append(arena[offsets[index] :] if constant is None else np.ascontiguousarray(constant))
    if scratch is not None:
        arena[scratch : scratch + kernels.scratch(graph, op)] = 0xA5
        arguments.append(arena[scratch:])
    call_kernel(call, arguments)


def call_kernel(call: KernelCall, arguments: Sequence[np.ndarray]) -> None:
    """The C function of `call` with its parameters and pointers to `arguments`."""
    params, keep = params_struct(call)
    function = getattr(library(), call.kernel)
    named, variadic = arguments_of(call.kernel)
    if variadic:  # some machines pass the arguments behind the named ones in another way
        function.argtypes = [ctypes.c_void_p] * named
    function(ctypes.byref(params), *(a.ctypes.data_as(ctypes.c_void_p) for a in arguments))
    del keep


def params_struct(call: KernelCall) -> tuple[ctypes.Structure, list[np.ndarray]]:
    """The parameter struct of a call, and the arrays that it points into."""
    fields: list[tuple[str, type]] = []
    values: list[object] = []
    keep: list[np.ndarray] = []
    for param in call.params:
        if param.ctype in CTYPES:
            fields.append((param.name, CTYPES[param.ctype]))
            values.append(param.value)
            continue
        fields.append((param.name, ctypes.c_void_p))
        if isinstance(param.value, ConstArray):
            dtype = param.value.ctype.removesuffix("_t")
            keep.append(np.ascontiguousarray(param.value.values, dtype))
            values.append(keep[-1].ctypes.data)
        else:
            values.append(None)
    struct = type(call.params_type, (ctypes.Structure,), {"_fields_": fields})
    return struct(*values), keep


@cache
def arguments_of(kernel: str) -> tuple[int, bool]:
    """How many arguments the prototype in tdl_kernels.h names, and whether more may follow ("...")."""
    prototype = re.search(rf"\b{kernel}\((.*?)\)", header(), re.DOTALL)
    assert prototype, f"no header of kernels has {kernel}"
    arguments = prototype.group(1).split(",")
    return sum(argument.strip() != "..." for argument in arguments), arguments[-1].strip() == "..."


@cache
def header() -> str:
    """Prototypes and parameter structs of all kernels."""
    return (KERNELS / "tdl_kernels.h").read_text() + (KERNELS / "tdl_kernels_fast.h").read_text()


def struct_fields(name: str) -> list[tuple[str, str]]:
    """(C type, field) of a struct in the headers of the kernels, in order."""
    text = re.sub(r"/\*.*?\*/", "", header(), flags=re.DOTALL)
    match = re.search(r"typedef struct \{([^}]*)\} " + name + ";", text)
    assert match, f"no header of kernels has {name}"
    fields = []
    for declaration in match.group(1).split(";")[:-1]:
        ctype, names = re.fullmatch(r"\s*((?:const )?\w+ \*?)(.*?)\s*", declaration, re.DOTALL).groups()
        fields += [(ctype.strip(), field.strip()) for field in names.split(",")]
    return fields

"""Host: run the model's C on this computer, without a simulator.

In: the compiler's `Sources` and int8 inputs. Out: a `RunResult` with outputs only: what a laptop executes says nothing
of a Cortex-M, so every count is None. The same kernels and model.c are built as a shared library and called in this
process.
"""

from __future__ import annotations

import ctypes
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from tdl_course import toolchain
from tdl_course.sim.inputs import check_inputs
from tdl_course.sim.result import RunResult


class _ModelInfo(ctypes.Structure):
    """`tdl_model_info` of tdl_model.h, as far as it is read here."""

    _fields_ = [
        ("name", ctypes.c_char_p),
        ("input", ctypes.c_void_p),
        ("output", ctypes.c_void_p),
        ("first_output", ctypes.c_void_p),
        ("input_bytes", ctypes.c_uint32),
        ("output_bytes", ctypes.c_uint32),
    ]


def run_host(sources: toolchain.CSources, inputs: np.ndarray) -> RunResult:
    """Run every input through `tdl_infer`, built for this computer.

    Parameters
    ----------
    sources : Sources
        The compiler's C files and the kernels that they call.
    inputs : int8 array [n, ...]
        n inputs of as many bytes as the model's input has.

    Raises
    ------
    SimulatorError
        The inputs do not fit the model.
    ToolchainError
        The C does not compile.
    """
    path = toolchain.build_host(sources)
    with _loaded(path) as library:
        info = _ModelInfo.in_dll(library, "tdl_model")
        rows = check_inputs(inputs, info.input_bytes)
        target = (ctypes.c_int8 * info.output_bytes).from_address(info.output)
        library.tdl_infer.restype = None
        outputs = np.empty((len(rows), info.output_bytes), np.int8)
        began = time.perf_counter()
        for index, row in enumerate(rows):
            ctypes.memmove(info.input, row.ctypes.data, info.input_bytes)
            library.tdl_infer()
            outputs[index] = np.frombuffer(target, np.int8)
        seconds = time.perf_counter() - began
    return RunResult(outputs=outputs, simulator="host", seconds=seconds)


@contextmanager
def _loaded(path: Path) -> Iterator[ctypes.CDLL]:
    """The library, loaded from a copy of its own: a loader shares one image per file, and a model is static data."""
    folder = Path(tempfile.mkdtemp(prefix="tdl-host-"))
    try:
        library = ctypes.CDLL(str(shutil.copy2(path, folder)))
        try:
            yield library
        finally:
            _unload(library)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unload(library: ctypes.CDLL) -> None:
    import _ctypes

    if sys.platform == "win32":  # Windows deletes no file that is loaded
        _ctypes.FreeLibrary(library._handle)
    else:
        _ctypes.dlclose(library._handle)

"""edges: arrays in files against the input and output of a model: `load_inputs`, `typed_outputs`, `save_outputs`.

In: an `Elf`, and the `report.json` that tdl build wrote beside it: it names the types of the model's ends.
Out: the bytes that the device takes, as int8 [n, input bytes]; the bytes that it gives, as numbers of their type.
Several inputs lie side by side in one array, and so do outputs: where they are of one type the array is of that type,
else it holds their bytes. Without a report the model is taken to be int8. Nothing is quantized here.
"""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tdl_course.elf import Elf
from tdl_course.files import write_atomically


@dataclass(frozen=True)
class Edge:
    """What passes at one end of a model: numbers of `dtype`, in `tensors`; scale and zero point of a single one."""

    dtype: np.dtype
    tensors: str = ""
    scale: float | None = None
    zero_point: int | None = None


def edge(elf: Elf, end: str) -> Edge:
    """The "inputs" or the "outputs" that `report.json` beside the ELF describes; int8 where there is no report.

    Raises
    ------
    ValueError
        The report is not one that `tdl build` writes.
    """
    report = elf.path.parent / "report.json"
    if not report.is_file():
        return Edge(np.dtype("int8"))
    try:
        facts = json.loads(report.read_text("utf-8"))[end]
        types = {fact["dtype"] for fact in facts}
        dtype = np.dtype(types.pop() if len(types) == 1 else "int8").newbyteorder("<")
        tensors = " and ".join(f"{fact['dtype']}{fact['shape']}" for fact in facts)
        single = len(facts) == 1
        return Edge(dtype, tensors, *((facts[0]["scale"], facts[0]["zero_point"]) if single else ()))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{report} is not a report of tdl build ({error!r}); build the model again") from None


def load_inputs(path: Path, elf: Elf) -> np.ndarray:
    """Inputs from a .npy file, as int8 [n, input bytes]: one input, with or without a batch dimension, or a batch.

    Raises
    ------
    ValueError
        The file is not a plain array, not of the type of the model's input, or its size is no multiple of that.
    """
    try:
        values = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ValueError(f"{path} is not a .npy file of plain numbers ({error}); write it with numpy.save") from None
    wanted = edge(elf, "inputs")
    count = elf.symbol("tdl_input").size // wanted.dtype.itemsize
    tensors = f", {wanted.tensors}" if wanted.tensors else ""
    takes = f"the model takes {count:,} values of {wanted.dtype.name} an input{tensors}: one, or a batch"
    if not isinstance(values, np.ndarray):
        raise ValueError(f"{path} holds an archive; {takes}. Write it with numpy.save")
    found = f"{path} holds {values.dtype}{list(values.shape)}"
    if values.dtype.newbyteorder("<") != wanted.dtype:
        raise ValueError(f"{found}; {takes}. {_conversion(values.dtype, wanted)}")
    if values.size == 0 or values.size % count:
        raise ValueError(f"{found}, {values.size:,} values; {takes}")
    return np.ascontiguousarray(values, wanted.dtype).reshape(-1, count).view(np.int8)


def typed_outputs(outputs: np.ndarray, elf: Elf) -> np.ndarray:
    """Output bytes, int8 [n, output bytes], as [n, values] of the type of the model's outputs."""
    return outputs.view(edge(elf, "outputs").dtype)


def save_outputs(path: Path, outputs: np.ndarray) -> None:
    """Write outputs as .npy, whole or not at all."""
    buffer = io.BytesIO()
    np.save(buffer, outputs)
    write_atomically(Path(os.fspath(path)), buffer.getvalue())


def _conversion(found: np.dtype, wanted: Edge) -> str:
    """How to come from an array of type `found` to what the model takes."""
    if wanted.dtype.kind == "f" or found.kind != "f":
        return f"If the values are the right ones: x.astype(numpy.{wanted.dtype.name})"
    if wanted.scale is None:
        how = "scale, zero_point), with those of the model's input"
    else:
        how = f"{wanted.scale!r}, {wanted.zero_point}{', bits=16' if wanted.dtype.itemsize == 2 else ''})"
    return f"Quantize real numbers first: tdl_course.compress.quantize(x, {how}"

"""exports: a compiled model for people with other tools.

In: the path of a .tflite file. Out: a folder: `c_library`, C sources that drop into a CMake, Arduino, PlatformIO or
Zephyr project; `tflm`, the file as an array with the lines that TensorFlow Lite for Microcontrollers needs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tdl_course.boards import Board, Core
from tdl_course.deployment import firmware_name
from tdl_course.exports.c_library import c_library
from tdl_course.exports.tflm_project import tflm_project
from tdl_course.files import write_atomically

FORMS: dict[str, Callable[[Path, str, Board | Core, str], dict[str, str]]] = {
    "c-library": c_library,
    "tflm": tflm_project,
}

__all__ = ["FORMS", "c_library", "export", "identifier", "tflm_project"]


def export(
    model: Path, out: Path, form: str, target: Board | Core, name: str | None = None, goal: str = "speed"
) -> list[Path]:
    """Write the .tflite file `model` in another form into the folder `out`.

    Parameters
    ----------
    form : str
        "c-library" or "tflm".
    target : Board or Core
        The core that the kernels are chosen for and the sizes in the README measured on; a board also gives stack,
        instructions and cycles.
    name : str, optional
        Prefix of every C name, by default the file's name: lower-case letters, digits and `_`, a letter first.
    goal : str
        What the kernels are chosen for: "speed" or "size".

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    TfliteError
        The file is not a model that the compiler takes.
    ValueError
        An unknown form, or a name that is none in C.
    """
    if form not in FORMS:
        raise ValueError(f"unknown form {form!r}; forms are {', '.join(FORMS)}")
    files = FORMS[form](model, identifier(model) if name is None else checked(name), target, goal)
    return [write_atomically(out / path, text) for path, text in files.items()]


def identifier(model: Path) -> str:
    """A C name made of the file's: `KWS-ref.tflite` gives `kws_ref`."""
    name = re.sub(r"[^a-z0-9]+", "_", firmware_name(model).lower()).strip("_")
    return name if name[:1].isalpha() else f"model_{name}".rstrip("_")


def checked(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
        raise ValueError(f"name {name!r}: 1 to 40 lower-case letters, digits and '_', a letter first, are allowed")
    return name

"""A talk: a notebook of slides, from a jupytext percent script or as it is, copied to where Voila may serve it.

In: a path. Out: a notebook in another folder. This module knows no server.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jupytext
import nbformat

from tdl_course.pages.server import PageError

COURSE_TALK = Path(__file__).resolve().parents[2] / "talks" / "tiny_deep_learning.py"
FORMS = (".py", ".ipynb")
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
BEGIN_SLIDE = ("slide", "subslide")
# The talk was written for its own folder; the mirrors of TDL_DATA are absolute by then.
ENTER_FOLDER = "import os\nimport sys\n\nos.chdir({folder!r})\nsys.path.insert(0, {folder!r})"


def course_talk() -> Path:
    """The talk that comes with the course's repository. Raises PageError where only the package is installed."""
    if not COURSE_TALK.is_file():
        raise PageError("the course's talk comes with its repository, not with the package. Next: tdl slides TALK.py")
    return COURSE_TALK


def read_talk(path: Path) -> Any:
    """The notebook of a talk. Raises PageError where there is none, or no slide in it."""
    if path.suffix not in FORMS:
        raise PageError(f"{str(path)!r} is neither {' nor '.join(FORMS)}; a talk is a jupytext script or a notebook")
    if not path.is_file():
        raise PageError(f"no talk at {str(path)!r}. Next: tdl slides, which takes the course's own")
    try:
        notebook = jupytext.read(path)
        nbformat.validate(notebook)
    except (ValueError, KeyError, AttributeError, nbformat.ValidationError) as error:
        raise PageError(f"{path} is no notebook that jupytext can read: {error}") from None
    if not any(slide_type(cell) in BEGIN_SLIDE for cell in notebook.cells):
        raise PageError(
            f'{path} has no slide. Give a cell the metadata {{"slideshow": {{"slide_type": "slide"}}}}; in a script: '
            '# %% [markdown] slideshow={"slide_type": "slide"}'
        )
    return notebook


def slide_type(cell: Any) -> str:
    """What a cell is in the deck: slide, subslide, fragment, skip, notes, or - for what stays on its slide."""
    return str(cell.metadata.get("slideshow", {}).get("slide_type") or "-")


def needs(notebook: Any) -> list[str]:
    """The networks that must be prepared before the talk: `tdl: {prepare: [...]}` in its metadata."""
    return [str(name) for name in notebook.metadata.get("tdl", {}).get("prepare", [])]


def place_talk(notebook: Any, path: Path, folder: Path) -> Path:
    """Write the talk of `path` as a notebook into `folder`; it runs there as if it were in its own folder."""
    notebook.metadata.setdefault("kernelspec", KERNEL)
    enter = nbformat.v4.new_code_cell(ENTER_FOLDER.format(folder=str(path.resolve().parent)))
    enter.metadata["slideshow"] = {"slide_type": "skip"}
    notebook.cells = [enter, *(cell for cell in notebook.cells if cell.source.strip())]
    if notebook.nbformat_minor < 5:
        del enter["id"]  # cells have none yet
    placed = folder / f"{path.stem}.ipynb"
    placed.write_text(json.dumps(notebook), encoding="utf-8")
    return placed

"""fill: the text files beside this module, with `$name` places."""

from __future__ import annotations

from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent / "templates"


def fill(path: str, places: dict[str, object]) -> str:
    """The template `path` with every place filled; KeyError where one is missing."""
    return Template((FOLDER / path).read_text("utf-8")).substitute(places)

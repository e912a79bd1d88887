"""Dashboards: the scripts of the folder dashboards/ as notebooks that Voila serves, and a page that lists them.

In: names. Out: a folder of notebooks, and pages on 127.0.0.1 until Ctrl-C. What is shown lies in
`tdl_course.dashboards`; this module starts its preparation in a process of its own, and knows nothing else of it.
"""

from __future__ import annotations

import html
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

import jupytext

from tdl_course.pages.server import PageError
from tdl_course.pages.talk import KERNEL

FOLDER = Path(__file__).resolve().parents[2] / "dashboards"
INDEX = Path(__file__).parent / "index.html"
BOLD, STRONG = re.compile(r"\*\*(.+?)\*\*"), r"<strong>\1</strong>"


@dataclass(frozen=True)
class Script:
    """A dashboard's script, `1_quantization.py`: its name is "quantization", title and hint are in its first cell."""

    path: Path
    title: str
    hint: str

    @property
    def name(self) -> str:
        return self.path.stem.partition("_")[2]


def scripts() -> list[Script]:
    """All dashboards, in the order of their numbers. Raises PageError where only the package is installed."""
    found = sorted(FOLDER.glob("[0-9]*_*.py"))
    if not found:
        raise PageError("dashboards come with the course's repository, not with the package. Next: get the repository")
    return [_script(path) for path in found]


def find(name: str | None) -> list[Script]:
    """The dashboard of that name, or all of them. Raises PageError for an unknown name."""
    every = scripts()
    if name is None:
        return every
    chosen = [script for script in every if script.name == name]
    if not chosen:
        raise PageError(f"no dashboard {name!r}; there are {', '.join(script.name for script in every)}")
    return chosen


def place(chosen: Sequence[Script], folder: Path) -> Path:
    """Write the notebooks into `folder`. Returns what to serve: one notebook, or the folder and its index.

    The index is a template of Voila, `templates/tree.html` in that folder.
    """
    for script in chosen:
        notebook = jupytext.read(script.path)
        notebook.metadata |= {"kernelspec": KERNEL, "title": script.title, "tdl_index": len(chosen) > 1}
        jupytext.write(notebook, folder / f"{script.name}.ipynb")
    if len(chosen) == 1:
        return folder / f"{chosen[0].name}.ipynb"
    cards = "\n".join(
        f'<li><h2><a href="voila/render/{script.name}.ipynb">{html.escape(script.title)}</a></h2>'
        f"<p>{BOLD.sub(STRONG, html.escape(script.hint))}</p></li>"
        for script in chosen
    )
    templates = folder / "templates"
    templates.mkdir()
    page = Template(INDEX.read_text(encoding="utf-8")).substitute(cards=cards)
    (templates / "tree.html").write_text(page, encoding="utf-8")
    return folder


def prepare() -> None:
    """Prepare what the dashboards read, where it is not there: some minutes, once. TensorFlow ends with the process.

    Raises PageError where that fails; it has then said why.
    """
    done = subprocess.run([sys.executable, "-m", "tdl_course.dashboards"], check=False)
    if done.returncode:
        raise PageError("the dashboards could not be prepared: see above. Next: tdl doctor")


def _script(path: Path) -> Script:
    first = jupytext.read(path).cells[0].source
    title, _, rest = first.partition("\n")
    return Script(path, title.lstrip("# "), " ".join(rest.split()))

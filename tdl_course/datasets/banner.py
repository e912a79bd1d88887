"""The SYNTHETIC banner: one line in a terminal, a coloured box in a notebook. Knows nothing but what it shows."""

from __future__ import annotations

import html
import sys

from tdl_course.datasets.card import Dataset


def text(dataset: Dataset) -> str:
    """The banner as one line."""
    fetch = f"run tdl data fetch {dataset.name}, or " if dataset.card.download else ""
    return (
        f"SYNTHETIC {dataset.name}: made-up samples, not {dataset.card.title} ({dataset.detail}). "
        f"For the real data: {fetch}set TDL_DATA to the folder that holds {dataset.card.folder}."
    )


def show(dataset: Dataset) -> None:
    """Announce that `dataset` is made up, on standard output or as HTML in a notebook."""
    if in_notebook():
        from IPython.display import HTML, display

        display(HTML(as_html(dataset)))
    else:
        print(text(dataset), flush=True)


def as_html(dataset: Dataset) -> str:
    """The banner as a box that does not rely on colour alone."""
    word, rest = text(dataset).split(" ", 1)
    return (
        '<div role="note" style="border:3px solid #b35900;background:#fff4e5;color:#1a1a1a;padding:0.5em 1em">'
        f"<strong>{word}</strong> {html.escape(rest)}</div>"
    )


def in_notebook() -> bool:
    """True inside a Jupyter kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and shell.has_trait("kernel")

"""write_page: a report as one HTML file that needs nothing else, not even the network.

In: headings and things that know their HTML (`Table`, `Picture`, any noun). Out: a file, written whole or not at all.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from tdl_course.files import write_atomically


def write_page(
    path: str | Path, title: str, sections: Sequence[tuple[str, Sequence[object]]], banner: str = ""
) -> Path:
    """Write `sections`, each a heading and its contents (strings are paragraphs), and return the path.

    Raises
    ------
    OSError
        The file cannot be written; an older one of the same name is then still whole.
    """
    path = Path(path)
    style = resources.files("tdl_course.report").joinpath("page.css").read_text("utf-8")
    body = [f"<h1>{html.escape(title)}</h1>"]
    if banner:
        body.append(f'<p class="banner"><strong>{html.escape(banner)}</strong></p>')
    for heading, contents in sections:
        body.append(f"<h2>{html.escape(heading)}</h2>")
        body.extend(as_html(item) for item in contents)
    text = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{style}</style></head>\n<body>\n'
        + "\n".join(body)
        + "\n</body></html>\n"
    )
    return write_atomically(path, text)


def as_html(item: object) -> str:
    """The HTML of one thing: its own `_repr_html_`, or a paragraph."""
    render = getattr(item, "_repr_html_", None)
    return render() if render is not None else f"<p>{html.escape(str(item))}</p>"

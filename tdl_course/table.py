"""Table: rows that print well in a terminal and in a notebook, and numbers that say what they are.

In: plain text. Out: a `Table`, which the nouns of the library show themselves as. This module knows none of them.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

LABELS = {
    "measured": "counted or computed on real outputs",
    "simulated": "exact, from the simulator",
    "modelled": "the simulator's exact counts through a published timing or energy model",
    "datasheet": "copied from the manufacturer's document",
}


@dataclass(frozen=True)
class Table:
    """A title, column heads and rows of text; columns whose cells look like numbers are aligned right."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def __str__(self) -> str:
        cells = [self.columns, *self.rows]
        widths = [max(len(row[c]) for row in cells) for c in range(len(self.columns))]
        right = [self.is_numeric(c) for c in range(len(self.columns))]
        lines = [
            "  ".join(
                cell.rjust(width) if flush else cell.ljust(width)
                for cell, width, flush in zip(row, widths, right, strict=True)
            ).rstrip()
            for row in cells
        ]
        rule = "  ".join("-" * width for width in widths)
        return "\n".join([self.title, lines[0], rule, *lines[1:], *([self.note] if self.note else [])])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        style = ["text-align:right" if self.is_numeric(c) else "text-align:left" for c in range(len(self.columns))]

        def line(tag: str, cells: tuple[str, ...]) -> str:
            parts = (f'<{tag} style="{s}">{html.escape(cell)}</{tag}>' for s, cell in zip(style, cells, strict=True))
            return "<tr>" + "".join(parts) + "</tr>"

        body = "".join(line("td", row) for row in self.rows)
        note = f"<p><small>{html.escape(self.note)}</small></p>" if self.note else ""
        return (
            f'<table><caption style="text-align:left"><strong>{html.escape(self.title)}</strong></caption>'
            f"<thead>{line('th', self.columns)}</thead><tbody>{body}</tbody></table>{note}"
        )

    def is_numeric(self, column: int) -> bool:
        """True where the cells of `column` look like numbers, so that they are aligned right."""
        cells = [row[column] for row in self.rows if row[column]]
        return bool(cells) and all(cell[0].isdigit() or cell[0] in "-+−<±" for cell in cells)


def labelled_table(title: str, rows: Sequence[tuple[str, str, str, str]]) -> Table:
    """Figures with what they are: rows of (what, value, of how much, label); the labels are explained below.

    Raises ValueError for a label that is not one of `LABELS`.
    """
    for what, _, _, label in rows:
        if label not in LABELS:
            raise ValueError(f"{what!r} has the label {label!r}; {', '.join(LABELS)} are allowed")
    legend = "; ".join(f"{label}: {meaning}" for label, meaning in LABELS.items())
    return Table(title, ("what", "value", "of", "label"), tuple(rows), legend)


def si(value: float, unit: str) -> str:
    """Three significant digits with an SI prefix.

    >>> si(0.00123, "J"), si(4.2e-05, "s"), si(0.0, "J")
    ('1.23 mJ', '42.0 µs', '0 J')
    """
    if value == 0:
        return f"0 {unit}"
    for factor, prefix in ((1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n")):
        if abs(value) >= factor:
            break
    scaled = value / factor
    digits = 0 if abs(scaled) >= 99.95 else 1 if abs(scaled) >= 9.995 else 2
    return f"{scaled:.{digits}f} {prefix}{unit}"

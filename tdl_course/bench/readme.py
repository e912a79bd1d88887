"""rewrite: a generated part of a text file, between two marker lines; what is around it stays as it was."""

from __future__ import annotations

from pathlib import Path

from tdl_course.files import write_atomically

BEGIN = "<!-- tdl bench: begin. Written by `tdl bench --readme`; do not edit -->"
END = "<!-- tdl bench: end -->"


def rewrite(path: Path, content: str) -> None:
    """Put `content` between the markers of the file at `path`.

    Raises
    ------
    ValueError
        The file does not have both markers once, in this order, each on a line of its own.
    """
    before, _, after = parts(path)
    write_atomically(path, f"{before}{BEGIN}\n{content}{END}\n{after}")


def generated(path: Path) -> str:
    """What stands between the markers of the file at `path`; raises ValueError as `rewrite` does."""
    return parts(path)[1]


def parts(path: Path) -> tuple[str, str, str]:
    text = path.read_text("utf-8")
    before, begin, rest = text.partition(f"{BEGIN}\n")
    inside, end, after = rest.partition(f"{END}\n")
    if not begin or not end or BEGIN in after or END in after or END in before:
        raise ValueError(f"{path} needs these two lines, once each, where the table shall be:\n{BEGIN}\n{END}")
    return before, inside, after

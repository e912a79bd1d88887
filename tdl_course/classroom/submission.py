"""A folder -> one Submission a student: which of the files counts, when it was handed in, and why the others do not.

In: `<student>/.../<anything>.ipynb`, as nbgrader collects them, or `<student>_<lesson>.ipynb`, as learning platforms
do. Out: `Submission`s, also for students whose files are none. A lesson is recognised by its exercises' names, whatever
the file is called. Files are read as data here; nothing of them runs.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tdl_course.classroom.assignment import checks_of, lessons

LARGEST_NOTEBOOK = 32 * 2**20  # bytes
METADATA = "tdl_course"  # where `release` writes the lesson into a notebook
WITH_LESSON = re.compile(r"^(?P<student>.+?)[_-](?P<lesson>\d\d_\w+.*)$")
PLATFORM = re.compile(r"_\d+_assignsubmission_\w+$")  # Moodle puts this behind a name
STAMP = "timestamp.txt"  # nbgrader writes it when it collects


class UnreadableError(ValueError):
    """A file is no notebook that can be graded; the message says why."""


@dataclass(frozen=True)
class Submission:
    """What counts of one student. Without `path` there is nothing to grade, and `problem` says why."""

    student: str
    path: Path | None
    cells: tuple[str, ...]
    handed_in: datetime | None
    problem: str = ""
    notes: tuple[str, ...] = ()
    flat: bool = False  # its file lies among those of others, told apart by name

    def beside(self, name: str) -> Path | None:
        """Where another file of this student's would be: beside the notebook, `anna_model.tflite` among others'."""
        if self.path is None:
            return None
        return self.path.with_name(f"{self.student}_{name}" if self.flat else name)


@dataclass(frozen=True)
class _Read:
    """One file: a notebook's code cells and lesson ("" if none is recognised), or why there are none."""

    path: Path
    handed_in: datetime
    cells: tuple[str, ...] = ()
    lesson: str = ""
    problem: str = ""


def find_submissions(folder: Path, lesson: str) -> list[Submission]:
    """One submission for each student in `folder`, in the order of their names.

    Raises
    ------
    ValueError
        There is no such folder, or nobody has handed in a notebook.
    """
    files = notebooks_by_student(folder)
    chosen = [_choose(student, [_read(path) for path in paths], lesson) for student, paths in sorted(files.items())]
    return [replace(each, flat=each.path is not None and each.path.parent == _root(folder)) for each in chosen]


def _root(folder: Path) -> Path:
    return folder / "submitted" if (folder / "submitted").is_dir() else folder


def notebooks_by_student(folder: Path) -> dict[str, list[Path]]:
    """All notebooks of each student; an empty list for a folder that has none. Checkpoint copies do not count."""
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder; give the one that holds the submissions")
    root = _root(folder)
    found: dict[str, list[Path]] = {}
    for entry in sorted(root.iterdir()):
        if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith("."):
            inside = sorted(entry.rglob("*.ipynb"))
            found.setdefault(entry.name, []).extend(path for path in inside if ".ipynb_checkpoints" not in path.parts)
        elif entry.suffix == ".ipynb":
            found.setdefault(student_of(entry.stem), []).append(entry)
    if not any(found.values()):
        raise ValueError(
            f"there is no notebook in {root}; expected are STUDENT/.../NAME.ipynb or STUDENT_LESSON.ipynb, for "
            "instance anna/02_quantization.ipynb or anna_02_quantization.ipynb"
        )
    return found


def student_of(stem: str) -> str:
    """Whose a file is: what stands before the lesson in its name, or all of it."""
    match = WITH_LESSON.match(stem)
    return PLATFORM.sub("", match["student"] if match else stem)


def common_lesson(folder: Path) -> str:
    """The lesson that most notebooks in `folder` are of.

    Raises
    ------
    ValueError
        None is recognised.
    """
    read = [_read(path) for paths in notebooks_by_student(folder).values() for path in paths]
    counted = Counter(each.lesson for each in read if each.lesson)
    if not counted:
        raise ValueError(f"no notebook in {folder} is one of the course's lessons; say which with --lesson 02")
    return counted.most_common(1)[0][0]


def read_cells(path: Path) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The code cells of a notebook, and its metadata.

    Raises
    ------
    UnreadableError
        It is empty, cut off, too large, a link, or no notebook.
    """
    if path.is_symlink() or not path.is_file():
        raise UnreadableError("it is a link, not a file")
    size = path.stat().st_size
    if not 0 < size <= LARGEST_NOTEBOOK:
        raise UnreadableError("it is empty" if not size else f"it has {size >> 20} MiB, more than a notebook can have")
    try:
        plain = json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise UnreadableError(f"it is not whole: what is in it ends, or breaks off, in line {error.lineno}") from None
    except (ValueError, RecursionError, MemoryError):
        raise UnreadableError("it is not text as notebooks have it") from None
    cells = plain.get("cells") if isinstance(plain, dict) else None
    if not isinstance(cells, list):
        raise UnreadableError("it is JSON, but not a notebook: it has no cells")
    code = [cell for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code"]
    metadata = plain.get("metadata")
    return tuple(_source(cell.get("source")) for cell in code), metadata if isinstance(metadata, dict) else {}


def _source(source: Any) -> str:
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def recognise(cells: tuple[str, ...], metadata: dict[str, Any]) -> str:
    """The lesson whose exercises the notebook defines most of; else the one that `release` wrote into it; else ""."""
    defined = set(re.findall(r"^\s*(?:def\s+(\w+)|(\w+)\s*=\s*lambda)", "\n".join(cells), re.MULTILINE))
    names = {name for pair in defined for name in pair}
    counts = {lesson: len(names & {check.name for check in checks_of(lesson)}) for lesson in lessons()}
    best = max(counts, key=lambda lesson: counts[lesson])
    if counts[best]:
        return best
    written = metadata.get(METADATA)
    lesson = written.get("lesson") if isinstance(written, dict) else None
    return lesson[:2] if isinstance(lesson, str) and lesson[:2] in lessons() else ""


def _read(path: Path) -> _Read:
    handed_in = time_of(path)
    try:
        cells, metadata = read_cells(path)
    except UnreadableError as error:
        return _Read(path, handed_in, problem=str(error))
    except OSError as error:
        return _Read(path, handed_in, problem=f"it cannot be read: {error.strerror}")
    lesson = recognise(cells, metadata)
    return _Read(path, handed_in, cells, lesson, "" if lesson else "it is none of the course's lessons")


def time_of(path: Path) -> datetime:
    """When a file was handed in: what nbgrader wrote beside it, or when it was last changed."""
    try:
        text = (path.parent / STAMP).read_text(encoding="utf-8").strip()
        stamp = datetime.fromisoformat(text.replace(" UTC", "+00:00"))
        return stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
    except (OSError, ValueError):
        return datetime.fromtimestamp(path.lstat().st_mtime, UTC)


def _choose(student: str, read: list[_Read], lesson: str) -> Submission:
    """The newest complete notebook of this lesson, with a line for each other file."""
    fitting = sorted((each for each in read if each.lesson == lesson), key=lambda each: each.handed_in)
    lines = [f"{each.path.name}: {each.problem}." for each in read if each.problem]
    lines += [
        f"{each.path.name}: it is lesson {each.lesson}, not {lesson}."
        for each in read
        if each.lesson not in ("", lesson)
    ]
    if not fitting:
        problem = " ".join(lines) or "There is no notebook in the folder."
        newest = max((each.handed_in for each in read), default=None)
        return Submission(student, None, (), newest, problem)
    *older, newest_ = fitting
    lines += [f"{each.path.name} is older, and was not graded: {newest_.path.name} was." for each in older]
    return Submission(student, newest_.path, newest_.cells, newest_.handed_in, notes=tuple(lines))

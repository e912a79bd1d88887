"""Lessons -> an assignment set for nbgrader: source and student notebooks, its configuration, and a zip without it.

In: lessons/NN_topic.py (jupytext percent), an output folder. Out: `source/<lesson>/<lesson>.ipynb` with answers and
hidden tests, `release/<lesson>/<lesson>.ipynb` without, `assignment.toml` to edit, `nbgrader_config.py`,
`<lesson>.zip`. Cells carry nbgrader's metadata, schema version 3. It needs no nbgrader, and grades nothing.
"""

from __future__ import annotations

import copy
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode

from tdl_course.classroom.assignment import FILE, POINTS, Assignment, checks_of, lesson_number, read_assignment
from tdl_course.classroom.submission import METADATA
from tdl_course.files import write_atomically

SCHEMA_VERSION = 3
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
CHECK = re.compile(r"^tdl\.checks\.(\w+)\(\w+\)\s*$", re.MULTILINE)
KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# Jupyter runs on behind a failed test, as it does in the course's own notebooks.
GOES_ON = ["raises-exception"]
CONFIG = '''"""For nbgrader, in the folder that `tdl release` wrote. Run there, for the lesson 02_quantization:

    nbgrader generate_assignment 02_quantization --force
    (collect submissions into submitted/STUDENT/02_quantization/02_quantization.ipynb)
    nbgrader autograde 02_quantization
    nbgrader generate_feedback 02_quantization

nbgrader runs whole notebooks, with the rights of whoever runs it. `tdl grade submitted` calls single functions instead,
isolated from this computer.
"""

c = get_config()
c.CourseDirectory.course_id = "tiny-deep-learning"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
c.ExecutePreprocessor.timeout = 600  # seconds; a lesson trains networks
'''


class ReleaseError(ValueError):
    """A lesson cannot be released; the message says which, and what there is."""


def release(names: list[str], folder: Path, out: Path, seed: int = 0) -> list[Path]:
    """Write the assignments of the lessons `names` (all that have exercises, if empty); returns what was written.

    An `assignment.toml` that is there is read for the points, and kept.

    Raises
    ------
    ReleaseError
        There is no such lesson in `folder`.
    OSError
        `out` cannot be written.
    """
    written = []
    for path in find_lessons(names, folder):
        toml = out / "source" / path.stem / FILE
        if not toml.exists():
            written.append(write_atomically(toml, assignment_text(path.stem)))
        written += _write_lesson(path, out, seed)
    return [*written, write_atomically(out / "nbgrader_config.py", CONFIG)]


def _write_lesson(path: Path, out: Path, seed: int) -> list[Path]:
    name = path.stem
    source = source_notebook(path, read_assignment(out / "source" / name / FILE), seed)
    student = to_text(student_notebook(source))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(zipfile.ZipInfo(f"{name}/{name}.ipynb"), student)
    return [
        write_atomically(out / "source" / name / f"{name}.ipynb", to_text(source)),
        write_atomically(out / "release" / name / f"{name}.ipynb", student),
        write_atomically(out / f"{name}.zip", packed.getvalue()),
    ]


def find_lessons(names: list[str], folder: Path) -> list[Path]:
    """The lessons' files; names may be "02_quantization", "02" or "2"."""
    there = {path.stem[:2]: path for path in sorted(folder.glob("[0-9][0-9]_*.py"))}
    if not there:
        raise ReleaseError(
            f"there are no lessons in {folder}; they come with the course's repository, not with the package: run this "
            "in a clone of it, or name its folder with --lessons"
        )
    numbers = [lesson_number(name) for name in names] or [number for number in there if checks_of(number)]
    missing = [number for number in numbers if number not in there]
    if missing:
        raise ReleaseError(f"lesson {missing[0]} is not in {folder}; there are {', '.join(there)}")
    return [there[number] for number in numbers]


def source_notebook(path: Path, assignment: Assignment, seed: int) -> NotebookNode:
    """The instructor's notebook: answers between marks, and behind each exercise a locked test with hidden cases."""
    read = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    notebook = nbformat.v4.new_notebook(metadata={**copy.deepcopy(KERNEL), METADATA: {"lesson": path.stem}})
    cells = (cell for cell in read.cells if "solution" not in cell.metadata.get("tags", []))
    for index, cell in enumerate(cells):
        source = re.sub(r"[ \t]*# NBVAL_\w+", "", cell.source)
        if cell.cell_type == "markdown":
            notebook.cells.append(nbformat.v4.new_markdown_cell(source, id=f"cell-{index:03}"))
        else:
            notebook.cells += _code_cells(source, f"cell-{index:03}", assignment, seed)
    return notebook


def _code_cells(source: str, id: str, assignment: Assignment, seed: int) -> Iterator[NotebookNode]:
    """One cell, or for an exercise two: what the student edits, and the test."""
    tests: list[str] = CHECK.findall(source)
    kept = CHECK.sub("", source).rstrip()
    if BEGIN in source:
        metadata = {"nbgrader": _metadata(tests[0] if tests else id, solution=True), "deletable": False}
        yield nbformat.v4.new_code_cell(kept, id=id, metadata=metadata)
    elif kept:
        yield nbformat.v4.new_code_cell(kept, id=id)
    for name in tests:
        points = assignment.worth(name)
        yield nbformat.v4.new_code_cell(
            _test(name, seed),
            id=f"test-{name.replace('_', '-')}",
            metadata={
                "nbgrader": _metadata(f"test_{name}", grade=True, locked=True, points=points),
                "deletable": False,
                "editable": False,
                "tags": GOES_ON,
            },
        )


def _metadata(grade_id: str, **given: Any) -> dict[str, Any]:
    plain = {"grade": False, "grade_id": grade_id, "locked": False, "solution": False, "task": False}
    return {**plain, "schema_version": SCHEMA_VERSION, **given}


def _test(name: str, seed: int) -> str:
    """What a student sees, and behind it what only the grader runs."""
    return "\n".join(
        [
            f"verdict = tdl.checks.{name}({name})",
            "display(verdict)",
            'assert verdict.state == "correct"',
            BEGIN_HIDDEN,
            "from tdl_course.classroom.fresh import judge_fresh",
            f"hidden = judge_fresh(tdl.checks.{name}, {name}, seed={seed})",
            'assert hidden.state == "correct", hidden',
            END_HIDDEN,
        ]
    )


def student_notebook(source: NotebookNode) -> NotebookNode:
    """The notebook without answers and hidden tests."""
    notebook, exercise = copy.deepcopy(source), ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            exercise = ([exercise] + re.findall(r"^#+ .*\bExercise (\d+\.\d+)", cell.source, re.MULTILINE))[-1]
        else:
            stub = f'raise NotImplementedError("Exercise {exercise}")'
            lines = without_block(cell.source.splitlines(), BEGIN, END, stub)
            cell.source = "\n".join(without_block(lines, BEGIN_HIDDEN, END_HIDDEN, ""))
    return notebook


def without_block(lines: Iterable[str], begin: str, end: str, stub: str) -> Iterator[str]:
    """`lines` without the blocks from `begin` to `end`; in the place of each stands `stub`, indented as `begin` was."""
    inside = False
    for line in lines:
        mark = line.strip()
        if mark == begin and stub:
            yield line.replace(begin, stub)
        inside = (inside or mark == begin) and mark != end
        if not inside and mark != end:
            yield line


def to_text(notebook: NotebookNode) -> str:
    """The .ipynb file's content."""
    nbformat.validate(notebook)
    text: str = nbformat.writes(notebook, version=nbformat.NO_CONVERT)
    return text.rstrip("\n") + "\n"


def assignment_text(name: str) -> str:
    """A first assignment.toml for the lesson `name`: every exercise at its default, the rest to be filled in."""
    template = resources.files("tdl_course.classroom").joinpath("assignment.toml").read_text("utf-8")
    lines = [f"{check.name} = {POINTS:g}  # exercise {check.exercise}" for check in checks_of(name[:2])]
    return template.replace("$LESSON", name).replace("# $POINTS", "\n".join(lines))

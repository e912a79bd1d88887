"""lessons/NN_topic.py (jupytext percent) -> notebooks/NN_topic.ipynb (student) and solutions/NN_topic.ipynb (executed).

In: the lessons, which are the only edited form. Out: notebooks that are byte-stable: cell ids are numbered, metadata is
fixed. A block between `### BEGIN SOLUTION` and `### END SOLUTION` becomes `raise NotImplementedError("Exercise 3.2")`,
with the number of the heading above it; a cell tagged `solution` disappears. Solutions run with TDL_STRICT=1, where a
failed check raises; anything on stderr, a machine's path or an object's address in an output fails the build.

    python tools/build_notebooks.py [--only 01] [--no-execute] [--check]
"""

from __future__ import annotations

import argparse
import copy
import os
import re
import sys
import time
from pathlib import Path

import jupytext
import nbclient
import nbformat
from nbformat import NotebookNode

from tdl_course.classroom.release import BEGIN, END, to_text, without_block
from tdl_course.classroom.release import KERNEL as METADATA
from tdl_course.files import write_atomically

ROOT = Path(__file__).resolve().parent.parent
LONGEST_CELL = 15  # lines
LONGEST_RUN = 120  # seconds, DESIGN's hard cap for a lesson on 2 cores
HEADING = re.compile(r"^#+ .*\bExercise (\d+\.\d+)", re.MULTILINE)
PROGRESS_BAR = re.compile(r"^\s*(.*:\s*)?\d+%\|.*$|^\s*\d+it \[.*$")
WIDGET = "application/vnd.jupyter.widget-view+json"
WIDGET_TEXT = "An interactive widget. Run the notebook to use it."
ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")


class LessonError(ValueError):
    """A lesson breaks a rule; the message names file, cell, rule, and what to change."""


def read_lesson(path: Path) -> NotebookNode:
    """The lesson as a notebook with numbered cell ids, fixed metadata and solutions in place.

    Raises
    ------
    LessonError
        A cell is too long, has no prose before it, or its solution markers do not pair up.
    """
    read = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    notebook = nbformat.v4.new_notebook(metadata=copy.deepcopy(METADATA))
    before = ""
    for index, cell in enumerate(read.cells):
        where = f"{path.name}, cell {index} ({cell.source.strip().splitlines()[0] if cell.source.strip() else 'empty'})"
        if cell.cell_type == "code":
            _lint(cell, before, where)
        new = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
        kept = {key: value for key, value in cell.metadata.items() if key in ("tags", "slideshow")}
        notebook.cells.append(new(cell.source, id=f"cell-{index:03}", metadata=kept))
        before = cell.cell_type
    return notebook


def _lint(cell: NotebookNode, before: str, where: str) -> None:
    lines = [line for line in cell.source.splitlines() if line.strip() not in (BEGIN, END)]
    if len(lines) > LONGEST_CELL:
        raise LessonError(f"{where}: {len(lines)} lines; at most {LONGEST_CELL} are allowed: move code into tdl_course")
    if before != "markdown":
        raise LessonError(f"{where}: a code cell without prose before it; say first what it does and why")
    marks = [line.strip() for line in cell.source.splitlines() if line.strip() in (BEGIN, END)]
    if marks != [BEGIN, END] * (len(marks) // 2):
        raise LessonError(f"{where}: solution markers must come in pairs, {BEGIN!r} then {END!r}; found {marks}")


def student(lesson: NotebookNode) -> NotebookNode:
    """The notebook as learners get it: answers removed, no outputs, no marks for the test tools."""
    notebook = copy.deepcopy(lesson)
    exercise = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            exercise = ([exercise] + HEADING.findall(cell.source))[-1]
        elif BEGIN in cell.source and not exercise:
            raise LessonError(f"{cell.id}: a solution without a heading 'Exercise N.M' above it")
        else:
            stub = f'raise NotImplementedError("Exercise {exercise}")'
            kept = without_block(cell.source.splitlines(), BEGIN, END, stub)
            cell.source = re.sub(r"[ \t]*# NBVAL_\w+", "", "\n".join(kept))
    notebook.cells = [cell for cell in notebook.cells if "solution" not in cell.metadata.get("tags", [])]
    return notebook


def solution(lesson: NotebookNode) -> NotebookNode:
    """The complete notebook, not executed: the markers go, the answers stay."""
    notebook = copy.deepcopy(lesson)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = "\n".join(line for line in cell.source.splitlines() if line.strip() not in (BEGIN, END))
    return notebook


def execute(notebook: NotebookNode, folder: Path) -> float:
    """Run the cells in order with strict checks, in `folder`; outputs go into the notebook, cleaned. Returns seconds.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        A cell raised.
    LessonError
        An output is not fit to be kept, or the run took longer than the cap.
    """
    start = time.monotonic()
    client = nbclient.NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=LONGEST_RUN,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute(env={**os.environ, "TDL_STRICT": "1", "PYTHONHASHSEED": "0"})
    seconds = time.monotonic() - start
    notebook.metadata = nbformat.from_dict(copy.deepcopy(METADATA))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            cell.outputs = [clean for output in cell.outputs if (clean := clean_output(output, cell.id))]
    if seconds > LONGEST_RUN:
        raise LessonError(f"it ran for {seconds:.0f} s; at most {LONGEST_RUN} s are allowed: train less, or move work")
    return seconds


def clean_output(output: NotebookNode, where: str) -> NotebookNode | None:
    """`output` without widget ids and progress bars, or None where nothing is left of it.

    Raises
    ------
    LessonError
        It holds a warning (any text on stderr), a path of this machine, or an object's address.
    """
    output = copy.deepcopy(output)
    if output.output_type == "stream":
        lines = re.split(r"[\r\n]", output.text)
        if output.name == "stderr":
            left = [line for line in lines if line.strip() and not PROGRESS_BAR.match(line)]
            if left:
                raise LessonError(f"{where}: text on stderr, which a reader takes for a fault: {left[0]!r}")
            return None
        texts = [output.text]
    else:
        data = output.get("data", {})
        if data.pop(WIDGET, None):
            if PROGRESS_BAR.match(data.get("text/plain", "")):
                return None
            data["text/plain"] = WIDGET_TEXT
        texts = [value for key, value in data.items() if key.startswith("text/") and isinstance(value, str)]
    machine = {str(ROOT), str(Path.home()), sys.prefix} - {os.sep}
    for text in texts:
        found = next((path for path in machine if path in text), None) or ADDRESS.search(text)
        if found:
            raise LessonError(f"{where}: the output holds a path or an address of this machine: {text[:200]!r}")
    return output


def sources(notebook: NotebookNode) -> list[tuple[str, str, str]]:
    """What of a notebook comes from its lesson: id, type and source of each cell."""
    return [(cell.id, cell.cell_type, cell.source) for cell in notebook.cells]


def stale(path: Path, root: Path = ROOT) -> list[str]:
    """What is out of date about the two notebooks of the lesson at `path`, one sentence each."""
    lesson, name = read_lesson(path), path.with_suffix(".ipynb").name
    found = []
    copy_ = root / "notebooks" / name
    if not copy_.exists() or copy_.read_text(encoding="utf-8") != to_text(student(lesson)):
        found.append(f"notebooks/{name} is not what lessons/{path.name} makes")
    complete = root / "solutions" / name
    kept = nbformat.read(complete, as_version=4) if complete.exists() else nbformat.v4.new_notebook()
    if sources(kept) != sources(solution(lesson)):
        found.append(f"solutions/{name} is not what lessons/{path.name} makes")
    elif not any(cell.get("outputs") for cell in kept.cells):
        found.append(f"solutions/{name} has no outputs")
    return found


def orphans(root: Path = ROOT) -> list[Path]:
    """Generated notebooks whose lesson is gone."""
    lessons = {path.stem for path in (root / "lessons").glob("[0-9][0-9]_*.py")}
    made = [path for folder in ("notebooks", "solutions") for path in (root / folder).glob("[0-9][0-9]_*.ipynb")]
    return sorted(path for path in made if path.stem not in lessons)


def build(path: Path, run: bool) -> str:
    """Write the notebooks of the lesson at `path`; returns a line that says what was done."""
    lesson, name = read_lesson(path), path.with_suffix(".ipynb").name
    write_atomically(ROOT / "notebooks" / name, to_text(student(lesson)))
    if not run:
        return f"notebooks/{name} written"
    complete = solution(lesson)
    (ROOT / "solutions").mkdir(exist_ok=True)
    seconds = execute(complete, ROOT / "solutions")
    write_atomically(ROOT / "solutions" / name, to_text(complete))
    return f"notebooks/{name} and solutions/{name} written; it ran for {seconds:.0f} s"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Make notebooks/ and solutions/ from lessons/.")
    parser.add_argument("--only", metavar="NN", default="", help="only lessons whose name starts so")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if something is out of date")
    parser.add_argument("--no-execute", action="store_true", help="write the student notebooks only")
    options = parser.parse_args(arguments)
    lessons = sorted((ROOT / "lessons").glob(f"{options.only}*.py"))
    if not lessons:
        print(f"no lesson starts with {options.only!r} in lessons/", file=sys.stderr)
        return 1
    failures = []
    if options.check:
        failures += [f"{path.relative_to(ROOT)} has no lesson: delete it" for path in orphans()]
    for path in lessons:
        try:
            if options.check:
                failures += stale(path)
            else:
                print(build(path, run=not options.no_execute), flush=True)
        except (LessonError, nbclient.exceptions.CellExecutionError) as error:
            failures.append(f"lessons/{path.name}: {error}")
    for failure in failures:
        print(failure, file=sys.stderr)
    if failures and options.check:
        print("next: make notebooks", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

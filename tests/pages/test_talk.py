"""A talk becomes a notebook of slides, or is refused with a reason; the course's own talk keeps to its 45 minutes."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tdl_course.cli import main
from tdl_course.pages import server
from tdl_course.pages.prepared import NETWORKS, prepare
from tdl_course.pages.talk import COURSE_TALK, needs, place_talk, read_talk, slide_type

SLIDE = '# %% [markdown] slideshow={"slide_type": "slide"}\n# # A title\n'
MARKS = re.compile(r"\*\*(\d+):(\d\d) to (\d+):(\d\d)\.\*\*")


def slides(notebook):
    """The cells of each slide."""
    found = []
    for cell in notebook.cells:
        if slide_type(cell) in ("slide", "subslide"):
            found.append([])
        if found and slide_type(cell) != "skip":
            found[-1].append(cell)
    return found


@pytest.fixture(scope="module")
def course_slides():
    return slides(read_talk(COURSE_TALK))


def test_every_slide_of_the_course_has_a_title_and_one_note(course_slides):
    assert 25 <= len(course_slides) <= 32
    for cells in course_slides:
        assert cells[0].cell_type == "markdown" and re.match(r"# \w", cells[0].source), cells[0].source
        assert [slide_type(cell) for cell in cells].count("notes") == 1, cells[0].source


def test_the_minutes_of_the_notes_follow_each_other_and_are_45(course_slides):
    clock = 0
    for cells in course_slides:
        note = next(cell.source for cell in cells if slide_type(cell) == "notes")
        marks = MARKS.match(note)
        assert marks, note
        begin, end = (60 * int(minutes) + int(seconds) for minutes, seconds in (marks.groups()[:2], marks.groups()[2:]))
        assert begin == clock and end > begin, note
        clock = end
    assert clock == 45 * 60


def test_the_course_talk_says_what_it_needs():
    assert needs(read_talk(COURSE_TALK)) == list(NETWORKS)


def test_a_script_becomes_a_notebook_that_runs_where_the_script_lies(tmp_path):
    (tmp_path / "here").mkdir()
    script = tmp_path / "here" / "talk.py"
    script.write_text(SLIDE + "\n# %%\nopen('beside.txt').read()\n", encoding="utf-8")
    placed = place_talk(read_talk(script), script, tmp_path)
    notebook = nbformat.read(placed, 4)
    nbformat.validate(notebook)
    assert [cell.cell_type for cell in notebook.cells] == ["code", "markdown", "code"]
    assert [slide_type(cell) for cell in notebook.cells] == ["skip", "slide", "-"]
    assert str(tmp_path / "here") in notebook.cells[0].source
    assert notebook.metadata.kernelspec.name == "python3"


def test_an_older_notebook_is_taken_as_it_is(tmp_path):
    cell = {"cell_type": "markdown", "metadata": {"slideshow": {"slide_type": "slide"}}, "source": ["# A title"]}
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}), encoding="utf-8")
    (tmp_path / "out").mkdir()
    nbformat.validate(nbformat.read(place_talk(read_talk(path), path, tmp_path / "out"), 4))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.py", None, "no talk at"),
        ("talk.txt", SLIDE, "neither .py nor .ipynb"),
        ("plain.py", "# %%\n1 + 1\n", "has no slide"),
        ("broken.ipynb", "{", "no notebook"),
        ("empty.ipynb", "{}", "no notebook"),
    ],
)
def test_what_is_no_talk_is_refused_with_a_reason(tmp_path, capsys, name, content, said):
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert main(["slides", str(tmp_path / name)]) == 2
    told = capsys.readouterr().err
    assert said in told and name in told and "Traceback" not in told


def test_a_port_in_use_is_named_and_another_one_offered(tmp_path, capsys):
    (tmp_path / "talk.py").write_text(SLIDE, encoding="utf-8")
    with socket.socket() as other:
        other.bind((server.IP, 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["slides", str(tmp_path / "talk.py"), "--port", str(port)]) == 2
    told = capsys.readouterr().err
    assert f"port {port} is in use" in told
    assert 1 <= int(re.search(r"--port (\d+)", told)[1]) <= server.HIGHEST_PORT


@pytest.mark.parametrize("port", [-1, 0, 65536])
def test_a_port_that_does_not_exist(tmp_path, port):
    with pytest.raises(server.PageError, match=f"port {port} does not exist"):
        server.serve_voila(tmp_path, port)


def test_a_network_that_cannot_be_prepared():
    with pytest.raises(ValueError, match="'tulips' can be prepared; heartbeat, keywords can"):
        prepare(["tulips"], say=lambda text: None)


def test_a_prepared_network_needs_no_tensorflow(tmp_path):
    """A kernel that finds its networks must start in a second."""
    code = (
        "import sys; from tdl_course.pages import demos, graphs, prepared; from tdl_course import datasets\n"
        "beats = datasets.load('ecg', source='synthetic'); kept = prepared.place('heartbeat', beats)\n"
        "kept.parent.mkdir(parents=True); kept.write_bytes(b'kept')\n"
        "assert prepared.prepared('heartbeat', beats) == b'kept'\n"
        "sys.exit('tensorflow' in sys.modules)"
    )
    environment = {"TDL_CACHE": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2]), "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr

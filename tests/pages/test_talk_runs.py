"""The course's talk from its first cell to its last: every figure that it shows is computed."""

import nbclient
import nbformat
import pytest

from tdl_course.pages.prepared import prepare
from tdl_course.pages.talk import COURSE_TALK, needs, place_talk, read_talk

pytestmark = [pytest.mark.slow, pytest.mark.sim]


def test_the_talk_of_the_course_runs(tmp_path):
    talk = read_talk(COURSE_TALK)
    prepare(needs(talk))
    notebook = nbformat.read(place_talk(talk, COURSE_TALK, tmp_path), 4)
    nbclient.NotebookClient(notebook, timeout=250, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = str([cell.get("outputs") for cell in notebook.cells])
    assert shown.count("50 of 50") == 2, "the chip, the C on this computer and NumPy agree"
    assert "Could not draw" not in shown

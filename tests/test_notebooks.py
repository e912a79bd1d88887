"""The notebook builder on a small lesson, and the committed notebooks against their lessons."""

import importlib.util
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "lessons").glob("[0-9][0-9]_*.py"))

spec = importlib.util.spec_from_file_location("build_notebooks", ROOT / "tools" / "build_notebooks.py")
assert spec is not None and spec.loader is not None
builder = importlib.util.module_from_spec(spec)
spec.loader.exec_module(builder)

LESSON = """\
# %% [markdown]
# # A lesson
# ## Exercise 3.2 · Double it

# %%
def double(x):
    \"\"\"Twice x.\"\"\"
    ### BEGIN SOLUTION
    y = x
    return 2 * y
    ### END SOLUTION


answer = 42

# %% [markdown]
# A cell for teachers.

# %% tags=["solution"]
double(21)

# %% [markdown]
# A number.

# %%
answer  # NBVAL_CHECK_OUTPUT
"""


@pytest.fixture
def lesson(tmp_path):
    def read(text=LESSON):
        path = tmp_path / "03_topic.py"
        path.write_text(text, encoding="utf-8")
        return builder.read_lesson(path)

    return read


def test_a_solution_block_becomes_a_stub_with_its_number(lesson):
    code = [cell.source for cell in builder.student(lesson()).cells if cell.cell_type == "code"]
    assert '"""Twice x."""\n    raise NotImplementedError("Exercise 3.2")\n\n\nanswer = 42' in code[0]
    assert code[1] == "answer"
    assert len(code) == 2, "the cell tagged solution must be gone"


def test_the_solution_keeps_answers_and_marks_but_not_the_markers(lesson):
    text = builder.to_text(builder.solution(lesson()))
    assert "return 2 * y" in text and "NBVAL_CHECK_OUTPUT" in text and "double(21)" in text
    assert "SOLUTION" not in text


def test_regeneration_is_byte_stable_with_numbered_ids(lesson):
    first, second = (builder.to_text(builder.student(lesson())) for _ in range(2))
    assert first == second
    assert [cell.id for cell in builder.solution(lesson()).cells] == [f"cell-{i:03}" for i in range(6)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("answer = 42", "answer = 42\n" * 16), "at most 15"),
        (lambda text: text.replace("# %% [markdown]\n# A number.\n", ""), "without prose"),
        (lambda text: text.replace("    ### END SOLUTION\n", ""), "in pairs"),
    ],
)
def test_a_lesson_that_breaks_a_rule_is_refused(lesson, change, message):
    with pytest.raises(builder.LessonError, match=message):
        lesson(change(LESSON))


def test_a_solution_without_an_exercise_is_refused(lesson):
    with pytest.raises(builder.LessonError, match="Exercise N.M"):
        builder.student(lesson(LESSON.replace("Exercise 3.2", "Task")))


def test_outputs_lose_widget_ids_and_progress_bars():
    def shown(text):
        return nbformat.v4.new_output("display_data", data={builder.WIDGET: {"model_id": "8f"}, "text/plain": text})

    assert builder.clean_output(shown("IntSlider(value=3)"), "cell").data == {"text/plain": builder.WIDGET_TEXT}
    assert builder.clean_output(shown(" 50%|#####     | 1/2 [00:01<00:01]"), "cell") is None
    bar = nbformat.v4.new_output("stream", name="stderr", text="\r  0%|  | 0/2\rtrain: 100%|##| 2/2 [00:01]\n")
    assert builder.clean_output(bar, "cell") is None


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (nbformat.v4.new_output("stream", name="stderr", text="UserWarning: deprecated"), "stderr"),
        (nbformat.v4.new_output("stream", name="stdout", text=f"saved to {ROOT}/x"), "path"),
        (nbformat.v4.new_output("execute_result", data={"text/plain": "<A at 0x7f3e5c0a1b20>"}), "address"),
    ],
)
def test_outputs_that_belong_to_one_machine_are_refused(output, message):
    with pytest.raises(builder.LessonError, match=message):
        builder.clean_output(output, "cell-000")


@pytest.mark.slow
def test_execution_is_strict_and_keeps_outputs_without_timestamps(lesson, tmp_path):
    strict = "# %% [markdown]\n# Strict?\n\n# %%\nimport os\nos.environ['TDL_STRICT']  # NBVAL_CHECK_OUTPUT\n"
    notebook = builder.solution(lesson(strict))
    builder.execute(notebook, tmp_path)
    assert notebook.cells[1].outputs[0].data["text/plain"] == "'1'"
    assert notebook.cells[1].metadata == {} and notebook.metadata == builder.METADATA


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_committed_notebooks_are_what_their_lesson_makes(path):
    assert builder.stale(path) == []


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_solution_is_executed_from_top_to_bottom_without_errors(path):
    notebook = nbformat.read(ROOT / "solutions" / path.with_suffix(".ipynb").name, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        for output in cell.outputs:
            assert builder.clean_output(output, cell.id) == output


def test_no_notebook_has_lost_its_lesson():
    assert LESSONS, "lessons/ is empty"
    assert builder.orphans() == []

"""Hidden cases: the course's own answers, as lessons write them, pass on every seed; one learnt by heart fails."""

import functools
from pathlib import Path

import pytest

from tdl_course import checks
from tdl_course.checks.framework import outcome
from tdl_course.classroom.assignment import checks_of, lesson_of
from tdl_course.classroom.codec import decode, encode
from tdl_course.classroom.fresh import DRAW, fresh, judge_fresh
from tdl_course.classroom.submission import read_cells
from tdl_course.classroom.worker import Notebook

ROOT = Path(__file__).resolve().parent.parent.parent
CHECKS = [check for check in vars(checks).values() if isinstance(check, checks.Check)]


@functools.cache
def solutions(lesson):
    (path,) = (ROOT / "solutions").glob(f"{lesson}_*.ipynb")
    return Notebook(list(read_cells(path)[0]))


def solution(check):
    """The function that the solutions' notebook writes, with what it needs and nothing else."""
    notebook = solutions(lesson_of(check))
    assert notebook.define(check.name) == {"defined": True, "failed": ""}
    return notebook.names[check.name]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_the_solution_passes_hidden_cases_of_every_seed(check):
    answer = solution(check)
    for seed in range(5):
        assert judge_fresh(check, answer, seed).state == "correct"


@pytest.mark.parametrize("name", DRAW)
def test_an_answer_learnt_by_heart_fails(name):
    check = getattr(checks, name)
    known = [(encode(list(case)), outcome(check.reference, case)) for case in check.cases]

    def by_heart(*arguments):
        return dict(known)[encode(list(arguments))]

    assert check(by_heart).state == "correct"
    assert judge_fresh(check, by_heart, seed=1).state == "wrong"


def test_cases_differ_by_seed_and_repeat_with_it():
    first, again, other = (encode(fresh(checks.quantize, seed).cases) for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_everything_that_a_check_passes_and_expects_travels(check):
    for case in (*check.cases, *(fresh(check, 0) or check).cases):
        both = [list(case), outcome(check.reference, case)]
        assert b"foreign" not in encode(both)
        assert encode(decode(encode(both))) == encode(both)


def test_every_lesson_has_its_checks_in_order():
    assert [check.exercise for check in checks_of("02")] == ["2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7"]

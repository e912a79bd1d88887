"""What every check of every lesson must do: know the answer, the blank, and the wrong answers apart."""

import pytest

from tdl_course import checks

ALL = [check for check in vars(checks).values() if isinstance(check, checks.Check)]
PLANTED = [(check, wrong) for check in ALL for wrong in check.misconceptions]


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.name)
def test_the_reference_is_correct_and_the_stub_is_not_written_yet(check):
    def stub(*_arguments):
        raise NotImplementedError(f"Exercise {check.exercise}")

    assert check(check.reference).state == "correct"
    assert check(stub).state == "not written yet"
    assert check(lambda *_arguments: None).state == "wrong"


@pytest.mark.parametrize(("check", "planted"), PLANTED, ids=lambda x: getattr(x, "name", None))
def test_each_planted_wrong_answer_gets_its_own_hint(check, planted):
    result = check(planted.wrong)
    assert (result.state, result.misconception, result.message) == ("wrong", planted.name, planted.hint)


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.name)
def test_a_check_has_two_misconceptions_with_hints_of_their_own(check):
    hints = [misconception.hint for misconception in check.misconceptions]
    assert len(hints) >= 2 and len(set(hints)) == len(hints)
    assert getattr(checks, check.name) is check and check.name in checks.__all__


def test_exercise_numbers_are_unique():
    numbers = [check.exercise for check in ALL]
    assert ALL and len(set(numbers)) == len(numbers)

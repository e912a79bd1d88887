"""The verdicts themselves: what is shown for each kind of answer, and that nothing raises unless asked to."""

from dataclasses import replace

import numpy as np
import pytest

from tdl_course.checks.compare import difference, show
from tdl_course.checks.framework import Check, Misconception

double = Check(
    name="double",
    exercise="0.1",
    reference=lambda x: 2 * x,
    cases=((2,), (3,), (5,)),
    misconceptions=(
        Misconception("square", "That is x times x.", lambda x: x * x),
        Misconception("increment", "That is x plus 2.", lambda x: x + 2),
    ),
    meaning="You can double.",
)


def test_correct_says_what_passed_and_what_it_means():
    result = double(lambda x: x + x)
    assert result.state == "correct"
    assert "3 visible checks passed" in repr(result) and "You can double." in result._repr_html_()


def test_a_misconception_is_recognised_on_all_cases_and_on_the_failing_ones():
    assert double(lambda x: x**2).misconception == "square"
    assert double(lambda x: x + 2 if x > 2 else 2 * x).misconception == "increment"


def test_an_unknown_error_shows_call_expected_and_got():
    result = double(lambda x: 7 * x)
    assert (result.call, result.expected, result.got, result.misconception) == ("double(2)", "4", "14", "")
    assert "<code>14</code>" in result._repr_html_()


def test_an_exception_shows_its_last_line_and_the_learners_line():
    def broken(x):
        return [1, 2][x + 7]

    result = double(broken)
    assert result.state == "wrong" and result.got == "IndexError: list index out of range"
    assert "return [1, 2][x + 7]" in result.message


def test_html_escapes_what_the_learner_returns():
    assert "<script>" not in double(lambda x: "<script>alert(1)</script>")._repr_html_()


def test_returning_nothing_and_passing_a_value_are_explained():
    assert "return" in double(lambda x: None).message
    assert "without calling it" in double(4).message  # type: ignore[arg-type]


def test_strict_mode_raises_for_everything_but_correct(monkeypatch):
    monkeypatch.setenv("TDL_STRICT", "1")
    assert double(lambda x: 2 * x).state == "correct"
    with pytest.raises(AssertionError, match="expected 4"):
        double(lambda x: x + 9)

    def stub(x):
        raise NotImplementedError("Exercise 0.1")

    with pytest.raises(AssertionError, match="not written yet"):
        double(stub)


def test_the_candidate_may_write_into_its_arguments():
    total = Check(
        name="total",
        exercise="0.2",
        reference=lambda x: x.sum(),
        cases=((np.arange(4),), (np.ones(3),)),
        misconceptions=(),
        meaning="",
    )

    def destructive(x):
        result = x.sum()
        x[:] = 0
        return result

    assert total(destructive).state == total(destructive).state == "correct"


@pytest.mark.parametrize(
    ("expected", "got", "why"),
    [
        (3, 3.0, "an integer is expected"),
        (np.zeros(2, np.int8), np.zeros(2, np.int32), "int8 is expected"),
        (np.zeros((2, 3)), np.zeros(3), "(2, 3) is expected"),
        (np.zeros(3), np.array([0.0, 0.0, 1.0]), "the first at [2]: expected 0, got 1"),
        ((1, 2), (1, 2, 3), "3 values; 2 are expected"),
        ((1, 2), 1, "returns one value; a tuple of 2 is expected"),
        ((1, 2), {1, 2}, "returns a set; a tuple of 2 is expected"),
        ((1, 2), (x for x in (1, 2)), "returns a generator; a tuple of 2 is expected"),
        ([1, 2], {1: 2}, "returns a dict; a list of 2 is expected"),
        ((np.zeros((2, 3)), np.zeros(3)), np.zeros((2, 3)), "returns one array; a tuple of 2 is expected"),
        (np.zeros(3), (np.zeros(5), np.zeros(3)), "returns a tuple of 2; one array is expected"),
        (1.5, np.zeros(4), "returns 4 numbers; one is expected"),
        (np.zeros(3), iter([0, 0, 0]), "returns a list_iterator, not numbers"),
        ((1.5, 2), (2, 1.5), "swapped"),
        ((np.arange(3), np.eye(2)), (np.eye(2), np.arange(3)), "swapped"),
        (["a", "b", "c"], ["c", "a", "b"], "in another order"),
        (np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0]), "in another order"),
        (np.arange(9).reshape(3, 3), np.arange(9).reshape(3, 3).T, "transposed"),
        (np.array([1, 0, 0, 1]), np.array([0, 1, 0, 1]), "the first at [0]"),
        ((1.0, 2), (1.0, 5), "value 2 of the 2"),
        ({"a": 1}, {"b": 1}, "keys"),
        ({"a": 1}, {"a": 2}, "'a'"),
        (1.0, "one", "not numbers"),
        (True, 1, "a bool is expected"),
    ],
)
def test_differences_are_described(expected, got, why):
    found = difference(expected, got)
    assert found is not None and why in found.why


@pytest.mark.parametrize(
    ("expected", "got"),
    [(3, np.int64(3)), (2.0, 2), ((1, 2.0), [1, np.float32(2)]), (np.zeros(2, np.float64), np.zeros(2, np.float32))],
)
def test_what_a_learner_may_choose_is_not_a_difference(expected, got):
    assert difference(expected, got) is None


@pytest.mark.parametrize(
    ("factor", "says"),
    [(1e6, "1,000,000 times too large"), (0.5, "2 times too small"), (1e-3, "prefixes"), (-1, "wrong sign.")],
)
def test_a_factor_that_all_results_share_is_named(factor, says):
    half = replace(double, reference=lambda x: x / 2)
    assert says in half(lambda x: factor * x / 2).message
    rows = replace(double, reference=lambda x: np.array([x, 0.0, -x / 3]))
    assert says in rows(lambda x: factor * np.array([x, 0.0, -x / 3])).message


def test_no_factor_is_named_where_results_have_none_in_common():
    half = replace(double, reference=lambda x: x / 2)
    assert "times" not in half(lambda x: x**3 / 5).message and "times" not in half(lambda x: 0.0).message
    assert "times" not in half(lambda x: "x").message


def test_integers_of_any_size_are_compared():
    assert difference(1 << 100, 1 << 100) is None
    found = difference(5, 1 << 40_000)
    assert (found.expected, found.got) == ("5", "an integer of 40,001 bits")


def test_no_minus_zero_is_shown():
    assert show(-0.0) == "0" and show(np.array([-0.0, -1e-9, -0.5])) == "float64[3] [0. , 0. , -0.5]"


def test_an_iterators_address_is_not_shown():
    assert show(iter([1])) == "a list_iterator"


def test_code_in_a_message_is_shown_as_code():
    def stub(x):
        raise NotImplementedError("Exercise 0.1")

    assert "<code>raise NotImplementedError</code>" in double(stub)._repr_html_()


def test_a_call_of_another_exercise_that_is_not_written_is_told_apart():
    def other(x):
        raise NotImplementedError("Exercise 0.7")

    result = double(lambda x: 2 * other(x))
    assert result.state == "not written yet" and "exercise 0.7" in result.message


def test_a_stopped_loop_is_a_verdict_and_not_a_trace():
    def endless(x):
        raise KeyboardInterrupt

    result = double(endless)
    assert result.state == "wrong" and "come to an end" in result.message


def test_what_numpy_warns_of_is_not_shown(recwarn):
    double(lambda x: np.mean(np.empty(0)))
    assert not recwarn.list


def test_an_error_is_a_misconception_only_if_it_says_the_same():
    def needs_seven(x):
        raise ValueError("seven")

    check = replace(double, misconceptions=(Misconception("seven", "Not seven.", needs_seven),))

    def needs_eight(x):
        raise ValueError("eight")

    assert check(needs_seven).misconception == "seven"
    assert check(needs_eight).misconception == "" and "raise ValueError" in check(needs_eight).message

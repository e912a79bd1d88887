"""Lesson 00's check against answers as learners write them."""

import pytest

from tdl_course import checks


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (lambda cycles, clock_hz: cycles * (1 / clock_hz), "seconds"),
        (lambda cycles, clock_hz: cycles / (clock_hz * 1e3), "seconds divided by a thousand"),
        (lambda cycles, clock_hz: cycles / (clock_hz / 1e6), "microseconds"),
        (lambda cycles, clock_hz: clock_hz / cycles * 1e3, "upside down"),
    ],
)
def test_milliseconds_recognises(answer, misconception):
    result = checks.milliseconds(answer)
    assert (result.state, result.misconception) == ("wrong", misconception)


def test_milliseconds_accepts_another_way_to_write_it():
    assert checks.milliseconds(lambda cycles, clock_hz: cycles / (clock_hz / 1000)).state == "correct"

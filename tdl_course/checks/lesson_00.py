"""The check of lesson 00: one small exercise that shows how exercises work."""

from __future__ import annotations

from tdl_course.checks.framework import Check, Misconception

milliseconds = Check(
    name="milliseconds",
    exercise="0.1",
    reference=lambda cycles, clock_hz: 1000 * cycles / clock_hz,
    cases=((168_000_000, 168e6), (1_680_000, 168e6), (64_000, 64e6), (1, 32_768)),
    misconceptions=(
        Misconception(
            "seconds",
            "Cycles divided by cycles per second are seconds. A second has a thousand milliseconds.",
            lambda cycles, clock_hz: cycles / clock_hz,
        ),
        Misconception(
            "seconds divided by a thousand",
            "A millisecond is smaller than a second, so there are more of them: multiply by 1000, do not divide.",
            lambda cycles, clock_hz: cycles / clock_hz / 1000,
        ),
        Misconception(
            "microseconds",
            "That is microseconds: a millionth of a second each. Milliseconds are thousandths.",
            lambda cycles, clock_hz: 1e6 * cycles / clock_hz,
        ),
        Misconception(
            "upside down",
            "More cycles must take longer, and a faster clock must take less: which of the two goes below the line?",
            lambda cycles, clock_hz: 1000 * clock_hz / cycles,
        ),
    ),
    meaning="You can turn every cycle count of this course into time.",
)

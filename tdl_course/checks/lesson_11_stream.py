"""The checks of lesson 11, exercises 11.4 and 11.5: detections, and false accepts an hour."""

from __future__ import annotations

import numpy as np

from tdl_course.checks.framework import Check, Misconception
from tdl_course.metrics import poisson_interval, wilson_interval


def _detect(scores: np.ndarray, threshold: float, refractory: int) -> list[tuple[int, int]]:
    found, earliest = [], 0
    for index, row in enumerate(scores):
        label = int(row.argmax())
        if index >= earliest and row[label] >= threshold:
            found.append((index, label))
            earliest = index + refractory
    return found


def _each_above(scores, threshold, refractory):
    return [(i, int(row.argmax())) for i, row in enumerate(scores) if row.max() >= threshold]


def _strictly(scores, threshold, refractory):
    return _detect(scores, np.nextafter(threshold, np.inf), refractory)


def _held_up(scores, threshold, refractory):
    found, earliest = [], 0
    for index, row in enumerate(scores):
        if row.max() >= threshold:
            if index >= earliest:
                found.append((index, int(row.argmax())))
            earliest = index + refractory
    return found


def _one_longer(scores, threshold, refractory):
    return _detect(scores, threshold, refractory + 1)


def _each_label_for_itself(scores, threshold, refractory):
    found, earliest = [], [0] * scores.shape[1]
    for index, row in enumerate(scores):
        label = int(row.argmax())
        if index >= earliest[label] and row[label] >= threshold:
            found.append((index, label))
            earliest[label] = index + refractory
    return found


def _as_if_one_before(scores, threshold, refractory, last):
    found = []
    for index, row in enumerate(scores):
        if row.max() >= threshold and index - last >= refractory:
            found.append((index, int(row.argmax())))
            last = index
    return found


def _all_labels_above(scores, threshold, refractory):
    found, earliest = [], 0
    for index, row in enumerate(scores):
        above = np.flatnonzero(row >= threshold).tolist()
        if index >= earliest and above:
            found += [(index, label) for label in above]
            earliest = index + refractory
    return found


def _crossings(scores, threshold, refractory):
    found, earliest, before = [], 0, False
    for index, row in enumerate(scores):
        above = bool(row.max() >= threshold)
        if above and not before and index >= earliest:
            found.append((index, int(row.argmax())))
            earliest = index + refractory
        before = above
    return found


def _first_label_above(scores, threshold, refractory):
    found, earliest = [], 0
    for index, row in enumerate(scores):
        if index >= earliest and row.max() >= threshold:
            found.append((index, int(np.flatnonzero(row >= threshold)[0])))
            earliest = index + refractory
    return found


_STREAM = np.array(
    [[10, 20], [200, 60], [220, 90], [90, 210], [30, 230], [20, 180], [160, 170], [40, 10], [181, 190], [5, 240.0]]
)

detect = Check(
    name="detect",
    exercise="11.4",
    reference=_detect,
    cases=((_STREAM, 180, 3), (_STREAM, 180, 1), (_STREAM, 180, 4), (_STREAM, 230, 2), (_STREAM, 250, 3)),
    misconceptions=(
        Misconception(
            "no refractory period",
            "Each word is detected again and again, as long as its score is up. After a detection, wait: the next one "
            "comes `refractory` outputs later at the earliest.",
            _each_above,
        ),
        Misconception(
            "strictly above",
            "A score **equal** to the threshold reaches it: `>=`.",
            _strictly,
        ),
        Misconception(
            "the wait begins again",
            "You begin to wait anew whenever a score is high, so somebody who keeps talking is never heard. Only a "
            "**detection** starts the wait.",
            _held_up,
        ),
        Misconception(
            "one output too long",
            "With `refractory` 1 the very next output may be a detection again: `index >= last + refractory`.",
            _one_longer,
        ),
        Misconception(
            "a wait for each label",
            "You wait for each label apart, so one word may be heard as yes *and* as no. One detection, whatever it "
            "is, starts the wait for all.",
            _each_label_for_itself,
        ),
        Misconception(
            "the first label above",
            "Where two labels are above the threshold, the higher score wins, not the lower index.",
            _first_label_above,
        ),
        Misconception(
            "one output too short",
            "You wait one output too few. With `refractory` 3, after a detection at 4 the next one may come at 7, not "
            "at 6.",
            lambda scores, threshold, refractory: _detect(scores, threshold, refractory - 1),
        ),
        Misconception(
            "a wait before the first",
            "Your very first detection has to wait, as if there had been one at output 0. Before the first there is "
            "nothing to wait for: begin with `earliest = 0`, or with `last = -refractory`.",
            lambda scores, threshold, refractory: _as_if_one_before(scores, threshold, refractory, 0),
        ),
        Misconception(
            "a wait before the first, from -1",
            "Your very first detection has to wait, as if there had been one just before the first output. `last = -1` "
            "is too near: begin with `last = -refractory`.",
            lambda scores, threshold, refractory: _as_if_one_before(scores, threshold, refractory, -1),
        ),
        Misconception(
            "every label above the threshold",
            "You detect each label that reaches the threshold. One word was spoken: only the **highest** score counts.",
            _all_labels_above,
        ),
        Misconception(
            "every label, always",
            "You list everything that reaches the threshold. Take the highest score of a row only, and wait "
            "`refractory` outputs after each detection.",
            lambda scores, threshold, refractory: _all_labels_above(scores, threshold, 0),
        ),
        Misconception(
            "crossings only",
            "You detect only where the score comes up from below the threshold. A second word right after the first is "
            "never heard: what counts is whether the wait is over.",
            _crossings,
        ),
        Misconception(
            "label first",
            "Your pairs are (label, index). The index comes first.",
            lambda *arguments: [(label, index) for index, label in _detect(*arguments)],
        ),
        Misconception(
            "the score for the label",
            "The second value of a pair is the label, which is the **place** of the highest score (`argmax`), not the "
            "score.",
            lambda scores, *others: [(index, float(scores[index, label])) for index, label in _detect(scores, *others)],
        ),
        Misconception(
            "indices only",
            "That is when. Say what, too: pairs of (index, label).",
            lambda *arguments: [index for index, _ in _detect(*arguments)],
        ),
        Misconception(
            "labels only",
            "That is what. Say when, too: pairs of (index, label).",
            lambda *arguments: [label for _, label in _detect(*arguments)],
        ),
        Misconception(
            "the first detection only",
            "You stop after the first detection: is the `return` inside the loop?",
            lambda *arguments: _detect(*arguments)[:1],
        ),
    ),
    meaning="That is the decision of the device; the course's version does it in integers.",
)


def _false_accepts(count: int, hours: float) -> tuple[float, float, float]:
    low, high = poisson_interval(count)
    return count / hours, low / hours, high / hours


def _by_root(count, hours):
    half = 1.96 * np.sqrt(count)
    return count / hours, max(0.0, (count - half) / hours), (count + half) / hours


def _interval_of_the_rate(count, hours):
    low, high = poisson_interval(round(count / hours))
    return count / hours, low, high


def _half_widths(count, hours):
    rate, low, high = _false_accepts(count, hours)
    return rate, rate - low, high - rate


def _as_a_share(count, hours):
    low, high = wilson_interval(min(count, 1000), 1000)
    return count / hours, low, high


false_accepts = Check(
    name="false_accepts",
    exercise="11.5",
    reference=_false_accepts,
    cases=((3, 0.25), (0, 0.25), (0, 10.0), (40, 8.0)),
    misconceptions=(
        Misconception(
            "interval of the rate",
            "You asked for the interval of the *rate*, as if it had been counted in one hour. What was counted is "
            "`count`; take its interval, then divide by the hours.",
            _interval_of_the_rate,
        ),
        Misconception(
            "1.96 roots",
            "± 1.96 √count is the interval of a large count. At 0 it says *certainly none*, which a quarter of an hour "
            "cannot know. Use `tdl.metrics.poisson_interval`.",
            _by_root,
        ),
        Misconception(
            "the count's interval",
            "That is the interval of the count. Divide its ends by the hours too.",
            lambda count, hours: (count / hours, *poisson_interval(count)),
        ),
        Misconception(
            "multiplied",
            "You multiply by the hours. A rate an hour is a count **divided** by hours.",
            lambda count, hours: tuple(value * hours for value in (count, *poisson_interval(count))),
        ),
        Misconception(
            "interval of a rate",
            "You ask for the interval of the *rate*, which is no count, and not always whole. What was counted is "
            "`count`: take its interval, then divide the ends by the hours.",
            lambda count, hours: (count / hours, *poisson_interval(count / hours)),
        ),
        Misconception(
            "nothing divided",
            "These are the count and its interval. All three are asked for an hour: divide each by `hours`.",
            lambda count, hours: (count, *poisson_interval(count)),
        ),
        Misconception(
            "the count itself",
            "The ends are right, but the first value is the count. Divide it by the hours too.",
            lambda count, hours: (count, *_false_accepts(count, hours)[1:]),
        ),
        Misconception(
            "half widths",
            "You return how far the ends are from the rate. Return the ends themselves.",
            _half_widths,
        ),
        Misconception(
            "a minute",
            "These are rates a minute. Return them an hour.",
            lambda count, hours: tuple(value / 60 for value in _false_accepts(count, hours)),
        ),
        Misconception(
            "hours taken as minutes",
            "`hours` is in hours already: leave out the 60.",
            lambda count, hours: tuple(value * 60 for value in _false_accepts(count, hours)),
        ),
        Misconception(
            "Wilson's interval",
            "Wilson's interval is for a share, so many of so many. False accepts are not a share of anything: they are "
            "events in time. Use `tdl.metrics.poisson_interval`.",
            _as_a_share,
        ),
    ),
    meaning="Nothing heard in a quarter of an hour still allows a good dozen an hour: quiet tests have to be long.",
)

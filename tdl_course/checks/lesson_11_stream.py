"""The checks of lesson 11, exercises 11.3, 11.4 and 11.5: scores over time, detections, false accepts an hour."""

from __future__ import annotations

import numpy as np

from tdl_course.checks.framework import Check, Misconception
from tdl_course.metrics import poisson_interval, wilson_interval


def _smooth(scores: np.ndarray, count: int) -> np.ndarray:
    padded = np.concatenate([np.zeros((count - 1, scores.shape[1])), scores])
    return np.stack([padded[i : i + count].mean(axis=0) for i in range(len(scores))])


def _centred(scores, count):
    before = (count - 1) // 2
    padded = np.concatenate(
        [np.zeros((before, scores.shape[1])), scores, np.zeros((count - 1 - before, scores.shape[1]))]
    )
    return np.stack([padded[i : i + count].mean(axis=0) for i in range(len(scores))])


def _of_those_there_are(scores, count):
    return np.stack([scores[max(0, i - count + 1) : i + 1].mean(axis=0) for i in range(len(scores))])


def _from_the_begin(scores, count):
    return np.cumsum(scores, axis=0) / np.arange(1, len(scores) + 1)[:, None]


def _over_labels(scores, count):
    return _smooth(np.asarray(scores).T, count).T


def _shorter(scores, count):
    return np.stack([scores[i : i + count].mean(axis=0) for i in range(len(scores) - count + 1)])


_RANDOM = np.random.default_rng(3)
_SCORES = _RANDOM.integers(0, 256, (6, 3)).astype(float)

smooth = Check(
    name="smooth",
    exercise="11.3",
    reference=_smooth,
    cases=((_SCORES, 3), (_SCORES, 4), (_SCORES[:4], 2), (_SCORES[:3], 1)),
    misconceptions=(
        Misconception(
            "looks into the future",
            "Your average reaches to both sides. A device has not heard the future yet: average this output and those "
            "**before** it.",
            _centred,
        ),
        Misconception(
            "fewer at the begin",
            "At the begin you divide by the outputs that there are, so the first one alone counts in full, and the "
            "device may fire on a single window. Outputs that are not there count as 0: always divide by `count`.",
            _of_those_there_are,
        ),
        Misconception(
            "all since the begin",
            "That is the mean of everything so far. After an hour no word would move it. Take the last `count` only.",
            _from_the_begin,
        ),
        Misconception(
            "sum instead of mean",
            "That is the sum. Divide by `count`, so that a threshold means the same for every `count`.",
            lambda scores, count: _smooth(scores, count) * count,
        ),
        Misconception(
            "shorter result",
            "Your result begins when the first `count` outputs are there. Keep one row for each output; those before "
            "the first one count as 0.",
            _shorter,
        ),
        Misconception(
            "across labels",
            "You average over labels. Each label has its own average, over **time**: axis 0.",
            _over_labels,
        ),
        Misconception(
            "largest instead of mean",
            "The largest of the last outputs is what one wrong window decides. Take their mean.",
            lambda scores, count: _smooth_by(scores, count, np.max),
        ),
    ),
    meaning="One wrong window no longer fires; a word, which stands in several windows, does.",
)


def _smooth_by(scores, count, of):
    padded = np.concatenate([np.zeros((count - 1, scores.shape[1])), scores])
    return np.stack([of(padded[i : i + count], axis=0) for i in range(len(scores))])


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
            "Wilson's interval",
            "Wilson's interval is for a share, so many of so many. False accepts are not a share of anything: they are "
            "events in time. Use `tdl.metrics.poisson_interval`.",
            _as_a_share,
        ),
    ),
    meaning="Nothing heard in a quarter of an hour still allows a good dozen an hour: quiet tests have to be long.",
)

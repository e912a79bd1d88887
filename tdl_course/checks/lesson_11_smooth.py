"""The check of lesson 11, exercise 11.3: means of the last outputs."""

from __future__ import annotations

import numpy as np

from tdl_course.checks.framework import Check, Misconception


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


def _from_the_beginning(scores, count):
    return np.cumsum(scores, axis=0) / np.arange(1, len(scores) + 1)[:, None]


def _over_labels(scores, count):
    return _smooth(np.asarray(scores).T, count).T


def _shorter(scores, count):
    return np.stack([scores[i : i + count].mean(axis=0) for i in range(len(scores) - count + 1)])


def _smooth_by(scores, count, of):
    padded = np.concatenate([np.zeros((count - 1, scores.shape[1])), scores])
    return np.stack([of(padded[i : i + count], axis=0) for i in range(len(scores))])


def _without_this_one(scores, count):
    return np.stack([scores[max(0, i - count) : i].sum(axis=0) / count for i in range(len(scores))])


def _divided_by_one_less(scores, count):
    return _smooth(scores, count + 1) * (count + 1) / count


def _one_too_few(scores, count):
    return _smooth(scores, count - 1) if count > 1 else np.zeros_like(scores)


def _wraps_around(scores, count):
    return np.stack([np.roll(scores, step, axis=0) for step in range(count)]).mean(axis=0)


def _first_repeated(scores, count):
    padded = np.concatenate([np.repeat(scores[:1], count - 1, axis=0), scores])
    return np.stack([padded[i : i + count].mean(axis=0) for i in range(len(scores))])


def _silent_until_full(scores, count):
    means = _smooth(scores, count)
    means[: count - 1] = 0
    return means


def _raw_until_full(scores, count):
    means = _smooth(scores, count)
    means[: count - 1] = scores[: count - 1]
    return means


def _never_forgets(scores, count):
    means, mean = [], np.zeros(scores.shape[1])
    for row in scores:
        mean = mean + (row - mean) / count
        means.append(mean)
    return np.array(means)


def _writes_into_its_input(scores, count):
    changed = np.array(scores, float)
    for i in range(len(changed)):
        changed[i] = changed[max(0, i - count + 1) : i + 1].sum(axis=0) / count
    return changed


def _over_everything(scores, count):
    return _smooth(scores, count).mean(axis=1)


def _in_blocks(scores, count):
    return np.stack([scores[i : i + count].mean(axis=0) for i in range(0, len(scores), count)])


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
            "fewer at the beginning",
            "At the beginning you divide by the outputs that there are, so the first one alone counts in full, and the "
            "device may fire on a single window. Outputs that are not there count as 0: always divide by `count`.",
            _of_those_there_are,
        ),
        Misconception(
            "all since the beginning",
            "That is the mean of everything so far. After an hour no word would move it. Take the last `count` only.",
            _from_the_beginning,
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
        Misconception(
            "this output left out",
            "You average the outputs **before** this one only. The newest belongs to the last `count`.",
            _without_this_one,
        ),
        Misconception(
            "one output too many",
            "You average `count` + 1 outputs: this one and `count` before it. It is this one and the `count` - 1 "
            "before it.",
            lambda scores, count: _smooth(scores, count + 1),
        ),
        Misconception(
            "one output too many, divided by count",
            "You add up `count` + 1 outputs and divide by `count`. A slice that ends at `i + 1` begins at `i + 1 - "
            "count`.",
            _divided_by_one_less,
        ),
        Misconception(
            "one output too few",
            "You average `count` - 1 outputs: a slice does not include its end. Let it end at `i + 1`.",
            _one_too_few,
        ),
        Misconception(
            "the future only",
            "You average this output and those **after** it, which a device has not heard yet. Take those before it.",
            lambda scores, count: _smooth(scores[::-1], count)[::-1],
        ),
        Misconception(
            "the end comes back",
            "The first means contain the **last** outputs: `np.roll` and negative indices go round. What is not there "
            "yet counts as 0.",
            _wraps_around,
        ),
        Misconception(
            "the first one repeated",
            "You repeat the first output to fill the beginning, so a slip there counts in full. Outputs that are not "
            "there count as 0.",
            _first_repeated,
        ),
        Misconception(
            "nothing until all are there",
            "Your first means are 0 until `count` outputs are there. The missing ones count as 0, but those that are "
            "there count too.",
            _silent_until_full,
        ),
        Misconception(
            "raw until all are there",
            "Your first rows are the outputs themselves. They are means as well, in which the missing outputs count as "
            "0.",
            _raw_until_full,
        ),
        Misconception(
            "an average that never forgets",
            "You move the mean a step towards each output, so an old one never leaves it wholly. Take the last `count` "
            "outputs, with equal weights.",
            _never_forgets,
        ),
        Misconception(
            "averages of averages",
            "You write the means into `scores` while you still read from it, so you average averages. Write into a new "
            "array.",
            _writes_into_its_input,
        ),
        Misconception(
            "one number a row",
            "You have one number for each time. Every label has a mean of its own: `mean(axis=0)` of the last rows.",
            _over_everything,
        ),
        Misconception(
            "blocks",
            "You average block by block. There is a mean at **every** output, over the `count` up to it.",
            _in_blocks,
        ),
        Misconception(
            "median instead of mean",
            "That is the median of the last outputs. The mean is asked for: it costs a sum, the median a sort.",
            lambda scores, count: _smooth_by(scores, count, np.median),
        ),
        Misconception(
            "rounded down",
            "Right, but rounded down. Return the means as they are.",
            lambda scores, count: np.floor(_smooth(scores, count)),
        ),
    ),
    meaning="One wrong window no longer fires; a word, which stands in several windows, does.",
)

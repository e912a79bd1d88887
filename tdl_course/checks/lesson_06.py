"""The checks of lesson 06, exercises 6.3 and 6.4: softmax at a temperature, and the teacher's second choice.

The reference answers are the library's own functions. Exercises 6.1 and 6.2 are in `lesson_06_judging`,
6.5 and 6.6 in `lesson_06_loss`.
"""

from __future__ import annotations

import numpy as np

from tdl_course.checks.framework import Check, Misconception
from tdl_course.compress import soft_targets


def _plain(logits: np.ndarray) -> np.ndarray:
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def _divided_after(logits: np.ndarray, temperature: float) -> np.ndarray:
    return _plain(logits) / temperature


def _over_the_batch(logits: np.ndarray, temperature: float) -> np.ndarray:
    e = np.exp((logits - logits.max()) / temperature)
    return np.asarray(e / e.sum())


def _overflowing(logits: np.ndarray, temperature: float) -> np.ndarray:
    e = np.exp(logits / temperature)
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


_logits = np.array([[4.0, 1.0, 0.5, -2.0], [0.2, 0.1, 0.4, 0.3]])

softmax = Check(
    name="softmax",
    exercise="6.3",
    reference=soft_targets.softmax,
    cases=(
        (_logits, 1.0),
        (_logits, 4.0),
        (_logits, 0.5),
        (250 * _logits, 1.0),
        (np.array([[1000.0, 999.0, 990.0], [3.0, 2.0, 1.0]]), 1.0),
    ),
    misconceptions=(
        Misconception(
            "multiplied instead of divided",
            "A high temperature must make the answers more equal. Yours become sharper: divide the logits by the "
            "temperature.",
            lambda logits, temperature: _plain(logits * temperature),
        ),
        Misconception(
            "temperature after softmax",
            "Dividing the probabilities by the temperature leaves their ratios as they were, and their sum is no "
            "longer 1. Divide the logits, before the exponential.",
            _divided_after,
        ),
        Misconception(
            "overflow",
            "exp(1000) is infinite, and infinity over infinity is not a number. Subtract the largest logit of each "
            "row first: it divides numerator and denominator by the same number.",
            _overflowing,
        ),
        Misconception(
            "logits cut off",
            "A limit makes all logits beyond it equal. Subtract the largest of each row: the differences stay.",
            lambda logits, temperature: _overflowing(np.minimum(logits / temperature, 700), 1.0),
        ),
        Misconception(
            "summed over the whole batch",
            "Each row is one sample and must add up to 1 by itself: sum and maximum go along the last axis, with "
            "keepdims=True.",
            _over_the_batch,
        ),
        Misconception(
            "temperature forgotten",
            "You get the same answer at every temperature. Divide the logits by it.",
            lambda logits, temperature: _plain(logits),
        ),
    ),
    meaning="At high temperature the order of the classes stays, and the small probabilities become visible.",
)


def _with_the_truth(probabilities, labels):
    counts = np.zeros((probabilities.shape[1],) * 2)
    np.add.at(counts, (labels, probabilities.argmax(axis=1)), 1)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def _second_overall(probabilities, labels):
    counts = np.zeros((probabilities.shape[1],) * 2)
    np.add.at(counts, (labels, np.argsort(probabilities, axis=1)[:, -2]), 1)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def _least(probabilities, labels):
    counts = np.zeros((probabilities.shape[1],) * 2)
    np.add.at(counts, (labels, probabilities.argmin(axis=1)), 1)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def _counted(probabilities, labels):
    return (
        soft_targets.runner_up(probabilities, labels) * np.bincount(labels, minlength=probabilities.shape[1])[:, None]
    )


def _of_everything(probabilities, labels):
    return _counted(probabilities, labels) / len(labels)


_asked = np.array(
    [
        [0.70, 0.20, 0.06, 0.04],
        [0.60, 0.10, 0.25, 0.05],
        [0.30, 0.50, 0.15, 0.05],
        [0.10, 0.62, 0.08, 0.20],
        [0.05, 0.30, 0.55, 0.10],
        [0.04, 0.06, 0.20, 0.70],
        [0.45, 0.05, 0.40, 0.10],
    ]
)


def _shared(counts, least=1.0):
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), least)


def _mean_probabilities(probabilities, labels):
    samples = np.eye(probabilities.shape[1])[labels]
    return samples.T @ probabilities / np.maximum(samples.sum(axis=0), 1)[:, None]


def _deleted(probabilities, labels):
    counts = np.zeros((probabilities.shape[1],) * 2)
    for row, label in zip(probabilities, labels, strict=True):
        counts[label, np.delete(row, label).argmax()] += 1
    return _shared(counts)


def _second(probabilities, labels):
    return np.where(np.eye(probabilities.shape[1], dtype=bool)[labels], -1, probabilities).argmax(axis=1)


runner_up = Check(
    name="runner_up",
    exercise="6.4",
    reference=soft_targets.runner_up,
    cases=(
        (_asked, np.array([0, 0, 0, 1, 2, 3, 3])),
        (_asked, np.array([1, 0, 0, 1, 2, 2, 0])),
        (_asked[:4], np.array([0, 0, 1, 1])),
    ),
    misconceptions=(
        Misconception(
            "true class not left out",
            "That is a confusion matrix: the true class wins most rows. Take it out of the race before the argmax.",
            _with_the_truth,
        ),
        Misconception(
            "second place of the whole list",
            "Where the teacher is wrong, second place is often the true class. Leave the true class out, then take "
            "the first of the others.",
            _second_overall,
        ),
        Misconception(
            "the least likely class",
            "That is the class which the teacher finds least likely. The one that is nearly right has the largest "
            "probability after the true one.",
            _least,
        ),
        Misconception(
            "counts instead of shares",
            "Divide each row by its sum: common classes would drown the others. (An empty row stays 0.)",
            _counted,
        ),
        Misconception(
            "shares of all samples",
            "Each row is about one true class: divide it by the number of samples of that class, not of all.",
            _of_everything,
        ),
        Misconception(
            "transposed",
            "Rows and columns are exchanged: the row is the true class, the column the second choice.",
            lambda p, labels: soft_targets.runner_up(p, labels).T,
        ),
        Misconception(
            "transposed before the division",
            "Rows and columns are exchanged: count in [true class, second choice], in this order.",
            lambda p, labels: _shared(_counted(p, labels).T),
        ),
        Misconception(
            "columns add up to 1",
            "You divide each column by its sum. A row is about one true class: sum along axis 1, with keepdims=True.",
            lambda p, labels: _shared(_counted(p, labels).T).T,
        ),
        Misconception(
            "divided along the wrong axis",
            "The sums of the rows were divided along the columns: NumPy lays a row of numbers beneath each row. "
            "Keep the axis: sum(axis=1, keepdims=True).",
            lambda p, labels: _counted(p, labels) / np.maximum(_counted(p, labels).sum(axis=1), 1),
        ),
        Misconception(
            "empty row gives nan",
            "A class without samples makes 0 / 0. Its row stays 0: divide by at least 1.",
            lambda p, labels: _counted(p, labels) / _counted(p, labels).sum(axis=1, keepdims=True),
        ),
        Misconception(
            "each pair counted once",
            "`counts[labels, second] += 1` counts each pair once, however often it occurs. Use np.add.at.",
            lambda p, labels: _shared(np.minimum(_counted(p, labels), 1)),
        ),
        Misconception(
            "mean probabilities",
            "You average the probabilities. The question is which class comes *first* among the others: argmax "
            "for each sample, then count.",
            _mean_probabilities,
        ),
        Misconception(
            "mean probabilities without the true class",
            "You average the probabilities of the other classes. The question is which of them comes *first*: "
            "argmax for each sample, then count.",
            lambda p, labels: _mean_probabilities(p, labels) * (1 - np.eye(p.shape[1])),
        ),
        Misconception(
            "mean probabilities, made shares",
            "These are shares of probability. The question is which of the other classes comes *first*: argmax "
            "for each sample, then count.",
            lambda p, labels: _shared(_mean_probabilities(p, labels) * (1 - np.eye(p.shape[1])), 1e-9),
        ),
        Misconception(
            "true class taken out of the list",
            "Once the true class is deleted from a row, all classes behind it move up by one place, and argmax "
            "finds the wrong number. Set its probability to -1 instead.",
            _deleted,
        ),
        Misconception(
            "row of the called class",
            "The row is the class that the sample *is*, not the one that the teacher calls.",
            lambda p, labels: soft_targets.runner_up(p, p.argmax(axis=1)),
        ),
        Misconception(
            "a list of second choices",
            "These are the second choices, one a sample. Count them in a table: row is the true class, column the "
            "choice.",
            _second,
        ),
        Misconception(
            "mistakes only",
            "You have counted the samples where the teacher is wrong. The others have a second choice, too: count all.",
            lambda p, labels: soft_targets.runner_up(p[p.argmax(axis=1) != labels], labels[p.argmax(axis=1) != labels]),
        ),
    ),
    meaning="Each row says which other class the teacher finds most like this one: a label cannot say that.",
)

"""The checks of lesson 06, exercises 6.3 to 6.5: softmax at a temperature, the teacher's second choice, the loss.

The reference answers are the library's own functions. Exercises 6.1, 6.2 and 6.6 are in `lesson_06_judging`.
"""

from __future__ import annotations

import numpy as np

from tdl_course.checks.framework import Check, Misconception
from tdl_course.compress import soft_targets
from tdl_course.compress.soft_targets import soften


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


def _hard(student: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return -np.log(student[np.arange(len(labels)), labels])


def _divergence(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    return np.asarray((p * np.log(p / q)).sum(axis=-1))


def _no_square(student, teacher, labels, temperature, weight):
    soft = _divergence(soften(teacher, temperature), soften(student, temperature))
    return np.mean((1 - weight) * _hard(student, labels) + weight * soft)


def _times_temperature(student, teacher, labels, temperature, weight):
    soft = _divergence(soften(teacher, temperature), soften(student, temperature))
    return np.mean((1 - weight) * _hard(student, labels) + weight * temperature * soft)


def _swapped(student, teacher, labels, temperature, weight):
    soft = _divergence(soften(student, temperature), soften(teacher, temperature))
    return np.mean((1 - weight) * _hard(student, labels) + weight * temperature**2 * soft)


def _teacher_as_is(student, teacher, labels, temperature, weight):
    soft = _divergence(teacher, soften(student, temperature))
    return np.mean((1 - weight) * _hard(student, labels) + weight * temperature**2 * soft)


def _hard_softened(student, teacher, labels, temperature, weight):
    student = soften(student, temperature)
    soft = _divergence(soften(teacher, temperature), student)
    return np.mean((1 - weight) * _hard(student, labels) + weight * temperature**2 * soft)


def _cross_entropy(student, teacher, labels, temperature, weight):
    soft = -(soften(teacher, temperature) * np.log(soften(student, temperature))).sum(axis=-1)
    return np.mean((1 - weight) * _hard(student, labels) + weight * temperature**2 * soft)


def _weights_swapped(student, teacher, labels, temperature, weight):
    return soft_targets.distillation_loss(student, teacher, labels, temperature, 1 - weight)


_teacher = np.array([[0.9, 0.08, 0.02], [0.1, 0.6, 0.3], [0.25, 0.05, 0.7]])
_student = np.array([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6], [0.1, 0.15, 0.75]])
_truth = np.array([0, 1, 0])

distillation_loss = Check(
    name="distillation_loss",
    exercise="6.5",
    reference=soft_targets.distillation_loss,
    cases=(
        (_student, _teacher, _truth, 4.0, 0.5),
        (_student, _teacher, _truth, 2.0, 0.9),
        (_student, _teacher, _truth, 1.0, 0.3),
        (_student, _student, _truth, 3.0, 1.0),
        (_student, _teacher, _truth, 5.0, 0.0),
    ),
    misconceptions=(
        Misconception(
            "T² forgotten",
            "The gradient of the soft part shrinks with 1 / T². Without the factor T² the teacher falls silent as the "
            "temperature rises.",
            _no_square,
        ),
        Misconception(
            "T instead of T²",
            "One factor 1 / T comes from the logits of the student, a second one from the difference of the soft "
            "targets. Multiply by T².",
            _times_temperature,
        ),
        Misconception(
            "direction of KL swapped",
            "KL is not symmetric. The teacher's probabilities are the weights of the sum: Σ t log(t / s).",
            _swapped,
        ),
        Misconception(
            "teacher not softened",
            "Both must be at the same temperature. Otherwise a student who agrees with the teacher in full is "
            "punished: compare the case where both are equal.",
            _teacher_as_is,
        ),
        Misconception(
            "hard part softened too",
            "The label is compared with the student at temperature 1: that is how it will be used on the device.",
            _hard_softened,
        ),
        Misconception(
            "cross entropy instead of KL",
            "Your gradient is right: cross entropy differs from KL by the teacher's own entropy, which no student can "
            "change. But then agreement does not give 0. Divide by the teacher inside the logarithm.",
            _cross_entropy,
        ),
        Misconception(
            "weights swapped",
            "`weight` is the teacher's share: with 0 only the labels count.",
            _weights_swapped,
        ),
    ),
    meaning="Labels say what is right, the teacher says what is nearly right, and `weight` keeps its meaning at any T.",
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
    ),
    meaning="Each row says which other class the teacher finds most like this one: a label cannot say that.",
)

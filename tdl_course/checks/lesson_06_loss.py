"""The checks of lesson 06, exercises 6.5 and 6.6: the loss of distillation, and the loss of a hint.

The reference answers are the library's own functions.
"""

from __future__ import annotations

import numpy as np

from tdl_course.checks.framework import Check, Misconception
from tdl_course.compress import soft_targets
from tdl_course.compress.soft_targets import soften


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
        Misconception(
            "sum over samples",
            "Take the mean over samples, or the loss would grow with the batch.",
            lambda s, t, y, T, weight: len(y) * soft_targets.distillation_loss(s, t, y, T, weight),
        ),
        Misconception(
            "mean over classes",
            "KL is a *sum* over classes: its weights, the teacher's probabilities, add up to 1 already.",
            lambda s, t, y, T, weight: np.mean(
                (1 - weight) * _hard(s, y) + weight * T**2 * _divergence(soften(t, T), soften(s, T)) / s.shape[1]
            ),
        ),
        Misconception(
            "neither softened",
            "Both must be softened to temperature T: `soften(probabilities, T)`. Otherwise the small "
            "probabilities stay invisible.",
            lambda s, t, y, T, weight: np.mean((1 - weight) * _hard(s, y) + weight * T**2 * _divergence(t, s)),
        ),
        Misconception(
            "student not softened",
            "Both must be at the same temperature. You soften the teacher only: a student who agrees with it is "
            "punished.",
            lambda s, t, y, T, weight: np.mean(
                (1 - weight) * _hard(s, y) + weight * T**2 * _divergence(soften(t, T), s)
            ),
        ),
        Misconception(
            "T² on the labels too",
            "T² makes up for what softening takes from the gradient. The label's part is not softened: only KL is "
            "multiplied.",
            lambda s, t, y, T, weight: np.mean(
                (1 - weight) * T**2 * _hard(s, y) + weight * T**2 * _divergence(soften(t, T), soften(s, T))
            ),
        ),
        Misconception(
            "T² on the labels only",
            "T² belongs to the soft part, where the temperature is. The label's part has none.",
            lambda s, t, y, T, weight: np.mean(
                (1 - weight) * T**2 * _hard(s, y) + weight * _divergence(soften(t, T), soften(s, T))
            ),
        ),
        Misconception(
            "divided by T²",
            "Softening makes the gradient 1 / T² as large. Multiply by T² to make up for it.",
            lambda s, t, y, T, weight: np.mean(
                (1 - weight) * _hard(s, y) + weight / T**2 * _divergence(soften(t, T), soften(s, T))
            ),
        ),
        Misconception(
            "2 T for T²",
            "T² is T times T, in Python T**2.",
            lambda s, t, y, T, weight: np.mean(
                (1 - weight) * _hard(s, y) + weight * 2 * T * _divergence(soften(t, T), soften(s, T))
            ),
        ),
        Misconception(
            "minus forgotten",
            "A loss must fall as the right class becomes likelier. log(p) is negative: the label's part is "
            "*minus* the logarithm.",
            lambda s, t, y, T, weight: np.mean(
                -(1 - weight) * _hard(s, y) + weight * T**2 * _divergence(soften(t, T), soften(s, T))
            ),
        ),
        Misconception(
            "KL with a minus",
            "KL is 0 where both agree and larger everywhere else. Yours is negative: it is + Σ t log(t / s).",
            lambda s, t, y, T, weight: np.mean(
                (1 - weight) * _hard(s, y) - weight * T**2 * _divergence(soften(t, T), soften(s, T))
            ),
        ),
        Misconception(
            "not weighted",
            "Both parts count in full. Share them out: (1 - weight) for the labels, `weight` for the teacher.",
            lambda s, t, y, T, weight: np.mean(_hard(s, y) + T**2 * _divergence(soften(t, T), soften(s, T))),
        ),
        Misconception(
            "labels not weighted",
            "The label's part lacks its factor (1 - weight).",
            lambda s, t, y, T, weight: np.mean(_hard(s, y) + weight * T**2 * _divergence(soften(t, T), soften(s, T))),
        ),
        Misconception(
            "teacher only",
            "The label's part is missing: -log of what the student gives to the right class.",
            lambda s, t, y, T, weight: np.mean(weight * T**2 * _divergence(soften(t, T), soften(s, T))),
        ),
        Misconception(
            "labels only",
            "The teacher's part is missing: weight × T² × KL(teacher at T, student at T).",
            lambda s, t, y, T, weight: np.mean((1 - weight) * _hard(s, y)),
        ),
        Misconception(
            "teacher judged by the labels",
            "The label's part judges the *student*. The teacher does not learn.",
            lambda s, t, y, T, weight: np.mean(
                (1 - weight) * _hard(t, y) + weight * T**2 * _divergence(soften(t, T), soften(s, T))
            ),
        ),
        Misconception(
            "squared error",
            "That is a squared distance. KL compares logarithms: Σ t log(t / s).",
            lambda s, t, y, T, weight: np.mean(
                (1 - weight) * _hard(s, y) + weight * T**2 * ((soften(t, T) - soften(s, T)) ** 2).sum(axis=-1)
            ),
        ),
        Misconception(
            "logarithms not weighted",
            "Each log(t / s) counts as much as the teacher believes in its class: multiply by t before you sum up.",
            lambda s, t, y, T, weight: np.mean(
                (1 - weight) * _hard(s, y) + weight * T**2 * np.log(soften(t, T) / soften(s, T)).sum(axis=-1)
            ),
        ),
        Misconception(
            "one loss for each sample",
            "These are the losses of the samples: nearly there. Return their mean.",
            lambda s, t, y, T, weight: (
                (1 - weight) * _hard(s, y) + weight * T**2 * _divergence(soften(t, T), soften(s, T))
            ),
        ),
        Misconception(
            "labels only, not weighted",
            "That is the loss of a student without a teacher. Add weight × T² × KL, and give the labels the rest, "
            "1 - weight.",
            lambda s, t, y, T, weight: np.mean(_hard(s, y)),
        ),
        Misconception(
            "teacher only, not weighted",
            "The teacher's part is there, but neither its weight nor the label's part.",
            lambda s, t, y, T, weight: np.mean(T**2 * _divergence(soften(t, T), soften(s, T))),
        ),
        Misconception(
            "probabilities divided by T",
            "`student` and `teacher` are probabilities already, and dividing them leaves their ratios as they "
            "are. soften() divides the *logits*.",
            lambda s, t, y, T, weight: np.mean((1 - weight) * _hard(s, y) + weight * T * _divergence(t, s)),
        ),
    ),
    meaning="Labels say what is right, the teacher says what is nearly right, and `weight` keeps its meaning at any T.",
)


def _hint_into_teacher(student, teacher, projection):
    error = student @ projection - teacher
    return 0.5 * (error**2).sum(axis=1).mean(), -error / len(student)


def _hint_not_halved(student, teacher, projection):
    loss, gradient = soft_targets.hint_loss(student, teacher, projection)
    return 2 * loss, gradient


def _hint_per_value(student, teacher, projection):
    error = student @ projection - teacher
    return 0.5 * (error**2).mean(), error @ projection.T / error.size


def _hint_summed(student, teacher, projection):
    error = student @ projection - teacher
    return 0.5 * (error**2).sum(), error @ projection.T


def _hint_gradient_summed(student, teacher, projection):
    loss, gradient = soft_targets.hint_loss(student, teacher, projection)
    return loss, gradient * len(student)


def _hint_away(student, teacher, projection):
    loss, gradient = soft_targets.hint_loss(student, teacher, projection)
    return loss, -gradient


def _hint_unprojected(student, teacher, projection):
    error = student - teacher
    return 0.5 * (error**2).sum(axis=1).mean(), error / len(student)


def _features(n: int, width: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, width)).round(2)


hint_loss = Check(
    name="hint_loss",
    exercise="6.6",
    reference=soft_targets.hint_loss,
    cases=(
        (_features(3, 2, 1), _features(3, 4, 2), _features(2, 4, 3)),
        (_features(5, 3, 4), _features(5, 3, 5), _features(3, 3, 6)),
    ),
    misconceptions=(
        Misconception(
            "no projection",
            "The student's features are narrower than the teacher's: nothing to subtract yet. Multiply them by the "
            "projection first (for images: a 1×1 convolution).",
            _hint_unprojected,
        ),
        Misconception(
            "gradient into the teacher",
            "That is the gradient by the teacher's features. The teacher stands still: carry the error back through "
            "the projection to the student, `error @ projection.T`.",
            _hint_into_teacher,
        ),
        Misconception(
            "half forgotten",
            "With the factor ½ of Romero et al. the 2 of the square cancels, and loss and gradient belong together.",
            _hint_not_halved,
        ),
        Misconception(
            "mean over features too",
            "The squared distance is the sum over features; only the samples are averaged.",
            _hint_per_value,
        ),
        Misconception(
            "summed over samples",
            "Take the mean over samples, or the step size would depend on how many are in a batch.",
            _hint_summed,
        ),
        Misconception(
            "gradient not averaged",
            "The loss is right. It is a mean over samples, so its gradient has the 1 / n, too.",
            _hint_gradient_summed,
        ),
        Misconception(
            "uphill",
            "A gradient points to where the loss grows: error = student - teacher, in this order.",
            _hint_away,
        ),
    ),
    meaning="A narrow student can be shown what a wide teacher sees half way, not only what it says at the end.",
)

"""The checks of lesson 06, exercises 6.1, 6.2 and 6.6: macro-F1, the student that fits, the loss of a hint."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tdl_course import metrics
from tdl_course.checks.framework import Check, Misconception
from tdl_course.compress import soft_targets


def _macro_f1(truth: np.ndarray, called: np.ndarray, classes: int) -> float:
    return metrics.score(truth, called, [str(c) for c in range(classes)]).macro_f1


def _counts(truth: np.ndarray, called: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hits, samples and calls of each class."""
    matrix = metrics.confusion_matrix(truth, called, classes)
    return np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)


def _micro(truth, called, classes):
    return float(np.mean(truth == called))


def _weighted(truth, called, classes):
    hits, samples, calls = _counts(truth, called, classes)
    return float((2 * hits / np.maximum(samples + calls, 1) * samples).sum() / samples.sum())


def _recall_only(truth, called, classes):
    hits, samples, _ = _counts(truth, called, classes)
    return float((hits / np.maximum(samples, 1)).mean())


def _not_a_number(truth, called, classes):
    hits, samples, calls = _counts(truth, called, classes)
    precision, recall = hits / calls, hits / samples
    return float(np.mean(2 * precision * recall / (precision + recall)))


def _empty_left_out(truth, called, classes):
    hits, samples, calls = _counts(truth, called, classes)
    return float((2 * hits / np.maximum(samples + calls, 1))[hits > 0].mean())


macro_f1 = Check(
    name="macro_f1",
    exercise="6.1",
    reference=_macro_f1,
    cases=(
        (np.array([0] * 8 + [1, 1]), np.array([0] * 7 + [1, 1, 0]), 2),
        (np.array([0, 0, 0, 0, 1, 1, 2]), np.array([0, 0, 0, 1, 1, 0, 2]), 3),
        (np.array([0, 0, 0, 0, 1, 1, 2]), np.array([0, 0, 0, 1, 1, 0, 0]), 3),
        (np.array([0, 0, 0, 1, 1, 1, 2, 2]), np.array([0, 0, 1, 1, 1, 1, 3, 2]), 4),
        (np.array([0, 1]), np.array([0, 1]), 3),
    ),
    misconceptions=(
        Misconception(
            "micro instead of macro",
            "That is the accuracy: each sample counts alike, so a common class decides. Compute F1 for each class, "
            "then take the plain mean.",
            _micro,
        ),
        Misconception(
            "weighted by samples",
            "Weighting by how common a class is brings back what macro-F1 is to avoid. Each class counts the same.",
            _weighted,
        ),
        Misconception(
            "recall only",
            "A network that calls everything by the rare class would find all of it. F1 has the false alarms in it "
            "too: 2 × hits / (samples + calls).",
            _recall_only,
        ),
        Misconception(
            "empty class gives nan",
            "A class that is never called, or never hit, makes 0 / 0. Its F1 is 0: write F1 as 2 × hits / (samples + "
            "calls), and guard against a sum of 0.",
            _not_a_number,
        ),
        Misconception(
            "missed classes left out",
            "Leaving out the classes that were never hit rewards a network for giving up on them. They count as 0.",
            _empty_left_out,
        ),
    ),
    meaning="A network that gives up on the rare disease now pays for it.",
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

Student = tuple[str, int, Sequence[int]]
"""Name, number of parameters, and the bytes of the input and of each layer's output in order."""


def _chosen(students: Sequence[Student], limit: int, need: Callable[[Sequence[int]], int]) -> str | None:
    fitting = [(parameters, name) for name, parameters, sizes in students if need(sizes) <= limit]
    return max(fitting)[1] if fitting else None


def _pairs(sizes: Sequence[int]) -> int:
    return max(a + b for a, b in zip(sizes, sizes[1:], strict=False))


def _largest_student(students: Sequence[Student], ram_bytes: int, reserved_bytes: int) -> str | None:
    return _chosen(students, ram_bytes - reserved_bytes, _pairs)


def _most_memory(students, ram_bytes, reserved_bytes):
    fitting = [(_pairs(sizes), name) for name, _, sizes in students if _pairs(sizes) <= ram_bytes - reserved_bytes]
    return max(fitting)[1] if fitting else None


def _smallest_student(students, ram_bytes, reserved_bytes):
    fitting = [(parameters, name) for name, parameters, s in students if _pairs(s) <= ram_bytes - reserved_bytes]
    return min(fitting)[1] if fitting else None


_students = [
    ("narrow", 900, [6144, 4096, 2048, 1024, 5]),
    ("bulky", 700, [6144, 10000, 4096, 5]),
    ("thick", 3000, [6144, 9856, 1024, 5]),
    ("pooled", 1500, [6144, 1536, 8192, 2048, 5]),
    ("early", 2600, [6144, 16384, 4096, 5]),
    ("deep", 5200, [6144, 8192, 8192, 8192, 4096, 5]),
    ("wide", 9000, [6144, 12288, 12288, 2048, 5]),
    ("huge", 50000, [6144, 24576, 6144, 5]),
]

largest_student = Check(
    name="largest_student",
    exercise="6.2",
    reference=_largest_student,
    cases=(
        (_students, 32768, 4096),
        (_students, 24576, 4096),
        (_students, 20480, 4096),
        (_students, 24576 + 5000, 5000),
        (_students, 16200 + 4096, 4096),
        (_students, 12288, 4096),
        (_students, 64 * 1024, 4096),
    ),
    misconceptions=(
        Misconception(
            "largest activation only",
            "While a layer works, its input and its output are both in RAM. Take the largest sum of two neighbours.",
            lambda students, ram, reserved: _chosen(students, ram - reserved, max),
        ),
        Misconception(
            "sum of all activations",
            "Once the next layer has read a value, its bytes are free again. Only two neighbours are there at once.",
            lambda students, ram, reserved: _chosen(students, ram - reserved, sum),
        ),
        Misconception(
            "stack and runtime forgotten",
            "The network does not have the RAM to itself: the reserved bytes come off first.",
            lambda students, ram, reserved: _chosen(students, ram, _pairs),
        ),
        Misconception(
            "parameters counted as RAM",
            "Weights are constants: they lie in flash and are read from there. Only values that change need RAM.",
            lambda students, ram, reserved: _largest_student(
                [s for s in students if _pairs(s[2]) + s[1] <= ram - reserved], ram, reserved
            ),
        ),
        Misconception(
            "most memory instead of most parameters",
            "It fits, and it fills the RAM best. What it can learn lies in its parameters: take the one with the most.",
            _most_memory,
        ),
        Misconception(
            "smallest instead of largest",
            "It fits, but a larger student fits too, and capacity is what a student lacks.",
            _smallest_student,
        ),
    ),
    meaning="You can pick a student before you train it: RAM is decided by shapes, not by weights.",
)

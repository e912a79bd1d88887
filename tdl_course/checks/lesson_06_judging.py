"""The checks of lesson 06, exercises 6.1 and 6.2: macro-F1, and the student that fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tdl_course import metrics
from tdl_course.checks.framework import Check, Misconception


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


def _mean_of(truth, called, classes, formula):
    return float(formula(*_counts(truth, called, classes)).mean())


def _each_f1(truth, called, classes):
    hits, samples, calls = _counts(truth, called, classes)
    return 2 * hits / np.maximum(samples + calls, 1)


def _absent_left_out(truth, called, classes):
    _, samples, calls = _counts(truth, called, classes)
    return float(_each_f1(truth, called, classes)[samples + calls > 0].mean())


def _f1_of_means(truth, called, classes):
    precision = _mean_of(truth, called, classes, lambda h, s, c: h / np.maximum(c, 1))
    recall = _recall_only(truth, called, classes)
    return 2 * precision * recall / (precision + recall)


def _worst_class(truth, called, classes):
    return float(_each_f1(truth, called, classes).min())


macro_f1 = Check(
    name="macro_f1",
    exercise="6.1",
    reference=_macro_f1,
    cases=(
        (np.array([0] * 8 + [1, 1]), np.array([0] * 7 + [1, 1, 0]), 2),
        (np.array([0, 0, 0, 0, 1, 1, 2]), np.array([0, 0, 0, 1, 1, 0, 2]), 3),
        (np.array([0, 0, 0, 0, 1, 1, 2]), np.array([0, 0, 0, 1, 1, 0, 0]), 3),
        (np.array([0, 0, 0, 1, 1, 1, 2, 2]), np.array([0, 0, 1, 1, 1, 1, 3, 2]), 4),
        (np.array([0, 1, 1]), np.array([0, 1, 0]), 3),
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
        Misconception(
            "2 forgotten",
            "The 2 in front is missing: a perfect class has hits = samples = calls, and its F1 must be 1.",
            lambda truth, called, classes: _macro_f1(truth, called, classes) / 2,
        ),
        Misconception(
            "2 taken twice",
            "There is one factor 2 too many: a perfect class has hits = samples = calls, and its F1 must be 1.",
            lambda truth, called, classes: 2 * _macro_f1(truth, called, classes),
        ),
        Misconception(
            "percent",
            "Your result is in percent. F1 lies between 0 and 1.",
            lambda truth, called, classes: 100 * _macro_f1(truth, called, classes),
        ),
        Misconception(
            "precision only",
            "That is the share of calls that are right. A network that calls a class once, and is right, would "
            "have all of it. F1 has the missed samples in it too: 2 × hits / (samples + calls).",
            lambda truth, called, classes: _mean_of(truth, called, classes, lambda h, s, c: h / np.maximum(c, 1)),
        ),
        Misconception(
            "overlap",
            "That is hits over the union (Jaccard). F1 is 2 × hits / (samples + calls), where hits are counted on "
            "both sides.",
            lambda truth, called, classes: _mean_of(
                truth, called, classes, lambda h, s, c: h / np.maximum(s + c - h, 1)
            ),
        ),
        Misconception(
            "arithmetic mean of precision and recall",
            "The plain mean of precision and recall forgives a network that has one of them only. F1 is the "
            "harmonic mean: 2 × hits / (samples + calls).",
            lambda truth, called, classes: _mean_of(
                truth, called, classes, lambda h, s, c: (h / np.maximum(s, 1) + h / np.maximum(c, 1)) / 2
            ),
        ),
        Misconception(
            "empty class counts as 1",
            "A class that is neither there nor called makes 0 / 0. Here it counts as 0, not as 1.",
            lambda truth, called, classes: _mean_of(
                truth, called, classes, lambda h, s, c: np.where(s + c, 2 * h / np.maximum(s + c, 1), 1)
            ),
        ),
        Misconception(
            "empty class left out",
            "A class that is neither there nor called counts as 0 here, and in the mean: divide by `classes`.",
            _absent_left_out,
        ),
        Misconception(
            "sum instead of mean",
            "You add up the F1 of all classes. *Macro* is their mean: divide by `classes`.",
            lambda truth, called, classes: classes * _macro_f1(truth, called, classes),
        ),
        Misconception(
            "F1 of the means",
            "You take the mean of precision and recall over classes, then one F1. *Macro*-F1 is the other way: an "
            "F1 for each class, then the mean.",
            _f1_of_means,
        ),
        Misconception(
            "worst class",
            "That is the worst class. *Macro* is the mean over classes.",
            _worst_class,
        ),
        Misconception(
            "one F1 for each class",
            "These are the F1 of the classes: nearly there. Return their mean.",
            lambda truth, called, classes: _each_f1(truth, called, classes),
        ),
    ),
    meaning="A network that gives up on the rare disease now pays for it.",
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

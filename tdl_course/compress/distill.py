"""Knowledge distillation: a small network learns from the probabilities of a large one.

In: two Keras models that end in softmax, the large one trained. Out: a model to hand to `models.train`, which trains
the small one. The loss is defined twice: in NumPy, to read and to test against, and in Keras, to train with.

Source: G. Hinton, O. Vinyals, J. Dean, "Distilling the Knowledge in a Neural Network", 2015.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tdl_course.models import keras

FLOOR = 1e-7
"""Probabilities below this count as this: a logarithm needs it. Keras's own cross entropy has the same limit."""


def soften(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Softmax outputs as they would be with all logits divided by `temperature`.

    log p is the logits up to a constant, which softmax ignores: the model need not end in logits.

    Parameters
    ----------
    probabilities : float array [n, classes]
    temperature : float
        Above 1: more equal, so that it shows which wrong classes are nearly right. 1: as they are.

    >>> soften(np.array([[0.9, 0.1]]), temperature=2.0).round(3)
    array([[0.75, 0.25]])
    """
    _check_temperature(temperature)
    logits = np.log(np.maximum(probabilities, FLOOR)) / temperature
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


def distillation_loss(
    student: np.ndarray,
    teacher: np.ndarray,
    labels: np.ndarray,
    temperature: float = 4.0,
    weight: float = 0.5,
    sample_weight: np.ndarray | None = None,
) -> float:
    """The mean over samples of (1 - weight) * -log p(label) + weight * T^2 * KL(softened teacher, softened student).

    The divergence KL is the cross entropy with soft targets of Hinton et al., less the teacher's own entropy: the same
    gradient, and 0 where the student agrees. Soft gradients shrink with 1 / T^2; the factor T^2 makes up for that, so
    that `weight` keeps its meaning when the temperature changes.

    Parameters
    ----------
    student, teacher : float arrays [n, classes]
        Softmax outputs.
    labels : int array [n]
    temperature : float
        Above 0.
    weight : float
        From 0, labels only, to 1, teacher only.
    sample_weight : float array [n], optional
    """
    _check_weight(weight)
    hard = -np.log(np.maximum(student[np.arange(len(labels)), labels], FLOOR))
    soft_student, soft_teacher = soften(student, temperature), soften(teacher, temperature)
    soft = (soft_teacher * np.log(soft_teacher / soft_student)).sum(axis=-1)
    losses = (1 - weight) * hard + weight * temperature**2 * soft
    return float(np.mean(losses if sample_weight is None else losses * sample_weight))


@dataclass(frozen=True)
class _Teaching:
    """What a distiller holds; Keras does not look inside, so the teacher's weights are not the distiller's."""

    student: keras.Model
    teacher: keras.Model
    temperature: float
    weight: float


class Distiller(keras.Model):
    """The student, with a loss that listens to a teacher: `models.train(Distiller(student, teacher), dataset)`.

    It shares all layers with the student, which is trained in place and stays a plain model. The teacher sees the same
    batch, as augmented, and is not changed.

    Parameters
    ----------
    student, teacher : keras.Model
        One input of the same shape, one softmax output [n, classes].
    temperature : float
        Above 0.
    weight : float
        From 0, labels only, to 1, teacher only.

    Raises
    ------
    ValueError
        The models do not fit each other; a temperature or weight that is not allowed.
    """

    def __init__(
        self, student: keras.Model, teacher: keras.Model, temperature: float = 4.0, weight: float = 0.5
    ) -> None:
        _check_temperature(temperature)
        _check_weight(weight)
        shapes = [(model.input_shape[1:], model.output_shape[1:]) for model in (student, teacher)]
        if shapes[0] != shapes[1]:
            raise ValueError(
                f"student {student.name!r} maps {shapes[0][0]} to {shapes[0][1]}, teacher {teacher.name!r} "
                f"{shapes[1][0]} to {shapes[1][1]}; both must take the same samples and know the same classes"
            )
        super().__init__(student.input, student.output, name=student.name)
        self.teaching = _Teaching(student, teacher, temperature, weight)

    @property
    def student(self) -> keras.Model:
        """The model that is trained."""
        return self.teaching.student

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The loss of `compile` for the labels, mixed with the divergence from the teacher; regularizers stay whole."""
        teaching, ops = self.teaching, keras.ops
        labels = super().compute_loss(x, y, y_pred, sample_weight, training)
        taught = ops.stop_gradient(teaching.teacher(x, training=False))
        log_student, log_teacher = (
            ops.log_softmax(ops.log(ops.maximum(p, FLOOR)) / teaching.temperature) for p in (y_pred, taught)
        )
        soft = ops.sum(ops.exp(log_teacher) * (log_teacher - log_student), axis=-1)
        soft = ops.mean(soft if sample_weight is None else soft * ops.cast(sample_weight, soft.dtype))
        soft = teaching.temperature**2 * soft
        return (1 - teaching.weight) * labels + teaching.weight * (soft + sum(self.losses))


def _check_temperature(temperature: float) -> None:
    if not 0 < temperature < float("inf"):
        raise ValueError(f"temperature is {temperature}; a number above 0 is allowed, such as 4")


def _check_weight(weight: float) -> None:
    if not 0 <= weight <= 1:
        raise ValueError(f"weight of the teacher is {weight}; 0 to 1 is allowed")

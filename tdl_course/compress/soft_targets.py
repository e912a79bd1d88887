"""Soft targets: a teacher's probabilities at a temperature, and the losses of distillation, in NumPy.

In: arrays of probabilities, logits or features. Out: arrays and numbers. Knows no network; `distill` trains with these.

Sources: G. Hinton, O. Vinyals, J. Dean, "Distilling the Knowledge in a Neural Network", 2015, arXiv:1503.02531. Hints:
A. Romero et al., "FitNets: Hints for Thin Deep Nets", ICLR 2015, arXiv:1412.6550.
"""

from __future__ import annotations

import numpy as np

FLOOR = 1e-7
"""Probabilities below this count as this: a logarithm needs it. Keras's own cross entropy has the same limit."""


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Probabilities of logits [..., classes], all divided by `temperature` first; the same shape.

    >>> softmax(np.array([[2.0, 0.0]]), temperature=2.0).round(3)
    array([[0.731, 0.269]])
    """
    check_temperature(temperature)
    scaled = np.asarray(logits) / temperature
    exponentials = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


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
    return softmax(np.log(np.maximum(probabilities, FLOOR)), temperature)


def loss_parts(
    student: np.ndarray, teacher: np.ndarray, labels: np.ndarray, temperature: float
) -> tuple[np.ndarray, np.ndarray]:
    """For each sample [n]: -log p(label), and KL(softened teacher, softened student); see `distillation_loss`."""
    hard = -np.log(np.maximum(student[np.arange(len(labels)), labels], FLOOR))
    soft_student, soft_teacher = soften(student, temperature), soften(teacher, temperature)
    return hard, (soft_teacher * np.log(soft_teacher / soft_student)).sum(axis=-1)


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
    check_weight(weight)
    hard, soft = loss_parts(student, teacher, labels, temperature)
    losses = (1 - weight) * hard + weight * temperature**2 * soft
    return float(np.mean(losses if sample_weight is None else losses * sample_weight))


def runner_up(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Which wrong class is ranked first: shares [true class, class], each row of a class that occurs adds up to 1.

    Parameters
    ----------
    probabilities : float array [n, classes]
    labels : int array [n]
    """
    wrong = np.array(probabilities, np.float64)
    wrong[np.arange(len(labels)), labels] = -1
    counts = np.zeros((wrong.shape[1], wrong.shape[1]))
    np.add.at(counts, (labels, wrong.argmax(axis=1)), 1)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def hint_loss(student: np.ndarray, teacher: np.ndarray, projection: np.ndarray) -> tuple[float, np.ndarray]:
    """Half the squared distance of projected student features from the teacher's, a mean over samples; its gradient.

    Parameters
    ----------
    student : float array [n, s]
    teacher : float array [n, t]
        Does not move: there is no gradient for it.
    projection : float array [s, t]
        The regressor of Romero et al., here linear: it lets a narrow student speak of a wide teacher's features.

    Returns
    -------
    loss : float
    gradient : float array [n, s]
        By the student's features.
    """
    error = student @ projection - teacher
    return float(0.5 * (error**2).sum(axis=1).mean()), error @ projection.T / len(student)


def check_temperature(temperature: float) -> None:
    """Raise ValueError unless `temperature` is a number above 0."""
    if not 0 < temperature < float("inf"):
        raise ValueError(f"temperature is {temperature}; a number above 0 is allowed, such as 4")


def check_weight(weight: float) -> None:
    """Raise ValueError unless `weight` is from 0 to 1."""
    if not 0 <= weight <= 1:
        raise ValueError(f"weight of the teacher is {weight}; 0 to 1 is allowed")

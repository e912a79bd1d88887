"""Knowledge distillation: a small network learns from the probabilities of a large one.

In: two Keras models that end in softmax, the large one trained. Out: a model to hand to `models.train`, which trains
the small one. The loss is defined twice: in NumPy (`soft_targets`), to read and to test against, and here in Keras.

Source: G. Hinton, O. Vinyals, J. Dean, "Distilling the Knowledge in a Neural Network", 2015.
"""

from __future__ import annotations

from dataclasses import dataclass

from tdl_course.compress.soft_targets import FLOOR, check_temperature, check_weight, distillation_loss, soften
from tdl_course.models import fingerprint, keras

__all__ = ["Distiller", "distillation_loss", "soften"]


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
        check_temperature(temperature)
        check_weight(weight)
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

    @property
    def training_key(self) -> str:
        """What the training depends on beside the student itself; `models.train(keep=True)` asks for it."""
        return f"{fingerprint(self.teaching.teacher)} {self.teaching.temperature!r} {self.teaching.weight!r}"

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

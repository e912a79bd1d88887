"""DistillationExplorer: turn temperature and weight, and watch what a teacher tells a student about one sample.

In: softmax outputs of teacher and student for some samples, their labels, and pictures to show. Out: an ipywidgets box.
This module knows neither Keras nor a dataset.
"""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets
import numpy as np

from tdl_course.compress.soft_targets import loss_parts, soften
from tdl_course.picture import BLUE, GREEN, ORANGE, Picture, figure, picture
from tdl_course.widgets.explorer import Explorer


class DistillationExplorer(Explorer):
    """Sample, temperature and weight -> soft targets, their entropy, and how the loss splits.

    Parameters
    ----------
    teacher, student : float arrays [n, classes]
        Softmax outputs.
    truth : int array [n]
    labels : sequence of str
        The names of the classes.
    images : float array [n, height, width, 3]
        What the samples look like, 0 to 1.
    """

    def __init__(
        self, teacher: np.ndarray, student: np.ndarray, truth: np.ndarray, labels: Sequence[str], images: np.ndarray
    ) -> None:
        if not len(teacher) == len(student) == len(truth) == len(images) > 0:
            sizes = ", ".join(str(len(part)) for part in (teacher, student, truth, images))
            raise ValueError(f"{sizes} samples of teacher, student, truth, images; give as many of each, at least one")
        self.teacher, self.student, self.truth, self.labels, self.images = teacher, student, truth, labels, images
        shape = {"style": {"description_width": "8rem"}, "layout": ipywidgets.Layout(width="28rem")}
        self.sample = ipywidgets.IntSlider(0, 0, len(truth) - 1, description="sample", **shape, continuous_update=False)
        self.temperature = ipywidgets.FloatSlider(
            4.0, min=0.5, max=20, step=0.5, description="temperature", **shape, continuous_update=False
        )
        self.weight = ipywidgets.FloatSlider(
            0.5, min=0, max=1, step=0.05, description="teacher's weight", **shape, continuous_update=False
        )
        super().__init__((self.sample, self.temperature, self.weight))

    def losses(self) -> tuple[float, float]:
        """What the label and what the teacher put into the loss of the sample shown, weighted."""
        at = slice(self.sample.value, self.sample.value + 1)
        temperature, weight = self.temperature.value, self.weight.value
        hard, soft = loss_parts(self.student[at], self.teacher[at], self.truth[at], temperature)
        return float((1 - weight) * hard[0]), float(weight * temperature**2 * soft[0])

    def picture(self) -> Picture:
        """The sample, both networks' soft targets, and the two parts of the loss."""
        at, temperature = self.sample.value, self.temperature.value
        taught, own = (soften(p[at][None], temperature)[0] for p in (self.teacher, self.student))
        hard, soft = self.losses()
        fig, (image, targets, loss) = figure(width=9.6, height=2.9, columns=3)
        image.imshow(self.images[at])
        image.set(title=f"truth: {self.labels[self.truth[at]]}", xticks=[], yticks=[])
        places = np.arange(len(self.labels))
        targets.barh(places - 0.2, taught, 0.38, color=BLUE, label="teacher")
        targets.barh(places + 0.2, own, 0.38, color=ORANGE, label="student")
        targets.set_yticks(places, self.labels)
        targets.set(xlabel="probability", xlim=(0, 1), title=f"softened, T = {temperature:g}")
        targets.invert_yaxis()
        targets.legend(frameon=False, fontsize=8)
        loss.bar(["label", "teacher"], [hard, soft], color=[GREEN, BLUE], width=0.6)
        loss.set(ylabel="loss (nats)", title="Loss of this sample")
        bits = float(-(taught * np.log2(taught)).sum())
        words = (
            f"Sample {at} is {self.labels[self.truth[at]]}; at temperature {temperature:g} the teacher gives "
            f"{taught.max():.1%} to {self.labels[int(taught.argmax())]}, and its answer has an entropy of {bits:.2f} "
            f"bits of at most {np.log2(len(self.labels)):.2f}; of the loss {hard + soft:.3f}, the label makes "
            f"{hard:.3f} and the teacher {soft:.3f}."
        )
        return picture(fig, words)

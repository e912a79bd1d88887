"""Distillation: the paper's gradient, one definition in NumPy and Keras, and a student that stays a plain model."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tdl_course import datasets, models
from tdl_course.compress import distill
from tdl_course.models import keras, training

LOGITS = arrays.arrays(np.float64, (3, 5), elements=st.floats(-5, 5))
TEMPERATURE = st.floats(0.5, 50)


def softmax(logits):
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@given(LOGITS, TEMPERATURE)
def test_softening_probabilities_divides_their_logits(logits, temperature):
    np.testing.assert_allclose(distill.soften(softmax(logits), temperature), softmax(logits / temperature), atol=1e-5)


def test_softening_survives_probabilities_of_zero():
    soft = distill.soften(np.array([[1.0, 0.0, 0.0]]), 3.0)
    assert np.isfinite(soft).all() and soft.sum() == pytest.approx(1) and soft[0, 1] == soft[0, 2] > 0


def soft_gradient(student, teacher, temperature):
    """By the student's logits, of the loss of one sample that listens to the teacher only; central differences."""
    step = 1e-3 * np.eye(student.shape[-1])

    def loss(logits):
        return distill.distillation_loss(softmax(logits), softmax(teacher), np.zeros(1, int), temperature, 1.0)

    return np.array([(loss(student + move) - loss(student - move)) / 2e-3 for move in step])


@given(LOGITS, st.sampled_from([1.0, 4.0]))
def test_the_gradient_is_the_difference_of_the_soft_targets(logits, temperature):
    student, teacher = logits[:1], logits[1:2]
    expected = temperature * (softmax(student / temperature) - softmax(teacher / temperature))[0]
    np.testing.assert_allclose(soft_gradient(student, teacher, temperature), expected, atol=1e-4)


@given(LOGITS)
def test_at_high_temperature_logits_are_matched(logits):
    """Hinton et al., equation 4, times T^2: (student - teacher) / classes, for logits of mean zero."""
    logits = logits - logits.mean(axis=-1, keepdims=True)
    gradient = soft_gradient(logits[:1], logits[1:2], temperature=1000.0)
    np.testing.assert_allclose(gradient, (logits[0] - logits[1]) / 5, atol=2e-2)


@given(LOGITS, TEMPERATURE)
def test_a_student_that_agrees_has_no_soft_loss(logits, temperature):
    p, labels = softmax(logits), np.zeros(3, int)
    assert distill.distillation_loss(p, p, labels, temperature, 1.0) == pytest.approx(0, abs=1e-12)
    hard = distill.distillation_loss(p, p[::-1], labels, temperature, 0.0)
    assert hard == pytest.approx(-np.log(p[:, 0]).mean(), abs=1e-9)


def network(width, name, seed, shape=(8, 1, 2), classes=3):
    keras.utils.set_random_seed(seed)
    entry = keras.Input(shape)
    x = keras.layers.Conv2D(width, (3, 1), activation="relu", kernel_regularizer=keras.regularizers.L2(0.01))(entry)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(entry, keras.layers.Dense(classes, activation="softmax")(x), name=name)


@pytest.mark.parametrize(("temperature", "weight"), [(1.0, 1.0), (4.0, 0.5), (10.0, 0.9), (3.0, 0.0)])
def test_keras_computes_the_loss_that_numpy_defines(temperature, weight):
    random = np.random.default_rng(0)
    x, labels = random.normal(size=(7, 8, 1, 2)).astype(np.float32), random.integers(0, 3, 7)
    sample_weight = random.uniform(0.5, 2, 7).astype(np.float32)
    student, teacher = network(2, "student", 1), network(6, "teacher", 2)
    distiller = distill.Distiller(student, teacher, temperature, weight)
    distiller.compile("adam", training.LOSS, jit_compile=False)
    p, taught = models.predict(student, x), models.predict(teacher, x)
    loss = distiller.compute_loss(x, labels, keras.ops.convert_to_tensor(p), sample_weight)
    regularizer = float(sum(student.losses))
    assert regularizer > 0.001
    expected = distill.distillation_loss(p, taught, labels, temperature, weight, sample_weight) + regularizer
    assert float(loss) == pytest.approx(expected, rel=1e-5)


@pytest.fixture(scope="module")
def dataset():
    data = datasets.load("activity", source="synthetic")
    rows = np.random.default_rng(0).permutation(len(data.x_train))[:300]
    return replace(data, **{name: getattr(data, name)[rows] for name in ("x_train", "y_train", "group_train")})


def activity_network(width, name, seed):
    return network(width, name, seed, shape=(64, 1, 6), classes=5)


def test_with_weight_0_the_student_trains_as_without_a_teacher(dataset):
    alone, taught = activity_network(4, "student", 1), activity_network(4, "student", 1)
    plain = models.train(alone, dataset, epochs=2, progress=False)
    distiller = distill.Distiller(taught, activity_network(6, "teacher", 2), weight=0.0)
    history = models.train(distiller, dataset, epochs=2, progress=False)
    assert history.loss == pytest.approx(plain.loss, rel=1e-5) and history.accuracy == plain.accuracy
    for a, b in zip(alone.get_weights(), taught.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_the_student_comes_nearer_to_the_teacher_which_does_not_change(dataset):
    student, teacher = activity_network(8, "student", 1), activity_network(8, "teacher", 2)
    models.train(teacher, dataset, epochs=2, progress=False)
    before, trainable = teacher.get_weights(), len(teacher.trainable_variables)
    distiller = distill.Distiller(student, teacher, temperature=2.0, weight=1.0)
    assert distiller.name == "student" and len(distiller.weights) == len(student.weights)
    history = models.train(distiller, dataset, epochs=6, progress=False)
    assert history.loss[-1] < 0.6 * history.loss[0]
    assert all(np.array_equal(a, b) for a, b in zip(before, teacher.get_weights(), strict=True))
    assert len(teacher.trainable_variables) == trainable
    assert distiller.student is student and not isinstance(student, distill.Distiller)
    np.testing.assert_array_equal(models.predict(student, dataset.x_test), models.predict(distiller, dataset.x_test))


def test_a_kept_training_is_found_again_only_with_the_same_teacher_temperature_and_weight(dataset):
    def key(teacher_seed=2, temperature=4.0, weight=0.5):
        student, teacher = activity_network(2, "student", 1), activity_network(4, "teacher", teacher_seed)
        return distill.Distiller(student, teacher, temperature, weight).training_key

    assert key() == key()
    assert len({key(), key(teacher_seed=3), key(temperature=5.0), key(weight=0.6)}) == 4


def test_a_kept_student_is_the_one_that_training_gave(dataset, tmp_path, monkeypatch):
    monkeypatch.setenv("TDL_CACHE", str(tmp_path))
    teacher, students = activity_network(6, "teacher", 2), [activity_network(4, "student", 1) for _ in range(3)]
    first, again, warmer = (
        models.train(distill.Distiller(s, teacher, temperature), dataset, epochs=1, progress=False, keep=True)
        for s, temperature in zip(students, (4.0, 4.0, 9.0), strict=True)
    )
    assert again == first != warmer
    for a, b in zip(students[0].get_weights(), students[1].get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: distill.soften(np.ones((1, 2)), 0.0), "temperature is 0.0"),
        (lambda: distill.distillation_loss(np.ones((1, 2)), np.ones((1, 2)), np.zeros(1, int), 1, 2), "teacher is 2"),
        (lambda: distill.Distiller(network(2, "s", 0), network(2, "t", 0), temperature=-1), "temperature is -1"),
        (lambda: distill.Distiller(network(2, "s", 0), network(2, "t", 0), weight=1.5), "weight of the teacher is 1.5"),
        (
            lambda: distill.Distiller(network(2, "s", 0), network(2, "t", 0, classes=4)),
            r"'s' maps \(8, 1, 2\) to \(3,\), teacher 't' \(8, 1, 2\) to \(4,\)",
        ),
    ],
)
def test_bad_arguments_are_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()
